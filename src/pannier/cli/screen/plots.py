"""Lines on a terminal: one plot for each chart, its series told in its frame.

Where there are no colours, lines differ by the signs they are made of.
"""

import math
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.style import Style
from rich.text import Text
from textual_plotext import PlotextPlot

from pannier.cli.metrics_text import number
from pannier.monitoring.charts import Chart, Series
from pannier.monitoring.span import Span

_COLOURS: Final = (
    (56, 139, 253), (219, 109, 40), (63, 185, 80), (248, 81, 73), (163, 113, 247), (57, 197, 207),
)  # fmt: skip
_SIGNS: Final = ("•", "+", "x", "o", "*", "#")
_LINE: Final = "braille"
_DAY_S: Final = 86400
_CELLS_OF_TICK: Final = 12
_TICKS_MAX: Final = 8
_TOPS: Final = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)


class ChartPlot(PlotextPlot):
    """A plot of one chart."""

    DEFAULT_CSS = """
    ChartPlot { border: round $panel; border-title-color: $text; height: 11; width: 1fr; }
    """

    def show(self, chart: Chart, span: Span) -> None:
        """Draw a chart instead of what was drawn before."""
        series = _chosen(chart.series)
        self.border_title = f"{chart.title} ({chart.kind.unit})"
        self.border_subtitle = _told(series, len(chart.series) - len(series))
        times = [float(each) for each in span.times_s]
        self.draw([(times, each.values) for each in series], *_time_ticks(span, self.size.width))

    def draw(
        self,
        lines: Sequence[tuple[Sequence[float], Sequence[float | None]]],
        ticks: Sequence[float],
        labels: Sequence[str],
    ) -> None:
        """Draw lines, from zero up; a None is a gap."""
        plot = self.plt
        plot.clear_data()
        plot.clear_figure()
        for place, (times, values) in enumerate(lines):
            for xs, ys in _pieces(times, values):
                marker = _SIGNS[place] if is_colourless() else _LINE
                plot.plot(xs, ys, color=_COLOURS[place], marker=marker)
        highest = max(
            (value for _, values in lines for value in values if value is not None), default=0.0
        )
        top = _whole(highest)
        plot.xaxes(lower=True, upper=False)
        plot.yaxes(left=True, right=False)
        plot.ylim(0, top)
        plot.yticks([0, top / 2, top], [number(each) for each in (0, top / 2, top)])
        plot.xticks(list(ticks), list(labels))
        if lines and lines[0][0]:
            plot.xlim(lines[0][0][0], max(lines[0][0][-1], lines[0][0][0] + 1))
        self.refresh()


def is_colourless() -> bool:
    """Whether the user wants no colours: https://no-color.org."""
    return bool(os.environ.get("NO_COLOR"))


def _chosen(series: Sequence[Series]) -> list[Series]:
    """As many as there are colours: the highest ones, in their order."""
    if len(series) <= len(_COLOURS):
        return list(series)
    by_height = sorted(series, key=lambda each: each.highest or 0.0, reverse=True)
    kept = {each.label for each in by_height[: len(_COLOURS)]}
    return [each for each in series if each.label in kept]


def _told(series: Sequence[Series], left_out: int) -> Text:
    """What each line is, and its latest value."""
    words = Text()
    for place, each in enumerate(series):
        sign = f"{_SIGNS[place]} " if is_colourless() else ""
        style = (
            Style()
            if is_colourless()
            else Style(color="#{:02x}{:02x}{:02x}".format(*_COLOURS[place]))
        )
        words.append(f"{sign}{each.label} {number(each.latest)}", style)
        words.append("  ")
    if left_out:
        words.append(f"and {left_out} more")
    words.rstrip()
    return words


def _pieces(
    times: Sequence[float], values: Sequence[float | None]
) -> Iterator[tuple[list[float], list[float]]]:
    """The parts of a line between its gaps."""
    xs: list[float] = []
    ys: list[float] = []
    for time_s, value in zip(times, values, strict=True):
        if value is not None:
            xs.append(time_s)
            ys.append(value)
        elif xs:
            yield xs, ys
            xs, ys = [], []
    if xs:
        yield xs, ys


def _time_ticks(span: Span, width: int) -> tuple[list[float], list[str]]:
    count = max(2, min(_TICKS_MAX, width // _CELLS_OF_TICK))
    length_s = span.times_s[-1] - span.start_s
    ticks = [span.start_s + length_s * number / (count - 1) for number in range(count)]
    form = "%H:%M" if length_s <= _DAY_S else "%d %b"
    return ticks, [datetime.fromtimestamp(each).strftime(form) for each in ticks]


def _whole(highest: float) -> float:
    """Where an axis ends: the next number up that people like to read."""
    if highest <= 0:
        return 1.0
    scale = 10.0 ** math.floor(math.log10(highest))
    # A little less is enough, so that 99.99 % does not make an axis of 120 %.
    return float(f"{next(top for top in _TOPS if top * scale >= highest * 0.9999) * scale:.6g}")
