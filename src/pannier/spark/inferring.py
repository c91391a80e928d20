"""A schema out of a sample of the table's items.

DynamoDB has no schema beyond the key, so what a sample shows is all that is known: an attribute
that no item of it has is not a column. The layout is that of Pannier's Parquet files
(`files.arrow_schema`), as far as Spark has such types:

| values of an attribute | column |
|---|---|
| S, BOOL, B | string, boolean, binary |
| N | long if all are whole and fit; else a decimal of 38 digits; else a string, marked |
| SS, NS, BS | array, marked |
| L | array, if all elements are of one type |
| M | struct of all members that occur |
| several types, or an empty map | string of DynamoDB JSON, marked |

NULL is null, and makes no column's type. `marks` says what a mark is.
"""

import random
import sys
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import types as spark

from pannier.batch.options import Options
from pannier.batch.pages.sampling import sample_of
from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.files.arrow_schema import DYNAMODB, Layout, Shape, layouts
from pannier.files.arrow_values import ELEMENT, FIELDS, IS, Hints
from pannier.library.connection import Connection
from pannier.library.outcomes import raise_for
from pannier.spark.described import Described
from pannier.spark.marks import metadata_of
from pannier.spark.options import ReadOptions
from pannier.spark.own_expressions import OwnExpressions
from pannier.spark.place import Place

_KEYS: Final[Mapping[str, pa.DataType]] = {
    "S": pa.string(),
    "N": pa.int64(),
    "B": pa.binary(),
}


def inferred(options: ReadOptions) -> spark.StructType:
    """The schema of a table or index, by a sample of its items.

    Raises:
        UserError: there is no such table, or it can't be read.
    """
    with Place.of(options.target, options.region).connect() as connection:
        described = Described.of(connection, options.table, options.index)
        shape = _sampled(connection, options, described, options.own)
        if not shape.maps and options.own.filter is not None:  # then of those that do not meet it
            shape = _sampled(connection, options, described, options.own.unfiltered())
        schema = schema_of(shape, described, has_key=options.own.project is None)
        if not schema.fields:
            raise UserError(
                f"no item of the sample has any of {options.own.project}",
                "Give the columns with .schema(...).",
            )
        sys.stderr.write(
            f"pannier: the schema of {options.table} is that of {shape.maps:,} items "
            f"(of about {described.extent.items:,}); .schema(...) gives another\n"
        )
        return schema


def schema_of(items: Shape, described: Described, *, has_key: bool = True) -> spark.StructType:
    """The schema of items of a shape. Key attributes come first.

    Args:
        items: their shape.
        described: what they are of.
        has_key: whether the key is among the columns in any case.
    """
    _without_nulls(items)
    found = layouts(items, "exact")
    kinds = {attribute.name: attribute.kind for attribute in described.key.attributes}
    for name, kind in kinds.items() if has_key else ():
        found.setdefault(name, Layout(_KEYS[kind]))
    first = [name for name in (*described.key.names, *described.key_names) if name in found]
    fields = []
    for name in dict.fromkeys((*first, *sorted(found))):
        made, hints = _spark_type(found[name].kind, found[name].hints)
        fields.append(spark.StructField(name, made, nullable=True, metadata=metadata_of(hints)))
    return spark.StructType(fields)


def _sampled(
    connection: Connection, options: ReadOptions, described: Described, own: OwnExpressions
) -> Shape:
    sample = sample_of(described.extent.items, options.sample_items, random.Random())
    request = own.members(options.table, options.index)
    reports: list[Report] = []
    shape = Shape()
    how = Options(
        parallel=options.parallel,
        give_up_after_s=options.give_up_after_s,
        read_units=options.read_units,
    )
    for page in connection.pages(
        "Scan", request, options=how, report=reports.append, chains=sample.chains,
        read_max=sample.items,
    ):  # fmt: skip
        for item in page.items:
            shape.add_members(item)
    raise_for(reports[0])
    return shape


def _without_nulls(shape: Shape) -> None:
    """Let NULL say nothing of a type, wherever another value does."""
    if shape.kinds == {"NULL"}:
        shape.kinds = {"S"}  # a column of strings, as anything has to be said
    shape.kinds.discard("NULL")
    for each in shape.fields.values():
        _without_nulls(each)
    if shape.element is not None:
        _without_nulls(shape.element)


def _spark_type(kind: pa.DataType, hints: Hints) -> tuple[spark.DataType, dict[str, Any]]:
    """Spark's type for Arrow's, and the marks that are left."""
    types = pa.types
    if types.is_decimal256(kind):
        return spark.StringType(), {IS: "N"}
    if types.is_decimal(kind):
        return spark.DecimalType(kind.precision, kind.scale), {}
    if types.is_list(kind):
        inner, inner_hints = _spark_type(kind.value_type, hints.get(ELEMENT, {}))
        own = {IS: hints[IS]} if IS in hints else {}
        return spark.ArrayType(inner), own | ({ELEMENT: inner_hints} if inner_hints else {})
    if types.is_struct(kind):
        return _struct(kind, hints.get(FIELDS, {}))
    simple: spark.DataType = _SIMPLE[kind]
    return simple, {IS: hints[IS]} if hints.get(IS) in (DYNAMODB, "N") else {}


def _struct(kind: pa.StructType, hints: Hints) -> tuple[spark.DataType, dict[str, Any]]:
    fields, marks = [], {}
    for at in range(kind.num_fields):
        field = kind.field(at)
        inner, inner_hints = _spark_type(field.type, hints.get(field.name, {}))
        fields.append(spark.StructField(field.name, inner))
        if inner_hints:
            marks[field.name] = inner_hints
    return spark.StructType(fields), {FIELDS: marks} if marks else {}


_SIMPLE: Final[Mapping[pa.DataType, spark.DataType]] = {
    pa.string(): spark.StringType(),
    pa.bool_(): spark.BooleanType(),
    pa.binary(): spark.BinaryType(),
    pa.int64(): spark.LongType(),
}
