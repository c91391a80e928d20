"""What of the input is done for good, so that a job that was ended can go on.

Every element of the source has a number: its place in the whole input, counted from 1. The source
is read from the start again when a job goes on, so the same number means the same element.

The journal knows how far the input has been taken (`taken_up_to`) and which elements below that are
*open*: taken and not done. A job keeps a bounded window, so there are never more than some
thousands of open elements, however long the input is; all others are said by one number.

Order is what makes this safe. Of one key, operations are done in the order of the input, and each
is noted in the moment it is done; what is superseded is noted together with the write on top of it.
So whatever prefix of these notes survives a crash, the open operations of a key are later in the
input than all those that had an effect and are not open. Sent again in order, they end in the state
of the input. See `docs/decisions/0010-journal.md`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Self

from pannier.batch.operation import Kind
from pannier.batch.prepared import PreparedWrite

# How an element can end for good, and the report's name for it.
ENDS: Final = ("written", "deleted", "found", "missing", "superseded", "skipped", "failed")


class Journal:
    """Which elements of the input are open, and what became of the others.

    Attributes:
        seen: how many elements of the source have passed by in this run.
        taken_up_to: the highest number that was taken, in this run or an earlier one.
        counts: how many elements ended how, over all runs.
        on_change: called at the first change after each `state`.
        changed: whether there was one.
    """

    def __init__(self) -> None:
        self.seen = 0
        self.taken_up_to = 0
        self.counts = dict.fromkeys(ENDS, 0)
        self.on_change: Callable[[], None] | None = None
        self._open: set[int] = set()
        self.changed = False

    @property
    def done(self) -> int:
        """How many elements are done for good, over all runs."""
        return self.taken_up_to - len(self._open)

    @property
    def open(self) -> int:
        """How many elements were taken and are not done."""
        return len(self._open)

    @property
    def done_up_to(self) -> int:
        """The highest number below which, and including which, everything is done."""
        return min(self._open) - 1 if self._open else self.taken_up_to

    @property
    def is_complete(self) -> bool:
        """Whether nothing that was taken is open."""
        return not self._open

    @property
    def shortfall(self) -> str:
        """Why the source, which has ended, can't be the one the job began with; empty if it can."""
        if self.seen >= self.taken_up_to:
            return ""
        return (
            f"the source ends after {self.seen:,} elements, but an earlier run of this job has "
            f"read {self.taken_up_to:,}"
        )

    @property
    def told(self) -> str:
        """What is done, in words."""
        return f"{self.done:,} of the source are done"

    # What the job tells

    def take(self) -> int:
        """The number of the source's next element; 0 if it is done, and not to be taken again."""
        self.seen += 1
        number = self.seen
        if number <= self.taken_up_to:
            return number if number in self._open else 0
        self.taken_up_to = number
        self._open.add(number)
        return number

    def applied(self, stack: Sequence[PreparedWrite]) -> None:
        """A write has had its effect: the last of the stack, which supersedes those before it."""
        discard = self._open.discard
        for write in stack:
            discard(write.number)
        counts = self.counts
        counts["superseded"] += len(stack) - 1
        counts["written" if stack[-1].operation.kind is Kind.PUT else "deleted"] += 1
        self._note()

    def answered(self, numbers: Iterable[int], end: str) -> None:
        """Elements ended in the same way, one of `ENDS`."""
        for number in numbers:
            self._open.discard(number)
            self.counts[end] += 1
        self._note()

    def failed(self, number: int) -> None:
        """An element can't have its effect."""
        self.answered((number,), "failed")

    def _note(self) -> None:
        if not self.changed:
            self.changed = True
            if self.on_change is not None:
                self.on_change()

    # What is written down

    def state(self) -> dict[str, Any]:
        """Everything, as plain values; `restored` is the way back."""
        self.changed = False
        return {
            "taken_up_to": self.taken_up_to,
            "open": to_ranges(self._open),
            "counts": {end: count for end, count in self.counts.items() if count},
        }

    @classmethod
    def restored(cls, state: dict[str, Any]) -> Self:
        """The journal of a job that goes on, before its source is read again.

        Raises:
            ValueError: the state contradicts itself.
        """
        journal = cls()
        journal.taken_up_to = state["taken_up_to"]
        journal._open = set(from_ranges(state["open"]))
        journal.counts.update(state["counts"])
        if (
            journal._open
            and not 0 < min(journal._open) <= max(journal._open) <= state["taken_up_to"]
        ):
            raise ValueError("an open element was never taken")
        if sum(journal.counts.values()) != journal.done:
            raise ValueError("its counts are not those of its elements")
        return journal


def to_ranges(numbers: Iterable[int]) -> str:
    """Numbers in a short form that can be read: `3,7-31,40`."""
    ranges: list[str] = []
    first = last = -1
    for number in sorted(numbers):
        if number == last + 1:
            last = number
            continue
        if first >= 0:
            ranges.append(f"{first}-{last}" if last > first else str(first))
        first = last = number
    if first >= 0:
        ranges.append(f"{first}-{last}" if last > first else str(first))
    return ",".join(ranges)


def from_ranges(text: str) -> Iterator[int]:
    """The numbers of `to_ranges`.

    Raises:
        ValueError: the text is no such form.
    """
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
