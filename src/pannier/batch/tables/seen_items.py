"""What two scans have seen: each key, with a digest of its item, on disk.

Scans of two engines have no common order, so what one of them finds waits for the other. It waits
in a temporary file of SQLite, which is gone with the process: some hundred bytes an item, and 64 MB
of memory whatever the tables' size is.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Final

_CACHE_KIB: Final = 64 * 1024
_AT_ONCE: Final = 1000
# Of equal keys the digests differ, or one side has none; each key comes once.
_DIFFERENT: Final = """
    SELECT a.key FROM a LEFT JOIN b ON a.key = b.key WHERE b.key IS NULL OR a.digest <> b.digest
    UNION ALL
    SELECT b.key FROM b LEFT JOIN a ON a.key = b.key WHERE a.key IS NULL
"""


class SeenItems:
    """Keys and digests of two sides, `a` and `b`. Only the thread that makes it may use it."""

    def __init__(self) -> None:
        self._base = sqlite3.connect("", isolation_level=None)  # no name: temporary, on disk
        for statement in (
            "PRAGMA journal_mode = OFF",
            "PRAGMA synchronous = OFF",
            f"PRAGMA cache_size = -{_CACHE_KIB}",
            "CREATE TABLE a (key BLOB PRIMARY KEY, digest BLOB) WITHOUT ROWID",
            "CREATE TABLE b (key BLOB PRIMARY KEY, digest BLOB) WITHOUT ROWID",
            "BEGIN",
        ):
            self._base.execute(statement)

    def add(self, side: str, seen: Iterable[tuple[bytes, bytes]]) -> None:
        """Note keys and digests; of a key that comes twice the later one counts."""
        table = {"a": "a", "b": "b"}[side]
        self._base.executemany(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", seen)  # noqa: S608  # one of two names

    def count(self, side: str) -> int:
        """How many keys a side has."""
        table = {"a": "a", "b": "b"}[side]
        (count,) = self._base.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # one of two names
        return int(count)

    def different(self) -> Iterator[list[bytes]]:
        """The keys that only one side has, or whose digests differ, some at a time."""
        with closing(self._base.cursor()) as cursor:
            cursor.execute(_DIFFERENT)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield [row[0] for row in rows]

    def close(self) -> None:
        """Remove everything."""
        self._base.close()
