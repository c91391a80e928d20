"""The jobs of the command on this machine, as they go on."""

from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.console import Console
from pannier.console.elements import card, note
from pannier.console.pages.metrics.job_rows import HEADS, JobRow, row_of
from pannier.errors import UserError
from pannier.monitoring.running_jobs import running_jobs

_BUSY_S: Final = 1.5
_CALM_S: Final = 8.0
_RUNNING_MAX: Final = 20
_ENDED_MAX: Final = 5


class Jobs:
    """The part of the page about jobs; looks often while one runs, and seldom otherwise.

    Args:
        console: the console.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[int, _Row] = {}
        with card("Jobs"):
            self._status = note("")
            self._place = ui.element("div").classes("pn-scroll")
            self._place.props('tabindex="0" role="region" aria-label="Jobs of this machine"')
        self._place.visible = False
        self._timer = ui.timer(_BUSY_S, self.refresh)

    async def refresh(self) -> None:
        """Look again."""
        try:
            found = await self._console.in_thread(running_jobs)
        except UserError as error:
            self._say(f"{error.message}. {error.advice}")
            self._timer.interval = _CALM_S
            return
        under_way = [each for each in found if each.is_running]
        ended = [each for each in found if not each.is_running]
        shown = [*under_way[:_RUNNING_MAX], *ended[:_ENDED_MAX]]
        self._show([row_of(each) for each in shown])
        self._timer.interval = _BUSY_S if under_way else _CALM_S
        if not found:
            self._say(
                "No job of the command has run on this machine within the last hour. One that "
                "pannier write, get, scan, copy or another begins appears here."
            )
        else:
            self._say(f"{len(under_way):,} running, {len(ended):,} ended within the last hour.")

    def _say(self, text: str) -> None:
        if self._status.text != text:
            self._status.text = text

    def _show(self, rows: list[JobRow]) -> None:
        self._place.visible = bool(rows)
        if [row.pid for row in rows] != list(self._rows):
            self._place.clear()
            with self._place, ui.element("table").classes("pn-table"):
                with ui.element("thead"), ui.element("tr"):
                    for head in HEADS:
                        TextElement(tag="th", text=head).props('scope="col"')
                with ui.element("tbody"):
                    self._rows = {row.pid: _Row(row) for row in rows}
        for row in rows:
            self._rows[row.pid].show(row)


class _Row:
    def __init__(self, row: JobRow) -> None:
        with ui.element("tr"):
            with ui.element("th").props('scope="row"'):
                self._name = ui.label()
                self._what = ui.label().classes("pn-note")
            with ui.element("td"):
                self._state = ui.label()
                self._bar = ui.element("div").classes("pn-job-bar").props('role="progressbar"')
                self._bar.props["aria-label"] = f"Progress of the job {row.pid}"
                self._bar.props["aria-valuemin"] = 0
                self._bar.props["aria-valuemax"] = 100
                with self._bar:
                    self._fill = ui.element("div").classes("pn-meter-fill")
            self._cells = [TextElement(tag="td", text="").classes("pn-figure") for _ in row.cells]
        self._shown: JobRow | None = None

    def show(self, row: JobRow) -> None:
        if row == self._shown:
            return
        self._shown = row
        self._name.text, self._what.text, self._state.text = row.name, row.what, row.state
        if row.is_bad:
            self._state.classes(add="pn-bad")
        else:
            self._state.classes(remove="pn-bad")
        self._bar.visible = row.fraction is not None
        if row.fraction is not None:
            self._bar.props["aria-valuenow"] = round(row.fraction * 100)
            self._fill.style(f"width: {row.fraction * 100:.1f}%")
        for cell, text in zip(self._cells, row.cells, strict=True):
            cell.text = text
