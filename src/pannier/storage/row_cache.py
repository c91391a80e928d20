"""Rows that were read lately, in front of a store on disk.

A read of RocksDB costs about 0.8 µs even where all of it is in memory: a search among the keys, a
copy, a lock. A dict answers in a twentieth of that, and most reads ask for what was read before.

Two generations stand in for an order of use: rows are added to the young one; when that is full it
becomes the old one, and the old one is forgotten. A row that is asked for while it is old becomes
young again. So what is asked for again and again stays, and a large load that is read once passes.
"""

import threading
from collections.abc import Iterable
from typing import Final

_READS_KEPT_OF: Final = 4
_OVERHEAD_BYTES: Final = 200  # of an entry: two objects' heads and a place in a dict


class RowCache:
    """Keys and values, both as the store has them. Safe to share between threads.

    A reader notes `version` before it asks the store, and hands it to `add` with what it found: if
    anything was written meanwhile, what it found may be of yesterday, and is not kept.

    Args:
        bytes_max: how much it holds at most, in bytes.
    """

    def __init__(self, bytes_max: int) -> None:
        self._generation_bytes_max = bytes_max // 2
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self._young_bytes = 0
        self._reads = 0
        self._lock = threading.Lock()
        self.version = 0

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None if it is not known here."""
        value = self._young.get(key)
        if value is None and self._old:
            value = self._old.get(key)
            if value is not None:
                self._renew([key])
        return value

    def get_many(self, keys: list[bytes]) -> list[bytes | None]:
        """The values of many keys, each None where it is not known here."""
        young, old = self._young, self._old
        values = [young.get(key) for key in keys]
        if old and None in values:
            again = []
            for position, key in enumerate(keys):
                if values[position] is None:
                    value = old.get(key)
                    if value is not None:
                        values[position] = value
                        again.append(key)
            if again:
                self._renew(again)
        return values

    def add(self, entries: Iterable[tuple[bytes, bytes | None]], version: int) -> None:
        """Keep what the store had; when full, only of every fourth read.

        What is asked for often soon gets in even so, and reads all over a large table, which would
        only push each other out, cost about 10 % more than without a cache rather than 20 %.

        Args:
            entries: keys and their values; None, where there is nothing, is not kept.
            version: as it was before the store was asked.
        """
        self._reads += 1
        if self._old and self._reads % _READS_KEPT_OF:
            return
        with self._lock:
            if version == self.version:
                for key, value in entries:
                    if value is not None:
                        self._put(key, value)

    def forget(self, keys: list[bytes]) -> None:
        """Forget keys that were written. The store shows the new values already."""
        with self._lock:
            self.version += 1
            young, old = self._young, self._old
            if young or old:
                for key in keys:
                    old.pop(key, None)
                    value = young.pop(key, None)
                    if value is not None:
                        self._young_bytes -= _entry_bytes(key, value)

    def clear(self) -> None:
        """Forget everything, after a write of whole ranges."""
        with self._lock:
            self.version += 1
            self._young, self._old, self._young_bytes = {}, {}, 0

    def _renew(self, keys: list[bytes]) -> None:
        with self._lock:
            old = self._old
            for key in keys:
                value = old.pop(key, None)  # not there, if it was written a moment ago
                if value is not None:
                    self._put(key, value)

    def _put(self, key: bytes, value: bytes) -> None:
        if key not in self._young:
            self._young_bytes += _entry_bytes(key, value)
        self._young[key] = value
        if self._young_bytes > self._generation_bytes_max:
            self._young, self._old, self._young_bytes = {}, self._young, 0


def _entry_bytes(key: bytes, value: bytes) -> int:
    return len(key) + len(value) + _OVERHEAD_BYTES
