"""Results of a batch read in the order of its input.

Calls are answered in any order, so a result waits here until every key before it has ended. What
waits is bounded by the job (`read_job`): so many keys ahead of the oldest one without an end, and
so many bytes.

What comes out is the beginning of the input, without a gap other than keys that failed for good.
Once a key is left unresolved, because the job stopped, nothing after it comes out: a later run has
to bring that key first. Such results count as unresolved, and are read again.
"""

from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Generic, TypeVar

from pannier.batch.operation import Origin

_Result = TypeVar("_Result")


class _NoResult(Enum):
    """Why a key has no result."""

    FAILED = "for good"
    LOST = "the job stopped"


def numbered(origin: Origin, number: int) -> Origin:
    """A place with its number."""
    return Origin(origin.source, origin.position, origin.unit, origin.line, number)


class InputOrder(Generic[_Result]):
    """What was asked for and has not come out yet, in the order of the input.

    Attributes:
        held_bytes: about how large the results are that wait.
        broken: whether a key was left unresolved, so that what follows must not come out.
    """

    def __init__(self) -> None:
        self.held_bytes = 0
        self.broken = False
        self._numbers: deque[int] = deque()
        self._ends: dict[int, tuple[_Result | _NoResult, int]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    @property
    def oldest(self) -> int:
        """The number of the first key without an end; 0 if there is none."""
        return self._numbers[0] if self._numbers else 0

    def expect(self, origin: Origin) -> None:
        """The next element of the input was taken."""
        self._numbers.append(origin.number)

    def arrived(self, origin: Origin, result: _Result, size_bytes: int) -> None:
        """A key has its result, of about that size."""
        self._ends[origin.number] = (result, size_bytes)
        self.held_bytes += size_bytes

    def failed(self, origin: Origin, *, resolved: bool) -> None:
        """A key has no result: for good, or because the job stopped."""
        self._ends[origin.number] = (_NoResult.FAILED if resolved else _NoResult.LOST, 0)

    def due(self) -> Iterator[_Result]:
        """The results whose turn it is. Look at `broken` for each of them."""
        while self._numbers and self._numbers[0] in self._ends:
            end, size_bytes = self._ends.pop(self._numbers.popleft())
            self.held_bytes -= size_bytes
            if not isinstance(end, _NoResult):
                yield end
            elif end is _NoResult.LOST:
                self.broken = True
