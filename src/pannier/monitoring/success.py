"""The success rate of requests: computed, since CloudWatch has no metric for it.

`succeeded / (succeeded + throttled + HTTP 500)`, by period. User errors have no table among their
dimensions, so they can't be in it; false conditions are answers, and no failures.
"""

from collections.abc import Sequence
from typing import Final

from pannier.monitoring.catalog import REQUESTS, SYSTEM_ERRORS, THROTTLED
from pannier.monitoring.charts import Chart, ChartKind, Resource, Series

_PERCENT: Final = 100.0


def success_rate(charts: Sequence[Chart], resource: Resource) -> tuple[Series, ...]:
    """The series of a table's success rate, out of its charts that were read already."""
    succeeded, throttled, broken = (
        _sums(charts, resource, kind) for kind in (REQUESTS, THROTTLED, SYSTEM_ERRORS)
    )
    length = max(map(len, (succeeded, throttled, broken)))
    if not length:
        return ()
    values: list[float | None] = []
    for number in range(length):
        good, *bad = (sums[number] if sums else 0.0 for sums in (succeeded, throttled, broken))
        all_of_them = good + sum(bad)
        values.append(_PERCENT * good / all_of_them if all_of_them else None)
    return (Series("succeeded", tuple(values)),)


def _sums(charts: Sequence[Chart], resource: Resource, kind: ChartKind) -> list[float]:
    """By period, over all operations; empty where there are none."""
    found = [
        series.values
        for chart in charts
        if chart.resource == resource and chart.kind is kind
        for series in chart.series
    ]
    return [sum(value or 0.0 for value in column) for column in zip(*found, strict=True)]
