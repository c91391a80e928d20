"""What every format's writer has in common: items go in, one by one, and a whole file comes out."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final, Literal, Self, TypeAlias

import orjson

from pannier.errors import UserError
from pannier.model.attribute_value import Item

Numbers: TypeAlias = Literal["exact", "float"]

# What `--format` takes when writing; without a format the name's ending decides.
WRITTEN: Final = (
    "auto", "dynamodb", "plain", "array", "plain-array", "request", "csv", "tsv", "parquet",
    "arrow", "ion", "export",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a file is written.

    Attributes:
        format: one of `WRITTEN`.
        table: whose items they are, where the format says so (requests, exports).
        types: whether the header of CSV says each column's type, so that everything comes back.
        numbers: `exact` keeps all digits (Parquet, Arrow: integers and decimals), `float` is for
            tools that want floating-point columns.
    """

    format: str = "auto"
    table: str = ""
    types: bool = False
    numbers: Numbers = "exact"


class Sink(ABC):
    """Takes items in the API's JSON form.

    As a context: what was added is a whole file at its end, or nothing at all after an exception.

    Attributes:
        notes: what the user should know of how items were written.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    @abstractmethod
    def add(self, item: Item, table: str = "") -> None:
        """Take an item.

        Args:
            item: is not kept and not changed.
            table: whose it is, if that is not the table of the options.

        Raises:
            UserError: it can't be written.
        """

    @abstractmethod
    def close(self) -> None:
        """Finish the file: it takes its name.

        Raises:
            UserError: it can't be written.
        """

    @abstractmethod
    def abort(self) -> None:
        """Leave nothing behind."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.abort()
            return
        try:
            self.close()
        except BaseException:
            self.abort()
            raise


def encoded(value: Any, *, indented: bool = False) -> bytes:
    """A value of the API as JSON, on one line or indented.

    Raises:
        UserError: it can't be written: a text in it is half of a surrogate pair.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indented else None)
    except TypeError as error:
        raise UserError(f"an item can't be written as JSON: {error}") from None
