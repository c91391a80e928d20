"""Tables read by a session of Spark, out of a server of its own."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from pyspark.errors import PySparkException

import pannier
from tests.conftest import serving
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

ITEMS: list[dict[str, Any]] = [
    {
        "pk": f"p{number % 4}",
        "sk": number,
        "name": f"n{number}",
        "price": Decimal(number) + Decimal("0.25"),
        "big": Decimal(12345678901234567890123456789012345678),
        "tags": {"a", f"t{number}"},
        "sizes": {Decimal("1.5"), Decimal(number + 2)},
        "raw": bytes([number]),
        "flag": number % 2 == 0,
        "inner": {"x": number, "day": f"2026-01-{number % 28 + 1:02}", "list": [1, 2, number]},
        "at": f"2026-01-{number % 28 + 1:02}T08:00:00+02:00",
        **({} if number % 3 == 0 else {"opt": None if number % 3 == 1 else "z"}),
        "mixed": number if number % 2 else "text",
    }
    for number in range(200)
]
TYPED = (
    "pk string, sk int, price double, at timestamp, raw binary, tags array<string>, "
    "inner struct<x: bigint, day: date, list: array<decimal(38,0)>>"
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--memory", "--no-console") as (url, _):
        with pannier.connect(url) as connection:
            made(connection, "Items", "pk:S sk:N", ITEMS)
        yield url


def frame(spark: "SparkSession", url: str, schema: str | None = None, **options: Any) -> Any:
    reader = spark.read.format("pannier").option("target", url).options(**options)
    return (reader if schema is None else reader.schema(schema)).load("Items")


def sort_keys(rows: "DataFrame") -> list[int]:
    return sorted(row.sk for row in rows.select("sk").collect())


def test_inferred_columns_hold_exactly_what_the_items_do(spark: "SparkSession", url: str) -> None:
    rows = frame(spark, url).orderBy("sk").collect()
    assert [row.sk for row in rows] == list(range(200))
    for row, item in zip(rows, ITEMS, strict=True):
        assert row.price == item["price"]
        assert row.big == item["big"]
        assert set(row.tags) == item["tags"]
        assert set(row.sizes) == item["sizes"]
        assert bytes(row.raw) == item["raw"]
        assert row.flag is item["flag"]
        assert row.inner.asDict() == item["inner"]
        assert row.opt == item.get("opt")
    assert {row.mixed for row in rows[:2]} == {'{"S":"text"}', '{"N":"1"}'}


def test_a_schema_given_is_kept(spark: "SparkSession", url: str) -> None:
    row = frame(spark, url, TYPED).where("sk = 5").collect()[0]
    assert (row.price, row.inner.day, row.inner.x) == (5.25, date(2026, 1, 6), 5)
    assert row.inner.list == [Decimal(1), Decimal(2), Decimal(5)]
    assert row["at"].astimezone(UTC) == datetime(2026, 1, 6, 6, tzinfo=UTC)


@pytest.mark.parametrize("segments", ["1", "3", "16"])
def test_segments_hold_each_item_once(spark: "SparkSession", url: str, segments: str) -> None:
    rows = frame(spark, url, "sk int", segments=segments)
    assert rows.rdd.getNumPartitions() == int(segments)
    assert sort_keys(rows) == list(range(200))


@pytest.mark.parametrize(
    "condition",
    [
        "pk = 'p1'",
        "pk = 'p1' AND sk > 100",
        "pk IN ('p1', 'p3', 'p9') AND sk BETWEEN 50 AND 70",
        "pk = 'p1' AND sk = 5",
        "pk = 'p1' AND price >= 100.25",
        "pk = ''",
        "price > 190.25D",
        "price = 5.25D",
        "inner.x = 7",
        "inner.day >= DATE'2026-01-25'",
        "at < TIMESTAMP'2026-01-03 00:00:00'",
        "at = TIMESTAMP'2026-01-05T06:00:00Z'",
        "raw = X'05'",
        "NOT (sk = 5)",
        "sk NOT IN (1, 2, 3)",
        "array_contains(tags, 't7')",
        "pk LIKE 'p1%' AND sk < 20",
    ],
)
def test_filters_keep_what_spark_alone_would(
    spark: "SparkSession", url: str, condition: str
) -> None:
    everything = frame(spark, url, TYPED)
    alone = spark.createDataFrame(everything.collect(), everything.schema)
    assert sort_keys(everything.where(condition)) == sort_keys(alone.where(condition))


def test_a_fixed_key_reads_its_items_only(spark: "SparkSession", url: str) -> None:
    units = []
    for condition in ("pk = 'p1' AND sk < 20", "price < 20.25D"):
        before = consumed(url)
        frame(spark, url, TYPED).where(condition).collect()
        units.append(consumed(url) - before)
    assert units[0] < units[1]


def consumed(url: str) -> float:
    """The read units of the table so far, as CloudWatch has them."""
    client = boto3.client("cloudwatch", endpoint_url=url)
    now = datetime.now(UTC)
    points = client.get_metric_statistics(
        Namespace="AWS/DynamoDB",
        MetricName="ConsumedReadCapacityUnits",
        Dimensions=[{"Name": "TableName", "Value": "Items"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


@pytest.mark.parametrize(
    ("options", "schema", "first"),
    [
        ({"foo": "1"}, None, "reading has no option 'foo'"),
        ({"consistent": "perhaps"}, "pk string", "the option consistent is 'perhaps'"),
        ({"index": "Nope"}, "pk string", "there is no index Nope on table Items"),
        ({}, "pk string, name timestamp", "name of the item with pk "),
        ({}, "pk interval day", "a column of type interval day can't be read from DynamoDB"),
        ({"target": "memory"}, None, "a job on Spark has many processes"),
    ],
)
def test_errors_say_what_to_do_in_their_first_line(
    spark: "SparkSession", url: str, options: dict[str, str], schema: str | None, first: str
) -> None:
    with pytest.raises(PySparkException) as raised:
        frame(spark, url, schema, **options).collect()
    assert f"UserError: {first}" in str(raised.value)
    assert "Traceback" not in str(raised.value)


def test_what_does_not_fit_can_be_null(spark: "SparkSession", url: str) -> None:
    rows = frame(spark, url, "sk int, mixed int", mode="permissive")
    assert rows.where("mixed IS NULL").count() == 100
    assert rows.where("mixed = 5").count() == 1
