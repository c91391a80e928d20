"""Stores compared: what a group of 25 puts and a read of 100 keys cost in each.

    python -m benchmarks.storage [--items 200000] [--folder DIR]

RocksDB is opened as Pannier opens it; SQLite with a write-ahead log and full synchronisation; LMDB
as it comes (only if the package `lmdb` is installed; its keys end at 511 bytes, DynamoDB's do not).
The rounds of the stores are interleaved. The decision: `docs/decisions/0002-storage.md`.
"""

import argparse
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from pannier.storage.rocks import RocksStore

GROUP = 25
READ = 100
VALUE = random.Random(1).randbytes(190) * 2
ROUNDS = 5
SYNCED_GROUPS = 100
LOOSE_GROUPS = 400
READS = 200


class Candidate(Protocol):
    """A store under measurement."""

    name: str

    def write(self, keys: Sequence[bytes], *, sync: bool) -> None:
        """Write one group."""

    def read(self, keys: list[bytes]) -> int:
        """Read keys; returns how many there are."""


class Rocks:
    """Pannier's own store."""

    name = "RocksDB (rocksdict)"

    def __init__(self, folder: Path) -> None:
        self._store = RocksStore(folder / "rocks")

    def write(self, keys: Sequence[bytes], *, sync: bool) -> None:
        """Write one group."""
        group = self._store.new_group()
        for key in keys:
            group.put(key, VALUE)
        self._store.write(group)
        if sync:
            self._store.sync()

    def read(self, keys: list[bytes]) -> int:
        """Read keys."""
        return sum(value is not None for value in self._store.get_many(keys))


class Sqlite:
    """A table without row ids."""

    name = "SQLite (WAL, FULL)"

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(folder / "sqlite.db", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA cache_size=-262144")
        self._db.execute("CREATE TABLE rows (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def write(self, keys: Sequence[bytes], *, sync: bool) -> None:
        """Write one group."""
        self._db.execute(f"PRAGMA synchronous={'FULL' if sync else 'OFF'}")
        self._db.execute("BEGIN")
        rows = [(key, VALUE) for key in keys]
        self._db.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?)", rows)
        self._db.execute("COMMIT")

    def read(self, keys: list[bytes]) -> int:
        """Read keys."""
        marks = ",".join("?" * len(keys))
        query = f"SELECT key, value FROM rows WHERE key IN ({marks})"
        return len(self._db.execute(query, keys).fetchall())


class Lmdb:
    """A memory-mapped B+ tree."""

    name = "LMDB"

    def __init__(self, folder: Path) -> None:
        import lmdb  # type: ignore[import-not-found, unused-ignore]

        self._env: Any = lmdb.open(str(folder / "lmdb"), map_size=1 << 33)

    def write(self, keys: Sequence[bytes], *, sync: bool) -> None:
        """Write one group; LMDB's commit is synced unless the whole environment is not."""
        if not sync:
            return
        with self._env.begin(write=True) as transaction:
            for key in keys:
                transaction.put(key, VALUE)

    def read(self, keys: list[bytes]) -> int:
        """Read keys."""
        with self._env.begin() as transaction:
            return sum(transaction.get(key) is not None for key in keys)


def key(number: int) -> bytes:
    """A key as long as the workshop's, in no order."""
    return b"\0\0\0\1%08x%s\0\0DETAILS\0\0" % (
        number * 2654435761 % 2**32,
        b"PRODUCT#%09d" % number,
    )


def per_second(count: int, work: Callable[[], object]) -> float:
    """How many of `count` things a second `work` did."""
    started = time.perf_counter()
    work()
    return count / (time.perf_counter() - started)


def measure(candidate: Candidate, items: int, chance: random.Random) -> dict[str, float]:
    """One round: synced groups, loose groups, reads that hit, reads that miss."""
    figures = {}
    for name, groups, sync in (
        ("writes synced", SYNCED_GROUPS, True),
        ("writes unsynced", LOOSE_GROUPS, False),
    ):
        if isinstance(candidate, Lmdb) and not sync:
            continue
        batches = [[key(chance.randrange(items)) for _ in range(GROUP)] for _ in range(groups)]

        def write(batches: list[list[bytes]] = batches, sync: bool = sync) -> None:
            for batch in batches:
                candidate.write(batch, sync=sync)

        figures[name] = per_second(groups * GROUP, write)
    for name, low in (("reads found", 0), ("reads missing", items)):
        batches = [[key(low + chance.randrange(items)) for _ in range(READ)] for _ in range(READS)]

        def read(batches: list[list[bytes]] = batches) -> None:
            for batch in batches:
                candidate.read(batch)

        figures[name] = per_second(READS * READ, read)
    return figures


def main() -> None:
    """Fill every store, measure them in turns, print medians as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=200_000)
    parser.add_argument("--folder", type=Path, help="on the disk to be measured")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    candidates: list[Candidate] = [Rocks(folder), Sqlite(folder)]
    try:
        candidates.append(Lmdb(folder))
    except ImportError:
        print("LMDB is not measured: the package lmdb is not installed\n")
    numbers = list(range(options.items))
    random.Random(2).shuffle(numbers)
    for candidate in candidates:
        step = GROUP * 40
        for start in range(0, len(numbers), step):
            candidate.write([key(n) for n in numbers[start : start + step]], sync=True)
    rounds: dict[str, list[dict[str, float]]] = {each.name: [] for each in candidates}
    chance = random.Random(3)
    for _ in range(ROUNDS):
        for candidate in candidates:
            rounds[candidate.name].append(measure(candidate, options.items, chance))
    columns = list(rounds[candidates[0].name][0])
    print(
        f"{options.items:,} items of {len(VALUE)} bytes, thousand a second, medians of {ROUNDS}\n"
    )
    print("| store | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, figures in rounds.items():
        cells = [
            f"{statistics.median(each[column] for each in figures) / 1000:.0f}"
            if column in figures[0]
            else "-"
            for column in columns
        ]
        print(f"| {name} | " + " | ".join(cells) + " |")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
