"""The faults of a server: the rules in force, what they did, and new ones."""

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pannier.console.console import Console
from pannier.console.elements import card, empty, note, notify_done, toolbar
from pannier.console.pages.capacity import rules
from pannier.console.pages.capacity.fault_form import FaultForm, FaultText
from pannier.console.pages.capacity.meters import tag
from pannier.errors import UserError
from pannier.targets.admin import AdminClient


class Faults:
    """The part of the page about faults.

    Args:
        console: the console.
        admin: of the server.
        tables: names to choose from.

    Attributes:
        any_rules: whether rules are in force, so that counts may change.
    """

    def __init__(self, console: Console, admin: AdminClient, tables: list[str]) -> None:
        self._console = console
        self._admin = admin
        self._rules: list[dict[str, Any]] | None = None
        self._seed: int | None = None
        self._counts: dict[str, list[ui.label]] = {}
        self.any_rules = False
        with card("Faults"):
            note("Rules that make requests fail on purpose, the same way each time by their seed.")
            self._place = ui.element("div").classes("pn-scroll")
            self._place.props('tabindex="0" role="region" aria-label="Rules in force"')
            self._injected = note("").props('role="status"')
            with toolbar("Seed and all rules"):
                self._seed_field = ui.number("Seed", min=0, precision=0).props("dense outlined")
                self._seed_field.classes("pn-short").on("keydown.enter", self._set_seed)
                ui.button("Begin again with this seed", on_click=self._set_seed).props(
                    "outline no-caps"
                )
                self._clear_button = ui.button("Clear all rules", on_click=self._clear)
                self._clear_button.props("outline no-caps color=negative")
        with ui.element("div").classes("pn-columns"):
            with card("Add a rule"):
                self._form = FaultForm(self._add, tables)
            with card("Rules as text"):
                FaultText(self._add, self._replace)

    async def refresh(self) -> None:
        """Ask for the rules and their counts."""
        self.show(await self._console.in_thread(lambda: self._admin.get("faults")))

    def show(self, answer: Mapping[str, Any]) -> None:
        """Show the rules in force, and what they did."""
        self.any_rules = bool(answer["rules"])
        bare = rules.bare(answer["rules"])
        if bare != self._rules:
            self._rules = bare
            self._build(answer)
        for rule in answer["rules"]:
            for cell, name in zip(
                self._counts[rule["name"]], ("matched", "struck", "items"), strict=True
            ):
                text = f"{rule['counts'][name]:,}"
                if cell.text != text:
                    cell.text = text
        injected = ", ".join(f"{name} {n:,}" for name, n in answer["injected"].items() if n)
        words = f"Injected since the server started: {injected or 'nothing'}."
        if self._injected.text != words:
            self._injected.text = words
        if answer["seed"] != self._seed:
            self._seed = self._seed_field.value = answer["seed"]

    def _build(self, answer: Mapping[str, Any]) -> None:
        self._place.clear()
        self._counts = {}
        self._clear_button.set_enabled(self.any_rules)
        with self._place:
            if not answer["rules"]:
                empty("No rules in force", "Add one below: it works from the next request on.")
                return
            with ui.element("table").classes("pn-table"):
                with ui.element("thead"), ui.element("tr"):
                    for head in ("Rule", "What it does", "Matched", "Struck", "Items left", ""):
                        cell = tag("th", head).props('scope="col"')
                        if not head:
                            cell.props('aria-label="Remove"')
                with ui.element("tbody"):
                    for rule in answer["rules"]:
                        self._row(rule)

    def _row(self, rule: Mapping[str, Any]) -> None:
        name = rule["name"]
        with ui.element("tr"):
            tag("th", name).props('scope="row"')
            tag("td", rules.in_words(rule), "pn-words")
            cells = []
            for _ in range(3):
                with ui.element("td").classes("pn-figure"):
                    cells.append(ui.label())
            self._counts[name] = cells
            with ui.element("td"):
                button = ui.button(icon="delete", on_click=lambda: self._remove(name))
                button.props("flat dense round").props["aria-label"] = f"Remove the rule {name}"

    async def _add(self, content: dict[str, Any]) -> None:
        self.show(await self._console.in_thread(lambda: self._admin.post("faults", content)))

    async def _replace(self, content: dict[str, Any]) -> None:
        self.show(await self._console.in_thread(lambda: self._admin.put("faults", content)))

    async def _remove(self, name: str) -> None:
        self.show(await self._console.in_thread(lambda: self._admin.delete("faults", name)))

    async def _clear(self) -> None:
        self.show(await self._console.in_thread(lambda: self._admin.delete("faults")))
        notify_done("No rules are in force any more.")

    async def _set_seed(self) -> None:
        seed = self._seed_field.value
        if seed is None or seed != int(seed) or seed < 0:
            raise UserError("the seed is no whole number", "Give one, 0 or more.")
        await self._replace({"seed": int(seed), "rules": self._rules or []})
        notify_done(f"The rules begin again, with the seed {int(seed)}.")
