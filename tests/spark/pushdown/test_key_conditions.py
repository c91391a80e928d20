"""Filters that fix the partition key become queries."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import types as spark
from pyspark.sql.datasource import (
    EqualNullSafe,
    EqualTo,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
    Not,
    StringStartsWith,
)

from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.spark.pushdown.condition import Placeholders
from pannier.spark.pushdown.key_conditions import QUERIES_MAX, KeyRange, key_range

KINDS = {
    "string": spark.StringType(), "int": spark.IntegerType(), "double": spark.DoubleType(),
    "decimal": spark.DecimalType(20, 2), "binary": spark.BinaryType(), "date": spark.DateType(),
    "timestamp": spark.TimestampType(),
}  # fmt: skip


def asked(pk: str, sk: str, *filters: Any) -> KeyRange | None:
    """Of a table whose key columns are given as `string:S`."""
    columns = [each.split(":") for each in (pk, sk)]
    schema = spark.StructType(
        [
            spark.StructField(name, KINDS[column])
            for name, (column, _) in zip(("pk", "sk"), columns, strict=True)
        ]
    )
    key = KeySchema([KeyAttribute("pk", columns[0][1])], [KeyAttribute("sk", columns[1][1])])
    return key_range(filters, schema, key)


def sort_text(found: KeyRange | None) -> str | None:
    assert found is not None
    if found.sort is None:
        return None
    placeholders = Placeholders()
    text = placeholders.text(found.sort)
    for name, meant in placeholders.names.items():
        text = text.replace(name, meant)
    for name, meant in placeholders.values.items():
        text = text.replace(name, str(next(iter(meant.values()))))
    return text


@pytest.mark.parametrize(
    ("pk", "filters", "partitions"),
    [
        ("string:S", [EqualTo(("pk",), "a")], [{"S": "a"}]),
        ("string:S", [EqualNullSafe(("pk",), "a")], [{"S": "a"}]),
        ("string:S", [In(("pk",), ("a", "b", "a", None, ""))], [{"S": "a"}, {"S": "b"}]),
        ("string:S", [In(("pk",), ("a", "b")), EqualTo(("pk",), "b")], [{"S": "b"}]),
        ("string:S", [EqualTo(("pk",), "")], []),
        ("string:S", [EqualTo(("pk",), "x" * 2049)], []),
        ("int:N", [EqualTo(("pk",), 5)], [{"N": "5"}]),
        ("decimal:N", [EqualTo(("pk",), Decimal("5.00"))], [{"N": "5"}]),
        ("binary:B", [EqualTo(("pk",), b"a")], [{"B": "YQ=="}]),
        ("date:S", [EqualTo(("pk",), date(2026, 1, 2))], [{"S": "2026-01-02"}]),
    ],
)
def test_a_fixed_partition_key(pk: str, filters: list[Any], partitions: list[Any]) -> None:
    found = asked(pk, "string:S", *filters)
    assert found is not None
    assert [each["pk"] for each in found.partitions] == partitions


@pytest.mark.parametrize(
    ("pk", "filters"),
    [
        ("string:S", []),
        ("string:S", [GreaterThan(("pk",), "a")]),
        ("string:S", [Not(EqualTo(("pk",), "a"))]),
        ("string:S", [EqualNullSafe(("pk",), None)]),
        ("string:S", [EqualTo(("pk", "a"), "a")]),
        ("string:S", [In(("pk",), tuple(str(at) for at in range(QUERIES_MAX + 1)))]),
        ("double:N", [EqualTo(("pk",), 0.1)]),  # not one number, but many
        ("string:N", [EqualTo(("pk",), "5")]),  # a number as text
        ("timestamp:S", [EqualTo(("pk",), datetime(2026, 1, 1, tzinfo=UTC))]),
    ],
)
def test_what_fixes_no_partition_key(pk: str, filters: list[Any]) -> None:
    assert asked(pk, "string:S", *filters) is None


@pytest.mark.parametrize(
    ("sk", "filters", "text"),
    [
        ("string:S", [EqualTo(("sk",), "a")], "sk = a"),
        ("string:S", [GreaterThan(("sk",), "a")], "sk >= a"),
        ("string:S", [LessThan(("sk",), "a")], "sk <= a"),
        ("string:S", [GreaterThan(("sk",), "a"), LessThanOrEqual(("sk",), "b")],
         "sk BETWEEN a AND b"),
        ("string:S", [GreaterThan(("sk",), "a"), GreaterThanOrEqual(("sk",), "b")], "sk >= b"),
        ("string:S", [GreaterThan(("sk",), "b"), LessThan(("sk",), "a")], "sk >= b"),
        ("string:S", [StringStartsWith(("sk",), "a")], "begins_with(sk, a)"),
        ("string:S", [StringStartsWith(("sk",), "a"), GreaterThan(("sk",), "ab")],
         "begins_with(sk, a)"),
        ("string:S", [StringStartsWith(("sk",), "")], None),
        ("string:S", [GreaterThan(("sk",), "")], None),
        ("string:S", [In(("sk",), ("a", "b"))], None),
        ("string:S", [Not(EqualTo(("sk",), "a"))], None),
        ("int:N", [GreaterThan(("sk",), 9), LessThan(("sk",), 10)], "sk BETWEEN 9 AND 10"),
        ("string:N", [GreaterThan(("sk",), "9")], None),
        ("timestamp:S", [GreaterThan(("sk",), datetime(2026, 1, 2, tzinfo=UTC))],
         "sk >= 2026-01-01"),
        ("binary:B", [LessThan(("sk",), b"a")], "sk <= YQ=="),
    ],
)  # fmt: skip
def test_the_range_of_the_sort_key(sk: str, filters: list[Any], text: str | None) -> None:
    assert sort_text(asked("string:S", sk, EqualTo(("pk",), "p"), *filters)) == text


def test_every_attribute_of_a_partition_key_has_to_be_fixed() -> None:
    schema = spark.StructType([spark.StructField(name, spark.StringType()) for name in ("a", "b")])
    key = KeySchema([KeyAttribute("a", "S"), KeyAttribute("b", "S")], [])
    one = In(("a",), ("x", "y"))
    assert key_range([one], schema, key) is None
    found = key_range([one, EqualTo(("b",), "z")], schema, key)
    assert found is not None
    assert found.partitions == [
        {"a": {"S": "x"}, "b": {"S": "z"}}, {"a": {"S": "y"}, "b": {"S": "z"}},
    ]  # fmt: skip
