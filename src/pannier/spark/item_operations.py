"""Whole items as texts: each row holds one in DynamoDB JSON, as a line of a file does.

What is read with `items=json` is written again as it was, whatever attributes it has, as no column
has to be found for any. A line may also be a request, `{"DeleteRequest": {"Key": ...}}`, or an item
in its wrapping, as in files; but a row holds one of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import pyarrow as pa

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.arrow_rows import UNIT
from pannier.files.json_lines import unreadable
from pannier.files.json_records import Records, is_many
from pannier.files.json_text import decode
from pannier.files.source import unread
from pannier.spark.row_operations import RowRules

COLUMN: Final = "item"

_SLICE_ROWS: Final = 128


class ItemOperations:
    """Turns the batches of one partition into operations.

    Args:
        source: the partition, as it is called in messages.
        rules: what becomes of rows.
        schema: of the batches.

    Raises:
        UserError: there is no column of texts called `item`, or there are others.
    """

    def __init__(self, source: str, rules: RowRules, schema: pa.Schema) -> None:
        _check_columns(rules, schema)
        self._source = source
        self._rules = rules
        self._records = Records(source, rules.table, "dynamodb")

    def of(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Operation | Failure]:
        """The rows of the batches, each an operation, or a failure if it can't be one."""
        rules, position = self._rules, 0
        for batch in batches:
            for start in range(0, batch.num_rows, _SLICE_ROWS):
                part = batch.slice(start, _SLICE_ROWS)
                marks: list[Any] = [rules.kind == "delete"] * part.num_rows
                if rules.delete_column is not None:
                    marks = part.column(rules.delete_column).to_pylist()
                for text, is_delete in zip(_texts(part), marks, strict=True):
                    position += 1
                    yield rules.marked(self._row(text, position), is_delete)

    def _row(self, text: bytes | None, position: int) -> Operation | Failure:
        if text is not None:
            made = self._records.of_line(text, position, UNIT)
            if made is not None:
                return made
        table, origin = self._rules.table, Origin(self._source, position, UNIT)
        if text is None:
            return unread(table, {}, "the item is null", origin)
        try:
            value = decode(text)
        except (ValueError, RecursionError) as error:
            return unreadable(text, error, origin, table)
        if isinstance(value, list) or is_many(value, table):
            return unread(table, value, "a row holds one item, and this text holds several", origin)
        return self._records.of_value(value, origin, None, text)


def _texts(batch: pa.RecordBatch) -> list[bytes | None]:
    column = batch.column(COLUMN)
    kind = pa.binary() if pa.types.is_string(column.type) else pa.large_binary()
    texts: list[bytes | None] = column.cast(kind).to_pylist()
    return texts


def _check_columns(rules: RowRules, schema: pa.Schema) -> None:
    wanted = (COLUMN, rules.delete_column)
    others = [name for name in schema.names if name not in wanted]
    if COLUMN not in schema.names or others:
        raise UserError(
            f"items=json writes a column {COLUMN}, and the data frame has "
            f"{', '.join(schema.names)}",
            f'Select it: df.select("{COLUMN}"); or leave the option out to write columns.',
        )
    kind = schema.field(COLUMN).type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise UserError(
            f"the column {COLUMN} is no string, and items=json writes texts of DynamoDB JSON",
            "Make it one, or leave the option out to write columns.",
        )
    rules.check_delete_column(schema)
