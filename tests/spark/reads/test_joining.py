"""Items for a data frame of keys."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

import pannier
import pannier.spark
from pannier.errors import UserError
from tests.conftest import serving
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--memory", "--no-console") as (url, _):
        with pannier.connect(url) as connection:
            items = (
                {"pk": f"p{at}", "sk": at, "price": Decimal(at) / 4, "tags": {"a"}}
                for at in range(1200)
            )
            made(connection, "Items", "pk:S sk:N", items)
        yield url


def test_rows_get_the_items_of_their_keys(spark: "SparkSession", url: str) -> None:
    keys = spark.sql("SELECT 'row' || id AS own, 'p' || id AS pk, id AS sk FROM range(0, 2400, 2)")
    rows = pannier.spark.get(keys.repartition(3), "Items", target=url).collect()
    assert {(row.own, row.sk, row.price, tuple(row.tags)) for row in rows} == {
        (f"row{at}", at, Decimal(at) / 4, ("a",)) for at in range(0, 1200, 2)
    }
    assert len(rows) == 600


def test_a_left_join_keeps_rows_without_an_item_or_a_key(spark: "SparkSession", url: str) -> None:
    keys = spark.createDataFrame(
        [("p1", 1), ("p1", 1), ("p1", 2), (None, 1), ("", 1), ("p3", 3)], "pk string, sk int"
    ).coalesce(1)
    rows = pannier.spark.get(keys, "Items", schema="price double", how="left", target=url)
    assert [tuple(row) for row in rows.collect()] == [
        ("p1", 1, 0.25), ("p1", 1, 0.25), ("p1", 2, None),
        (None, 1, None), ("", 1, None), ("p3", 3, 0.75),
    ]  # fmt: skip


def test_no_rows(spark: "SparkSession", url: str) -> None:
    keys = spark.createDataFrame([], "pk string, sk int")
    assert pannier.spark.get(keys, "Items", schema="price double", target=url).collect() == []


@pytest.mark.parametrize(
    ("columns", "schema", "message"),
    [
        ("pk string", None, "the keys have no column sk"),
        ("pk string, sk string", None, "the column sk is string, and the key's attribute is N"),
        ("pk string, sk int, price int", None, "the keys have a column price"),
        ("pk string, sk int", "price interval day", "a column of type interval day"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    spark: "SparkSession", url: str, columns: str, schema: str | None, message: str
) -> None:
    keys = spark.createDataFrame([], columns)
    with pytest.raises(UserError, match=message):
        pannier.spark.get(keys, "Items", schema=schema, target=url)
