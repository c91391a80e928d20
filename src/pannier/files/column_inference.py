"""The types of columns that nobody named, from a sample of their cells.

A column is N if all its cells are numbers as a program writes them: `007` and `+49` are texts, as
they would come back changed. It is BOOL if all are `true` or `false`, L or M if all are JSON arrays
or objects, and S else. Empty cells say nothing.
"""

import re
from collections.abc import Iterable
from typing import Final

from pannier.errors import ValidationException
from pannier.files.column_types import ColumnType
from pannier.files.json_text import decode
from pannier.model.number import measure

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_FLAGS: Final = frozenset({"true", "false"})


def infer(cells: Iterable[str]) -> ColumnType:
    """The type that all of these cells have."""
    filled = {cell for cell in cells if cell}
    if not filled:
        return ColumnType("S")
    if all(map(_is_number, filled)):
        return ColumnType("N")
    if {cell.lower() for cell in filled} <= _FLAGS:
        return ColumnType("BOOL")
    for name, opening, shape in (("L", "[", list), ("M", "{", dict)):
        if all(cell.startswith(opening) and _is_json(cell, shape) for cell in filled):
            return ColumnType(name)
    return ColumnType("S")


def _is_number(cell: str) -> bool:
    if _NUMBER.fullmatch(cell) is None:
        return False
    try:
        measure(cell)
    except ValidationException:  # too many digits, or too large: a text, then
        return False
    return True


def _is_json(cell: str, shape: type) -> bool:
    try:
        return isinstance(decode(cell.encode()), shape)
    except (ValueError, RecursionError):
        return False
