"""Levels as elements that are made once, and changed as often as new figures arrive."""

from collections.abc import Sequence
from typing import Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.pages.capacity.state import Level, columns, heat_in_words

_LOW: Final = 0.2
_FULL: Final = 0.995


def tag(name: str, text: str = "", classes: str = "") -> TextElement:
    """An HTML element with text, e.g. a table's cell."""
    return TextElement(tag=name, text=text).classes(classes)


class Meter:
    """One bucket as a bar that empties, with its figures beside it.

    Args:
        label: what it measures, for screen readers.
    """

    def __init__(self, label: str) -> None:
        with ui.element("div").classes("pn-meter"):
            self._bar = ui.element("div").classes("pn-meter-bar")
            self._bar.props["role"] = "meter"
            self._bar.props["aria-label"] = label
            self._bar.props["aria-valuemin"] = 0
            with self._bar:
                self._fill = ui.element("div").classes("pn-meter-fill")
            self._text = ui.label().classes("pn-meter-text")
        self._shown: tuple[float, str, float] | None = None

    def show(self, level: Level) -> None:
        """Show a level; nothing is sent to the page unless it looks different."""
        percent = round(level.share * 100, 1)
        shown = (percent, level.words, level.units_max)
        if shown == self._shown:
            return
        self._shown = shown
        self._bar.props["aria-valuemax"] = level.units_max
        self._bar.props["aria-valuenow"] = round(max(0.0, level.units), 1)
        self._bar.props["aria-valuetext"] = f"{level.words} units left"
        self._fill.style(f"width: {percent}%")
        self._text.text = level.words
        _mark(self._fill, "pn-low", on=level.share < _LOW)
        _mark(self._text, "pn-bad", on=level.units <= 0)
        self._bar.update()


class Heat:
    """Partitions as columns that rise with what was used of this second's units.

    Args:
        kind: `read` or `write`.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._columns: list[Element] = []
        self._shown: list[int] = []
        with ui.element("div").classes("pn-heat"):
            self._strip = ui.element("div").classes("pn-heat-strip").props('role="img"')
            self._text = ui.label().classes("pn-note")

    def show(self, shares: Sequence[float]) -> None:
        """Show what each partition has used, 0 to 1."""
        words = heat_in_words(shares, self._kind)
        if self._text.text != words:
            self._text.text = words
            self._strip.props["aria-label"] = f"{self._kind.capitalize()}s: {words}"
            self._strip.update()
        percents = [round(share * 100) for share in columns(shares)]
        if len(percents) != len(self._columns):
            self._strip.clear()
            with self._strip:
                outer = [ui.element("div").classes("pn-heat-column") for _ in percents]
            self._columns = []
            for each in outer:
                with each:
                    self._columns.append(ui.element("div").classes("pn-heat-fill"))
            self._shown = [-1] * len(percents)
        for place, percent in enumerate(percents):
            if percent != self._shown[place]:
                column = self._columns[place]
                column.style(f"height: {percent}%")
                _mark(column, "pn-hot", on=percent / 100 > _FULL)
        self._shown = percents


def _mark(element: Element, name: str, *, on: bool) -> None:
    if on:
        element.classes(add=name)
    else:
        element.classes(remove=name)
