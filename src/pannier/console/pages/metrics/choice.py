"""What the reader has chosen to look at, as the address of the page has it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from urllib.parse import urlencode

from pannier.errors import UserError
from pannier.monitoring.span import range_s, span_of

DEFAULT_RANGE: Final = "1h"
CUSTOM: Final = "custom"
RANGES: Final = {
    "15m": "15 minutes",
    "1h": "1 hour",
    "3h": "3 hours",
    "12h": "12 hours",
    "1d": "1 day",
    "7d": "7 days",
    "30d": "30 days",
    CUSTOM: "From ... to",
}
PERIODS: Final = {
    0: "by the range",
    60: "1 minute",
    300: "5 minutes",
    900: "15 minutes",
    3600: "1 hour",
    6 * 3600: "6 hours",
    24 * 3600: "1 day",
}
# What is drawn and sent again and again: fewer than CloudWatch would give at once.
_POINTS_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """What is looked at.

    Attributes:
        table: empty for the first that there is.
        index: a global index; empty for the table itself.
        length: of the time that ends now, one of `RANGES`; `custom` for the two times.
        start: when it begins, as `YYYY-MM-DDTHH:MM` in this machine's time.
        end: when it ends.
        period_s: of the points; 0 for what fits the range.
        everything: also charts in which nothing happened.
    """

    table: str = ""
    index: str = ""
    length: str = DEFAULT_RANGE
    start: str = ""
    end: str = ""
    period_s: int = 0
    everything: bool = False

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> Self:
        """The choice that an address has; what can't be is as if it were not there."""
        length = query.get("range", DEFAULT_RANGE)
        period = query.get("period", "0")
        return cls(
            query.get("table", ""),
            query.get("index", ""),
            length if length in RANGES else DEFAULT_RANGE,
            query.get("start", ""),
            query.get("end", ""),
            int(period) if period.isascii() and period.isdigit() and int(period) in PERIODS else 0,
            query.get("all") == "1",
        )

    def query(self) -> str:
        """The address's part behind the question mark."""
        members = {"table": self.table, "index": self.index, "range": self.length}
        if self.length == CUSTOM:
            members |= {"start": self.start, "end": self.end}
        if self.period_s:
            members["period"] = str(self.period_s)
        if self.everything:
            members["all"] = "1"
        return urlencode({name: value for name, value in members.items() if value})

    def times_s(self, now_s: float) -> tuple[float, float]:
        """From when to when, in seconds since 1970.

        Raises:
            UserError: a time is missing, or is none.
        """
        if self.length != CUSTOM:
            return now_s - range_s(self.length), now_s
        return _moment_s(self.start, "From"), _moment_s(self.end, "To")

    def period_of(self, start_s: float, end_s: float, now_s: float) -> int:
        """How long the periods are, in seconds.

        Raises:
            UserError: nothing is kept of that time, or it ends before it begins.
        """
        if self.period_s:
            return self.period_s
        kept_s = span_of(start_s, end_s, now_s).period_s
        periods = [each for each in PERIODS if each >= max(kept_s, 1)]
        fitting = (each for each in periods if (end_s - start_s) / each <= _POINTS_MAX)
        return next(fitting, periods[-1])


def local_text(moment_s: float) -> str:
    """A moment as the fields for times have it."""
    return datetime.fromtimestamp(moment_s).strftime("%Y-%m-%dT%H:%M")


def _moment_s(text: str, label: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UserError(
            f"{label!r} is no time" if text else f"{label!r} is empty",
            "Give a date and a time of day.",
        ) from None
