"""Tables of a few dozen rows, as HTML has them: they are read by everything that reads HTML."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement


class PlainTable:
    """A table that scrolls inside itself where it is wider than the page.

    Args:
        label: what it shows, for screen readers.
        columns: the headers.
        numeric: which of them stand above numbers.
    """

    def __init__(self, label: str, columns: Iterable[str], numeric: Iterable[str] = ()) -> None:
        self._columns = tuple(columns)
        self._numeric = frozenset(numeric)
        region = ui.element("div").classes("pn-scroll").props("role=region tabindex=0")
        region.props["aria-label"] = label
        with region, ui.element("table").classes("pn-table"):
            with ui.element("thead"), ui.element("tr"):
                for name in self._columns:
                    header = TextElement(tag="th", text=name).props("scope=col")
                    if name in self._numeric:
                        header.classes("pn-number")
            self.body = ui.element("tbody")

    @contextmanager
    def row(self) -> Iterator[Element]:
        """A row, whose cells are made inside."""
        with self.body, ui.element("tr") as made:
            yield made

    def cell(self, column: str, text: str = "") -> TextElement:
        """A cell of the row that is being made."""
        made = TextElement(tag="td", text=text)
        return made.classes("pn-number") if column in self._numeric else made

    def row_of(self, texts: Iterable[str]) -> None:
        """A row of texts."""
        with self.row():
            for column, text in zip(self._columns, texts, strict=True):
                self.cell(column, text)


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values, one beside the other."""
    with ui.element("dl").classes("pn-facts"):
        for name, value in pairs:
            with ui.element("div"):
                TextElement(tag="dt", text=name)
                TextElement(tag="dd", text=value)
