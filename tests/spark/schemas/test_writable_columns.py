"""What the types of columns tell before any row is written."""

import pytest
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampType,
    VariantType,
)

from pannier.errors import UserError
from pannier.model.key_schema import KeyAttribute
from pannier.spark.schemas.writable_columns import arrow_schema, check_keys


def column(kind: DataType, mark: str = "") -> StructType:
    return StructType().add("a", kind, True, {"pannier": {"is": mark}} if mark else None)


@pytest.mark.parametrize(
    "kind",
    [
        CalendarIntervalType(),
        VariantType(),
        ArrayType(VariantType()),
        StructType().add("b", MapType(StringType(), VariantType())),
    ],
)
def test_types_without_a_dynamodb_form_are_told(kind: DataType) -> None:
    with pytest.raises(UserError, match=r"the data frame, column a: .* has no DynamoDB form"):
        arrow_schema(column(kind), None)


def test_maps_by_numbers_are_told() -> None:
    with pytest.raises(UserError, match="the keys of a map<int,string> are no texts"):
        arrow_schema(column(ArrayType(MapType(IntegerType(), StringType()))), None)


def test_columns_that_are_not_wanted_may_be_of_any_type() -> None:
    schema = column(VariantType()).add("PK", StringType())
    assert arrow_schema(schema, ["PK"]).names == ["a", "PK"]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (StringType(), "S"),
        (DateType(), "S"),
        (TimestampType(), "S"),
        (IntegerType(), "N"),
        (LongType(), "N"),
        (DoubleType(), "N"),
        (DecimalType(38, 2), "N"),
        (BinaryType(), "B"),
    ],
)
def test_a_column_fits_a_key_of_one_type_only(kind: DataType, key: str) -> None:
    for each in "SNB":
        keys = [KeyAttribute("a", each)]
        if each == key:
            check_keys(column(kind), "shop", keys)
        else:
            with pytest.raises(UserError, match="the key attribute a of shop is"):
                check_keys(column(kind), "shop", keys)


@pytest.mark.parametrize(
    "kind", [BooleanType(), ArrayType(StringType()), StructType(), DayTimeIntervalType()]
)
def test_some_columns_fit_no_key(kind: DataType) -> None:
    with pytest.raises(UserError, match="is a number"):
        check_keys(column(kind), "shop", [KeyAttribute("a", "N")])


def test_a_text_that_is_marked_is_what_its_mark_says() -> None:
    check_keys(column(StringType(), "N"), "shop", [KeyAttribute("a", "N")])
    check_keys(column(StringType(), "DYNAMODB"), "shop", [KeyAttribute("a", "B")])
    with pytest.raises(UserError, match="is a text"):
        check_keys(column(StringType(), "N"), "shop", [KeyAttribute("a", "S")])
