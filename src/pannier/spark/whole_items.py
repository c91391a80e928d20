"""Whole items as rows of one column: each a text of DynamoDB JSON, the line `pannier scan` writes.

Nothing has to be known of the items for that, so no sample is taken, and items of all sorts come
back exactly as they are: `item_operations` writes such rows again.
"""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
from pyspark.sql import types as spark

from pannier.errors import UserError
from pannier.files.json_sinks import to_dynamodb_json
from pannier.model.attribute_value import Item
from pannier.spark.item_operations import COLUMN

SCHEMA: Final = spark.StructType([spark.StructField(COLUMN, spark.StringType(), nullable=False)])
_ARROW: Final = pa.schema([pa.field(COLUMN, pa.string(), nullable=False)])


def check_schema(schema: spark.StructType) -> None:
    """See to it that rows can be whole items.

    Raises:
        UserError: the schema has other columns.
    """
    if [(each.name, each.dataType) for each in schema] != [(COLUMN, spark.StringType())]:
        raise UserError(
            f"items=json gives one column, {COLUMN} string, and the schema is "
            f"{schema.simpleString()}",
            "Leave the schema out; or leave out items=json to read columns.",
        )


def batch_of(items: Sequence[Item]) -> pa.RecordBatch:
    """Some items as a batch.

    Raises:
        UserError: one can't be written as JSON.
    """
    texts = pa.array([to_dynamodb_json(item) for item in items], pa.string())
    return pa.RecordBatch.from_arrays([texts], schema=_ARROW)
