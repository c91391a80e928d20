"""A small file may unpack to gigabytes, all in one line or one value: memory stays bounded.

What is read is refused where it goes wrong, with a place and a reason, like anything that is wrong.
"""

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from pannier.limits import MIB

UNPACKED_BYTES = 256 * MIB
READ = r"""
import re, sys
from pannier.errors import UserError
from pannier.files.reading import read_writes
from pannier.files.source import ReadOptions

try:
    for element in read_writes(sys.argv[1], ReadOptions(table="table", format=sys.argv[2])):
        print(type(element).__name__)
except UserError as error:
    print(error.message)
peak = re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())
print(int(peak.group(1)) // 1024)
"""


@pytest.mark.parametrize(
    ("form", "head", "piece", "said"),
    [
        ("jsonl", b"", b"x", "Failure"),
        ("json", b"", b"[", "this is not JSON"),
        ("csv", b'a,b\n"', b"x", "Failure"),
    ],
)
def test_memory_stays_bounded(tmp_path: Path, form: str, head: bytes, piece: bytes, said: str):
    path = tmp_path / "bomb.gz"
    member = gzip.compress(piece * MIB)
    path.write_bytes(gzip.compress(head) + member * (UNPACKED_BYTES // MIB))
    assert path.stat().st_size < MIB
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), form],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    *lines, memory_mib = done.stdout.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert int(memory_mib) < 200
