"""Adds rules of faults: by a form for the common ones, or as text."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from nicegui import ui

from pannier.console.elements import note, notify_done, toolbar, words_of
from pannier.console.pages.capacity import rules
from pannier.errors import UserError

Post = Callable[[dict[str, Any]], Awaitable[None]]
"""Puts rules in force; raises the server's error."""

_WHEN: Final = {"after": "after it had its effect", "before": "before it has any effect"}
_PLACEHOLDER: Final = """[[rules]]
operations = "BatchWriteItem"
tables = "orders"
leave = { share = 0.4, pass_one = true }
"""


class FaultForm:
    """The form.

    Args:
        add: adds a rule.
        tables: names to choose from.
    """

    def __init__(self, add: Post, tables: list[str]) -> None:
        self._add = add
        self._form = rules.Form()
        with toolbar("What happens"):
            effect = ui.select(rules.RECIPES, value="leave", label="What happens")
            effect.props("dense outlined").classes("pn-wide")
            effect.on_value_change(lambda event: self._choose(event.value))
            self._own: dict[str, list[ui.element]] = {}
            self._make_own()
        with toolbar("Which requests"):
            self._names("Operations (all, if empty)", list(rules.OPERATIONS), self._set_operations)
            self.tables = self._names("Tables (all, if empty)", tables, self._set_tables)
        with toolbar("How often"):
            self._number("Of such requests, %", 100, "percent", most=100)
            self._number("At most so often", None, "times", least=1)
            name = ui.input("Name").props("dense outlined").classes("pn-middle")
            name.on_value_change(lambda event: self._set("name", event.value or ""))
        self._preview = ui.label().classes("pn-code pn-command")
        self._problem = ui.label().classes("pn-bad").props('role="alert"')
        with toolbar("Add"):
            ui.button("Add rule", on_click=self._submit).props("no-caps unelevated")
        self._choose("leave")

    def _make_own(self) -> None:
        share = self._number("Share of the items, %", 40, "share_percent", most=100)
        one = ui.checkbox("One item always gets through", value=True)
        one.on_value_change(lambda event: self._set("pass_one", event.value))
        error = ui.select(
            list(rules.ERRORS), value=rules.ERRORS[0], label="Error", with_input=True
        ).props("dense outlined")
        error.classes("pn-wide")
        error.on_value_change(lambda event: self._set("error", event.value or ""))
        delay = self._number("Delay, milliseconds", 200, "delay_ms", least=0)
        when = ui.select(_WHEN, value="after", label="When").props("dense outlined")
        when.classes("pn-middle").on_value_change(lambda event: self._set("when", event.value))
        self._own = {"leave": [share, one], "error": [error], "slow": [delay], "drop": [when]}

    def _names(
        self, label: str, options: list[str], changed: Callable[[list[str]], None]
    ) -> ui.select:
        select = ui.select(options, label=label, multiple=True, with_input=True, value=[])
        select.props("dense outlined use-chips").classes("pn-wide")
        select.on_value_change(lambda event: changed(list(event.value or [])))
        return select

    def _number(
        self, label: str, value: float | None, member: str, *, least: float = 0, most: float = 1e12
    ) -> ui.number:
        field = ui.number(label, value=value, min=least, max=most).props("dense outlined")
        field.classes("pn-middle")
        field.on_value_change(lambda event: self._set(member, event.value))
        field.on("keydown.enter", self._submit)
        return field

    def _choose(self, effect: str) -> None:
        for name, elements in self._own.items():
            for element in elements:
                element.visible = name == effect
        self._set("effect", effect)

    def _set_operations(self, names: list[str]) -> None:
        self._set("operations", names)

    def _set_tables(self, names: list[str]) -> None:
        self._set("tables", names)

    def _set(self, member: str, value: Any) -> None:
        setattr(self._form, member, value)
        self._problem.text = ""
        try:
            self._preview.text = rules.command(rules.rule_of(self._form))
        except UserError:
            self._preview.text = ""

    async def _submit(self) -> None:
        self._problem.text = ""
        try:
            rule = rules.rule_of(self._form)
            await self._add({"rules": [rule]})
        except UserError as error:
            self._problem.text = " ".join(words_of(error))
            return
        notify_done("The rule is in force.")


class FaultText:
    """Rules as text.

    Args:
        add: adds them to those in force.
        replace: puts them in place of all others.
    """

    def __init__(self, add: Post, replace: Post) -> None:
        self._text = ui.textarea("Rules, as TOML or JSON", placeholder=_PLACEHOLDER)
        self._text.props("outlined autogrow stack-label").classes("pn-rules-text")
        self._text.on_value_change(self._clear)
        with toolbar("Put the text in force"):
            ui.button("Add", on_click=lambda: self._send(add)).props("no-caps unelevated")
            ui.button("Replace all rules", on_click=lambda: self._send(replace)).props(
                "no-caps outline"
            )
        note("Replacing them begins from the seed again; seed = 7 in front of the rules names one.")

    def _clear(self) -> None:
        self._text.error = None

    async def _send(self, post: Post) -> None:
        try:
            await post(rules.read_text(self._text.value or ""))
        except UserError as error:
            self._text.error = " ".join(words_of(error))
            return
        self._text.error = None
        notify_done("The rules are in force.")
