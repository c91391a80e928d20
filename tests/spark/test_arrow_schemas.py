"""Whichever PySpark is there, times are UTC in the batches that it takes."""

import pyarrow as pa
from pyspark.sql import types as spark

from pannier.spark.arrow_schemas import arrow_schema_of


def test_times_are_utc_at_any_depth() -> None:
    times = spark.StructType([spark.StructField("at", spark.TimestampType())])
    schema = arrow_schema_of(
        spark.StructType(
            [
                spark.StructField("at", spark.TimestampType()),
                spark.StructField("local", spark.TimestampNTZType()),
                spark.StructField("inner", spark.ArrayType(times)),
            ]
        )
    )
    assert schema.field("at").type == pa.timestamp("us", "UTC")
    assert schema.field("local").type == pa.timestamp("us")
    assert schema.field("inner").type.value_type.field("at").type == pa.timestamp("us", "UTC")
