"""The power is cut: what was answered is there, what was not is a prefix, and nothing is half.

A database does mixed work on a small write buffer, so that logs end and are used again, and syncs
at moments that a seed draws. What all its bytes are after each group is remembered. Then folders
are made as a cut may leave them (`power_cut`), and opened: the store must hold exactly what it held
after some group (rows, entries, counts, streams, catalog), and not one before the last sync.

With `--durability relaxed` answers do not wait for that sync. So the same folders show what may be
lost there: the last groups, and never one from among them.
"""

import hashlib
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pannier.engine.database import Database
from pannier.storage import rocks
from pannier.storage.rocks import RocksStore
from tests.crash.mixed_load import CLIENTS, TABLES, State, after, request
from tests.crash.power_cut import Disk
from tests.crash.table_work import step, wants_backup
from tests.engine.reference import call

SEEDS = int(os.environ.get("PANNIER_POWER_CUTS", "1"))
BUFFER_BYTES = 32 * 1024
REQUESTS = 300
CUTS = 4  # of each moment


class Work:
    """Requests one after the other, and what the store held after each.

    Attributes:
        done: how many requests were applied.
        known: by a digest of all bytes of the store, the last number of requests that led to them.
    """

    def __init__(self, database: Database, store: RocksStore, chance: random.Random) -> None:
        self._database = database
        self._store = store
        self._chance = chance
        self._states: list[State] = [{} for _ in range(CLIENTS)]
        self._steps = 0
        self.done = 0
        self.known: dict[bytes, int] = {digest(store): 0}

    def go_on(self) -> None:
        """Apply one request more."""
        if self._chance.random() < 0.08:
            operation, body = step(self._steps)
            if wants_backup(self._steps):
                (backup,) = call(self._database, "ListBackups")["BackupSummaries"]
                body = {**body, "BackupArn": backup["BackupArn"]}
            call(self._database, operation, **body)
            self._steps += 1
        else:
            client = self._chance.randrange(CLIENTS)
            asked = request("power", client, self.done, self._states[client])
            answer = self._database.execute_aside(asked.operation, asked.body)
            assert answer.status == asked.status
            self._states[client] = after(self._states[client], asked)
        self.done += 1
        self.known[digest(self._store)] = self.done


def digest(store: RocksStore) -> bytes:
    made = hashlib.blake2b(digest_size=16)
    for key, value in store.range(b"", b"\xff" * 8):
        made.update(b"%d %d " % (len(key), len(value)) + key + value)
    return made.digest()


def cuts(place: Path, seed: int) -> Iterator[tuple[Work, int, str]]:
    """Work, and again and again a folder `place / "cut"` as the power's end may have left it.

    Yields:
        The work, how much of it was synced, and what was done to the folder.
    """
    chance = random.Random(f"power {seed}")
    store = RocksStore(place / "data")
    with Database(store, durability="relaxed", sweep_interval_s=None) as database:
        for table in TABLES:
            call(database, "CreateTable", **table)
        work = Work(database, store, chance)
        disk = Disk(store, place / "data")
        synced = 0

        def note() -> None:
            nonlocal synced
            synced = work.done

        disk.on_sync = note
        store.sync()
        while work.done < REQUESTS:
            work.go_on()
            # Where one log has just followed another is where most can go wrong.
            if chance.random() < (0.3 if disk.has_new_log else 0.03):
                ruin = disk.copy(place / "copy")
                for words in ruin.ruins(chance, CUTS, place / "cut"):
                    yield work, synced, words
            if chance.random() < 0.25:
                store.sync()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_left_is_a_prefix_with_all_that_was_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(rocks, "_WRITE_BUFFER_BYTES", BUFFER_BYTES)
    seen = lost = 0
    for work, synced, words in cuts(tmp_path, seed):
        left = RocksStore(tmp_path / "cut")
        found = work.known.get(digest(left))
        left.close()
        assert found is not None, f"nothing that ever was; {words}; synced {synced} of {work.done}"
        assert found >= synced, f"{found} of {synced} synced; {words}"
        seen += 1
        lost += found < work.done
    assert 0 < lost < seen, "each cut took something, or none did: this has seen nothing"
    logs = (tmp_path / "data" / "LOG").read_text(errors="replace")
    assert logs.count("reusing log") > 2, "no log was used again"
