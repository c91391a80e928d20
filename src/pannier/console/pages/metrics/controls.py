"""What is looked at, chosen by fields: table and index, range and period."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from nicegui import ui

from pannier.console.elements import toolbar
from pannier.console.pages.metrics.choice import CUSTOM, PERIODS, RANGES, Choice, local_text

_ITSELF = "the table itself"


class Controls:
    """The fields.

    Args:
        choice: what they show at first.
        changed: called with each new choice.

    Attributes:
        choice: what they show.
    """

    def __init__(self, choice: Choice, changed: Callable[[], Awaitable[None]]) -> None:
        self.choice = choice
        self._changed = changed
        with toolbar("What is shown"):
            self._table = self._select("Table", [choice.table] if choice.table else [], "table")
            self._index = self._select("Index", {"": _ITSELF}, "index")
            self._range = self._select("Range", RANGES, "length")
            self._period = self._select("Period", PERIODS, "period_s")
            everything = ui.checkbox("All charts", value=choice.everything)
            everything.on_value_change(lambda event: self._choose("everything", event.value))
        with toolbar("From when to when") as self._times:
            self._start = self._moment("From", "start")
            self._end = self._moment("To", "end")
            ui.button("Show", on_click=self._show_times).props("outline no-caps")
        self._times.visible = choice.length == CUSTOM

    def offer(self, tables: Sequence[str], indexes: Sequence[str], choice: Choice) -> None:
        """What there is to choose from, and what is chosen."""
        self.choice = choice
        names = sorted({*tables, *([choice.table] if choice.table else [])})
        self._table.set_options(names, value=choice.table or None)
        shown = {"": _ITSELF} | {name: name for name in indexes}
        self._index.set_options(shown, value=choice.index if choice.index in shown else "")
        self._index.set_enabled(len(shown) > 1)

    def _select(self, label: str, options: Any, member: str) -> ui.select:
        value = getattr(self.choice, member)
        known = value in options
        select = ui.select(options, label=label, value=value if known else None)
        select.props("dense outlined").classes("pn-middle")
        select.on_value_change(lambda event: self._choose(member, event.value))
        return select

    def _moment(self, label: str, member: str) -> ui.input:
        field = ui.input(label, value=getattr(self.choice, member))
        field.props("dense outlined stack-label type=datetime-local").classes("pn-middle")
        field.on("keydown.enter", self._show_times)
        return field

    async def _choose(self, member: str, value: Any) -> None:
        if value is None or getattr(self.choice, member) == value:
            return  # it is we who set it
        changes: dict[str, Any] = {member: value}
        if member == "table":
            changes["index"] = ""
        self.choice = replace(self.choice, **changes)
        if member == "length":
            self._times.visible = value == CUSTOM
            if value == CUSTOM:
                return  # the times are to be given first
        await self._changed()

    async def _show_times(self) -> None:
        self.choice = replace(
            self.choice,
            length=CUSTOM,
            start=self._start.value or "",
            end=self._end.value or "",
        )
        await self._changed()

    def suggest(self, start_s: float, end_s: float) -> None:
        """Times to begin with, where none are given."""
        if not self._start.value:
            self._start.value = local_text(start_s)
        if not self._end.value:
            self._end.value = local_text(end_s)
