"""Whether the columns of a data frame can be written, as far as their types tell.

What a type tells is the same for all rows, so it is said before any task begins, and not by each
row for itself.
"""

from collections.abc import Collection, Iterator
from typing import Any, Final

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import types as spark

from pannier.errors import UserError
from pannier.files.arrow_schema import DYNAMODB
from pannier.files.arrow_values import IS
from pannier.model.key_schema import KeyAttribute
from pannier.spark.arrow_schemas import arrow_schema_of
from pannier.spark.marks import mark_of

# In Arrow they are structs of binaries, which nobody would know again.
_SPARKS_OWN: Final = frozenset({"variant", "geometry", "geography"})
_SAID: Final = {"S": "a text (S)", "N": "a number (N)", "B": "binary (B)"}
_CASTS: Final = {"S": "string", "N": "decimal(38,0)", "B": "binary"}


def arrow_schema(schema: spark.StructType, wanted: Collection[str] | None) -> pa.Schema:
    """The schema of the batches that Spark will hand over.

    Args:
        schema: of the data frame.
        wanted: the columns that are written; None for all. Others are of no type here.

    Raises:
        UserError: a column has a type without a DynamoDB form.
    """
    fields: list[Any] = []
    for field in schema.fields:
        if wanted is not None and field.name not in wanted:
            fields.append(pa.field(field.name, pa.null()))
            continue
        for kind in _kinds(field.dataType):
            _check(field, kind)
        try:
            fields += arrow_schema_of(spark.StructType([field]))
        except PySparkException:
            raise _no_form(field, field.dataType) from None
    return pa.schema(fields)


def check_keys(schema: spark.StructType, table: str, keys: Collection[KeyAttribute]) -> None:
    """See to it that columns are of the types of the table's key.

    Args:
        schema: of the data frame; columns that are not there are somebody else's matter.
        table: the table's name.
        keys: the attributes of its key.

    Raises:
        UserError: one is not, so that each single row would be refused.
    """
    columns = {field.name: field for field in schema.fields}
    for key in keys:
        field = columns.get(key.name)
        if field is not None and _form(field) not in (key.kind, DYNAMODB):
            raise UserError(
                f"the key attribute {key.name} of {table} is {_SAID[key.kind]}, and the column is "
                f"{field.dataType.simpleString()}",
                f'Cast it: df.withColumn("{key.name}", '
                f'col("{key.name}").cast("{_CASTS[key.kind]}")).',
            )


def _form(field: spark.StructField) -> str | None:
    """The type of a column's values, where it is one that a key can have."""
    marks = mark_of(field)
    if IS in marks:  # DynamoDB JSON may be anything
        return str(marks[IS])
    kind = field.dataType
    if isinstance(kind, spark.NumericType):
        return "N"
    if isinstance(kind, spark.BinaryType):
        return "B"
    if isinstance(kind, spark.BooleanType | spark.NullType):
        return None
    is_text = isinstance(kind, spark.AtomicType) and kind.typeName() not in _SPARKS_OWN
    return "S" if is_text else None


def _check(field: spark.StructField, kind: spark.DataType) -> None:
    if kind.typeName() in _SPARKS_OWN:
        raise _no_form(field, kind)
    if isinstance(kind, spark.MapType) and not isinstance(kind.keyType, spark.StringType):
        raise UserError(
            f"the data frame, column {field.name}: the keys of a {kind.simpleString()} are no "
            "texts",
            "Names of DynamoDB's maps are texts: cast the map, "
            f'e.g. col("{field.name}").cast("map<string,...>").',
        )


def _kinds(kind: spark.DataType) -> Iterator[spark.DataType]:
    """A type and all that are in it."""
    yield kind
    inner: list[spark.DataType] = []
    if isinstance(kind, spark.StructType):
        inner = [field.dataType for field in kind.fields]
    elif isinstance(kind, spark.ArrayType):
        inner = [kind.elementType]
    elif isinstance(kind, spark.MapType):
        inner = [kind.keyType, kind.valueType]
    for each in inner:
        yield from _kinds(each)


def _no_form(field: spark.StructField, kind: spark.DataType) -> UserError:
    return UserError(
        f"the data frame, column {field.name}: {kind.simpleString()} has no DynamoDB form",
        "Make it text or numbers, e.g. with to_json or cast, or leave it out.",
    )
