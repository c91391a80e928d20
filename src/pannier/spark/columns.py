"""Items as Arrow batches of a Spark schema.

A column is made in Arrow's own loops where all its values are of the type that it is for. Where one
is not, the column of this batch is made again, value by value: `values` says what fits, and what
does not is an error that names item and column, or null where the user wants that.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import types as spark

from pannier.errors import UserError
from pannier.files.arrow_values import IS
from pannier.model.attribute_value import AttributeValue, Item
from pannier.spark.arrow_schemas import arrow_schema_of
from pannier.spark.marks import mark_of
from pannier.spark.options import Mode
from pannier.spark.values import BITS, Misfit, converter, shown

_Values: TypeAlias = Sequence[AttributeValue | None]
# Which DynamoDB type each of these columns is for, when all goes well.
_LEAVES: Final[dict[type[spark.DataType], str]] = {
    spark.StringType: "S",
    spark.BooleanType: "BOOL",
    spark.DecimalType: "N",
    spark.DoubleType: "N",
    **dict.fromkeys(BITS, "N"),
}


@dataclass(slots=True)
class Misfits:
    """What did not fit and became null.

    Attributes:
        counts: by column.
        examples: one of each column.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, column: str, misfit: Misfit) -> None:
        """Note one."""
        self.counts[column] += 1
        self.examples.setdefault(column, misfit.reason)

    def told(self) -> str:
        """What happened, in a sentence; empty if nothing did."""
        if not self.counts:
            return ""
        each = [f"{name} {count:,} ({self.examples[name]})" for name, count in self.counts.items()]
        return f"{self.counts.total():,} values did not fit and are null: " + "; ".join(each)


class Columns:
    """Makes batches of items.

    Args:
        schema: of the batches.
        mode: what is done about what does not fit.
        key_names: the attributes by which an item is named in messages.

    Attributes:
        schema: as Arrow has it.
        misfits: what became null.

    Raises:
        UserError: a column can't be read from DynamoDB.
    """

    def __init__(
        self, schema: spark.StructType, mode: Mode = "failfast", key_names: Sequence[str] = ()
    ) -> None:
        self.schema: pa.Schema = arrow_schema_of(schema)
        self.misfits = Misfits()
        self._key_names = key_names
        self._columns = [
            _Column(each, kind.type, self.misfits if mode == "permissive" else None)
            for each, kind in zip(schema.fields, self.schema, strict=True)
        ]

    def batch(self, items: Sequence[Item]) -> pa.RecordBatch:
        """Some items as a batch.

        Raises:
            UserError: a value does not fit its column.
        """
        return pa.RecordBatch.from_arrays(self.arrays(items), schema=self.schema)

    def arrays(self, items: Sequence[Item]) -> list[pa.Array]:
        """Some items as columns.

        Raises:
            UserError: a value does not fit its column.
        """
        return [self._array(column, items) for column in self._columns]

    def _array(self, column: "_Column", items: Sequence[Item]) -> pa.Array:
        values = [item.get(column.name) for item in items]
        array = column.quickly(values)
        if array is not None:
            return array
        made = []
        for item, value in zip(items, values, strict=True):
            try:
                made.append(column.convert(value))
            except Misfit as misfit:
                raise self._error(column, item, misfit) from None
        return pa.array(made, column.kind)

    def _error(self, column: "_Column", item: Item, misfit: Misfit) -> UserError:
        key = ", ".join(f"{name} {shown(item[name])}" for name in self._key_names if name in item)
        of_item = f" of the item with {key}" if key else ""
        return UserError(
            f"{column.name}{misfit.path}{of_item}: {misfit.reason}",
            "Give the column a type that takes it: .schema(...); or have null instead: "
            '.option("mode", "permissive").',
        )


class _Column:
    __slots__ = ("_content", "convert", "kind", "name", "nullable")

    def __init__(self, of: spark.StructField, kind: pa.DataType, misfits: Misfits | None) -> None:
        hints = mark_of(of)
        on_misfit: Callable[[Misfit], None] | None = None
        if misfits is not None:

            def on_misfit(misfit: Misfit) -> None:
                misfits.add(of.name, misfit)

        self.name = of.name
        self.kind = kind
        self.nullable = of.nullable
        self.convert: Callable[[AttributeValue | None], Any] = converter(
            of.dataType, hints, nullable=of.nullable, on_misfit=on_misfit
        )
        self._content = None if IS in hints else _LEAVES.get(type(of.dataType))

    def quickly(self, values: _Values) -> pa.Array | None:
        """The column, if all its values are of the type that it is for, or absent."""
        if self._content is None:
            return None
        contents = [None if value is None else value.get(self._content) for value in values]
        nulls = contents.count(None)
        if nulls and (not self.nullable or nulls != values.count(None)):
            return None
        if self._content != "N":
            return pa.array(contents, self.kind)
        try:
            return pc.cast(pa.array(contents, pa.string()), self.kind)
        except pa.ArrowInvalid:  # one of them does not fit
            return None
