"""All tables: names at once, what each of them is as soon as it is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.console import Console
from pannier.console.elements import card, empty, note, notify_failure, toolbar
from pannier.console.fields import icon_button, text_field
from pannier.console.frame import EXPLORE, TABLES, loaded, once_shown
from pannier.console.pages.tables.create import Creation
from pannier.console.pages.tables.figures import (
    capacity_text,
    indexes_text,
    is_on_demand,
    is_transient,
    key_texts,
)
from pannier.console.pages.tables.links import details_of, place_of
from pannier.console.pages.tables.status import badge, show_status
from pannier.console.plain_tables import PlainTable
from pannier.console.quantities import count_text, counted, size_text
from pannier.console.table_listing import described, table_names

_SHOWN: Final = 50
_PAGES_AT_FIRST: Final = 2
_FOLLOW_S: Final = 1.5
_COLUMNS: Final = (
    "Name", "Status", "Partition key", "Sort key", "Indexes", "Items", "Size", "Capacity", "Go to",
)  # fmt: skip
_NUMERIC: Final = ("Items", "Size")
_GONE: Final = "gone"


@dataclass(slots=True)
class _Row:
    status: ui.label
    cells: dict[str, TextElement]


class Overview:
    """The list of tables, a page of it at a time.

    Args:
        console: whose.
        filter_text: what is in the filter at first.
    """

    def __init__(self, console: Console, filter_text: str) -> None:
        self._console = console
        self._names: list[str] = []
        self._complete = False
        self._first = 0
        self._rows: dict[str, _Row] = {}
        self._moving: set[str] = set()
        self._filter_text = filter_text
        with card():
            self._controls()
            self._list: Element = ui.element("div").classes("pn-stack")
        self._timer = ui.timer(_FOLLOW_S, self._follow, active=False)
        once_shown(self.refresh)

    def _controls(self) -> None:
        with toolbar("Tables"):
            self._filter = text_field("Filter by name", self._filter_text, self._filtered)
            self._filter.props('debounce=200 clearable type="search"').classes("pn-grow")
            icon_button("refresh", "Refresh", self.refresh)
            create = ui.button("Create table", icon="add", on_click=self._create)
            create.props("no-caps unelevated")
            create.set_enabled(not self._console.read_only)
        if self._console.read_only:
            note("This console is read only: tables can't be made, changed or deleted.")

    async def refresh(self) -> None:
        """Ask for everything again."""
        await loaded(self._list, self._load)

    async def _load(self) -> None:
        self._names, self._complete, self._rows = [], False, {}
        pages = 0
        async for names in table_names(self._console.call):
            pages += 1
            self._names += names
            if pages == _PAGES_AT_FIRST:  # of very many, the first are shown before all are there
                await self._show()
        self._complete = True
        await self._show()

    async def _filtered(self) -> None:
        self._first = 0
        text = self._text()
        query = f"?{urlencode({'filter': text})}" if text else ""
        ui.navigate.history.replace(TABLES.path + query)
        if self._complete:
            await self._show()

    def _text(self) -> str:
        return (self._filter.value or "").strip()

    async def _show(self) -> None:
        text = self._text().lower()
        found = [name for name in self._names if text in name.lower()]
        self._first = min(self._first, max(0, len(found) - 1) // _SHOWN * _SHOWN)
        shown = found[self._first : self._first + _SHOWN]
        if shown and shown == list(self._rows) and not self._pager.is_deleted:
            self._say_pages(len(found))
            return
        self._rows = {}
        self._list.clear()
        with self._list:
            if not self._names:
                if self._complete:
                    self._nothing_yet()
                return
            if not found:
                empty("No table's name matches", "Change the filter, or clear it.")
                return
            self._table(shown)
            self._make_pager()
            self._say_pages(len(found))
        await self._describe(shown)

    def _nothing_yet(self) -> None:
        text = (
            "This target has none."
            if self._console.read_only
            else "Create one here, or with: pannier create-table shop --key PK:S,SK:S"
        )
        empty("No tables yet", text)

    def _table(self, names: list[str]) -> None:
        table = PlainTable("Tables", _COLUMNS, _NUMERIC)
        for name in names:
            with table.row():
                with table.cell("Name"):
                    ui.link(name, details_of(name))
                with table.cell("Status"):
                    status = badge()
                cells = {column: table.cell(column) for column in _COLUMNS[2:-1]}
                with table.cell("Go to"):
                    link = ui.link("Explore", place_of(EXPLORE, name))
                    link.props["aria-label"] = f"Explore the items of {name}"
            self._rows[name] = _Row(status, cells)

    def _make_pager(self) -> None:
        with toolbar("Pages of the list"):
            self._pager = note("").props("role=status")
            self._previous = ui.button("Previous", on_click=lambda: self._turn(-_SHOWN))
            self._next = ui.button("Next", on_click=lambda: self._turn(_SHOWN))
            for button in (self._previous, self._next):
                button.props("outline no-caps dense")

    def _say_pages(self, count: int) -> None:
        last = min(self._first + _SHOWN, count)
        place = f"{self._first + 1:,} to {last:,} of " if count > _SHOWN else ""
        more = "" if self._complete else " so far"
        self._pager.set_text(f"{place}{counted(count, 'table')}{more}")
        for button, is_on in ((self._previous, self._first > 0), (self._next, last < count)):
            button.set_visibility(count > _SHOWN)
            button.set_enabled(is_on)

    async def _turn(self, by: int) -> None:
        self._first = max(0, self._first + by)
        await self._show()

    async def _describe(self, names: list[str]) -> None:
        self._moving = set()
        await described(self._console.call, names, self._describe_row)
        self._timer.active = bool(self._moving)

    def _describe_row(self, name: str, description: Mapping[str, Any] | None) -> None:
        row = self._rows.get(name)
        self._moving.discard(name)
        if row is None or row.status.is_deleted:
            return
        if description is None:
            show_status(row.status, _GONE)
            return
        if is_transient(description):
            self._moving.add(name)
        show_status(row.status, description["TableStatus"])
        for column, text in _texts(description).items():
            row.cells[column].set_text(text)

    async def _follow(self) -> None:
        """Look again at the tables that are about to change; if one is gone, at the list."""
        moving = list(self._moving)
        if not moving:
            self._timer.active = False
            return
        gone: list[str] = []

        def each(name: str, description: dict[str, Any] | None) -> None:
            if description is None:
                gone.append(name)
            self._describe_row(name, description)

        try:
            await described(self._console.call, moving, each)
        except Exception as error:  # a target that went away is told once
            self._timer.active = False
            notify_failure(error)
            return
        if gone:
            self._names = [name for name in self._names if name not in gone]
            await self._show()

    async def _create(self) -> None:
        name = await Creation(self._console).asked()
        if name:
            await self.refresh()


def _texts(description: Mapping[str, Any]) -> dict[str, str]:
    partition, sort = key_texts(description["KeySchema"], description["AttributeDefinitions"])
    values = (
        partition,
        sort or "none",
        indexes_text(description),
        count_text(int(description.get("ItemCount") or 0)),
        size_text(int(description.get("TableSizeBytes") or 0)),
        capacity_text(description, on_demand=is_on_demand(description)),
    )
    return dict(zip(_COLUMNS[2:-1], values, strict=True))
