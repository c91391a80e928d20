"""Batches of items, quickly and value by value."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import types as spark

from pannier.errors import UserError
from pannier.spark.schemas.columns import Columns

SCHEMA = spark.StructType(
    [
        spark.StructField("pk", spark.StringType(), nullable=False),
        spark.StructField("count", spark.IntegerType()),
        spark.StructField("price", spark.DecimalType(10, 2)),
        spark.StructField("flag", spark.BooleanType()),
        spark.StructField("map", spark.MapType(spark.StringType(), spark.DoubleType())),
        spark.StructField("at", spark.TimestampType()),
    ]
)
GOOD: dict[str, Any] = {
    "pk": {"S": "a"}, "count": {"N": "5"}, "price": {"N": "1.5"}, "flag": {"BOOL": True},
    "map": {"M": {"x": {"N": "0.5"}}}, "at": {"S": "2026-01-01T00:00:00Z"},
}  # fmt: skip


def test_a_batch_has_the_schema_that_spark_expects() -> None:
    batch = Columns(SCHEMA).batch([GOOD, {"pk": {"S": "b"}, "count": {"NULL": True}}])
    assert batch.schema == Columns(SCHEMA).schema
    assert batch.schema.field("at").type == pa.timestamp("us", "UTC")
    assert batch.schema.field("price").type == pa.decimal128(10, 2)
    rows = batch.to_pylist()
    assert rows[0]["price"] == Decimal("1.50")
    assert rows[0]["map"] == [("x", 0.5)]
    assert rows[1] == dict.fromkeys(SCHEMA.names) | {"pk": "b"}


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "count",
            {"N": "1.5"},
            'count of the item with pk {"S":"a"}: {"N":"1.5"} does not fit int',
        ),
        ("count", {"N": "2147483648"}, "does not fit int"),
        ("price", {"N": "1.005"}, r"does not fit decimal\(10,2\)"),
        ("flag", {"S": "true"}, "does not fit boolean, which takes BOOL"),
        ("map", {"M": {"x": {"S": "y"}}}, "map.x of the item with"),
    ],
)
def test_what_does_not_fit_is_named_with_its_item(column: str, value: Any, message: str) -> None:
    columns = Columns(SCHEMA, key_names=("pk",))
    with pytest.raises(UserError, match=message):
        columns.batch([GOOD, {**GOOD, column: value}])


def test_misfits_are_counted_where_they_become_null() -> None:
    columns = Columns(SCHEMA, "permissive", ("pk",))
    wrong = {**GOOD, "count": {"S": "x"}, "map": {"M": {"x": {"S": "y"}}}}
    rows = columns.batch([GOOD, wrong, wrong]).to_pylist()
    assert [row["count"] for row in rows] == [5, None, None]
    assert rows[1]["map"] == [("x", None)]
    assert columns.misfits.counts == {"count": 2, "map": 2}
    assert columns.misfits.told().startswith("4 values did not fit and are null: count 2 (")
    with pytest.raises(UserError, match="takes no null"):
        columns.batch([{**GOOD, "pk": {"NULL": True}}])


def test_a_mark_that_is_none_is_refused() -> None:
    field = spark.StructField("a", spark.StringType(), metadata={"pannier": "N"})
    with pytest.raises(UserError, match="the mark of column a is 'N'"):
        Columns(spark.StructType([field]))
