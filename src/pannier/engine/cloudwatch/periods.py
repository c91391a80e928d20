"""Periods, and the samples of a metric in each.

| rule | evidence |
|---|---|
| the start is rounded down to a whole minute; for shorter periods to one of those | service model |
| from there each period begins where the one before ends; the end is exclusive | service model |
| 15 days are kept; of what was published to the second, shorter periods show three hours | service model |

That periods are counted from the start, not from the full hour, is inferred from the first rule.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from pannier.engine.metrics import Metrics, dynamodb
from pannier.engine.metrics.point import Point
from pannier.engine.metrics.provisioned import is_provisioned
from pannier.engine.metrics.series import Metric
from pannier.engine.metrics.space import RETENTION_S

MINUTE_S: Final = 60
SHORT_PERIODS_S: Final = (1, 5, 10, 20, 30)
_SHORT_FOR_S: Final = 3 * 3600

Buckets: TypeAlias = dict[int, Point]
"""Points by the time, in seconds since 1970, at which their period begins."""


def is_period(period_s: int) -> bool:
    """Whether a period is one that CloudWatch has."""
    return period_s in SHORT_PERIODS_S or (period_s > 0 and period_s % MINUTE_S == 0)


@dataclass(frozen=True, slots=True)
class Span:
    """The periods between two times.

    Attributes:
        start_s: where the first begins, in seconds since 1970.
        stop_s: nothing from here on belongs to any.
        period_s: how long each is.
    """

    start_s: int
    stop_s: int
    period_s: int

    @classmethod
    def of(cls, start_s: float, end_s: float, period_s: int) -> "Span":
        """The periods of a request."""
        step_s = period_s if period_s in SHORT_PERIODS_S else MINUTE_S
        return cls(int(start_s // step_s) * step_s, -int(-end_s // 1), period_s)

    @property
    def count(self) -> int:
        """How many periods there are."""
        return max(0, -((self.start_s - self.stop_s) // self.period_s))

    def times(self) -> range:
        """Where each period begins."""
        return range(self.start_s, self.stop_s, self.period_s)


def buckets(
    metrics: Metrics, metric: Metric, span: Span, *, unit: str | None = None, with_counts: bool
) -> dict[str, Buckets]:
    """The samples of a metric by unit and period; periods without any are absent.

    Args:
        metrics: everything recorded so far was collected.
        metric: whose.
        span: the periods.
        unit: only what was published in this unit.
        with_counts: whether statistics are wanted that need more than sums.
    """
    now_s = metrics.clock()
    start_s = max(span.start_s, int(now_s - RETENTION_S))
    if span.period_s < MINUTE_S:
        start_s = max(start_s, int(now_s - _SHORT_FOR_S))
    stop_s = min(span.stop_s, int(now_s + RETENTION_S))  # a clock that went back leaves some ahead
    found: dict[str, Buckets] = {}
    if is_provisioned(metric) and unit in (None, dynamodb.COUNT):
        _gather(
            found.setdefault(dynamodb.COUNT, {}),
            metrics.provisioned.points(metric, start_s, stop_s, now_s),
            span,
        )
    for series in metrics.archive.series_of(metric, unit):
        points = metrics.archive.points(series, start_s, stop_s, with_counts=with_counts)
        _gather(found.setdefault(series.unit, {}), points, span)
    return {unit: each for unit, each in found.items() if each}


def _gather(into: Buckets, points: Iterable[tuple[int, Point]], span: Span) -> None:
    for time_s, point in points:
        period_start_s = time_s - (time_s - span.start_s) % span.period_s
        there = into.get(period_start_s)
        if there is None:
            into[period_start_s] = point
        else:
            there.add(point)
