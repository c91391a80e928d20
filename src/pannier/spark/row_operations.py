"""Rows of Spark as puts and deletes, in the order in which they come.

Spark hands over Arrow batches, so the rules are those of all Arrow (`files.arrow_values`), with two
things of Spark's own. A timestamp comes in the time zone of the session, which says nothing about
the moment: all are made UTC. And what a column holds besides its type (a set, a number as text) is
said by its marks (see `marks`), as in files that Pannier wrote.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pyarrow as pa

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.errors import UserError
from pannier.files.arrow_rows import METADATA, Rows
from pannier.files.source import Empty
from pannier.spark.write_options import WriteKind

_UTC: Final = "UTC"


@dataclass(frozen=True, slots=True)
class RowRules:
    """What becomes of rows.

    Attributes:
        table: where they go.
        key_names: of the table's key attributes.
        kind: what is done with rows.
        delete_column: says of each row whether it is a delete; None for no such column.
        nulls: what a null becomes.
        marks: by column, what it holds besides its type.
    """

    table: str
    key_names: tuple[str, ...]
    kind: WriteKind
    delete_column: str | None
    nulls: Empty
    marks: Mapping[str, Any]

    def marked(self, row: Operation | Failure, is_delete: bool | None) -> Operation | Failure:
        """A row with what its column of deletes says of it."""
        if is_delete is None and isinstance(row, Operation):
            reason = f"{self.delete_column} is null: neither a put nor a delete"
            return Failure(row.table, "parse", row.attributes, reason, row.origin)
        return self.delete(row) if is_delete else row

    def delete(self, row: Operation | Failure) -> Operation | Failure:
        """The delete of a row's key."""
        if isinstance(row, Failure):
            return row
        item = row.attributes
        key = {name: item[name] for name in self.key_names if name in item}
        return Operation(row.table, Kind.DELETE, key, row.origin, is_own=True)

    def check_delete_column(self, schema: pa.Schema) -> None:
        """See to it that there is such a column, if one is named.

        Raises:
            UserError: it is not there, or is no boolean.
        """
        marker = self.delete_column
        if marker is None:
            return
        if marker not in schema.names:
            raise UserError(
                f"the data frame has no column {marker}, named by deleteColumn",
                f"It has {', '.join(schema.names)}.",
            )
        if not pa.types.is_boolean(schema.field(marker).type):
            raise UserError(
                f"the column {marker}, named by deleteColumn, is no boolean",
                f'Make it one: df.withColumn("{marker}", expr("op = \'D\'")).',
            )


class RowOperations:
    """Turns the batches of one partition into operations.

    Args:
        source: the partition, as it is called in messages.
        rules: what becomes of rows.
        schema: of the batches.

    Raises:
        UserError: a column that is needed is not there, or a type has no DynamoDB form.
    """

    def __init__(self, source: str, rules: RowRules, schema: pa.Schema) -> None:
        self._rules = rules
        self._marker = rules.delete_column
        names = [name for name in schema.names if name != self._marker]
        _check_columns(rules, schema)
        wanted = rules.key_names if rules.kind == "delete" else tuple(names)
        fields = [pa.field(name, _in_utc(schema.field(name).type)) for name in names]
        metadata = {METADATA: orjson.dumps(dict(rules.marks))}
        self._names = names
        self._schema = pa.schema(fields, metadata)
        self._rows = Rows(source, rules.table, self._schema, wanted, rules.nulls)

    def of(self, batches: Iterable[pa.RecordBatch]) -> Iterator[Operation | Failure]:
        """The rows of the batches, each an operation, or a failure if it can't be one."""
        before = 0
        for batch in batches:
            columns = [
                batch.column(name).cast(self._schema.field(name).type) for name in self._names
            ]
            content = pa.RecordBatch.from_arrays(columns, schema=self._schema)
            rows = self._rows.of_batch(content, before)
            before += batch.num_rows
            if self._marker is not None:
                marks = batch.column(self._marker).to_pylist()
                for row, is_delete in zip(rows, marks, strict=True):
                    yield self._rules.marked(row, is_delete)
            elif self._rules.kind == "delete":
                yield from map(self._rules.delete, rows)
            else:
                yield from rows


def _check_columns(rules: RowRules, schema: pa.Schema) -> None:
    missing = [name for name in rules.key_names if name not in schema.names]
    if missing:
        raise UserError(
            f"the data frame has no column {missing[0]}, which the key of {rules.table} needs",
            f"It has {', '.join(schema.names)}. "
            f'Rename one: df.withColumnRenamed("…", "{missing[0]}").',
        )
    rules.check_delete_column(schema)


def _in_utc(kind: pa.DataType) -> pa.DataType:
    """A type with all its times in UTC; the same if there are none."""
    types = pa.types
    if types.is_timestamp(kind) and kind.tz is not None:
        return pa.timestamp(kind.unit, _UTC)
    if types.is_struct(kind):
        fields = [kind.field(at) for at in range(kind.num_fields)]
        made = pa.struct([field.with_type(_in_utc(field.type)) for field in fields])
    elif types.is_map(kind):
        made = pa.map_(kind.key_type, _in_utc(kind.item_type))
    elif types.is_large_list(kind):
        made = pa.large_list(_in_utc(kind.value_type))
    elif types.is_list(kind):
        made = pa.list_(_in_utc(kind.value_type))
    else:
        return kind
    return kind if made == kind else made
