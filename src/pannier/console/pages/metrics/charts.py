"""Which charts the page shows of a reading, and how they stay when it is read again."""

import json
from collections.abc import Sequence
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.elements import empty, note
from pannier.console.pages.metrics.chart_card import GROUP, ChartCard
from pannier.console.pages.metrics.figures import Tile, tiles
from pannier.monitoring.charts import Chart, Resource
from pannier.monitoring.reading import Reading

# Of a table's charts these are shown even where nothing happened: units are always asked about.
_ALWAYS: Final = frozenset({"read_units", "write_units"})
# And these only with everything: the average and p99 say most of what they say.
_SELDOM: Final = frozenset({"latency_p50", "latency_maximum", "returned_items"})
# The pointer over one chart shows the values of that moment in all of them.
_CONNECT: Final = """
(async () => {
  const {echarts} = await import("nicegui-echart");
  for (const id of %s) {
    for (let tries = 0; tries < 100 && !getElement(id)?.chart; tries++)
      await new Promise(resolve => setTimeout(resolve, 50));
    const chart = getElement(id)?.chart;
    if (chart) chart.group = %s;
  }
  echarts.connect(%s);
})()
"""


def selected(reading: Reading, resource: Resource, *, everything: bool) -> list[Chart]:
    """The charts that are shown: of a table or an index, and for a table the account's."""
    found = [chart for chart in _all_of(reading, resource) if chart.series]
    if everything:
        return found
    return [
        chart
        for chart in found
        if chart.kind.name in _ALWAYS or not (chart.is_quiet or chart.kind.name in _SELDOM)
    ]


def quiet_titles(reading: Reading, resource: Resource, shown: Sequence[Chart]) -> list[str]:
    """What of a table or an index there is nothing of, and no chart either."""
    return [
        chart.kind.title.lower()
        for chart in _all_of(reading, resource)
        if chart.is_quiet and chart not in shown
    ]


def _all_of(reading: Reading, resource: Resource) -> list[Chart]:
    found = reading.of(resource)
    return found if resource.index is not None else [*found, *reading.of(Resource())]


class Charts:
    """The tiles and charts of the page."""

    def __init__(self) -> None:
        self._tiles = ui.element("dl").classes("pn-tiles")
        self._grid = ui.element("div").classes("pn-columns")
        self._quiet = note("")
        self._shown: list[Tile] = []
        self._cards: dict[tuple[str, Resource], ChartCard] = {}

    def show(self, reading: Reading, resource: Resource, *, everything: bool) -> None:
        """Show a reading."""
        charts = selected(reading, resource, everything=everything)
        self._show_tiles(tiles(reading, resource))
        keys = [(chart.kind.name, chart.resource) for chart in charts]
        if keys == list(self._cards) and keys:
            for chart, found in zip(charts, self._cards.values(), strict=True):
                found.show(chart, reading.span)
        else:
            self._build(charts, reading)
        quiet = quiet_titles(reading, resource, charts)
        self._quiet.text = f"Nothing in this range: {', '.join(quiet)}." if quiet else ""

    def _build(self, charts: list[Chart], reading: Reading) -> None:
        self._grid.clear()
        with self._grid:
            if not charts or all(chart.is_quiet for chart in charts):
                empty(
                    "Nothing happened in this range",
                    "Choose a longer one, or run something: a job, or the examples of the page "
                    "Batch. Metrics are by the minute.",
                )
            self._cards = {
                (chart.kind.name, chart.resource): ChartCard(chart, reading.span)
                for chart in charts
            }
        ids = json.dumps([each.drawing.id for each in self._cards.values()])
        ui.run_javascript(_CONNECT % (ids, json.dumps(GROUP), json.dumps(GROUP)))

    def _show_tiles(self, found: list[Tile]) -> None:
        if found == self._shown:
            return
        self._shown = found
        self._tiles.clear()
        with self._tiles:
            for tile in found:
                with ui.element("div").classes("pn-tile"):
                    TextElement(tag="dt", text=tile.label).classes("pn-note")
                    value = TextElement(tag="dd", text=tile.text)
                    if tile.bad:
                        value.classes("pn-bad")
