"""Whole items beside projected ones: the answers, their bytes, and the units that stay the same."""

from collections.abc import Awaitable, Callable
from typing import Final

import orjson
from nicegui import ui

from pannier.comparing.comparison import Measured
from pannier.console.elements import heading, note, toolbar
from pannier.console.pages.batch.checked import Checked
from pannier.console.pages.batch.comparisons import SideBySide, rounds_for
from pannier.console.pages.batch.figures import size
from pannier.console.pages.batch.json_texts import pretty
from pannier.console.pages.batch.view.tables import figures
from pannier.console.pages.batch.view.texts import code

_ITEMS_SHOWN: Final = 20
_MS: Final = 1000
_WHY: Final = (
    "A projection does not lower read units: DynamoDB meters the whole item before it leaves "
    "attributes out. What it saves is bytes on the wire."
)


class ProjectionPart:
    """The card's content.

    Args:
        compare: does it.
    """

    def __init__(self, compare: Callable[[], Awaitable[None]]) -> None:
        note(_WHY)
        with toolbar("Full against projected"):
            self._attributes = ui.input("Attributes", placeholder="PK, SK, price")
            self._attributes.props("dense outlined").classes("pn-batch-attributes")
            self._attributes.on("keydown.enter", compare)
            self._button = ui.button("Read both ways", icon="compare", on_click=compare).props(
                "outline no-caps"
            )
        self._note = note("")
        self.result = ui.element("div").classes("pn-batch-result")

    @property
    def attributes(self) -> str:
        """What to ask for; empty for the request's own projection."""
        return str(self._attributes.value or "").strip()

    def show(self, checked: Checked) -> None:
        """Fit the controls to a text."""
        draft = checked.draft
        can = draft.is_read and len(draft.tables) == 1 and not checked.missing
        self._button.set_enabled(can)
        own = [each.projection.expression for each in draft.options.values()]
        if can and own and own[0] is not None:
            self._note.set_text(f"Left empty, the request's own projection is used: {own[0]}")
        elif can:
            self._note.set_text("The request has no projection: name the attributes to ask for.")
        else:
            self._note.set_text("This takes a read request for one table.")


def show_side_by_side(found: SideBySide) -> None:
    """What was measured."""
    full, projected = found.full, found.projected
    saved = full.received_bytes - projected.received_bytes
    share = saved / full.received_bytes if full.received_bytes else 0.0
    bytes_saved = f"{share:.0%} saved" if saved > 0 else "none saved"
    same_units = "the same" if full.units == projected.units else "not the same"
    rows = [
        ("Bytes answered", _bytes(full), _bytes(projected), bytes_saved),
        ("Read units", f"{full.units:,.6g}", f"{projected.units:,.6g}", same_units),
        ("Calls", f"{full.calls:,.0f}", f"{projected.calls:,.0f}", ""),
        ("Time", _time(full), _time(projected), f"median of {rounds_for(found.keys)}"),
    ]
    heads = ("Measured", "Full", "Projected", "Difference")
    figures("Full against projected", rows, heads, numbers=True)
    with ui.element("div").classes("pn-columns"):
        for title, items in (("Full", found.full_items), ("Projected", found.projected_items)):
            with ui.element("div").classes("pn-batch-part"):
                heading(title, 3)
                code(pretty(orjson.dumps(items[:_ITEMS_SHOWN])), f"{title} answer")
    if len(found.full_items) > _ITEMS_SHOWN:
        note(f"The first {_ITEMS_SHOWN} of {len(found.full_items):,} items.")


def _bytes(each: Measured) -> str:
    return size(round(each.received_bytes))


def _time(each: Measured) -> str:
    return f"{each.seconds * _MS:,.1f} ms"
