"""Spark's schema as Arrow's, with all times in UTC, by whichever PySpark is there.

The function that makes it is PySpark's own matter and has changed: in 4.1 times are UTC unless it
is told otherwise, later they have no zone unless it is told one.
"""

from inspect import signature
from typing import Any, Final

import pyarrow as pa
from pyspark.sql import types as spark
from pyspark.sql.pandas.types import to_arrow_schema

_IN_UTC: Final[dict[str, Any]] = (
    {"timezone": "UTC"} if "timezone" in signature(to_arrow_schema).parameters else {}
)


def arrow_schema_of(schema: spark.StructType) -> pa.Schema:
    """The schema of the batches that Spark takes and hands over.

    Raises:
        PySparkException: a type that Arrow does not have.
    """
    return to_arrow_schema(schema, **_IN_UTC)
