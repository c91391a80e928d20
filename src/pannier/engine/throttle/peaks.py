"""How much traffic an on-demand table is ready for.

Rule (Developer Guide, "On-demand capacity mode"): a table serves at once up to twice its previous
peak, a new one 4,000 write and 12,000 read units a second; it may throttle when traffic more than
doubles within 30 minutes. Assumed where the guide says nothing: a peak is the busiest minute's
mean, counts once it is 30 minutes old, and is never forgotten.
"""

from collections import deque
from typing import Final

_MINUTE_S: Final = 60.0
_SETTLES_AFTER_S: Final = 30 * 60.0
_WAITING_MAX: Final = 64  # one for each of 30 minutes, and what a clock that is moved adds
_HEADROOM: Final = 2


class Peaks:
    """The traffic of one table or index, in units of one kind.

    Attributes:
        ready_for: units a second that are served at once.
    """

    __slots__ = ("_minute", "_recent", "_units", "ready_for")

    def __init__(self, ready_for: float) -> None:
        self.ready_for = ready_for
        self._minute = -1
        self._units = 0.0
        self._recent: deque[tuple[int, float]] = deque(maxlen=_WAITING_MAX)

    def add(self, units: float, now_s: float) -> bool:
        """Note units that were consumed; returns whether the table is ready for more now."""
        minute = int(now_s // _MINUTE_S)
        grown = False
        if minute != self._minute:
            grown = self._turn(minute, now_s)
        self._units += units
        return grown

    def _turn(self, minute: int, now_s: float) -> bool:
        if self._units:
            self._recent.append((self._minute, self._units / _MINUTE_S))
        if minute < self._minute:  # the clock went back: nothing waits longer than from now on
            waiting = [(min(each, minute), rate) for each, rate in self._recent]
            self._recent = deque(waiting, maxlen=_WAITING_MAX)
        self._minute, self._units = minute, 0.0
        before = self.ready_for
        while self._recent and (self._recent[0][0] + 1) * _MINUTE_S + _SETTLES_AFTER_S <= now_s:
            _, rate = self._recent.popleft()
            self.ready_for = max(self.ready_for, _HEADROOM * rate)
        return self.ready_for > before
