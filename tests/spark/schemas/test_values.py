"""What each type of column takes, and what it does not."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import types as spark

from pannier.errors import UserError
from pannier.spark.schemas.values import Misfit, converter

STRUCT = spark.StructType(
    [
        spark.StructField("a", spark.IntegerType()),
        spark.StructField("b", spark.StringType(), nullable=False),
    ]
)
TEXTS = spark.ArrayType(spark.StringType())
BIG = "9" * 38


def held(kind: spark.DataType, value: Any, *, nullable: bool = True, **hints: Any) -> Any:
    return converter(kind, hints, nullable=nullable)(value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (spark.StringType(), {"S": ""}, ""),
        (spark.StringType(), {"N": BIG}, BIG),
        (spark.StringType(), {"N": "5.00"}, "5"),
        (spark.ByteType(), {"N": "-128"}, -128),
        (spark.LongType(), {"N": "9223372036854775807"}, 2**63 - 1),
        (spark.LongType(), {"N": "1e3"}, 1000),
        (spark.DecimalType(38, 0), {"N": BIG}, Decimal(BIG)),
        (spark.DecimalType(4, 2), {"N": "-99.99"}, Decimal("-99.99")),
        (spark.DecimalType(2, 2), {"N": "0.25"}, Decimal("0.25")),
        (spark.DoubleType(), {"N": "0.1"}, 0.1),
        (spark.DoubleType(), {"N": "9.99E+125"}, 9.99e125),
        (spark.BooleanType(), {"BOOL": False}, False),
        (spark.BinaryType(), {"B": ""}, b""),
        (spark.DateType(), {"S": "2024-02-29"}, date(2024, 2, 29)),
        (
            spark.TimestampType(),
            {"S": "2026-01-02T03:04:05.123456000Z"},
            datetime(2026, 1, 2, 3, 4, 5, 123456, UTC),
        ),
        (spark.TimestampType(), {"S": "2026-01-02 03:04"}, datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        (
            spark.TimestampType(),
            {"S": "2026-01-02T00:00:00+02:00"},
            datetime(2026, 1, 1, 22, tzinfo=UTC),
        ),
        (spark.TimestampNTZType(), {"S": "2026-01-02T03:04:05"}, datetime(2026, 1, 2, 3, 4, 5)),
        (spark.TimeType(), {"S": "08:00:01"}, time(8, 0, 1)),
        (TEXTS, {"L": [{"S": "a"}, {"NULL": True}, {"N": "1"}]}, ["a", None, "1"]),
        (TEXTS, {"SS": ["a", "b"]}, ["a", "b"]),
        (spark.ArrayType(spark.LongType()), {"NS": ["1", "2"]}, [1, 2]),
        (spark.ArrayType(spark.BinaryType()), {"BS": ["YQ=="]}, [b"a"]),
        (
            spark.MapType(spark.StringType(), spark.LongType()),
            {"M": {"x": {"N": "1"}, "y": {"NULL": True}}},
            [("x", 1), ("y", None)],
        ),
        (STRUCT, {"M": {"b": {"S": "t"}, "c": {"S": "not named"}}}, {"a": None, "b": "t"}),
        (STRUCT, {"NULL": True}, None),
        (STRUCT, None, None),
    ],
)
def test_what_fits(kind: spark.DataType, value: Any, expected: Any) -> None:
    assert held(kind, value) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (spark.StringType(), {"BOOL": True}),
        (spark.StringType(), {"L": []}),
        (spark.ByteType(), {"N": "128"}),
        (spark.LongType(), {"N": "9223372036854775808"}),
        (spark.LongType(), {"N": "1.5"}),
        (spark.LongType(), {"S": "1"}),
        (spark.DecimalType(4, 2), {"N": "100"}),
        (spark.DecimalType(4, 2), {"N": "0.001"}),
        (spark.FloatType(), {"N": "3.5e38"}),
        (spark.BooleanType(), {"N": "1"}),
        (spark.BinaryType(), {"S": "YQ=="}),
        (spark.DateType(), {"S": "2026-02-30"}),
        (spark.DateType(), {"S": "20260101"}),
        (spark.DateType(), {"N": "20260101"}),
        (spark.TimestampType(), {"S": "2026-01-01"}),
        (spark.TimestampType(), {"S": "2026-01-01T25:00:00"}),
        (spark.TimestampType(), {"S": "2026-01-01T08:00:00.1234567Z"}),
        (spark.TimestampType(), {"S": "0001-01-01T00:00:00+14:00"}),
        (spark.TimestampNTZType(), {"S": "2026-01-01T08:00:00Z"}),
        (spark.TimeType(), {"S": "8:00"}),
        (TEXTS, {"S": "a"}),
        (TEXTS, {"L": [{"BOOL": True}]}),
        (STRUCT, {"M": {"a": {"N": "1"}}}),
        (STRUCT, {"L": []}),
        (spark.NullType(), {"S": "a"}),
    ],
)
def test_what_does_not_fit(kind: spark.DataType, value: Any) -> None:
    with pytest.raises(Misfit):
        held(kind, value)


def test_marks_say_what_a_string_is() -> None:
    text = spark.StringType()
    assert held(text, {"L": [{"N": "1"}]}, **{"is": "DYNAMODB"}) == '{"L":[{"N":"1"}]}'
    assert held(text, {"NULL": True}, **{"is": "DYNAMODB"}) == '{"NULL":true}'
    assert held(text, {"N": BIG}, **{"is": "N"}) == BIG
    with pytest.raises(Misfit):
        held(text, {"S": "5"}, **{"is": "N"})


def test_a_misfit_says_where_it_is() -> None:
    kind = spark.ArrayType(STRUCT)
    wrong = {"L": [{"M": {"b": {"S": "t"}}}, {"M": {"a": {"S": "x"}, "b": {"S": "t"}}}]}
    with pytest.raises(Misfit) as raised:
        held(kind, wrong)
    assert raised.value.path == "[1].a"
    assert raised.value.reason == '{"S":"x"} does not fit int, which takes N'


def test_a_column_without_nulls_takes_none() -> None:
    for nothing in (None, {"NULL": True}):
        with pytest.raises(Misfit, match="takes no null"):
            held(spark.StringType(), nothing, nullable=False)


def test_the_innermost_that_may_be_null_becomes_it() -> None:
    misfits: list[Misfit] = []
    convert = converter(spark.ArrayType(STRUCT), {}, nullable=True, on_misfit=misfits.append)
    wrong = {"L": [{"M": {"a": {"S": "x"}, "b": {"S": "t"}}}, {"M": {"b": {"BOOL": True}}}]}
    assert convert(wrong) == [{"a": None, "b": "t"}, None]
    assert len(misfits) == 2


def test_a_type_that_no_value_has_is_refused() -> None:
    with pytest.raises(UserError, match="interval day"):
        converter(spark.DayTimeIntervalType(0, 0), {}, nullable=True)
