"""The dialog that makes a table."""

from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.validation_element import ValidationElement

from pannier.batch.calls import CallError
from pannier.console.command_lines import aws_line, pannier_line
from pannier.console.console import Console
from pannier.console.dialogs import dialog, dialog_actions
from pannier.console.elements import heading, note, notify_done
from pannier.console.fields import choice, copyable, icon_button, text_field
from pannier.console.pages.tables.definition import IndexDraft, KeyPart, TableDraft

_KINDS: Final = {"S": "S, text", "N": "N, number", "B": "B, binary"}
_PROJECTIONS: Final = {"ALL": "All attributes", "KEYS_ONLY": "Keys only", "INCLUDE": "Keys and …"}
_ON_DEMAND: Final = "On demand"
_PROVISIONED: Final = "Provisioned"
_IN_USE: Final = "ResourceInUseException"


@dataclass(slots=True)
class _Field:
    """A control and where its value goes."""

    control: ValidationElement[Any]
    touched: bool = False


class Creation:
    """A table as it is typed, with what is wrong beside each field.

    Args:
        console: where the table is made.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._draft = TableDraft()
        self._fields: dict[str, _Field] = {}

    async def asked(self) -> str:
        """The name of the table that was made; empty if none was."""
        with dialog("Create table", wide=True) as self._box:
            self._basics()
            self._billing()
            heading("Indexes", 3)
            self._indexes: Element = ui.element("div").classes("pn-stack")
            self._general = ui.label().classes("pn-bad").props("role=alert")
            with ui.element("div").classes("pn-toolbar"):
                for text, is_global in (("Add global index", True), ("Add local index", False)):
                    ui.button(
                        text, icon="add", on_click=lambda given=is_global: self._add_index(given)
                    ).props("outline no-caps dense")
            with ui.expansion("As a command").classes("pn-expansion"):
                self._commands: Element = ui.element("div").classes("pn-stack")
            with dialog_actions():
                ui.button("Cancel", on_click=self._box.close).props("flat no-caps")
                self._button = ui.button("Create", on_click=self._create)
                self._button.props("no-caps unelevated")
            self._changed()
        return str(await self._box or "")

    def _basics(self) -> None:
        draft = self._draft
        with ui.element("div").classes("pn-fields"):
            name = self._text("name", "Table name", draft, "name")
            name.props("autofocus")
            self._key("partition", "Partition key", draft.partition)
            self._key("sort", "Sort key (optional)", draft.sort)

    def _billing(self) -> None:
        draft = self._draft

        def chosen() -> None:
            draft.on_demand = mode.value == _ON_DEMAND
            units.set_visibility(not draft.on_demand)
            self._changed()

        def protect() -> None:
            draft.protected = bool(protection.value)
            self._changed()

        with ui.element("div").classes("pn-toolbar"):
            mode = ui.radio([_ON_DEMAND, _PROVISIONED], value=_ON_DEMAND, on_change=chosen)
            mode.props("inline aria-label=Capacity")
            with ui.element("div").classes("pn-toolbar") as units:
                for place in ("read", "write"):
                    self._text(place, f"{place.capitalize()} units a second", draft, place)
            units.set_visibility(False)
            protection = ui.checkbox("Deletion protection", on_change=protect)

    def _key(self, place: str, label: str, part: KeyPart) -> None:
        with ui.element("div").classes("pn-key"):
            self._text(place, label, part, "name").classes("pn-grow")

            def chosen() -> None:
                part.kind = kind.value
                self._touch(place)

            kind = choice("Type", _KINDS, part.kind, chosen)
            kind.props["aria-label"] = f"Type of the {label.lower().removesuffix(' (optional)')}"

    def _text(self, place: str, label: str, owner: object, member: str) -> ui.input:
        def typed() -> None:
            setattr(owner, member, (control.value or "").strip())
            self._touch(place)

        control = text_field(label, getattr(owner, member), typed)
        control.props("autocomplete=off").on("keydown.enter", self._create)
        self._fields[place] = _Field(control)
        return control

    def _add_index(self, is_global: bool) -> None:
        self._draft.indexes.append(IndexDraft(is_global=is_global))
        self._show_indexes()
        last = self._fields[f"index{len(self._draft.indexes) - 1}.name"].control
        last.run_method("focus")

    def _show_indexes(self) -> None:
        for place in [place for place in self._fields if place.startswith("index")]:
            del self._fields[place]
        self._indexes.clear()
        with self._indexes:
            for position, index in enumerate(self._draft.indexes):
                self._index(position, index)
        self._changed()

    def _index(self, position: int, index: IndexDraft) -> None:
        place = f"index{position}"
        word = "global" if index.is_global else "local"

        def remove() -> None:
            self._draft.indexes.remove(index)
            self._show_indexes()

        def chosen() -> None:
            index.projection = projection.value
            included.set_visibility(index.projection == "INCLUDE")
            self._changed()

        with ui.element("div").classes("pn-fields pn-index").props("role=group") as group:
            group.props["aria-label"] = f"Index {position + 1}, {word}"
            self._text(f"{place}.name", f"Name of the {word} index", index, "name")
            if index.is_global:
                self._key(f"{place}.partition", "Partition key", index.partition)
            optional = " (optional)" if index.is_global else ""
            self._key(f"{place}.sort", f"Sort key{optional}", index.sort)
            projection = choice("Projection", _PROJECTIONS, index.projection, chosen)
            included = self._text(f"{place}.attributes", "Attributes", index, "attributes")
            included.set_visibility(index.projection == "INCLUDE")
            icon_button("delete", f"Remove index {position + 1}", remove).classes("pn-start")

    def _touch(self, place: str) -> None:
        if place in self._fields:
            self._fields[place].touched = True
        self._changed()

    def _changed(self) -> None:
        """What is wrong now, beside the fields that were touched; and the commands."""
        problems = self._draft.problems()
        for place, field in self._fields.items():
            field.control.error = problems.get(place) if field.touched else None
        self._general.set_text(problems.get("indexes", ""))
        self._commands.clear()
        with self._commands:
            if problems:
                note("As soon as the table can be made, the commands that make it stand here.")
                return
            request = self._draft.request()
            address = self._console.address
            short = self._draft.short_form()
            own = aws_line("CreateTable", request, "aws").replace("aws dynamodb", "pannier", 1)
            if short is not None:
                own = pannier_line(["create-table", self._draft.name], short, address)
            else:
                own += pannier_line([], [], address).removeprefix("pannier")
            copyable(own, "pannier command")
            copyable(aws_line("CreateTable", request, address), "aws command")

    async def _create(self) -> None:
        for field in self._fields.values():
            field.touched = True
        problems = self._draft.problems()
        self._changed()
        if problems:
            wrong = next((place for place in self._fields if place in problems), None)
            if wrong is not None:
                self._fields[wrong].control.run_method("focus")
            return
        self._button.props("loading")
        try:
            await self._console.call("CreateTable", self._draft.request())
        except CallError as error:
            if error.code != _IN_USE:
                raise
            self._fields["name"].control.error = "There is a table of this name."
            self._fields["name"].control.run_method("focus")
            return
        finally:
            self._button.props(remove="loading")
        notify_done(f"{self._draft.name} is being made")
        self._box.submit(self._draft.name)
