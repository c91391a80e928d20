"""The page: controls, jobs, charts; and how they stay up to date."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from nicegui import ui
from starlette.requests import Request

from pannier.console.console import Console
from pannier.console.elements import card, empty, note, toolbar
from pannier.console.frame import METRICS, frame, loaded, once_shown
from pannier.console.pages.metrics.charts import Charts
from pannier.console.pages.metrics.choice import CUSTOM, Choice
from pannier.console.pages.metrics.controls import Controls
from pannier.console.pages.metrics.jobs import Jobs
from pannier.errors import UserError
from pannier.monitoring.charts import Resource
from pannier.monitoring.cloudwatch_source import CloudWatchSource
from pannier.monitoring.reading import Reader, Reading

_STYLE: Final = Path(__file__).parents[2] / "static" / "metrics.css"
_NEAR_S: Final = 10.0
_FAR_S: Final = 60.0


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(METRICS.path, title=f"{METRICS.title} - Pannier")
    async def page(request: Request) -> None:
        with frame(console, METRICS):
            ui.add_css(_STYLE.read_text())
            _Page(console, Choice.of_query(request.query_params))


class _Page:
    """One visit."""

    def __init__(self, console: Console, choice: Choice) -> None:
        self._console = console
        self._reader = Reader(CloudWatchSource.of_target(console.address))
        self._is_near = self._reader.source.is_near
        self._charts: Charts | None = None
        self._is_busy = False
        with card():
            self._controls = Controls(choice, self._changed)
            with toolbar("Refreshing"):
                every_s = _NEAR_S if self._is_near else _FAR_S
                # Elsewhere each look costs money, so it is the reader who begins to look on.
                self._live = ui.switch(f"Live, every {every_s:.0f} s", value=self._is_near)
                ui.button("Refresh", on_click=self._refresh).props("outline no-caps")
                self._status = note("").props('role="status"')
            if not self._is_near:
                note("CloudWatch at AWS charges for each metric that is asked for.")
        Jobs(console)
        self._body = ui.element("div").classes("pn-stack")
        once_shown(self._load)
        ui.timer(every_s, self._tick, immediate=False)

    async def _load(self) -> None:
        self._charts = None
        await loaded(self._body, self._show)

    async def _changed(self) -> None:
        ui.navigate.history.replace(f"{METRICS.path}?{self._controls.choice.query()}")
        if self._charts is None:
            await self._load()
        else:
            await self._refresh()

    async def _tick(self) -> None:
        is_over = self._controls.choice.length == CUSTOM
        if self._live.value and not is_over and self._charts is not None and not self._is_busy:
            await self._refresh()

    async def _refresh(self) -> None:
        self._is_busy = True
        try:
            await self._show()
        except UserError as error:
            self._status.text = f"{error.message}. {error.advice}"
        finally:
            self._is_busy = False

    async def _show(self) -> None:
        asked = self._controls.choice
        choice, tables, reading = await self._console.in_thread(lambda: self._read(asked))
        if self._controls.choice != asked:
            return  # something else was chosen meanwhile, and is being read
        if reading is None:
            self._body.clear()
            with self._body:
                empty(
                    "No metrics yet",
                    "They begin with the first request to a table, and are kept for two weeks.",
                )
            self._charts = None
            return
        indexes = [
            each.index
            for each in dict.fromkeys(chart.resource for chart in reading.charts)
            if each.index is not None
        ]
        self._controls.offer(tables, indexes, choice)
        self._controls.suggest(reading.span.start_s, reading.now_s)
        if self._charts is None:
            with self._body:
                self._charts = Charts()
        resource = Resource(choice.table, choice.index or None)
        self._charts.show(reading, resource, everything=choice.everything)
        self._status.text = _when(reading)

    def _read(self, choice: Choice) -> tuple[Choice, list[str], Reading | None]:
        """Ask for what is chosen, or is there instead; blocks."""
        now_s = self._reader.source.now_s()
        tables = self._reader.inventory(now_s).tables
        if not choice.table:
            if not tables:
                return choice, [], None
            choice = replace(choice, table=tables[0])
        start_s, end_s = choice.times_s(now_s)
        period_s = choice.period_of(start_s, end_s, now_s)
        reading = self._reader.read(start_s, end_s, [choice.table], period_s)
        known = {chart.resource.index for chart in reading.charts}
        if choice.index not in known:
            choice = replace(choice, index="")
        return choice, tables, reading


def _when(reading: Reading) -> str:
    start, end = (
        datetime.fromtimestamp(each).strftime("%Y-%m-%d %H:%M")
        for each in (reading.span.start_s, reading.span.end_s)
    )
    minutes = reading.span.period_s // 60
    points = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
    return f"{start} to {end}, by {points}."
