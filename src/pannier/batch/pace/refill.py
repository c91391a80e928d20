"""What a throttled table gives: how fast its capacity gathers, and how much of it gathers at most.

Exponential waits find out that a table is throttled; they do not find its pace. A call of which a
part got through says more: so many units since the call before it. From that follows how long the
table needs until a whole call gets through, and that is how long the next call waits. Longer waits
would leave capacity unused; after shorter ones much of a call would come back.

A table holds only so much, and that may be less than a call: an on-demand table takes 4,000 units
at once, ten items of 400 KB. Where a wait brings clearly less than the pace promised, that bound is
reached. From then on waits are a little shorter than the bound allows: where a shorter wait brings
as much as a longer one did, the pace is higher than it seemed.
"""

from typing import Final

_PROMISED_MIN: Final = 0.85  # of what was expected, less one operation, which may come next time
_KEPT: Final = 0.8  # of what was measured, when the next measurement comes
_LONGER_MAX: Final = 1.4  # times as long as the wait before it
_OF_BOUND: Final = 0.85  # with jitter it is now and then a little more than the bound
_DOUBT: Final = 1.007  # each time a little more is expected, until it does not come
_ELAPSED_S_MIN: Final = 1e-4  # in less nothing gathers that could be measured
_QUICKER: Final = 1.05  # after a call of which nothing was left over
_NO_BOUND: Final = float("inf")


class Refill:
    """The capacity that gathers in one table, in units as they are estimated."""

    __slots__ = ("_at_most", "_elapsed_s", "_last_s", "_passed")

    def __init__(self) -> None:
        self._passed = 0.0  # units, of late,
        self._elapsed_s = 0.0  # in so much time
        self._at_most = _NO_BOUND
        self._last_s: float | None = None

    def left_over(self, passed: float, whole: float, one: float, now_s: float) -> float | None:
        """A part of a call was left over.

        Args:
            passed: what the others cost.
            whole: what all of the call would have cost.
            one: what one operation costs.
            now_s: the time.

        Returns:
            For how many seconds the table must gather until it has enough for a whole call, or as
            much as it holds; None if nothing can be said, because nothing got through, or nothing
            is known of the time in which it had gathered.
        """
        elapsed_s = self._since_last_s(now_s)
        if passed <= 0 or elapsed_s < _ELAPSED_S_MIN:
            return None
        self._learn(passed, whole, one, elapsed_s)
        if self._at_most < whole:
            return _OF_BOUND * self._seconds_for(self._at_most)
        return min(self._seconds_for(whole), _LONGER_MAX * elapsed_s)

    def clean(self, whole: float, now_s: float) -> float:
        """A whole call got through.

        Returns:
            For how many seconds the table should gather for another one; 0 if its pace is unknown.
        """
        elapsed_s = self._since_last_s(now_s)
        if not self._passed:
            return 0.0
        self._at_most = _NO_BOUND
        self._passed *= _QUICKER
        if elapsed_s >= _ELAPSED_S_MIN and whole > self._gathered(elapsed_s):
            self._passed, self._elapsed_s = whole, elapsed_s
        return self._seconds_for(whole)

    def _learn(self, passed: float, whole: float, one: float, elapsed_s: float) -> None:
        gathered = self._gathered(elapsed_s)
        is_less = passed + one < _PROMISED_MIN * min(gathered, self._at_most)
        if self._at_most == _NO_BOUND:
            if is_less:
                self._at_most = passed
            else:
                self._passed = self._passed * _KEPT + passed
                self._elapsed_s = self._elapsed_s * _KEPT + elapsed_s
        elif is_less or passed >= whole:
            self._at_most = _NO_BOUND
            self._passed, self._elapsed_s = passed, elapsed_s
        else:
            self._at_most = max(_DOUBT * self._at_most, passed)
            if passed > gathered:
                self._passed, self._elapsed_s = passed, elapsed_s

    def _since_last_s(self, now_s: float) -> float:
        last_s, self._last_s = self._last_s, now_s
        return 0.0 if last_s is None else now_s - last_s

    def _gathered(self, elapsed_s: float) -> float:
        return elapsed_s * self._passed / self._elapsed_s if self._elapsed_s else 0.0

    def _seconds_for(self, units: float) -> float:
        return units * self._elapsed_s / self._passed
