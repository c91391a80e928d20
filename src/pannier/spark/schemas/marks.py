"""What Spark's types can't say of a column, as metadata of its field.

The metadata's member `pannier` has the same marks that Pannier's Parquet and Arrow files carry
(`files.arrow_schema`), `{"is": "SS"}` for an array that is a set, `{"is": "N"}` for a number as
text, `{"is": "DYNAMODB"}` for DynamoDB JSON. Schemas that were inferred have them, and what is
written with them is again what was read.
"""

from collections.abc import Mapping
from typing import Any, Final

from pyspark.sql.types import StructField, StructType

from pannier.errors import UserError
from pannier.files.arrow_values import Hints

METADATA: Final = "pannier"


def marks_of(schema: StructType) -> Mapping[str, Hints]:
    """The marks of the columns that have some.

    Raises:
        UserError: a mark is no mapping.
    """
    return {field.name: mark_of(field) for field in schema.fields if METADATA in field.metadata}


def mark_of(field: StructField) -> Hints:
    """The marks of one column.

    Raises:
        UserError: they are no mapping.
    """
    hints: Any = (field.metadata or {}).get(METADATA, {})
    if not isinstance(hints, dict):
        raise UserError(
            f"the mark of column {field.name} is {hints!r}",
            'It stands in the metadata of the field: {"pannier": {"is": "SS"}}.',
        )
    return hints


def metadata_of(hints: Hints) -> dict[str, Any]:
    """The metadata of a field with marks."""
    return {METADATA: dict(hints)} if hints else {}
