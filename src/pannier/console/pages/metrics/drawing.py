"""A chart as options for the library that draws it.

Lines differ in colour and in how they are dashed. Colours are readable on light and on dark ground;
texts get theirs by the page's style.
"""

from typing import Any, Final

from pannier.monitoring.charts import Absent, Chart, Series
from pannier.monitoring.span import Span

_MS_PER_S: Final = 1000
_COLOURS: Final = (
    "#2f7fd1", "#c56a00", "#2a8a57", "#9a5fd0", "#d14b4b", "#15889a", "#b8487f", "#7a8594",
)  # fmt: skip
_DASHES: Final = ("solid", "dashed", "dotted")
_MARKED_MAX: Final = 90
_ALONE_MAX: Final = 1  # a line of one point is not to be seen without a mark
_FAINT: Final = "rgba(128, 128, 128, 0.25)"
_TOOLTIP: Final = (
    "background: var(--pn-card); color: var(--pn-text); border-color: var(--pn-line); "
    "max-height: 20rem; overflow: hidden;"
)


def options(chart: Chart, span: Span) -> dict[str, Any]:
    """The options of one chart; all charts of a reading have the same axis of time."""
    is_rate = chart.kind.unit == "%"
    return {
        "animation": False,
        "grid": {"left": 4, "right": 16, "top": 34, "bottom": 4, "containLabel": True},
        "legend": {"type": "scroll", "left": 0, "right": 70, "top": 0, "icon": "roundRect"},
        "toolbox": {
            "right": 0,
            "top": 0,
            "itemSize": 14,
            "feature": {
                "dataZoom": {
                    "yAxisIndex": "none",
                    "title": {"zoom": "Zoom: draw over a time", "back": "Back"},
                },
                "restore": {"title": "Whole range"},
            },
        },
        "tooltip": {
            "trigger": "axis",
            "confine": True,
            "extraCssText": _TOOLTIP,
            "textStyle": {"color": "inherit", "fontSize": 12},
            ":valueFormatter": (
                "value => value == null ? '-' : "
                "value.toLocaleString('en-US', {maximumFractionDigits: 3})"
            ),
        },
        "xAxis": {
            "type": "time",
            "min": span.start_s * _MS_PER_S,
            "max": span.end_s * _MS_PER_S,
            "axisLabel": {"hideOverlap": True},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "min": None if is_rate else 0,
            "max": 100 if is_rate else None,
            "scale": is_rate,
            "splitNumber": 4,
            "splitLine": {"lineStyle": {"color": _FAINT}},
        },
        "series": [_series(each, place, span) for place, each in enumerate(chart.series)],
    }


def _series(series: Series, place: int, span: Span) -> dict[str, Any]:
    known = sum(value is not None for value in series.values)
    is_setting = series.line is not None and series.line.absent is Absent.HOLD
    return {
        "type": "line",
        "name": series.label,
        "color": _COLOURS[place % len(_COLOURS)],
        "lineStyle": {"width": 1.75, "type": _DASHES[place % len(_DASHES)]},
        "step": "end" if is_setting else False,
        "showSymbol": known <= (_ALONE_MAX if is_setting else _MARKED_MAX),
        "symbolSize": 4,
        "data": [
            [time_s * _MS_PER_S, None if value is None else round(value, 4)]
            for time_s, value in zip(span.times_s, series.values, strict=True)
        ],
    }
