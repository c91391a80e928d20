"""CSV and TSV written: a header of all attributes, in the order of their first appearance.

CSV has no types. With a header of types (`PK:S,price:N`) everything comes back as it was; a column
that could not be told apart otherwise, as it holds several types, or empty texts, then holds
DynamoDB JSON. In a header of bare names texts, numbers and booleans stand as they are, lists and
maps as plain JSON, sets as JSON arrays, binaries as base64; NULL, an empty text and an absent
attribute all are empty cells.
"""

import csv
import io
from typing import Final, Literal

from pannier.errors import UserError
from pannier.files.column_types import ColumnType
from pannier.files.delimited import DELIMITERS
from pannier.files.output import Output
from pannier.files.plain_json import value_to_plain_json
from pannier.files.sink import Sink
from pannier.files.spool import Spool
from pannier.model.attribute_value import AttributeValue, Item

_CONTAINERS: Final = frozenset({"L", "M"})
_OTHERS: Final = frozenset(DELIMITERS)


class DelimitedSink(Sink):
    """Rows under a header.

    Args:
        output: where to.
        delimiter: between cells.
        types: whether the header says the types.
    """

    def __init__(self, output: Output, delimiter: str, *, types: bool) -> None:
        super().__init__()
        self._output = output
        self._delimiter = delimiter
        self._with_types = types
        self._spool = Spool()
        self._kinds: dict[str, set[str]] = {}
        self._blank: set[str] = set()  # columns in which something has an empty cell

    def add(self, item: Item, table: str = "") -> None:  # noqa: ARG002, D102
        for name, value in item.items():
            ((kind, content),) = value.items()
            kinds = self._kinds.get(name)
            if kinds is None:
                if not name:
                    raise UserError(
                        "an attribute has an empty name, which CSV can't have",
                        "Write JSON lines or Parquet instead.",
                    )
                kinds = self._kinds[name] = set()
            kinds.add(kind)
            if content == "":
                self._blank.add(name)
        self._spool.add(item)

    def close(self) -> None:  # noqa: D102
        types = {name: self._type(name, kinds) for name, kinds in self._kinds.items()}
        header = [f"{name}:{types[name]}" if self._with_types else name for name in types]
        # Quoted where it could be taken for a header with other signs between its cells.
        if header:
            ambiguous = bool(_OTHERS & set("".join(header)))
            self._output.write(self._encoded([header], quoted=ambiguous))
        for batch in self._spool.batches():
            rows = [
                [self._cell(item[name], types[name]) if name in item else "" for name in types]
                for item in batch
            ]
            self._output.write(self._encoded(rows))
        self._spool.close()
        self._output.commit()

    def abort(self) -> None:  # noqa: D102
        self._spool.close()
        self._output.abort()

    def _type(self, name: str, kinds: set[str]) -> ColumnType:
        if len(kinds) > 1 or name in self._blank:
            return ColumnType("DYNAMODB")
        (kind,) = kinds
        return ColumnType(kind, "dynamodb" if kind in _CONTAINERS else "")

    def _cell(self, value: AttributeValue, column_type: ColumnType) -> str:
        if self._with_types:
            return column_type.write(value)
        ((kind, content),) = value.items()
        if kind == "NULL":
            return ""
        if kind in ("S", "N", "B"):
            text: str = content
            return text
        return value_to_plain_json(value).decode()

    def _encoded(self, rows: list[list[str]], *, quoted: bool = False) -> bytes:
        text = io.StringIO(newline="")
        quoting: Literal[0, 1] = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        csv.writer(
            text, delimiter=self._delimiter, lineterminator="\r\n", quoting=quoting
        ).writerows(rows)
        try:
            return text.getvalue().encode()
        except UnicodeEncodeError:
            raise UserError("a text is not valid Unicode, so it can't be written as CSV") from None
