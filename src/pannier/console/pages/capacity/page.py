"""The page as a whole, and how it stays up to date."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from nicegui import ui

from pannier.console.console import Console
from pannier.console.elements import card, empty, heading, note, toolbar
from pannier.console.frame import CAPACITY, frame, loaded, once_shown
from pannier.console.pages.capacity.detail import Detail
from pannier.console.pages.capacity.faults import Faults
from pannier.console.pages.capacity.overview import Overview
from pannier.console.pages.capacity.state import Spending, spendings
from pannier.console.pages.capacity.switches import ManualClock, ThrottlingSwitch
from pannier.console.pages.capacity.throughput_form import ThroughputForm
from pannier.console.pages.capacity.use import Use, UseOfTables
from pannier.errors import UserError
from pannier.monitoring.cloudwatch_source import CloudWatchSource

Uses: TypeAlias = dict[tuple[str, str], Use]

_STYLE: Final = Path(__file__).parents[2] / "static" / "capacity.css"
_BUSY_S: Final = 1.0
_CALM_S: Final = 5.0


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(CAPACITY.path, title=f"{CAPACITY.title} - Pannier")
    async def page(table: str = "") -> None:
        with frame(console, CAPACITY):
            ui.add_css(_STYLE.read_text())
            _Page(console, table)


class _Page:
    """One visit: what it shows, and which table is chosen."""

    def __init__(self, console: Console, table: str) -> None:
        self._console = console
        self._table = table
        self._uses = UseOfTables(CloudWatchSource(console.name, console.address))
        self._spendings: list[Spending] = []
        self._overview: Overview | None = None
        self._detail: Detail | None = None
        self._faults: Faults | None = None
        self._switch: ThrottlingSwitch | None = None
        self._clock: ManualClock | None = None
        self._body = ui.element("div").classes("pn-stack")
        once_shown(lambda: loaded(self._body, self._load))

    async def _load(self) -> None:
        admin = self._console.admin
        if admin is None:
            await self._load_elsewhere()
            return
        state, faults, clock = await self._console.in_thread(
            lambda: (admin.get("throttle/state"), admin.get("faults"), admin.get("clock"))
        )
        with ui.element("div").classes("pn-columns"):
            self._switch = ThrottlingSwitch(self._console, admin, self._refresh)
            if clock["manual"]:
                self._clock = ManualClock(self._console, admin, clock)
        with card("Left to spend"):
            with toolbar("Refreshing"):
                self._live = ui.switch("Live", value=True)
                self._status = note("").props('role="status"')
            self._overview = Overview(self._choose)
        self._chosen = ui.element("section").classes("pn-card")
        names = sorted({each["table"] for each in state["resources"]})
        self._faults = Faults(self._console, admin, names)
        self._faults.show(faults)
        self._show(state, {})
        await self._open_table()
        self._timer = ui.timer(_BUSY_S, self._tick, immediate=False)

    async def _load_elsewhere(self) -> None:
        with card("What this target can't do"):
            ui.label(
                "Throttling, buckets, partitions and faults are switched on a server of Pannier's "
                "on this machine, started with `pannier serve`."
            )
            note("The throughput of its tables can be changed here all the same.")
        names = await self._table_names()
        with card("Table"):
            if not names:
                empty("No tables here", "Make one on the page Tables.")
                return
            chosen = self._table if self._table in names else names[0]
            select = ui.select(names, value=chosen, label="Table", with_input=True)
            select.props("dense outlined").classes("pn-wide")
            select.on_value_change(lambda event: self._choose(event.value) if event.value else None)
        self._chosen = ui.element("section").classes("pn-card")
        self._table = chosen
        await self._open_table()

    async def _table_names(self) -> list[str]:
        names: list[str] = []
        request: dict[str, Any] = {}
        while True:
            answer = await self._console.call("ListTables", request)
            names += answer["TableNames"]
            last = answer.get("LastEvaluatedTableName")
            if last is None:
                return names
            request = {"ExclusiveStartTableName": last}

    async def _tick(self) -> None:
        if self._live.value:
            await self._refresh()

    async def _refresh(self) -> None:
        admin, faults, overview = self._console.admin, self._faults, self._overview
        switch = self._switch
        if admin is None or faults is None or overview is None or switch is None:
            return
        names = overview.names
        changes = switch.changes
        try:
            state, rules, clock, uses = await self._console.in_thread(
                lambda: (
                    admin.get("throttle/state"),
                    admin.get("faults") if faults.any_rules else None,
                    admin.get("clock") if self._clock is not None else None,
                    self._uses.now(names),
                )
            )
        except UserError as error:
            self._status.text = f"{error.message}. Trying again."
            self._timer.interval = _CALM_S
            return
        if switch.changes != changes:
            return  # it was switched meanwhile, and asked again
        self._show(state, uses)
        if rules is not None:
            faults.show(rules)
        if clock is not None and self._clock is not None:
            self._clock.show(clock)
        busy = any(use.is_busy for use in uses.values())
        calm = state["mode"] == "off" and rules is None and not busy
        self._timer.interval = _CALM_S if calm else _BUSY_S

    def _show(self, state: Mapping[str, Any], uses: Uses) -> None:
        off = state["mode"] == "off"
        words = "Throttling is off, so buckets stay full: switch it on above." if off else ""
        if self._status.text != words:
            self._status.text = words
        found = self._spendings = spendings(state["resources"])
        tables = [each.table for each in found]
        if self._table not in tables:
            self._table = tables[0] if tables else ""
        assert self._switch is not None
        assert self._overview is not None
        self._switch.show(state)
        self._overview.show(found, uses, self._table)
        if self._detail is not None:
            self._detail.show([each for each in found if each.table == self._table])

    async def _choose(self, table: str) -> None:
        self._table = table
        if self._overview is not None:
            self._overview.mark(table)
        ui.navigate.history.replace(f"{CAPACITY.path}?{urlencode({'table': table})}")
        await self._open_table()

    async def _open_table(self) -> None:
        self._detail = None
        self._chosen.visible = bool(self._table)
        if self._table:
            await loaded(self._chosen, self._load_table)

    async def _load_table(self) -> None:
        table = self._table
        answer = await self._console.call("DescribeTable", {"TableName": table})
        heading(table)
        with ui.element("div").classes("pn-chosen"):
            if self._overview is not None:
                self._detail = Detail()
                self._detail.show([each for each in self._spendings if each.table == table])
            with ui.element("div").classes("pn-part"):
                heading("Throughput", 3)
                ThroughputForm(self._console, table, answer["Table"], self._refresh)
