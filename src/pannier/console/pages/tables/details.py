"""One table: what it is, its indexes and settings, and what can be done to it."""

from typing import Any, Final

from nicegui import ui
from nicegui.element import Element

from pannier.console.command_lines import aws_line, pannier_line
from pannier.console.console import Console
from pannier.console.dialogs import confirmed
from pannier.console.elements import card, empty, heading, note, notify_done, toolbar
from pannier.console.fields import copyable, icon_button
from pannier.console.frame import TABLES, loaded, once_shown
from pannier.console.pages.tables.capacity import capacity_changed
from pannier.console.pages.tables.figures import (
    capacity_text,
    consequence_text,
    index_figures,
    is_on_demand,
    is_transient,
    key_texts,
    stream_text,
    time_text,
)
from pannier.console.pages.tables.links import OTHER_PLACES, place_of
from pannier.console.pages.tables.settings import settings
from pannier.console.pages.tables.status import badge
from pannier.console.plain_tables import PlainTable, facts
from pannier.console.quantities import count_text, size_text
from pannier.console.table_listing import description

_FOLLOW_S: Final = 1.5
_INDEX_COLUMNS: Final = (
    "Index", "Kind", "Status", "Partition key", "Sort key", "Projection", "Capacity", "Items",
    "Size",
)  # fmt: skip


class Details:
    """A table.

    Args:
        console: whose.
        table: its name.
    """

    def __init__(self, console: Console, table: str) -> None:
        self._console = console
        self._table = table
        self._was_there = False
        with ui.element("nav").props('aria-label="Back"'):
            ui.link("All tables", TABLES.path)
        self._content: Element = ui.element("div").classes("pn-stack")
        self._timer = ui.timer(_FOLLOW_S, self._follow, active=False)
        once_shown(self.refresh)

    async def refresh(self) -> None:
        """Ask for everything again."""
        await loaded(self._content, self._load)

    async def _follow(self) -> None:
        """Looks again once the table is what it was about to become, and not before."""
        found = await description(self._console.call, self._table)
        if found is None or not is_transient(found):
            self._timer.active = False
            await self.refresh()

    async def _load(self) -> None:
        found = await description(self._console.call, self._table)
        self._timer.active = found is not None and is_transient(found)
        if found is None:
            title = "The table is deleted" if self._was_there else "There is no such table"
            empty(f"{title}: {self._table}", "The list of all tables shows what there is.")
            return
        self._was_there = True
        self._head(found)
        with ui.element("div").classes("pn-columns"):
            self._keys_and_size(found)
            with card("Settings"):
                rest: Element = ui.element("div").classes("pn-stack")
        self._indexes(found)
        self._as_text()
        with rest:
            facts(_own_settings(found))
            facts(await settings(self._console.call, found))

    def _head(self, found: dict[str, Any]) -> None:
        with card():
            with ui.element("div").classes("pn-toolbar"):
                heading(self._table).classes("pn-breaks")
                badge(found["TableStatus"])
            with toolbar("This table elsewhere"):
                for place in OTHER_PLACES:
                    ui.link(place.title, place_of(place, self._table))
            self._actions(found)

    def _actions(self, found: dict[str, Any]) -> None:
        changing = is_transient(found)
        protected = bool(found.get("DeletionProtectionEnabled"))
        with toolbar("Change this table"):

            async def change() -> None:
                if await capacity_changed(self._console, found):
                    await self.refresh()

            allowed = not (changing or self._console.read_only)
            ui.button("Change capacity", on_click=change).props("outline no-caps").set_enabled(
                allowed
            )
            ui.button("Delete table", on_click=lambda: self._delete(found)).props(
                "outline no-caps"
            ).classes("pn-danger").set_enabled(allowed and not protected)
            word = "off" if protected else "on"
            ui.button(
                f"Switch protection {word}", on_click=lambda: self._protect(not protected)
            ).props("outline no-caps").set_enabled(allowed)
            icon_button("refresh", "Refresh", self.refresh)
        if self._console.read_only:
            note("This console is read only.")
        elif protected:
            note("Deletion protection is on: switch it off before the table can be deleted.")
        elif changing:
            note("The table is being changed; it can be changed again when that is done.")

    def _keys_and_size(self, found: dict[str, Any]) -> None:
        partition, sort = key_texts(found["KeySchema"], found["AttributeDefinitions"])
        with card("Keys and size"):
            facts(
                (
                    ("Partition key", partition),
                    ("Sort key", sort or "none"),
                    ("Items", count_text(int(found.get("ItemCount") or 0))),
                    ("Size", size_text(int(found.get("TableSizeBytes") or 0))),
                    ("Capacity", capacity_text(found, on_demand=is_on_demand(found))),
                    ("Made", time_text(found.get("CreationDateTime"))),
                )
            )
            if self._console.address == "aws":
                note("AWS brings counts and sizes up to date about every six hours.")

    def _indexes(self, found: dict[str, Any]) -> None:
        with card("Indexes"):
            indexes = list(index_figures(found))
            if not indexes:
                note("This table has none.")
                return
            table = PlainTable("Indexes", _INDEX_COLUMNS, ("Items", "Size"))
            for each in indexes:
                with table.row():
                    for column, text in (("Index", each.name), ("Kind", each.kind)):
                        table.cell(column, text)
                    with table.cell("Status"):
                        badge(each.status)
                    partition, sort = each.keys
                    table.cell("Partition key", partition)
                    table.cell("Sort key", sort or "none")
                    table.cell("Projection", each.projection)
                    table.cell("Capacity", each.capacity or "the table's")
                    table.cell("Items", count_text(each.items))
                    table.cell("Size", size_text(each.size_bytes))

    def _as_text(self) -> None:
        address = self._console.address
        request = {"TableName": self._table}
        with card(), ui.expansion("As a command").classes("pn-expansion"):
            copyable(pannier_line(["describe-table", self._table], [], address), "pannier command")
            copyable(aws_line("DescribeTable", request, address), "aws command")

    async def _protect(self, on: bool) -> None:
        request = {"TableName": self._table, "DeletionProtectionEnabled": on}
        await self._console.call("UpdateTable", request)
        notify_done(f"Deletion protection is {'on' if on else 'off'}")
        await self.refresh()

    async def _delete(self, found: dict[str, Any]) -> None:
        text = (
            f"This deletes the table with its {consequence_text(found)} on {self._console.name}. "
            "There is no way back."
        )
        if await confirmed("Delete table", text, "Delete table", typed=self._table):
            await self._console.call("DeleteTable", {"TableName": self._table})
            notify_done(f"{self._table} is being deleted")
            await self.refresh()


def _own_settings(found: dict[str, Any]) -> list[tuple[str, str]]:
    table_class = (found.get("TableClassSummary") or {}).get("TableClass", "STANDARD")
    encryption = (found.get("SSEDescription") or {}).get("Status")
    return [
        ("Deletion protection", "on" if found.get("DeletionProtectionEnabled") else "off"),
        ("Stream", stream_text(found)),
        ("Table class", str(table_class)),
        ("Encryption", f"own key, {encryption}" if encryption else "the service's own key"),
        ("ARN", str(found.get("TableArn", ""))),
    ]
