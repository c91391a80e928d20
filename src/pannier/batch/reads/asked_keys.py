"""The keys that were asked for, each fetched once and answered as often as asked."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from pannier.batch.prepared import Lane, PreparedKey
from pannier.batch.writes.packing import in_turn


class _Ready:
    """The keys of one table that could be asked for now; those given back go first."""

    __slots__ = ("fresh", "returned")

    def __init__(self) -> None:
        self.returned: deque[PreparedKey] = deque()
        self.fresh: deque[PreparedKey] = deque()

    def __len__(self) -> int:
        return len(self.returned) + len(self.fresh)


class AskedKeys:
    """Keys that wait or are in flight.

    Attributes:
        count: how often they were asked for, all together.
    """

    def __init__(self) -> None:
        self.count = 0
        self._asked: dict[Lane, list[PreparedKey]] = {}
        self._ready: dict[str, _Ready] = {}

    @property
    def empty(self) -> bool:
        """Whether every key was answered."""
        return not self._asked

    @property
    def ready(self) -> int:
        """How many keys could be asked for now."""
        return sum(map(len, self._ready.values()))

    @property
    def tables(self) -> Iterable[str]:
        """The tables that have keys to be asked for now."""
        return [table for table, ready in self._ready.items() if ready]

    def ready_in(self, table: str) -> int:
        """How many keys of a table could be asked for now."""
        return len(self._ready[table])

    def add(self, key: PreparedKey) -> None:
        """Ask for a key; it is fetched only if it is not about to be anyway."""
        self.count += 1
        askers = self._asked.get(key.lane)
        if askers is not None:
            askers.append(key)
            return
        self._asked[key.lane] = [key]
        ready = self._ready.get(key.table)
        if ready is None:
            ready = self._ready[key.table] = _Ready()
        ready.fresh.append(key)

    def peek(self, tables: Sequence[str]) -> Iterator[PreparedKey]:
        """The keys of certain tables that could be asked for now, those given back first."""
        ready = [self._ready[table] for table in tables]
        return chain(
            in_turn([each.returned for each in ready]), in_turn([each.fresh for each in ready])
        )

    def depart(self, keys: Sequence[PreparedKey]) -> int:
        """Take keys on their way; of each table those that `peek` named first.

        Returns:
            How many of them were on their way before.
        """
        again = 0
        for key in keys:
            ready = self._ready[key.table]
            if ready.returned:
                ready.returned.popleft()
                again += 1
            else:
                ready.fresh.popleft()
        return again

    def give_back(self, keys: Sequence[PreparedKey]) -> None:
        """Keys in flight must be asked for again."""
        for key in reversed(keys):
            self._ready[key.table].returned.appendleft(key)

    def sort_returned(self, place: Callable[[PreparedKey], int]) -> None:
        """Put the keys that were given back in the order of the input."""
        for ready in self._ready.values():
            if len(ready.returned) > 1:
                ready.returned = deque(sorted(ready.returned, key=place))

    def answer(self, key: PreparedKey) -> list[PreparedKey]:
        """A key is answered, or will not be; returns all that asked for it."""
        askers = self._asked.pop(key.lane)
        self.count -= len(askers)
        return askers

    def drain(self) -> list[PreparedKey]:
        """Take out all keys that are not in flight. They still have to be answered."""
        keys: list[PreparedKey] = []
        for ready in self._ready.values():
            keys += ready.returned
            keys += ready.fresh
            ready.returned.clear()
            ready.fresh.clear()
        return keys
