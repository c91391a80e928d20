"""The items that a read has found, and the keys that are not there."""

from collections.abc import Sequence
from typing import Final

from pannier.console.elements import heading, note
from pannier.console.pages.batch.downloads import line
from pannier.console.pages.batch.figures import attributes_text, value_text
from pannier.console.pages.batch.runs import Run
from pannier.console.pages.batch.view.tables import turning
from pannier.console.pages.batch.view.texts import show_texts
from pannier.model.attribute_value import Item

_ROWS_MAX: Final = 500
_COLUMNS_MAX: Final = 12
_CELL_CHARACTERS_MAX: Final = 200


def show_items(run: Run) -> None:
    """The items of a read."""
    heading("Items", 3)
    shown = run.found.items[:_ROWS_MAX]
    if len(run.found.items) > len(shown):
        note(f"The first {len(shown):,} of {len(run.found.items):,}; the download has all of them.")
    several = len({table for table, _ in shown}) > 1
    names = _columns([item for _, item in shown])

    def opened(number: str) -> None:
        show_texts(f"Item {int(number)}", (("Item", line(shown[int(number) - 1][1])),))

    columns = [(f"a{at}", name) for at, name in enumerate(names)]
    rows = []
    for number, (table, item) in enumerate(shown, start=1):
        row = {"id": str(number), "table": table}
        for at, name in enumerate(names):
            row[f"a{at}"] = value_text(item[name])[:_CELL_CHARACTERS_MAX] if name in item else ""
        rows.append(row)
    turning(
        "Items",
        [("table", "Table"), *columns] if several else columns,
        rows,
        button="JSON",
        opened=opened,
        button_first=True,
    )


def show_missing(run: Run) -> None:
    """The keys that a read has not found."""
    heading("Missing keys", 3)
    shown = run.found.missing[:_ROWS_MAX]
    if len(run.found.missing) > len(shown):
        note(f"The first {len(shown):,} of {len(run.found.missing):,}.")
    turning(
        "Missing keys",
        (("line", "Line"), ("table", "Table"), ("key", "Key")),
        [
            {"id": str(number), "line": at or "", "table": table, "key": attributes_text(key)}
            for number, (table, key, at) in enumerate(shown)
        ],
        numbers=("line",),
    )


def _columns(items: Sequence[Item]) -> list[str]:
    names: dict[str, None] = {}
    for item in items:
        for name in item:
            names[name] = None
    return list(names)[:_COLUMNS_MAX]
