"""A series of values in one line of text."""

from collections.abc import Sequence
from typing import Final

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_ASCII: Final = "_.-=+*#@"


def sparkline(values: Sequence[float | None], width: int, *, ascii_only: bool = False) -> str:
    """Values from left to right, the highest as the tallest sign; a gap where there is none.

    Args:
        values: all of them from 0 up.
        width: how many signs at most; of more values each sign stands for the highest of some.
        ascii_only: for terminals without blocks.
    """
    signs = _ASCII if ascii_only else _BLOCKS
    columns = _columns(values, max(1, width))
    highest = max((each for each in columns if each is not None), default=0.0)
    return "".join(_sign(each, highest, signs) for each in columns)


def _columns(values: Sequence[float | None], width: int) -> list[float | None]:
    count = len(values)
    if count <= width:
        return list(values)
    columns: list[float | None] = []
    for number in range(width):
        part = values[number * count // width : (number + 1) * count // width]
        columns.append(max((each for each in part if each is not None), default=None))
    return columns


def _sign(value: float | None, highest: float, signs: str) -> str:
    if value is None:
        return " "
    if not highest or value <= 0:
        return signs[0]
    return signs[min(len(signs) - 1, int(value / highest * len(signs)))]
