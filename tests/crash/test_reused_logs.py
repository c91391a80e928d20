"""Logs that are used again: after `kill -9`, what was synced is there, and nothing of an older use.

RocksDB begins to use logs again with the third; with the small write buffer here a second of
writing goes through dozens. Old records lie behind the new ones then, and have to be told apart.
"""

import random
import subprocess
import sys
import time
from pathlib import Path

from pannier.storage import rocks
from pannier.storage.rocks import RocksStore

ROUNDS = 6
ENTRIES = 5  # of a group
_WRITER = """
import random, sys
from pathlib import Path
from pannier.storage import rocks
rocks._WRITE_BUFFER_BYTES = 256 * 1024
store = rocks.RocksStore(Path(sys.argv[1]))
number, chance = int(sys.argv[2]), random.Random(int(sys.argv[2]))
while True:
    group = store.new_group()
    for entry in range(5):
        group.put(b"%010d-%d" % (number, entry), chance.randbytes(chance.choice((10, 300, 3000))))
    store.write(group)
    if number % 3 == 0:
        store.sync()
        print(number, flush=True)
    number += 1
"""


def _killed(path: Path, first: int, after_s: float) -> int:
    """Write from a number on until killed; the last number that was synced, or the one before."""
    command = [sys.executable, "-c", _WRITER, str(path), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        synced = writer.stdout.readline()  # it is at work
        time.sleep(after_s)
        writer.kill()
        rest = writer.stdout.read()
    whole = [line for line in (synced + rest).splitlines(keepends=True) if line.endswith("\n")]
    return int(whole[-1]) if whole else first - 1


def test_what_was_synced_is_there_and_nothing_older(tmp_path: Path) -> None:
    path, first, reused = tmp_path / "db", 0, 0
    for _ in range(ROUNDS):
        synced = _killed(path, first, random.uniform(0.2, 0.6))
        reused += (path / "LOG").read_text(errors="replace").count("reusing log")
        store = RocksStore(path)
        found = [key for key, _ in store.range(b"0", b":")]
        store.close()
        assert len(found) % ENTRIES == 0, "half a group"
        groups = [int(key[:10]) for key in found[::ENTRIES]]
        assert groups == list(range(len(groups))), "a hole"
        assert len(groups) > synced, "a synced group is lost"
        first = len(groups)
    assert reused >= ROUNDS, "no log was used again: this has seen nothing"
    assert rocks._LOGS_KEPT > 0
