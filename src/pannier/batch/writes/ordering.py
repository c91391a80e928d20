"""One key, one lane: for each key, operations take effect in the order of the input.

An operation whose key is in flight waits until the answer is there. Of several operations that
wait for the same key only the last is sent; the earlier ones are *superseded*: their effect would
be overwritten by it anyway. (BatchWriteItem also refuses two operations on one key in one batch.)
With `every_write` all of them are sent, one after another.

Sent and given back (left over, throttled), an operation goes back in front, unless a later one for
its key has come meanwhile, which then supersedes it.

Superseded operations are kept until the one on top of them has taken effect. Should the service
refuse that one, the one beneath it is the last good word on the key, and stands again.

Late effects. A call without an answer may still be on its way, and take effect after it was given
up. So a write whose outcome is unknown is *doubtful*: the same write is sent again until it is
answered, which does no harm whenever the first one arrives; and a later write of its key waits for
that answer, and then for as long as the lost call may still take effect. What limits that time is
the target's to say (`target.late_effect_s`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, TypeAlias

from pannier.batch.prepared import Lane, PreparedWrite
from pannier.batch.writes.packing import in_turn

# The writes on one key, oldest first. The last is the one to send, and it supersedes the others; if
# every write is sent, it is the first.
_Stack: TypeAlias = list[PreparedWrite]

_RESTING_MAX: Final = 50_000  # keys whose later writes wait; some 10 MB of memory


class _Table:
    """The writes to one table, by the bytes of their keys, and how many they are in all."""

    def __init__(self) -> None:
        self.returned: dict[bytes, _Stack] = {}
        self.pending: dict[bytes, _Stack] = {}
        self.in_flight: dict[bytes, _Stack] = {}
        self.kept = 0


class Lanes:
    """Writes that wait or are in flight, at most one in flight for each key.

    Args:
        every_write: send all writes of a key instead of the last.
        late_effect_s: for how long after a call of unknown outcome was repeated and answered it
            may still take effect.

    Attributes:
        held_bytes: of all encoded writes, those in flight included.
    """

    def __init__(self, *, every_write: bool = False, late_effect_s: float = 0.0) -> None:
        self.held_bytes = 0
        self._to_send = 0 if every_write else -1  # of a stack
        self._every_write = every_write
        self._late_effect_s = late_effect_s
        self._tables: dict[str, _Table] = {}
        self._held: dict[Lane, _Stack] = {}
        self._doubtful: set[Lane] = set()
        self._resting: dict[Lane, float] = {}
        self._size = 0
        self._in_flight = 0  # keys

    @property
    def ready(self) -> int:
        """How many writes could be sent now."""
        count = 0
        for table in self._tables.values():
            count += len(table.returned) + len(table.pending)
        return count

    @property
    def kept(self) -> int:
        """How many writes are kept, superseded ones included; not counted: those in flight."""
        return self._size - self._in_flight

    @property
    def empty(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return self._size == 0

    @property
    def is_crowded(self) -> bool:
        """Whether too many keys rest to remember more of them."""
        return len(self._resting) >= _RESTING_MAX

    @property
    def tables(self) -> list[str]:
        """All tables that there ever were writes for."""
        return list(self._tables)

    def ready_in(self, table: str) -> int:
        """How many writes of a table could be sent now."""
        ready = self._tables[table]
        return len(ready.returned) + len(ready.pending)

    def kept_in(self, tables: Iterable[str]) -> int:
        """How many writes there are for certain tables, those in flight included."""
        return sum([self._tables[name].kept for name in tables if name in self._tables])

    def add(self, write: PreparedWrite) -> bool:
        """Queue a write behind all earlier ones of its key.

        Returns:
            Whether it supersedes an earlier one.
        """
        self._size += 1
        self.held_bytes += write.payload_bytes
        table = self._tables.get(write.table)
        if table is None:
            table = _Table()
            self._tables[write.table] = table
        table.kept += 1
        key = write.key
        if key in table.in_flight or self._is_barred(write):
            stack = self._held.get(write.lane)
            if stack is None:
                self._held[write.lane] = [write]
                return False
        elif table.returned and key in table.returned:
            stack = table.returned[key]
            if not self._every_write:
                del table.returned[key]
                table.pending[key] = stack
        else:
            stack = table.pending.get(key)
            if stack is None:
                table.pending[key] = [write]
                return False
        stack.append(write)
        return not self._every_write

    def front(self, table: str, count_max: int) -> list[PreparedWrite]:
        """The first writes of one table that could be sent now, those given back first."""
        writes: list[PreparedWrite] = []
        ready = self._tables[table]
        to_send = self._to_send
        for queue in (ready.returned, ready.pending):
            for stack in queue.values():
                if len(writes) == count_max:
                    return writes
                writes.append(stack[to_send])
        return writes

    def peek(self, tables: Iterable[str] | None = None) -> Iterator[PreparedWrite]:
        """The writes that could be sent now, those given back first.

        Args:
            tables: only of these; they take turns.
        """
        ready = [self._tables[name] for name in (self._tables if tables is None else tables)]
        to_send = self._to_send
        for stack in chain(
            in_turn([each.returned.values() for each in ready]),
            in_turn([each.pending.values() for each in ready]),
        ):
            yield stack[to_send]

    def depart(self, writes: Sequence[PreparedWrite]) -> int:
        """Take writes on their way; each is one that `peek` named.

        Returns:
            How many of them were on their way before.
        """
        again = 0
        for write in writes:
            key = write.key
            table = self._tables[write.table]
            if table.returned and key in table.returned:
                stack = table.returned[key]
                del table.returned[key]
                again += 1
            else:
                stack = table.pending[key]
                del table.pending[key]
            if self._every_write and len(stack) > 1:
                self._held[write.lane] = stack[1:]
                stack = stack[:1]
            table.in_flight[key] = stack
        self._in_flight += len(writes)
        return again

    def settle(self, write: PreparedWrite, now_s: float = 0.0) -> _Stack:
        """A write in flight has had its effect, or is not tried again; the next may go.

        Returns:
            The write, and before it those that it has superseded.
        """
        stack = self._landed(write)
        self._forget(stack)
        self._next(write.lane, [], now_s)
        return stack

    def settle_all(self, writes: Sequence[PreparedWrite]) -> bool:
        """Settle writes where nothing else is to be said of any of them.

        Returns:
            Whether that could be done; False if it must be done one by one, because of a write that
            supersedes others, or that others wait for. Then nothing was done.
        """
        if self._held or self._doubtful:
            return False
        tables = self._tables
        for write in writes:
            if len(tables[write.table].in_flight[write.key]) > 1:
                return False
        for write in writes:
            table = tables[write.table]
            del table.in_flight[write.key]
            table.kept -= 1
            self.held_bytes -= write.payload_bytes
        self._in_flight -= len(writes)
        self._size -= len(writes)
        return True

    def drop(self, write: PreparedWrite, now_s: float = 0.0) -> bool:
        """A write in flight can't have its effect.

        Returns:
            Whether the one that it had superseded stands again.
        """
        beneath = self._landed(write)[:-1]
        self._forget([write])
        stands_again = bool(beneath) and write.lane not in self._held
        self._next(write.lane, beneath, now_s)
        return stands_again

    def give_back(self, write: PreparedWrite) -> bool:
        """A write in flight must be sent again.

        Returns:
            Whether it was queued; False if a later write of its key supersedes it.
        """
        lane = write.lane
        table = self._tables[write.table]
        stack = self._landed(write)
        later = None if lane in self._doubtful else self._held.pop(lane, None)
        if later is None:
            table.returned[write.key] = stack
            return True
        if self._every_write:
            table.returned[write.key] = stack + later
            return True
        table.pending[write.key] = stack + later
        return False

    def doubt(self, write: PreparedWrite) -> None:
        """A write in flight may have had its effect, or may have it later."""
        self._doubtful.add(write.lane)

    def release(self, now_s: float) -> None:
        """Let later writes go whose time of rest is over."""
        while self._resting:
            lane, until_s = next(iter(self._resting.items()))
            if until_s > now_s:
                return
            del self._resting[lane]
            self._wait(lane, self._held.pop(lane, []))

    def wake_s(self) -> float | None:
        """When `release` has something to do next."""
        return next(iter(self._resting.values())) if self._resting and self._held else None

    def drain(self) -> list[PreparedWrite]:
        """Take out everything that is not in flight; superseded writes are not in the result."""
        stacks = list(self._held.values())
        self._held.clear()
        for table in self._tables.values():
            stacks += table.returned.values()
            stacks += table.pending.values()
            table.returned.clear()
            table.pending.clear()
        for stack in stacks:
            self._forget(stack)
        return [write for stack in stacks for write in (stack if self._every_write else stack[-1:])]

    def _landed(self, write: PreparedWrite) -> _Stack:
        """Take a write out of those in flight, with what it supersedes."""
        in_flight = self._tables[write.table].in_flight
        stack = in_flight[write.key]
        del in_flight[write.key]
        self._in_flight -= 1
        return stack

    def _is_barred(self, write: PreparedWrite) -> bool:
        """Whether a lost call may still have its effect on the key of a write."""
        if not self._doubtful and not self._resting:
            return False
        return write.lane in self._doubtful or write.lane in self._resting

    def _next(self, lane: Lane, beneath: _Stack, now_s: float) -> None:
        """What waits for a key may go, at once or after a time of rest."""
        waiting = beneath + self._held.pop(lane, [])
        if lane not in self._doubtful:
            self._wait(lane, waiting)
            return
        self._doubtful.remove(lane)
        if self._late_effect_s <= 0:
            self._wait(lane, waiting)
            return
        self._resting[lane] = now_s + self._late_effect_s
        if waiting:
            self._held[lane] = waiting

    def _wait(self, lane: Lane, stack: _Stack) -> None:
        if stack:
            table, key = lane
            self._tables[table].pending[key] = stack

    def _forget(self, stack: _Stack) -> None:
        self._size -= len(stack)
        self._tables[stack[0].table].kept -= len(stack)
        for write in stack:
            self.held_bytes -= write.payload_bytes
