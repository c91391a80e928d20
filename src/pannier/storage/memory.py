"""The store of `memory` targets: a sorted dict that ends with the process.

Writes are many and ranges are few, so keys are put into their order only when a range is asked for.
"""

from collections.abc import Iterator
from itertools import repeat

from sortedcontainers import SortedList

from pannier.storage.store import Entry, Group, View


class _MemoryGroup:
    """Changes: an entry to put, a key to delete, or a range of keys to delete."""

    def __init__(self) -> None:
        self.changes: list[tuple[bytes, bytes | None, bytes | None]] = []

    @property
    def size_bytes(self) -> int:
        return sum(len(key) + len(value or b"") for key, value, _ in self.changes)

    def put(self, key: bytes, value: bytes, /) -> None:
        self.changes.append((key, value, None))

    def delete(self, key: bytes, /) -> None:
        self.changes.append((key, None, None))

    def delete_range(self, begin: bytes, end: bytes, /) -> None:
        self.changes.append((begin, None, end))


class _MemoryView:
    """Entries, and their keys in order but for those that came or went since the last range."""

    def __init__(self, entries: dict[bytes, bytes]) -> None:
        self._entries = entries
        self._keys = SortedList(entries)
        self._moved: set[bytes] = set()

    def get(self, key: bytes) -> bytes | None:
        return self._entries.get(key)

    def range(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[Entry]:
        entries = self._entries
        for key in self._ordered(start, stop, reverse=reverse):
            yield key, entries[key]

    def _ordered(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        keys, entries = self._keys, self._entries
        if self._moved:
            for key in self._moved - entries.keys():
                keys.remove(key)
            keys.update([key for key in self._moved if key in entries])
            self._moved.clear()
        ordered: Iterator[bytes] = keys.irange(
            start, stop, inclusive=(True, False), reverse=reverse
        )
        return ordered


class MemoryStore(_MemoryView):
    """A `Store` in this process's memory."""

    def __init__(self) -> None:
        super().__init__({})

    def get_many(self, keys: list[bytes], *, keep: bool = True) -> list[bytes | None]:  # noqa: ARG002
        """The values of many keys, each None where there is none."""
        return list(map(self._entries.get, keys, repeat(None)))

    def values(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        """The values of a `range`."""
        return map(self._entries.__getitem__, self._ordered(start, stop, reverse=reverse))

    def new_group(self) -> Group:
        """An empty group for `write`."""
        return _MemoryGroup()

    def write(self, group: Group) -> None:
        """Make a group visible."""
        assert isinstance(group, _MemoryGroup)
        entries = self._entries
        for key, value, end in group.changes:
            if value is not None:
                if key not in entries:
                    self._came_or_went(key)
                entries[key] = value
            elif end is not None:
                for each in list(self._ordered(key, end)):
                    del entries[each]
                    self._came_or_went(each)
            elif entries.pop(key, None) is not None:
                self._came_or_went(key)

    def is_behind(self) -> bool:
        """Never: there is no disk."""
        return False

    def sync(self) -> None:
        """Nothing to do: memory survives nothing."""

    def snapshot(self) -> View:
        """A copy, in time proportional to the whole store."""
        return _MemoryView(self._entries.copy())

    def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._keys.clear()
        self._moved.clear()

    def _came_or_went(self, key: bytes) -> None:
        # A key that went and came again is where it was, and the other way round.
        if key in self._moved:
            self._moved.remove(key)
        else:
            self._moved.add(key)
