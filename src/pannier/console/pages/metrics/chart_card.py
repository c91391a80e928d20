"""One chart on the page: the picture, its figures in a line, and all of them on demand."""

from collections.abc import Sequence

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.elements import card, note
from pannier.console.pages.metrics.drawing import options
from pannier.console.pages.metrics.figures import point_rows, series_rows, summary
from pannier.monitoring.charts import Chart
from pannier.monitoring.span import Span

GROUP = "pannier"


class ChartCard:
    """A chart that is drawn anew with each reading.

    Args:
        chart: what it is of; of the same kind and resource each time.
        span: the time that is shown.

    Attributes:
        drawing: the element of the picture.
    """

    def __init__(self, chart: Chart, span: Span) -> None:
        self._chart, self._span = chart, span
        unit = chart.kind.unit
        known = unit in chart.title.lower()
        with card(chart.title if known else f"{chart.title} ({unit})") as section:
            section.classes("pn-chart-card")
            note(f"{chart.kind.about}.")
            with ui.element("div").props('role="img"') as self._picture:
                self.drawing = ui.echart(options(chart, span), renderer="svg").classes("pn-chart")
            with ui.expansion("Figures").classes("pn-figures") as self._expansion:
                self._figures = ui.element("div").classes("pn-scroll")
                self._figures.props('tabindex="0" role="region"')
                self._figures.props["aria-label"] = f"Figures: {chart.title}"
            self._expansion.on_value_change(self._fill)
        self._picture.props["aria-label"] = summary(chart)

    def show(self, chart: Chart, span: Span) -> None:
        """Draw a later reading."""
        self._chart, self._span = chart, span
        self.drawing.options.clear()
        self.drawing.options.update(options(chart, span))
        self.drawing.update()
        self._picture.props["aria-label"] = summary(chart)
        self._fill()

    def _fill(self) -> None:
        self._figures.clear()
        if not self._expansion.value:
            return
        labels = [each.label for each in self._chart.series]
        with self._figures:
            _table(("Line", "Latest", "Highest", "Sum"), series_rows(self._chart))
            points = point_rows(self._chart, self._span.times_s)
            if points:
                note("The latest periods in which anything happened:")
                _table(("Begins", *labels), points)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with ui.element("table").classes("pn-table"):
        with ui.element("thead"), ui.element("tr"):
            for head in heads:
                TextElement(tag="th", text=head).props('scope="col"')
        with ui.element("tbody"):
            for first, *others in rows:
                with ui.element("tr"):
                    TextElement(tag="th", text=first).props('scope="row"')
                    for text in others:
                        TextElement(tag="td", text=text).classes("pn-figure")
