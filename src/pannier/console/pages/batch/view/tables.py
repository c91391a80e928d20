"""Small tables of figures, and larger ones that turn their pages."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

_PAGE_ROWS: Final = 20
# The text of a cell, shortened by the style sheet; the button says to the page which row it is of.
_BUTTON_CELL: Final = """
<q-td :props="props" auto-width>
  <q-btn flat dense no-caps color="primary" :label="props.col.button"
    :aria-label="props.col.button + ' ' + props.row.id"
    @click="() => $parent.$emit('opened', props.row.id)" />
</q-td>
"""
# A table that is wider than its place is scrolled by the keyboard, too.
_FOCUSABLE: Final = """
let tries = 20;
const look = () => {
  const inner = getElement(%d)?.$el?.querySelector(".q-table__middle");
  if (inner) inner.tabIndex = 0; else if (tries--) setTimeout(look, 50);
};
look();
"""


def figures(
    caption: str,
    rows: Sequence[Sequence[str]],
    heads: Sequence[str] = (),
    *,
    numbers: bool = False,
) -> Element:
    """A table of figures; the first cell of each row is its name.

    Args:
        caption: what it is about, for screen readers.
        rows: texts.
        heads: over the columns, if they need any.
        numbers: whether all but the first column are numbers, to stand below one another.
    """
    around = ui.element("div").classes("pn-batch-scroll")
    if numbers:  # they are not broken into lines, so the keyboard has to scroll them
        around.props["tabindex"] = "0"
        around.props["role"] = "region"
        around.props["aria-label"] = caption
    with around:
        table = ui.element("table").classes("pn-batch-figures")
        table.props["aria-label"] = caption
        if numbers:
            table.classes("pn-batch-numbers")
        with table:
            if heads:
                with ui.element("thead"), ui.element("tr"):
                    for head in heads:
                        TextElement(tag="th", text=head).props('scope="col"')
            with ui.element("tbody"):
                for row in rows:
                    with ui.element("tr"):
                        for position, cell in enumerate(row):
                            tag = "td" if position else "th"
                            made = TextElement(tag=tag, text=cell)
                            if not position:
                                made.props('scope="row"')
    return around


def turning(
    caption: str,
    columns: Sequence[tuple[str, str]],
    rows: Sequence[dict[str, Any]],
    *,
    button: str = "",
    opened: Callable[[str], None] | None = None,
    numbers: Sequence[str] = (),
    button_first: bool = False,
) -> ui.table:
    """A table with pages.

    Args:
        caption: what it is about.
        columns: names of members of the rows, and heads.
        rows: each with an `id`; all values are texts or numbers.
        button: what the button of each row says; none without it.
        opened: called with the `id` of a row when its button is pressed.
        numbers: names of the columns that hold numbers.
        button_first: whether the button stands in front, where the columns may be many.
    """
    described: list[dict[str, Any]] = [
        {
            "name": name,
            "label": head,
            "field": name,
            "sortable": True,
            "align": "right" if name in numbers else "left",
        }
        for name, head in columns
    ]
    if button:
        opens = {"name": "_open", "label": "", "field": "id", "align": "left", "button": button}
        described.insert(0 if button_first else len(described), opens)
    table = ui.table(columns=described, rows=list(rows), row_key="id", pagination=_PAGE_ROWS)
    table.classes("pn-batch-turning")
    table.props["flat"] = True
    table.props["bordered"] = True
    table.props["dense"] = True
    table.props["wrap-cells"] = False
    table.props["aria-label"] = caption
    table.props["rows-per-page-options"] = [_PAGE_ROWS]
    table.props["hide-pagination"] = len(rows) <= _PAGE_ROWS
    ui.run_javascript(_FOCUSABLE % table.id)
    if button and opened is not None:
        chosen = opened
        table.add_slot(
            "header-cell-_open",
            '<q-th auto-width><span class="pn-batch-hidden">Details</span></q-th>',
        )
        table.add_slot("body-cell-_open", _BUTTON_CELL)
        table.on("opened", lambda event: chosen(str(event.args)))
    return table
