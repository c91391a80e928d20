"""The store of `memory` targets: a sorted dict that ends with the process."""

from collections.abc import Callable, Iterator
from itertools import repeat

from sortedcontainers import SortedDict

from pannier.storage.store import Entry, Group, View


class _MemoryGroup:
    def __init__(self) -> None:
        self.changes: list[Callable[[SortedDict], object]] = []

    def put(self, key: bytes, value: bytes, /) -> None:
        self.changes.append(lambda entries: entries.__setitem__(key, value))

    def delete(self, key: bytes, /) -> None:
        self.changes.append(lambda entries: entries.pop(key, None))

    def delete_range(self, begin: bytes, end: bytes, /) -> None:
        def remove(entries: SortedDict) -> None:
            for key in list(entries.irange(begin, end, inclusive=(True, False))):
                del entries[key]

        self.changes.append(remove)


class _MemoryView:
    def __init__(self, entries: SortedDict) -> None:
        self._entries = entries

    def get(self, key: bytes) -> bytes | None:
        value: bytes | None = self._entries.get(key)
        return value

    def range(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[Entry]:
        entries = self._entries
        for key in entries.irange(start, stop, inclusive=(True, False), reverse=reverse):
            yield key, entries[key]


class MemoryStore(_MemoryView):
    """A `Store` in this process's memory."""

    def __init__(self) -> None:
        super().__init__(SortedDict())

    def get_many(self, keys: list[bytes], *, keep: bool = True) -> list[bytes | None]:  # noqa: ARG002
        """The values of many keys, each None where there is none."""
        return list(map(self._entries.get, keys, repeat(None)))

    def values(self, start: bytes, stop: bytes, *, reverse: bool = False) -> Iterator[bytes]:
        """The values of a `range`."""
        return map(
            self._entries.__getitem__,
            self._entries.irange(start, stop, inclusive=(True, False), reverse=reverse),
        )

    def new_group(self) -> Group:
        """An empty group for `write`."""
        return _MemoryGroup()

    def write(self, group: Group) -> None:
        """Make a group visible."""
        assert isinstance(group, _MemoryGroup)
        for change in group.changes:
            change(self._entries)

    def sync(self) -> None:
        """Nothing to do: memory survives nothing."""

    def snapshot(self) -> View:
        """A copy, in time proportional to the whole store."""
        return _MemoryView(self._entries.copy())

    def close(self) -> None:
        """Forget everything."""
        self._entries.clear()
