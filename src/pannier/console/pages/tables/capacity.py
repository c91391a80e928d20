"""The dialog that changes how a table is billed, and its units."""

from collections.abc import Mapping
from typing import Any, Final

from nicegui import ui

from pannier.console.console import Console
from pannier.console.dialogs import dialog, dialog_actions
from pannier.console.elements import note, notify_done
from pannier.console.fields import text_field
from pannier.console.pages.tables.capacity_change import Units, change_request
from pannier.console.pages.tables.definition import units_problem
from pannier.console.pages.tables.figures import is_on_demand

_ON_DEMAND: Final = "On demand"
_PROVISIONED: Final = "Provisioned"


async def capacity_changed(console: Console, description: Mapping[str, Any]) -> bool:
    """Ask for another capacity; whether it was changed."""
    fields: dict[str, tuple[ui.input, ui.input]] = {}

    def units_of(owner: str) -> Units | None:
        both = fields[owner]
        for field in both:
            field.error = next((text for _, text in units_problem("", field.value or "")), None)
        if any(field.error for field in both):
            return None
        return Units(int(both[0].value or 0), int(both[1].value or 0))

    with dialog("Change capacity") as box:
        current = _ON_DEMAND if is_on_demand(description) else _PROVISIONED
        mode = ui.radio([_ON_DEMAND, _PROVISIONED], value=current)
        mode.props("inline aria-label=Capacity autofocus")
        with ui.element("div").classes("pn-stack") as units:
            for owner, given in _owners(description):
                ui.label(f"Index {owner}" if owner else "Table").classes("pn-strong")
                with ui.element("div").classes("pn-fields"):
                    read = text_field("Read units a second", str(given.read))
                    write = text_field("Write units a second", str(given.write))
                fields[owner] = (read, write)
        note("A table may change between both modes a few times a day on AWS.")

        def chosen() -> None:
            units.set_visibility(mode.value == _PROVISIONED)

        async def change() -> None:
            on_demand = mode.value == _ON_DEMAND
            wanted = {} if on_demand else {owner: units_of(owner) for owner in fields}
            if None in wanted.values():
                return
            known = {owner: each for owner, each in wanted.items() if each is not None}
            request = change_request(description, known)
            if request is None:
                box.close()
                return
            button.props("loading")
            try:
                await console.call("UpdateTable", request)
            finally:
                button.props(remove="loading")
            notify_done("The capacity is being changed")
            box.submit(True)

        mode.on_value_change(chosen)
        chosen()
        with dialog_actions():
            ui.button("Cancel", on_click=box.close).props("flat no-caps")
            button = ui.button("Change", on_click=change).props("no-caps unelevated")
    return bool(await box)


def _owners(description: Mapping[str, Any]) -> list[tuple[str, Units]]:
    """The table and its global indexes, with their units."""
    indexes = description.get("GlobalSecondaryIndexes") or ()
    return [
        ("", Units.of(description)),
        *((index["IndexName"], Units.of(index)) for index in indexes),
    ]
