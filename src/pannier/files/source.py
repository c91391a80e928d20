"""What every format's reader has in common: what it is asked for, and what it gives.

A reader is a generator over one `Input`. It yields, in the order of the file, an `Operation` for
each item, key or request, and a `Failure` with its place for everything that is none. The same file
with the same options gives the same elements at the same places, each time; so a job that is
resumed may say how many elements it has dealt with, and a reader passes those by (`Skipping`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.report import Failure
from pannier.files.column_types import ColumnType
from pannier.files.inputs import Input
from pannier.model.attribute_value import Item

Source: TypeAlias = Iterator[Operation | Failure]

Form: TypeAlias = Literal["auto", "plain", "dynamodb"]
Empty: TypeAlias = Literal["absent", "null", "text"]

PARSE: Final = "parse"


class Skipping:
    """How many elements at the front are passed by, because an earlier run has dealt with them.

    One counter may go through several files.
    """

    __slots__ = ("left",)

    def __init__(self, left: int = 0) -> None:
        self.left = left

    def take(self, count: int) -> int:
        """Pass by up to `count` elements; returns how many."""
        taken = min(count, self.left)
        self.left -= taken
        return taken


def _silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How a file is read.

    Attributes:
        table: where items go that do not name their table themselves.
        format: a format's name, `auto` to find it out, or a form of JSON.
        types: the types of columns that have none of their own (CSV).
        empty: what an empty cell, or a null in a column, becomes.
        columns: the columns wanted, or None for all (CSV, Parquet, Arrow).
        delimiter: what stands between cells, or empty to find it out (CSV).
        notice: told what was decided by looking at the file, such as the types of columns.
        skipping: elements that are passed by.
    """

    table: str | None = None
    format: str = "auto"
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    empty: Empty = "absent"
    columns: tuple[str, ...] | None = None
    delimiter: str = ""
    notice: Callable[[str], None] = _silent
    skipping: Skipping = field(default_factory=Skipping)

    @property
    def form(self) -> Form:
        """Which of the two forms of JSON items have, if that was said."""
        if self.format in ("plain", "dynamodb"):
            return self.format  # type: ignore[return-value]  # one of the two
        return "auto"


class Reader(Protocol):
    """How a format is read."""

    def __call__(self, file: Input, options: ReadOptions) -> Source:
        """The operations in a file, in order.

        Raises:
            FileError: what the user asked for can't be done with this file.
        """


def put(table: str, item: Item, origin: Origin) -> Operation:
    """A put of an item that was read."""
    return Operation(table, Kind.PUT, item, origin, is_own=True)


def unread(table: str | None, content: Any, reason: str, origin: Origin) -> Failure:
    """Something in a file that is no operation.

    Args:
        table: where it would have gone, if that is known.
        content: what stands there, to be corrected and sent again.
        reason: why it is none.
        origin: its place.
    """
    return Failure(table or "", PARSE, content, reason, origin)


def damage(table: str | None, reason: str, origin: Origin) -> Failure:
    """A file that breaks off or is damaged: what could be read before it has been yielded."""
    return Failure(table or "", PARSE, "", reason, origin)


def is_damage(element: Operation | Failure | None) -> bool:
    """Whether an element is what `damage` makes."""
    return isinstance(element, Failure) and element.kind == PARSE and element.attributes == ""
