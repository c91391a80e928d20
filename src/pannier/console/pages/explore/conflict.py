"""The question what shall stand where somebody else has changed the item meanwhile."""

from enum import Enum, auto
from typing import Final

from nicegui import ui

from pannier.batch.tables.canonical_item import different_attributes
from pannier.console.dialogs import dialog, dialog_actions
from pannier.console.pages.explore.cells import cell_text
from pannier.console.plain_tables import PlainTable
from pannier.model.attribute_value import Item

_COLUMNS: Final = ("Attribute", "On the table now", "Yours")


class Decision(Enum):
    """What shall stand."""

    MINE = auto()
    THEIRS = auto()


async def decided(current: Item | None, mine: Item) -> Decision | None:
    """Show both, and ask; None to go on editing.

    Args:
        current: what is on the table now; None if the item was deleted.
        mine: what the reader wanted to save.
    """
    with dialog("The item has changed meanwhile", wide=True) as box:
        if current is None:
            ui.label("Somebody has deleted the item since you opened it.")
        else:
            ui.label("Somebody has changed the item since you opened it. These differ:")
            _differences(current, mine)
        theirs = "Leave it deleted" if current is None else "Take what is there"
        mine_text = "Save mine anew" if current is None else "Overwrite with mine"
        with dialog_actions():
            ui.button("Go on editing", on_click=box.close).props("flat no-caps autofocus")
            ui.button(theirs, on_click=lambda: box.submit(Decision.THEIRS)).props("outline no-caps")
            overwrite = ui.button(mine_text, on_click=lambda: box.submit(Decision.MINE))
            overwrite.props("no-caps unelevated").classes("pn-danger")
    answer = await box
    return answer if isinstance(answer, Decision) else None


def _differences(current: Item, mine: Item) -> None:
    table = PlainTable("Differences", _COLUMNS)
    for name in different_attributes(current, mine):
        texts = [cell_text(item[name]) if name in item else "absent" for item in (current, mine)]
        table.row_of([name, *texts])
