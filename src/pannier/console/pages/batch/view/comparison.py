"""Single calls beside batches: bars, figures, and what is said of batches."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from nicegui import ui

from pannier.comparing.claims import claims
from pannier.comparing.comparison import (
    BATCH,
    PROJECTED,
    SIDE_BY_SIDE,
    SINGLE,
    Comparison,
    Measured,
)
from pannier.console.elements import heading, note
from pannier.console.pages.batch.checked import Checked
from pannier.console.pages.batch.comparisons import ITEMS_MAX, rounds_for
from pannier.console.pages.batch.figures import MEASURED_COLUMNS, WORDS, measured_row
from pannier.console.pages.batch.view.tables import figures

_MS: Final = 1000
_DIGITS: Final = 4
_BELOW_BARS: Final[Mapping[str, str]] = {
    SINGLE: "single",
    BATCH: "batch",
    SIDE_BY_SIDE: "parallel",
    PROJECTED: "projected",
}
_COLOURS: Final = (
    "--pn-batch-single",
    "--pn-batch-batch",
    "--pn-batch-side",
    "--pn-batch-projected",
)


class ComparisonPart:
    """The card's content.

    Args:
        read_only: whether writes are refused.
        compare: does it.
    """

    def __init__(self, read_only: bool, compare: Callable[[], Awaitable[None]]) -> None:
        self._read_only = read_only
        self._note = note("")
        self._button = (
            ui.button("Compare", icon="leaderboard", on_click=compare)
            .props("outline no-caps")
            .classes("pn-batch-alone")
        )
        self.result = ui.element("div").classes("pn-batch-result")

    def show(self, checked: Checked) -> None:
        """Fit the button to a text."""
        self._button.set_enabled(self._can(checked))
        self._note.set_text(self._words(checked))

    def _can(self, checked: Checked) -> bool:
        draft = checked.draft
        one_table = len(draft.tables) == 1 and not checked.missing
        return one_table and bool(draft.entries) and (draft.is_read or not self._read_only)

    def _words(self, checked: Checked) -> str:
        rounds = rounds_for(len(checked.draft.entries))
        turns = f"{rounds} rounds in turns, medians, at most {ITEMS_MAX} items."
        if checked.draft.is_read:
            return f"Reads the same keys by GetItem and by BatchGetItem: {turns}"
        if self._read_only:
            return "Needs a table of its own for a while, and writes are switched off here."
        return (
            "Puts the same items by PutItem and by BatchWriteItem, then reads them, in a table of "
            f"its own that is deleted afterwards: {turns}"
        )


def show_comparison(comparison: Comparison) -> None:
    """What was measured."""
    for title, ways in (("Writes", comparison.writes), ("Reads", comparison.reads)):
        if not ways:
            continue
        plural = "" if comparison.items == 1 else "s"
        heading(f"{title}: {comparison.items:,} item{plural}", 3)
        _units_are_equal(ways)
        with ui.element("div").classes("pn-batch-charts"):
            for name, value in _panels(comparison.items).items():
                bars(f"{title}: {name}", {way: value(each) for way, each in ways.items()})
        rows = [measured_row(way, each, comparison.items) for way, each in ways.items()]
        figures(f"{title} in figures", rows, MEASURED_COLUMNS, numbers=True)
    heading("What is said of batches", 3)
    with ui.element("ul").classes("pn-batch-claims"):
        for each in claims(comparison):
            with ui.element("li"):
                word, colour = ("true", "pn-good") if each.holds else ("not true", "pn-bad")
                ui.label(word).classes(f"pn-batch-claim {colour}")
                with ui.element("span"):
                    ui.label(f"{each.said[0].upper()}{each.said[1:]}")
                    ui.label(each.measured).classes("pn-note")


def bars(title: str, values: Mapping[str, float]) -> None:
    """One small chart; its figures are in its name for those who do not see it."""
    said = ", ".join(f"{WORDS[way]} {_short(value)}" for way, value in values.items())
    with ui.element("figure").classes("pn-batch-figure"):
        caption = ui.element("figcaption")
        with caption:
            ui.label(title.partition(": ")[2].capitalize())
        chart = ui.echart(_options(values), renderer="svg").classes("pn-batch-chart")
        chart.props["role"] = "img"
        chart.props["aria-label"] = f"{title}: {said}"


def _panels(items: int) -> dict[str, Callable[[Measured], float]]:
    count = items or 1
    return {
        "calls": lambda each: each.calls,
        "time, ms": lambda each: each.seconds * _MS,
        "time of an item, ms": lambda each: each.seconds * _MS / count,
        "a call, p50 ms": lambda each: each.latency_s(50) * _MS,
        "units": lambda each: each.units,
    }


def _options(values: Mapping[str, float]) -> dict[str, Any]:
    return {
        "animation": False,
        "grid": {"left": 4, "right": 4, "top": 18, "bottom": 22},
        "xAxis": {
            "type": "category",
            "data": [_BELOW_BARS[way] for way in values],
            "axisTick": {"show": False},
            "axisLabel": {"interval": 0, "fontSize": 10},
        },
        "yAxis": {"type": "value", "show": False, "max": "dataMax", "min": 0},
        "series": [
            {
                "type": "bar",
                "barCategoryGap": "30%",
                "silent": True,
                "data": [
                    {
                        "value": round(value, _DIGITS),
                        "itemStyle": {"color": f"var({_COLOURS[at % len(_COLOURS)]})"},
                        "label": {"formatter": _short(value)},
                    }
                    for at, value in enumerate(values.values())
                ],
                "label": {"show": True, "position": "top", "fontSize": 11},
            }
        ],
    }


def _units_are_equal(ways: Mapping[str, Measured]) -> None:
    single, batch = ways[SINGLE].units, ways[BATCH].units
    if single == batch:
        text = (
            f"The units are equal: {single:,.6g} by single calls, {batch:,.6g} by batches. A batch "
            "saves calls and time, not units."
        )
    else:
        text = f"{single:,.6g} units by single calls, {batch:,.6g} by batches."
    ui.label(text).classes("pn-batch-equal")


def _short(value: float) -> str:
    if value >= 100 or value == int(value):  # digits enough
        return f"{value:,.0f}"
    return f"{value:.3g}" if value >= 1 else f"{value:.2g}"
