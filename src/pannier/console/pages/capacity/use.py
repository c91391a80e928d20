"""What a table uses at this moment, of metrics that are counted by the minute.

The minute at hand is counted as it goes on, so the difference between two looks is what was used
in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Sums: TypeAlias = Mapping[int, float]
"""By the minute's start, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Use:
    """What a table or an index uses a second.

    Attributes:
        read: units consumed.
        write: likewise.
        throttled: events.
    """

    read: float
    write: float
    throttled: float

    @property
    def consumed_words(self) -> str:
        """The units, as the page shows them."""
        if not self.read and not self.write:
            return "0"
        return f"{_short(self.read)} read, {_short(self.write)} write"

    @property
    def throttled_words(self) -> str:
        """The events, as the page shows them."""
        return _short(self.throttled)


class Gauge:
    """Turns sums by the minute into rates between two looks."""

    def __init__(self) -> None:
        self._sums: dict[int, float] = {}
        self._at_s: float | None = None
        self._rate = 0.0

    def rate(self, sums: Sums, now_s: float) -> float:
        """The rate since the look before; of the first look, 0.

        Args:
            sums: of the last minutes, the one at hand included.
            now_s: the time it is there. If it stands still, the rate stays as it was.
        """
        before, at_s = self._sums, self._at_s
        if at_s is not None and now_s <= at_s:
            return self._rate
        self._sums, self._at_s = dict(sums), now_s
        if at_s is None:
            return 0.0
        gained = sum(max(0.0, value - before.get(minute, 0.0)) for minute, value in sums.items())
        self._rate = gained / (now_s - at_s)
        return self._rate


def _short(value: float) -> str:
    if value <= 0:
        return "0"
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004
