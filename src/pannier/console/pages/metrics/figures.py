"""A chart in figures and words: beside the picture, and for whoever does not see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pannier.monitoring.charts import Chart, Resource, Series
from pannier.monitoring.reading import Reading

_WHOLE: Final = 1000.0
_PERCENT: Final = 100.0
_LATENCY: Final = "latency_p99"
_ROWS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the range.

    Attributes:
        label: what it is.
        text: with its unit.
        bad: whether it is one that should be looked at.
    """

    label: str
    text: str
    bad: bool = False


def shown(value: float | None, unit: str = "") -> str:
    """A value, as exact as is of use."""
    if value is None:
        return "-"
    digits = 0 if value == int(value) or abs(value) >= _WHOLE else 2 if abs(value) >= 1 else 3
    text = f"{value:,.{digits}f}"
    return f"{text} {unit}".strip() if unit != "%" else f"{text} %"


def percent(value: float | None) -> str:
    """A rate, never rounded up to all of it."""
    if value is None:
        return "-"
    if 0 < value < _PERCENT:
        return f"{min(99.99, max(0.01, value)):.4g} %"
    return f"{value:.0f} %"


def summary(chart: Chart) -> str:
    """A chart in a sentence: what it is of, and what each line comes to."""
    if not chart.series:
        return f"{chart.title}: nothing in this range"
    parts = [f"{series.label} {_told(series, chart.kind.unit)}" for series in chart.series]
    return f"{chart.title}: {'; '.join(parts)}"


def series_rows(chart: Chart) -> list[tuple[str, str, str, str]]:
    """For each line its name, its latest and highest value, and its sum."""
    return [
        (each.label, shown(each.latest), shown(each.highest), shown(each.total))
        for each in chart.series
    ]


def point_rows(chart: Chart, times_s: Sequence[int]) -> list[tuple[str, ...]]:
    """The latest periods in which anything was, each with the values of all lines."""
    rows: list[tuple[str, ...]] = []
    for place in range(len(times_s) - 1, -1, -1):
        values = [each.values[place] for each in chart.series]
        if any(values):
            moment = datetime.fromtimestamp(times_s[place]).strftime("%Y-%m-%d %H:%M")
            rows.append((moment, *(shown(value) for value in values)))
            if len(rows) == _ROWS_MAX:
                break
    return rows


def tiles(reading: Reading, resource: Resource) -> list[Tile]:
    """What the range comes to, of a table or an index."""
    found = {chart.kind.name: chart for chart in reading.of(resource)}
    read, write = (_total(found.get(f"{kind}_units"), "consumed") for kind in ("read", "write"))
    events = sum(_total(found.get(f"{kind}_throttles"), "all") for kind in ("read", "write"))
    units = [Tile("Read units", shown(read)), Tile("Write units", shown(write))]
    throttled_items = Tile("Throttled items", shown(events), events > 0)
    if resource.index is not None:
        return [*units, throttled_items]
    good = _total(found.get("requests"))
    throttled, broken = (
        _total(found.get(name)) for name in ("throttled_requests", "system_errors")
    )
    tried = good + throttled + broken
    account = {chart.kind.name: chart for chart in reading.of(Resource())}
    user_errors = _total(account.get("user_errors"))
    latency = found.get(_LATENCY)
    slowest = max((each.highest or 0.0 for each in latency.series), default=0) if latency else 0
    return [
        Tile("Requests", shown(good)),
        Tile("Success rate", percent(_PERCENT * good / tried if tried else None), good < tried),
        *units,
        throttled_items,
        Tile("Throttled requests", shown(throttled), throttled > 0),
        Tile("System errors", shown(broken), broken > 0),
        Tile("User errors, all tables", shown(user_errors), user_errors > 0),
        Tile("Latency p99, highest", shown(slowest or None, "ms" if slowest else "")),
    ]


def _told(series: Series, unit: str) -> str:
    text = f"latest {shown(series.latest, unit)}, highest {shown(series.highest, unit)}"
    return text if series.total is None else f"{text}, {shown(series.total)} in all"


def _total(chart: Chart | None, label: str | None = None) -> float:
    if chart is None:
        return 0.0
    return sum(each.total or 0.0 for each in chart.series if label in (None, each.label))
