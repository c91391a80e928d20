"""Which time is looked at, and in how long periods.

| points of | are kept for | so a period can be |
|---|---|---|
| 60 s | 15 days | 60 s, or a multiple |
| 300 s | 63 days | 300 s, or a multiple |
| 3,600 s | 455 days | 3,600 s, or a multiple |

Source: CloudWatch User Guide, "Metrics retention"; API Reference, GetMetricData, `Period`. Where
the start lies further back, a period that is too short is refused or answered with nothing. Points
of less than a minute are only for metrics of one's own.
"""

import re
from dataclasses import dataclass
from typing import Final

from pannier.errors import UserError

POINTS_MAX: Final = 1440
_DAY_S: Final = 24 * 3600
_PERIODS_S: Final = (60, 300, 900, 3600, 6 * 3600, _DAY_S)
# How far back a start may lie for a period to be no shorter than this.
_KEPT: Final = ((15 * _DAY_S, 60), (63 * _DAY_S, 300), (455 * _DAY_S, 3600))
_KEPT_S_MAX: Final = _KEPT[-1][0]
_UNITS_S: Final = {"m": 60, "h": 3600, "d": _DAY_S}
_RANGE: Final = re.compile(r"(\d{1,6})([mhd])")


@dataclass(frozen=True, slots=True)
class Span:
    """A time, in whole periods. Seconds since 1970.

    Attributes:
        start_s: where the first period begins.
        end_s: where the last ends; that may be in the future.
        period_s: how long each is.
    """

    start_s: int
    end_s: int
    period_s: int

    @property
    def times_s(self) -> range:
        """Where each period begins."""
        return range(self.start_s, self.end_s, self.period_s)


def span_of(start_s: float, end_s: float, now_s: float, period_s: int | None = None) -> Span:
    """The span between two times, in the shortest periods that give at most 1,440 points.

    Args:
        start_s: rounded down to a whole period.
        end_s: rounded up.
        now_s: the time it is; what lies behind it decides which points are still kept.
        period_s: how long periods are to be, instead: a multiple of 60.

    Raises:
        UserError: the times are in the wrong order, nothing is kept for so long, or periods of
            that length are not kept or too many.
    """
    if not start_s < end_s:
        raise UserError(
            "the range ends before it begins", "Give --start a time that is before --end."
        )
    age_s = now_s - start_s
    if age_s > _KEPT_S_MAX:
        raise UserError(
            "the range begins more than 455 days ago, and metrics are kept no longer",
            "Let it begin later.",
        )
    shortest_s = next(period_s for kept_s, period_s in _KEPT if age_s <= kept_s)
    for each_s in _PERIODS_S if period_s is None else (period_s,):
        start = int(start_s // each_s) * each_s
        end = -int(-end_s // each_s) * each_s
        if each_s >= shortest_s and (end - start) // each_s <= POINTS_MAX:
            return Span(start, end, each_s)
    if period_s is not None:
        raise UserError(
            f"periods of {period_s} seconds are too short for this range", "Choose longer ones."
        )
    raise UserError("the range is too long to be shown", "Give a range of at most 455 days.")


def range_s(text: str) -> int:
    """The length in seconds of a range such as `15m`, `3h` or `7d`.

    Raises:
        UserError: it is no such text.
    """
    match = _RANGE.fullmatch(text.strip())
    if match is None or not int(match[1]):
        raise UserError(f"{text!r} is no range of time", "Write it as 15m, 1h, 3h, 1d or 7d.")
    length_s = int(match[1]) * _UNITS_S[match[2]]
    if length_s > _KEPT_S_MAX:
        raise UserError(f"metrics are not kept for {text}", "Give a range of at most 455d.")
    return length_s
