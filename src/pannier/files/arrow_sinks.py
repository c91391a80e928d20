"""Parquet and Arrow files written.

Both say first which columns follow, so items wait (`spool`) until all were seen. Numbers keep all
their digits; `numbers="float"` makes floating-point columns of those that are not whole, and says
so.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pannier.errors import UserError
from pannier.files.formats import needs
from pannier.files.output import Output
from pannier.files.sink import Numbers, Sink
from pannier.files.spool import Spool
from pannier.limits import MIB
from pannier.model.attribute_value import Item

try:
    import pyarrow as pa
    import pyarrow.ipc as ipc
    import pyarrow.parquet as pq
except ImportError:
    raise needs("arrow", "pyarrow") from None

from pannier.files.arrow_columns import batch_of
from pannier.files.arrow_schema import DYNAMODB, Layout, Shape, layouts, schema_of
from pannier.files.arrow_values import IS

_BATCH_ITEMS: Final = 4096
_GROUP_BYTES: Final = 32 * MIB  # in memory; a row group of the file is smaller
_SHOWN_COLUMNS: Final = 10


class ColumnarSink(Sink):
    """Items as columns."""

    def __init__(self, output: Output, numbers: Numbers) -> None:
        super().__init__()
        self._output = output
        self._numbers: Numbers = numbers
        self._spool = Spool()
        self._shape = Shape()

    def add(self, item: Item, table: str = "") -> None:  # noqa: ARG002, D102
        self._shape.add_members(item)
        self._spool.add(item)

    def close(self) -> None:  # noqa: D102
        columns = layouts(self._shape, self._numbers)
        self._note(columns)
        try:
            self._write(schema_of(columns), self._batches(columns))
        except (pa.ArrowException, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise UserError(f"{self._output.name} can't be written: {reason}") from None
        self._spool.close()
        self._output.commit()

    def abort(self) -> None:  # noqa: D102
        self._spool.close()
        self._output.abort()

    @abstractmethod
    def _write(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        """Write all batches to the output."""

    def _batches(self, columns: Mapping[str, Layout]) -> Iterator[pa.RecordBatch]:
        for items in self._spool.batches():
            yield batch_of(items, columns)

    def _note(self, columns: Mapping[str, Layout]) -> None:
        inexact = [name for name, layout in columns.items() if _has_floats(layout.kind)]
        if inexact:
            self.notes.append(f"floating-point columns, sure of 15 digits: {_named(inexact)}")
        mixed = [name for name, layout in columns.items() if layout.hints.get(IS) == DYNAMODB]
        if mixed:
            self.notes.append(
                "no column type holds all their values, so these are DynamoDB JSON: "
                + _named(mixed)
            )


class ParquetSink(ColumnarSink):
    """A Parquet file."""

    def _write(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        with pq.ParquetWriter(self._output.file, schema, compression="zstd") as writer:
            group: list[pa.RecordBatch] = []
            for batch in batches:
                group.append(batch)
                if sum(each.nbytes for each in group) >= _GROUP_BYTES:
                    writer.write_table(pa.Table.from_batches(group, schema))
                    group = []
            if group:
                writer.write_table(pa.Table.from_batches(group, schema))


class ArrowSink(ColumnarSink):
    """An Arrow IPC file, which is also Feather."""

    def _write(self, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
        with ipc.new_file(self._output.file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)


def table_of(items: Any, numbers: Numbers = "exact") -> pa.Table:
    """Items in the API's JSON form as a table in memory."""
    shape = Shape()
    kept = []
    for item in items:
        shape.add_members(item)
        kept.append(item)
    columns = layouts(shape, numbers)
    batches = [
        batch_of(kept[start : start + _BATCH_ITEMS], columns)
        for start in range(0, len(kept), _BATCH_ITEMS)
    ]
    return pa.Table.from_batches(batches, schema_of(columns))


def _has_floats(kind: pa.DataType) -> bool:
    """Whether a type is floating-point, or holds one that is."""
    inner = (kind.field(at).type for at in range(kind.num_fields))
    return bool(pa.types.is_floating(kind)) or any(map(_has_floats, inner))


def _named(columns: list[str]) -> str:
    more = len(columns) - _SHOWN_COLUMNS
    return ", ".join(columns[:_SHOWN_COLUMNS]) + (f" and {more} more" if more > 0 else "")
