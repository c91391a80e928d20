"""Charts as tables, a line for each series: for pipes, scripts, and where there is no screen."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pannier.cli.sparkline import sparkline
from pannier.monitoring.charts import Chart, Resource
from pannier.monitoring.reading import Reading

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S
_CELLS_MIN: Final = 8
_CELLS_MAX: Final = 60
_CELLS_OF_OTHERS: Final = 67  # what the other columns take
_SPEAKS_FOR_ITSELF: Final = frozenset({"all", "consumed", "succeeded", "false"})
_ALWAYS: Final = frozenset({"read_units", "write_units", "requests"})


def show_reading(console: Console, reading: Reading) -> None:
    """Write a reading: where it is from, and a table for each table, index and the account."""
    console.print(heading(reading), soft_wrap=True, markup=False, style="bold")
    if not reading.tables:
        console.print(NO_METRICS, soft_wrap=True, markup=False)
    for name in reading.silent:
        console.print(f"no metrics of {name} yet: they begin with its first request", markup=False)
    cells = min(_CELLS_MAX, max(_CELLS_MIN, console.width - _CELLS_OF_OTHERS))
    for resource in dict.fromkeys(chart.resource for chart in reading.charts):
        charts = [chart for chart in reading.of(resource) if chart.series]
        shown = [chart for chart in charts if is_told(chart)]
        if shown:
            console.print(_table(resource, shown, cells, ascii_only=is_ascii(console)))
        quiet = [chart.kind.title.lower() for chart in charts if chart not in shown]
        if quiet:
            console.print(f"  nothing of {resource.name} in: {', '.join(quiet)}", markup=False)


NO_METRICS: Final = "no metrics yet: they begin with the first request to a table"


def heading(reading: Reading) -> str:
    """Where it is from, and which time."""
    return f"metrics of {reading.place}, {when(reading)}"


def when(reading: Reading) -> str:
    """Which time it is of, in the time zone of this machine, and how long the periods are."""
    span = reading.span
    start, end = (datetime.fromtimestamp(each) for each in (span.start_s, span.end_s))
    form = "%H:%M" if span.end_s - span.start_s < _DAY_S else "%Y-%m-%d %H:%M"
    times = f"{start.strftime(form)} to {end.strftime(form)}"
    return f"{times}, points of {period(span.period_s)}"


def period(period_s: int) -> str:
    """A period in words: `1 min`, `6 h`."""
    for unit_s, unit in ((_DAY_S, "d"), (_HOUR_S, "h"), (_MINUTE_S, "min")):
        if period_s % unit_s == 0:
            return f"{period_s // unit_s} {unit}"
    return f"{period_s} s"


def number(value: float | None) -> str:
    """A value with at most four digits that count; a dash where there is none."""
    if value is None:
        return "-"
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def is_ascii(console: Console) -> bool:
    """Whether a console can show ASCII only."""
    return not console.encoding.lower().startswith("utf")


def is_told(chart: Chart) -> bool:
    """Whether there is anything in it; what a table is about is told in any case."""
    return not chart.is_quiet or (chart.kind.name in _ALWAYS and chart.resource.index is None)


def _table(resource: Resource, charts: Sequence[Chart], cells: int, *, ascii_only: bool) -> Table:
    table = Table(box=box.ASCII2 if ascii_only else box.SIMPLE, pad_edge=False)
    table.add_column(Text(resource.name), no_wrap=True)
    for name in ("now", "highest", "total"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=cells)
    for chart in charts:
        title = f"{chart.kind.title}, {chart.kind.unit}"
        is_alone = len(chart.series) == 1 and chart.series[0].label in _SPEAKS_FOR_ITSELF
        if not is_alone:
            table.add_row(Text(title, "bold"))
        for series in chart.series:
            drawn = sparkline(series.values, cells, ascii_only=ascii_only)
            told = (number(each) for each in (series.latest, series.highest, series.total))
            label = Text(title, "bold") if is_alone else Text(f"  {series.label}")
            table.add_row(label, *told, Text(drawn))
    return table


def reading_lines(reading: Reading) -> Iterator[str]:
    """A line for each table: what it does at the moment."""
    at = datetime.fromtimestamp(reading.now_s).strftime("%H:%M:%S")
    for table in reading.tables:
        charts = {chart.kind.name: chart for chart in reading.of(Resource(table))}
        reads, writes = (_now(charts[f"{kind}_units"]) for kind in ("read", "write"))
        throttled = sum(_now(charts[f"{kind}_throttles"]) or 0.0 for kind in ("read", "write"))
        requests = sum(each.latest or 0.0 for each in charts["requests"].series)
        p99 = max((each.latest or 0.0 for each in charts["latency_p99"].series), default=None)
        yield (
            f"{at}  {table}  read {number(reads)}/s  write {number(writes)}/s  "
            f"{number(throttled)} throttled  {number(requests)} requests  "
            f"success {number(_now(charts['success_rate']))} %  p99 {number(p99)} ms"
        )
    if not reading.tables:
        yield f"{at}  {NO_METRICS}"


def _now(chart: Chart) -> float | None:
    return chart.series[0].latest if chart.series else None
