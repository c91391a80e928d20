"""What a table uses at this moment, of metrics that are counted by the minute.

The minute at hand is counted as it goes on, so the difference between two looks is what was used
in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pannier.monitoring.charts import Resource
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.source import MetricQuery, MetricSource
from pannier.monitoring.span import Span

_MINUTE_S: Final = 60
_METRICS: Final = (
    "ConsumedReadCapacityUnits",
    "ConsumedWriteCapacityUnits",
    "ReadThrottleEvents",
    "WriteThrottleEvents",
)

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
    def is_busy(self) -> bool:
        """Whether anything is going on."""
        return bool(self.read or self.write or self.throttled)

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


class UseOfTables:
    """What tables and indexes use, look by look.

    Args:
        source: of the metrics.
    """

    def __init__(self, source: MetricSource) -> None:
        self._source = source
        self._gauges: dict[tuple[str, str], list[Gauge]] = {}

    def now(self, names: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Use]:
        """What each uses; blocks.

        Args:
            names: tables and their indexes; an empty index is the table itself.

        Raises:
            MetricsError: the metrics can't be had.
        """
        now_s = self._source.now_s()
        minute = int(now_s // _MINUTE_S) * _MINUTE_S
        span = Span(minute - _MINUTE_S, minute + _MINUTE_S, _MINUTE_S)
        queries = [
            MetricQuery(MetricId(metric, Resource(table, index or None).dimensions), "Sum")
            for table, index in names
            for metric in _METRICS
        ]
        sums = iter(self._source.values(queries, span) if queries else [])
        uses = {}
        for name in names:
            gauges = self._gauges.setdefault(name, [Gauge() for _ in _METRICS])
            read, write, *throttled = (gauge.rate(next(sums), now_s) for gauge in gauges)
            uses[name] = Use(read, write, sum(throttled))
        return uses


def _short(value: float) -> str:
    if value <= 0:
        return "0"
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
