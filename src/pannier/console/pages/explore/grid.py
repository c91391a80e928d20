"""The grid of items: a column for each attribute, sorted and selected in the browser.

The grid gets names of its own for columns, and texts for values, so that no attribute's name or
value is taken for anything else, and numbers keep all their digits.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from pannier.console.pages.explore.cells import LETTERS, row
from pannier.model.attribute_value import Item

_SIGN_PX: Final = 8
_PADDING_PX: Final = 44
_WIDTHS_PX: Final = (90, 340)
_ROW_PX: Final = 34
_HEAD_PX: Final = 38
_BAR_PX: Final = 18
_ROWS_VISIBLE_MAX: Final = 18
_LOOKED_AT: Final = 50
_SERIALS: Final = itertools.count(1)  # no row has the id of one that was shown before
_WORDS: Final = {letter: kind for kind, letter in LETTERS.items()}
# Numbers by value, digit by digit, as they may be longer than JavaScript's.
_COMPARE: Final = """(a, b, x, y) => {
  const s = x.data.t[INDEX], t = y.data.t[INDEX];
  if (s !== t) return s < t ? -1 : 1;
  const order = (p, q) => (p < q ? -1 : p > q ? 1 : 0);
  if (s !== "N") return order(a, b);
  const parts = (v) => {
    const negative = v[0] === "-";
    const [whole, fraction = ""] = (negative ? v.slice(1) : v).split(".");
    return [negative, whole, fraction];
  };
  const [m, i, f] = parts(a), [n, j, g] = parts(b);
  if (m !== n) return m ? -1 : 1;
  const result = i.length - j.length || order(i, j) || order(f, g);
  return m ? -result : result;
}"""
_OPEN_ON_CLICK: Final = """(e) => {
  if (e.column.colId.startsWith("c") && window.getSelection().isCollapsed)
    getElement(ID).$emit("open", e.node.id);
}"""
_OPEN_ON_ENTER: Final = """(e) => {
  if (e.event.key === "Enter") getElement(ID).$emit("open", e.node.id);
}"""
_PICK: Final = """(e) =>
  getElement(ID).$emit("pick", e.api.getSelectedNodes().map((node) => node.id))
"""


class ItemGrid:
    """A grid.

    Args:
        on_open: called with an item that the reader wants to see.
        on_pick: called when other items are selected.
    """

    def __init__(self, on_open: Callable[[Item], Any], on_pick: Callable[[], Any]) -> None:
        self._on_open = on_open
        self._on_pick = on_pick
        self._items: Sequence[Item] = ()
        self._serial = 0
        self._picked: list[str] = []
        self._grid: ui.aggrid | None = None
        self._frame = ui.element("div").classes("pn-grid").props("role=region aria-label=Items")

    @property
    def picked(self) -> list[Item]:
        """The items that are selected."""
        return [item for each in self._picked if (item := self._item(each)) is not None]

    def show(self, items: Sequence[Item], names: Sequence[str]) -> None:
        """Show other items.

        Args:
            items: the rows.
            names: the attributes, one a column.
        """
        self._items = items
        self._serial = next(_SERIALS)
        self._picked = []
        rows = [self._row(position, item, names) for position, item in enumerate(items)]
        options = {"columnDefs": _columns(names, rows), "rowData": rows}
        visible = min(len(rows), _ROWS_VISIBLE_MAX)
        self._frame.set_visibility(bool(rows))
        self._frame.style(f"height: {_HEAD_PX + visible * _ROW_PX + _BAR_PX}px")
        if self._grid is None:
            self._make(options)
        else:
            self._grid.run_grid_method("updateGridOptions", options)
        self._on_pick()

    def _make(self, options: dict[str, Any]) -> None:
        with self._frame:
            grid = ui.aggrid({}, auto_size_columns=False)
        fixed: dict[str, Any] = {
            "defaultColDef": {"sortable": True, "resizable": True, "suppressMovable": False},
            "rowSelection": {
                "mode": "multiRow",
                "checkboxes": True,
                "headerCheckbox": True,
                "enableClickSelection": False,
            },
            ":getRowId": "(p) => p.data.id",
            ":onCellClicked": _OPEN_ON_CLICK.replace("ID", str(grid.id)),
            ":onCellKeyDown": _OPEN_ON_ENTER.replace("ID", str(grid.id)),
            ":onSelectionChanged": _PICK.replace("ID", str(grid.id)),
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressFieldDotNotation": True,
            "rowHeight": _ROW_PX,
            "headerHeight": _HEAD_PX,
            "animateRows": False,
            "localeText": {"ariaHeaderSelection": "Select all items of this page"},
        }
        grid.options = {"theme": "quartz", **fixed, **options}
        grid.on("open", self._open)
        grid.on("pick", self._pick)
        self._grid = grid

    async def _open(self, event: GenericEventArguments) -> None:
        item = self._item(str(event.args))
        if item is not None:
            await self._on_open(item)

    def _pick(self, event: GenericEventArguments) -> None:
        self._picked = [str(each) for each in event.args]
        self._on_pick()

    def _item(self, row_id: str) -> Item | None:
        serial, _, position = row_id.partition(".")
        if serial != str(self._serial) or not position.isdigit():
            return None  # of a page that is not shown any more
        return self._items[int(position)]

    def _row(self, position: int, item: Item, names: Sequence[str]) -> dict[str, str]:
        letters, texts = row(item, names)
        cells = {f"c{number}": text for number, text in enumerate(texts)}
        return {"id": f"{self._serial}.{position}", "t": letters, **cells}


def _columns(names: Sequence[str], rows: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "colId": f"c{number}",
            "field": f"c{number}",
            "headerName": name,
            "headerTooltip": f"{name}: {_kinds(rows, number)}",
            "width": _width_px(name, rows, f"c{number}"),
            ":comparator": _COMPARE.replace("INDEX", str(number)),
            ":cellClass": f"(p) => 'pn-cell-' + (p.data.t[{number}].trim() || 'none')",
        }
        for number, name in enumerate(names)
    ]


def _kinds(rows: Sequence[dict[str, str]], number: int) -> str:
    letters = sorted({each["t"][number] for each in rows})
    return ", ".join(_WORDS[letter] for letter in letters if letter in _WORDS)


def _width_px(name: str, rows: Sequence[dict[str, str]], field: str) -> int:
    """A width that the header and the first values fit into, within bounds."""
    signs = max([len(name) + 2, *(len(each[field]) for each in rows[:_LOOKED_AT])])
    least, most = _WIDTHS_PX
    return min(most, max(least, signs * _SIGN_PX + _PADDING_PX))
