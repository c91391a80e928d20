"""Budgets over the tasks of Spark, by what the server itself has metered.

Only what holds on any machine is asserted: never more than is allowed. A machine that has much to
do spends less; `benchmarks/spark_budgets.py` measures how much, and the tests in simulated time
(`test_budgets_over_tasks`) hold both bounds.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.consumed import Consumed
from pannier.library.connection import Connection
from pannier.spark import get
from tests.spark.shop import TABLE, shop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

UNITS_PER_S = 100.0
SAVED_S = 1.0  # what may be saved when the first unit is spent, and the way of a call
TASKS = 10
COUNT = 500  # five seconds of the budget


@pytest.fixture
def place() -> Iterator[tuple[str, Connection]]:
    with shop() as there:
        yield there


def rows(spark: "SparkSession", count: int) -> "DataFrame":
    return spark.range(0, count, 1, TASKS).selectExpr("concat('k', id) AS PK")


def fill(connection: Connection, count: int, size_bytes: int) -> None:
    filling = "x" * size_bytes
    items = ({"PK": f"k{number}", "filling": filling} for number in range(count))
    assert connection.write(items, TABLE).ok


def assert_not_more(consumed: Consumed, units: float) -> None:
    assert consumed.units == pytest.approx(units, rel=0.1), "all of it was done, and once"
    assert consumed.units <= UNITS_PER_S * (consumed.took_s + SAVED_S)


def test_writes_take_their_time(spark: "SparkSession", place: tuple[str, Connection]) -> None:
    url, _ = place
    with Consumed(url, TABLE, "write") as consumed:
        writer = rows(spark, COUNT).write.format("pannier").mode("append").option("target", url)
        writer.option("writeUnits", str(UNITS_PER_S)).save(TABLE)
    assert_not_more(consumed, COUNT)


@pytest.mark.parametrize("filtered", [False, True])
def test_scans_take_their_time(
    spark: "SparkSession", place: tuple[str, Connection], filtered: bool
) -> None:
    url, connection = place
    fill(connection, COUNT, 8000)  # a unit each; a page of 1 MB would be more than a second's
    options: dict[str, Any] = {"target": url, "segments": TASKS, "readUnits": UNITS_PER_S}
    frame = spark.read.format("pannier").schema("PK string, filling string").options(**options)
    found = frame.load(TABLE)
    with Consumed(url, TABLE, "read") as consumed:
        there = found.where("filling = 'none'") if filtered else found
        assert there.count() == (0 if filtered else COUNT)
    assert_not_more(consumed, COUNT)


def test_keys_take_their_time(spark: "SparkSession", place: tuple[str, Connection]) -> None:
    url, connection = place
    fill(connection, 2 * COUNT, 100)  # half a unit each
    keys = rows(spark, 2 * COUNT)
    found = get(keys, TABLE, schema="filling string", target=url, read_units=UNITS_PER_S)
    with Consumed(url, TABLE, "read") as consumed:
        assert found.count() == 2 * COUNT
    assert_not_more(consumed, COUNT)
