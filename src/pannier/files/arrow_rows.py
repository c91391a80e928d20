"""Rows of Arrow tables as items: what Parquet, Arrow files and data frames have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyarrow as pa

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.arrow_values import IS, NULL, Hints, Tag, holds_texts, simplified, tag_of, tagged
from pannier.files.source import Empty, put, unread
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.plain import ConversionError

METADATA: Final = b"pannier"
UNIT: Final = "row"
# Few enough that the values of a slice do not keep the garbage collector busy.
_SLICE_ROWS: Final = 128
# So many are made texts at once.
PART_ROWS: Final = 4096
_UNNAMED_INDEX: Final = "__index_level_"  # how pandas hands over an index without a name


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is wanted, and how its cells become values."""

    name: str
    tag: Tag
    empty: AttributeValue | None


class Rows:
    """Turns the batches of one table into operations.

    Args:
        source: the file, as it is called in messages.
        table: where items go.
        schema: of the batches.
        columns: those wanted; None for all.
        empty: what a null becomes.

    Raises:
        UserError: a column is not there, or its type has no DynamoDB form.
    """

    def __init__(
        self,
        source: str,
        table: str,
        schema: pa.Schema,
        columns: tuple[str, ...] | None = None,
        empty: Empty = "absent",
    ) -> None:
        self._source = source
        self._table = table
        try:
            self._columns = _columns(source, schema, columns, empty)
        except UnicodeDecodeError:
            raise UserError(
                f"{source}: the name of a column is not UTF-8", "The file may be damaged."
            ) from None

    @property
    def names(self) -> list[str]:
        """The columns that are wanted."""
        return [column.name for column in self._columns]

    def of_batch(self, batch: pa.RecordBatch, before: int) -> Iterator[Operation | Failure]:
        """The rows of a batch, which may be a whole file, `before` rows into it."""
        for start in range(0, batch.num_rows, PART_ROWS):
            yield from self._of_part(batch.slice(start, PART_ROWS), before + start)

    def _of_part(self, batch: pa.RecordBatch, before: int) -> Iterator[Operation | Failure]:
        arrays = [(column, simplified(batch.column(column.name))) for column in self._columns]
        for start in range(0, batch.num_rows, _SLICE_ROWS):
            count = min(_SLICE_ROWS, batch.num_rows - start)
            try:
                items = _items(_cells(arrays, start, count), count)
            except (ConversionError, UnicodeDecodeError):  # one by one, to find out which it is
                for at in range(start, start + count):
                    yield self._single(arrays, at, before)
                continue
            position = before + start
            for item in items:
                position += 1
                if item:
                    yield put(self._table, item, Origin(self._source, position, UNIT))
                else:
                    yield self._empty_row(position)

    def _single(
        self, arrays: list[tuple[_Column, pa.Array]], at: int, before: int
    ) -> Operation | Failure:
        """One row of a batch, which may have no DynamoDB form."""
        origin = Origin(self._source, before + at + 1, UNIT)
        try:
            cells = _cells(arrays, at, 1)
        except UnicodeDecodeError:
            return unread(self._table, {}, "a text is not UTF-8", origin)
        for column, values in cells:
            try:
                _items([(column, values)], 1)
            except ConversionError as error:
                content = {each.name: _shown(value) for each, (value,) in cells}
                return unread(self._table, content, f"{column.name}: {error.message}", origin)
        (item,) = _items(cells, 1)
        return put(self._table, item, origin) if item else self._empty_row(origin.position)

    def _empty_row(self, position: int) -> Failure:
        origin = Origin(self._source, position, UNIT)
        return unread(self._table, {}, "the row is empty", origin)


def _cells(
    arrays: list[tuple[_Column, pa.Array]], start: int, count: int
) -> list[tuple[_Column, list[Any]]]:
    return [(column, array.slice(start, count).to_pylist()) for column, array in arrays]


def _items(cells: list[tuple[_Column, list[Any]]], count: int) -> list[Item]:
    names = [column.name for column, _ in cells]
    columns: list[Sequence[AttributeValue | None]] = []
    whole = True
    for column, values in cells:
        tag, empty = column.tag, column.empty
        if None not in values:
            columns.append(tagged(tag, values))
        elif empty is None:
            whole = False
            columns.append([None if value is None else tag(value) for value in values])
        else:
            columns.append([dict(empty) if value is None else tag(value) for value in values])
    if not names:
        return [{} for _ in range(count)]
    if whole:
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*columns, strict=True)
    ]


def _columns(
    source: str, schema: pa.Schema, wanted: tuple[str, ...] | None, empty: Empty
) -> list[_Column]:
    names = schema.names
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{source} has two columns {twice}", "Give one another name.")
    unknown = [name for name in wanted or () if name not in names]
    if unknown:
        raise UserError(f"{source} has no column {unknown[0]}", f"It has {', '.join(names)}.")
    marks = schema.metadata or {}
    hints = _hints(schema)
    columns = []
    for at, name in enumerate(names):
        if wanted is not None and name not in wanted:
            continue
        if wanted is None and METADATA not in marks and name.startswith(_UNNAMED_INDEX):
            continue
        hint = hints.get(name, {})
        kind = schema.field(at).type
        try:
            simplified(pa.nulls(0, kind) if not pa.types.is_null(kind) else pa.nulls(0))
            tag = tag_of(kind, hint, nulls=empty == "null")
        except ConversionError as error:
            raise UserError(
                f"{source}, column {name}: {error.message}",
                "Convert it to text or numbers, or name the columns that you want: --columns A,B.",
            ) from None
        columns.append(_Column(name, tag, _empty(kind, hint, empty)))
    return columns


def _empty(kind: pa.DataType, hint: Hints, empty: Empty) -> AttributeValue | None:
    if NULL in hint or (empty == "null" and IS not in hint):
        return {"NULL": True}
    if empty == "text" and IS not in hint and holds_texts(kind):
        return {"S": ""}
    return None


def _hints(schema: pa.Schema) -> dict[str, Hints]:
    try:
        hints = orjson.loads((schema.metadata or {}).get(METADATA, b"{}"))
    except ValueError:
        return {}
    if not isinstance(hints, dict):
        return {}
    return {name: hint for name, hint in hints.items() if isinstance(hint, dict)}


def _shown(value: Any) -> Any:
    """A cell as the failures file can have it."""
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {name: _shown(each) for name, each in value.items()}
    return value.hex() if isinstance(value, bytes) else value
