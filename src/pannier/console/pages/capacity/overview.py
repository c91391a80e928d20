"""All tables and global indexes in rows: what is left to spend of each."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.elements import empty, note
from pannier.console.pages.capacity.meters import Meter, tag
from pannier.console.pages.capacity.state import Spending
from pannier.console.pages.capacity.use import Use

_ROWS_MAX: Final = 60
_HEADS: Final = ("Table / index", "Throughput", "Reads left", "Writes left", "Partitions")
_USE_HEADS: Final = ("Used, units/s", "Throttled/s")


class Overview:
    """The rows, filled in as figures arrive.

    Args:
        choose: called with the table whose name was clicked.
    """

    def __init__(self, choose: Callable[[str], Awaitable[None]]) -> None:
        self._choose = choose
        self._rows: list[_Row] = []
        self._names: list[str] | None = None
        self._filter = ""
        self._search = ui.input("Find a table", on_change=self._find).props(
            "dense outlined clearable"
        )
        self._search.classes("pn-find")
        self._search.visible = False
        self._place = ui.element("div").classes("pn-scroll")
        self._place.props('tabindex="0" role="region" aria-label="Tables and indexes"')
        self._more = note("")
        self._spendings: Sequence[Spending] = ()
        self._uses: dict[tuple[str, str], Use] = {}
        self._chosen = ""

    def show(
        self, spendings: Sequence[Spending], uses: dict[tuple[str, str], Use], chosen: str
    ) -> None:
        """Show what each has to spend, and uses now; and which table is chosen."""
        self._chosen = chosen
        self._spendings = spendings
        self._uses = uses
        self._search.visible = len(spendings) > _ROWS_MAX
        found = self._found()
        names = [each.name for each in found]
        if names != self._names:
            self._names = names
            self._build(found)
            hidden = len(spendings) - len(found)
            self._more.text = f"{hidden:,} more: find them by name." if hidden else ""
            self._more.visible = hidden > 0
        for row, spending in zip(self._rows, found, strict=True):
            row.show(spending, uses.get((spending.table, spending.index)))
        self.mark(chosen)

    def mark(self, chosen: str) -> None:
        """Show which table is chosen."""
        self._chosen = chosen
        for row, spending in zip(self._rows, self._found(), strict=True):
            row.mark(is_chosen=spending.table == chosen)

    @property
    def names(self) -> list[tuple[str, str]]:
        """Whose use is shown: tables and indexes."""
        return [(each.table, each.index) for each in self._found()]

    def _found(self) -> list[Spending]:
        found = [each for each in self._spendings if self._filter in each.name.lower()]
        return found[:_ROWS_MAX]

    def _find(self) -> None:
        self._filter = (self._search.value or "").lower()
        self.show(self._spendings, self._uses, self._chosen)

    def _build(self, spendings: Sequence[Spending]) -> None:
        self._place.clear()
        self._rows = []
        with self._place:
            if not spendings and self._filter:
                note("No table of that name.")
                return
            if not spendings:
                empty("No tables here", "Make one on the page Tables.")
                return
            with ui.element("table").classes("pn-table"):
                with ui.element("thead"), ui.element("tr"):
                    for head in (*_HEADS, *_USE_HEADS):
                        tag("th", head).props('scope="col"')
                with ui.element("tbody"):
                    self._rows = [_Row(each, self._choose) for each in spendings]


class _Row:
    def __init__(self, spending: Spending, choose: Callable[[str], Awaitable[None]]) -> None:
        self._button: ui.button | None = None
        self._is_chosen: bool | None = None
        with ui.element("tr") as self._row:
            with ui.element("th").props('scope="row"'):
                if spending.index:
                    tag("span", spending.index, "pn-index")
                else:
                    name = spending.table
                    self._button = ui.button(name, on_click=lambda: choose(name))
                    self._button.props("flat dense no-caps").classes("pn-name")
            self._billing = tag("td")
            self._meters = {}
            for kind in ("read", "write"):
                with ui.element("td"):
                    self._meters[kind] = Meter(f"{kind.capitalize()} units left of {spending.name}")
            self._partitions = tag("td", classes="pn-figure")
            self._used = tag("td", classes="pn-figure")
            self._throttled = tag("td", classes="pn-figure")

    def mark(self, *, is_chosen: bool) -> None:
        if is_chosen == self._is_chosen:
            return
        self._is_chosen = is_chosen
        if is_chosen:
            self._row.classes(add="pn-now")
        else:
            self._row.classes(remove="pn-now")
        if self._button is not None:
            self._button.props["aria-pressed"] = str(is_chosen).lower()

    def show(self, spending: Spending, use: Use | None) -> None:
        for kind, meter in self._meters.items():
            meter.show(spending.lowest(kind))
        _say(self._billing, spending.billing())
        _say(self._partitions, f"{len(spending.partitions['read']):,}")
        if use is None:
            return
        _say(self._used, use.consumed_words)
        _say(self._throttled, use.throttled_words)
        if use.throttled > 0:
            self._throttled.classes(add="pn-bad")
        else:
            self._throttled.classes(remove="pn-bad")


def _say(element: TextElement, text: str) -> None:
    if element.text != text:
        element.text = text
