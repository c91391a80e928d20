"""One key, one lane: for each key, operations take effect in the order of the input.

An operation whose key is in flight waits until the answer is there. Of several operations that
wait for the same key only the last is sent; the earlier ones are *superseded*: their effect would
be overwritten by it anyway. (BatchWriteItem also refuses two operations on one key in one batch.)

Sent and given back (left over, throttled, unknown): an operation goes back in front, unless a
later one for its key has come meanwhile, which then supersedes it.

Superseded operations are kept until the one on top of them has taken effect. Should the service
refuse that one, the one beneath it is the last good word on the key, and stands again.
"""

from collections.abc import Iterator
from typing import TypeAlias

from pannier.batch.operation import Lane, PreparedWrite

# The writes on one key, oldest first. The last is the one to send; it supersedes the others.
_Stack: TypeAlias = list[PreparedWrite]


class Lanes:
    """Writes that wait or are in flight, at most one in flight for each key."""

    def __init__(self) -> None:
        self._returned: dict[Lane, _Stack] = {}
        self._pending: dict[Lane, _Stack] = {}
        self._held: dict[Lane, _Stack] = {}
        self._in_flight: dict[Lane, _Stack] = {}
        self._size = 0

    @property
    def ready(self) -> int:
        """How many writes could be sent now."""
        return len(self._returned) + len(self._pending)

    @property
    def kept(self) -> int:
        """How many writes are kept, superseded ones included; not counted: those in flight."""
        return self._size - len(self._in_flight)

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return self._size == 0

    def add(self, write: PreparedWrite) -> bool:
        """Queue a write behind all earlier ones of its key.

        Returns:
            Whether it supersedes an earlier one.
        """
        lane = write.lane
        self._size += 1
        if lane in self._in_flight:
            queue = self._held
        else:
            queue = self._pending
            if lane in self._returned:
                queue[lane] = self._returned.pop(lane)
        stack = queue.setdefault(lane, [])
        stack.append(write)
        return len(stack) > 1

    def peek(self) -> Iterator[PreparedWrite]:
        """The writes that could be sent now, those given back first."""
        for queue in (self._returned, self._pending):
            for stack in queue.values():
                yield stack[-1]

    def depart(self, writes: list[PreparedWrite]) -> int:
        """Take writes on their way; each is one that `peek` named.

        Returns:
            How many of them were on their way before.
        """
        before = len(self._returned)
        for write in writes:
            lane = write.lane
            queue = self._returned if lane in self._returned else self._pending
            self._in_flight[lane] = queue.pop(lane)
        return before - len(self._returned)

    def settle(self, write: PreparedWrite) -> None:
        """A write in flight has had its effect, or is not tried again; the next may go."""
        self._size -= len(self._in_flight.pop(write.lane))
        later = self._held.pop(write.lane, None)
        if later is not None:
            self._pending[write.lane] = later

    def drop(self, write: PreparedWrite) -> bool:
        """A write in flight can't have its effect.

        Returns:
            Whether the one that it had superseded stands again.
        """
        lane = write.lane
        beneath = self._in_flight.pop(lane)[:-1]
        self._size -= 1
        later = self._held.pop(lane, [])
        if beneath or later:
            self._pending[lane] = beneath + later
        return bool(beneath) and not later

    def give_back(self, write: PreparedWrite) -> bool:
        """A write in flight must be sent again.

        Returns:
            Whether it was queued; False if a later write of its key supersedes it.
        """
        lane = write.lane
        stack = self._in_flight.pop(lane)
        later = self._held.pop(lane, None)
        if later is None:
            self._returned[lane] = stack
            return True
        self._pending[lane] = stack + later
        return False

    def drain(self) -> list[PreparedWrite]:
        """Take out everything that is not in flight; superseded writes are not in the result."""
        queues = (self._returned, self._pending, self._held)
        stacks = [stack for queue in queues for stack in queue.values()]
        for queue in queues:
            queue.clear()
        self._size -= sum(map(len, stacks))
        return [stack[-1] for stack in stacks]
