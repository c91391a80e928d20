"""One key, one lane: for each key, operations take effect in the order of the input.

An operation whose key is in flight waits until the answer is there. Of several operations that
wait for the same key only the last is sent; the earlier ones are *superseded*: their effect would
be overwritten by it anyway. (BatchWriteItem also refuses two operations on one key in one batch.)

Sent and given back (left over, throttled, unknown): an operation goes back in front, unless a
later one for its key has come meanwhile, which then supersedes it.
"""

from collections.abc import Iterator

from pannier.batch.operation import Lane, PreparedWrite


class Lanes:
    """Writes that wait or are in flight, at most one in flight for each key."""

    def __init__(self) -> None:
        self._returned: dict[Lane, PreparedWrite] = {}
        self._pending: dict[Lane, PreparedWrite] = {}
        self._held: dict[Lane, PreparedWrite] = {}
        self._in_flight: set[Lane] = set()

    @property
    def ready(self) -> int:
        """How many writes could be sent now."""
        return len(self._returned) + len(self._pending)

    @property
    def waiting(self) -> int:
        """How many writes are kept, those behind a key in flight included."""
        return self.ready + len(self._held)

    @property
    def in_flight(self) -> int:
        """How many writes are on their way."""
        return len(self._in_flight)

    def add(self, write: PreparedWrite) -> PreparedWrite | None:
        """Queue a write behind all earlier ones of its key.

        Returns:
            The earlier write that it supersedes, or None.
        """
        lane = write.lane
        if lane in self._in_flight:
            queue = self._held
        else:
            queue = self._returned if lane in self._returned else self._pending
        superseded = queue.get(lane)
        queue[lane] = write
        return superseded

    def peek(self) -> Iterator[PreparedWrite]:
        """The writes that could be sent now, those given back first."""
        yield from self._returned.values()
        yield from self._pending.values()

    def depart(self, writes: list[PreparedWrite]) -> None:
        """Take writes on their way; each is one that `peek` named."""
        for write in writes:
            queue = self._returned if write.lane in self._returned else self._pending
            del queue[write.lane]
            self._in_flight.add(write.lane)

    def settle(self, write: PreparedWrite) -> None:
        """A write in flight has ended, well or not; the next of its key may go."""
        self._in_flight.discard(write.lane)
        later = self._held.pop(write.lane, None)
        if later is not None:
            self._pending[write.lane] = later

    def give_back(self, write: PreparedWrite) -> bool:
        """A write in flight must be sent again.

        Returns:
            Whether it was queued; False if a later write of its key supersedes it.
        """
        if write.lane in self._held:
            self.settle(write)
            return False
        self._in_flight.discard(write.lane)
        self._returned[write.lane] = write
        return True

    def drain(self) -> list[PreparedWrite]:
        """Take out everything that is not in flight, in order."""
        rest = [*self._returned.values(), *self._pending.values(), *self._held.values()]
        self._returned.clear()
        self._pending.clear()
        self._held.clear()
        return rest
