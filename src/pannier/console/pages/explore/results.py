"""What a question found: a page of items, the way to the others, and what can be done with them."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.element import Element

from pannier.console.console import Console
from pannier.console.dialogs import confirmed, dialog, dialog_actions
from pannier.console.elements import card, empty, note, notify_done, toolbar
from pannier.console.fields import copyable
from pannier.console.pages.explore.cells import COLUMNS_MAX, attribute_names
from pannier.console.pages.explore.commands import commands
from pannier.console.pages.explore.export_dialog import ExportDialog
from pannier.console.pages.explore.grid import ItemGrid
from pannier.console.pages.explore.item_dialog import ItemDialog
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import Question
from pannier.console.pages.explore.removal import removed
from pannier.console.pages.explore.saving import current_item
from pannier.console.pages.explore.walk import Page, Walk
from pannier.console.quantities import count_text, counted, units_text
from pannier.model.attribute_value import Item


class Results:
    """The pages of one question.

    Args:
        console: whose.
        layout: of the table.
        question: what was asked.
        walk: its pages, none of which was read yet.
    """

    def __init__(self, console: Console, layout: Layout, question: Question, walk: Walk) -> None:
        self._console = console
        self._layout = layout
        self._question = question
        self._walk = walk
        self._busy = False
        self._names: list[str] = []
        self._chosen: list[str] = []
        with card("Items"):
            self._summary = ui.label().classes("pn-note").props("role=status")
            self._controls()
            self._note = ui.label().classes("pn-warn")
            self._note.set_visibility(False)
            self._empty: Element = ui.element("div")
            self._grid = ItemGrid(self._open, self._picked)
            self._pager()

    async def start(self) -> None:
        """Read and show the first page.

        Raises:
            CallError: the service refused.
        """
        await self._turn(self._walk.show)

    def _controls(self) -> None:
        writes = not self._console.read_only
        with toolbar("Items"):
            new = ui.button("New item", icon="add", on_click=self._new)
            new.props("outline no-caps dense").set_enabled(writes)
            self._duplicate = ui.button("Duplicate", on_click=self._duplicate_picked)
            self._delete = ui.button("Delete selected", on_click=self._delete_picked)
            self._delete.classes("pn-danger")
            for button in (self._duplicate, self._delete):
                button.props("outline no-caps dense").set_enabled(False)
            for text, action in (
                ("Columns", self._choose_columns),
                ("Export", self._export),
                ("As a command", self._show_commands),
            ):
                ui.button(text, on_click=action).props("flat no-caps dense")
        if not writes:
            note("This console is read only: items can be looked at and exported.")

    def _pager(self) -> None:
        with toolbar("Pages"):
            self._previous = ui.button("Previous", on_click=lambda: self._turn(self._walk.previous))
            self._next = ui.button("Next", on_click=lambda: self._turn(self._walk.next))
            self._on = ui.button("Go on", on_click=lambda: self._turn(self._walk.go_on))
            for button in (self._previous, self._next, self._on):
                button.props("outline no-caps dense")
            self._spinner = ui.spinner(size="1.5em").props('aria-label="Reading"')
            note("Sorting a column sorts this page only.")
        self._fit()

    async def _turn(self, read: Callable[[], Awaitable[Page]]) -> None:
        """Show another page; if it can't be read, the one that is there stays."""
        if self._busy:
            return
        self._busy = True
        self._fit()
        try:
            page = await read()
        finally:
            self._busy = False
            is_there = not self._summary.is_deleted  # another question may have been asked
            if is_there:
                self._fit()
        if is_there:
            self._show(page)

    def _show(self, page: Page) -> None:
        self._names = attribute_names(page.items, self._layout.key_names(self._question.index))
        shown = [name for name in self._chosen if name in self._names]
        self._grid.show(page.items, shown or self._names[:COLUMNS_MAX])
        self._summary.set_text(_summary(page))
        hidden = 0 if shown else max(0, len(self._names) - COLUMNS_MAX)
        notes = []
        if not self._walk.full and not page.ended:
            notes.append(
                f"{count_text(page.scanned)} items were read for this page so far; go on for more."
            )
        if hidden:
            notes.append(f"{counted(hidden, 'more attribute')} under Columns.")
        self._note.set_text(" ".join(notes))
        self._note.set_visibility(bool(notes))
        self._empty.clear()
        if not page.items and page.ended:
            with self._empty:
                self._nothing(page)
        self._fit()

    def _nothing(self, page: Page) -> None:
        if page.number > 1:
            empty("The end", "There are no items behind the page before.")
        elif page.scanned or self._question.is_query:
            empty("Nothing was found", "No item meets the conditions; change or remove some.")
        else:
            where = "index" if self._question.index else "table"
            empty(f"The {where} is empty", "Add an item here, or load many on the page Batch.")

    def _fit(self) -> None:
        """Offer what can be done now."""
        ended = self._walk.page.ended
        self._spinner.set_visibility(self._busy)
        self._previous.set_enabled(self._walk.has_previous and not self._busy)
        self._next.set_enabled(self._walk.has_next and not self._busy)
        self._on.set_visibility(bool(self._walk.page.calls) and not self._walk.full and not ended)
        self._on.set_enabled(not self._busy)

    def _picked(self) -> None:
        count = len(self._grid.picked)
        writes = not self._console.read_only
        self._delete.set_text(f"Delete selected ({count:,})" if count else "Delete selected")
        self._delete.set_enabled(writes and count > 0)
        self._duplicate.set_enabled(writes and count == 1)

    # What can be done with items

    async def _again(self) -> None:
        await self._turn(self._walk.show)

    async def _open(self, item: Item) -> None:
        found = await self._whole(item)
        if found is not None and await ItemDialog(self._console, self._layout, found).asked():
            await self._again()

    async def _whole(self, item: Item) -> Item | None:
        """The item with all its attributes, as it is now; if it is gone, that is said."""
        key = self._layout.schema.key_of(item)
        found = await current_item(self._console.call, self._layout.table, key)
        if found is None:
            ui.notify("This item is gone", type="warning")
            await self._again()
        return found

    async def _new(self) -> None:
        if await ItemDialog(self._console, self._layout).asked():
            await self._again()

    async def _duplicate_picked(self) -> None:
        picked = self._grid.picked
        if len(picked) != 1:
            return
        found = await self._whole(picked[0])
        if found is None:
            return
        if await ItemDialog(self._console, self._layout, copied=found).asked():
            await self._again()

    async def _delete_picked(self) -> None:
        picked = self._grid.picked
        if not picked:
            return
        what = counted(len(picked), "item")
        text = f"{what} of {self._layout.table} on {self._console.name}. There is no way back."
        if await confirmed("Delete items", text, f"Delete {what}"):
            keys = [self._layout.schema.key_of(item) for item in picked]
            report = await removed(self._console.connection, self._layout.table, keys)
            notify_done(
                f"{counted(report.deleted, 'item')} deleted in {counted(report.calls, 'call')}, "
                f"{units_text(report.units.write_total)} write units"
            )
            await self._again()

    async def _choose_columns(self) -> None:
        shown = [name for name in self._chosen if name in self._names]
        shown = shown or self._names[:COLUMNS_MAX]
        with dialog("Columns") as box:
            note("The attributes of this page's items.")
            with ui.element("div").classes("pn-checks"):
                boxes = {name: ui.checkbox(name, value=name in shown) for name in self._names}
            with dialog_actions():
                ui.button("Cancel", on_click=box.close).props("flat no-caps")
                ui.button("Show", on_click=lambda: box.submit(True)).props("no-caps unelevated")
        if await box:
            self._chosen = [name for name, each in boxes.items() if each.value]
            self._show(self._walk.page)

    async def _export(self) -> None:
        await ExportDialog(self._console, self._question, self._walk).asked()

    def _show_commands(self) -> None:
        walk = self._walk
        own, aws = commands(self._question, walk.operation, walk.request, self._console.address)
        with dialog("As a command", wide=True):
            copyable(own, "pannier command")
            copyable(aws, "aws command")


def _summary(page: Page) -> str:
    parts = [
        f"Page {count_text(page.number)}",
        counted(len(page.items), "item"),
        f"{count_text(page.scanned)} read",
        _read_units(page.units),
        f"{page.elapsed_s * 1000:,.0f} ms",
    ]
    if page.calls > 1:
        parts.insert(3, counted(page.calls, "call"))
    return " · ".join(parts)


def _read_units(units: float) -> str:
    return f"{units_text(units)} read unit{'' if units == 1 else 's'}"
