"""Jobs on Spark, on servers that are not ours."""

from decimal import Decimal
from typing import TYPE_CHECKING

import pannier.spark
from pannier import Connection
from tests.foreign.shop import INDEX, TABLE, item, key
from tests.spark.fixture import spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["spark"]  # a fixture

_COUNT = 2000
_COLUMNS = "PK string, SK long, name string, group string, price decimal(10, 2), tags array<string>"


def rows(spark: "SparkSession") -> "DataFrame":
    """Many items, each in one row."""
    return spark.range(_COUNT).selectExpr(
        "concat('p', id % 10) AS PK",
        "id AS SK",
        "concat('item ', id) AS name",
        "concat('g', id % 3) AS group",
        "CAST(id AS decimal(10, 2)) / 4 AS price",
        "array('a', concat('t', id % 7)) AS tags",
    )


def read(spark: "SparkSession", url: str) -> "DataFrame":
    source = spark.read.format("pannier").schema(_COLUMNS).option("target", url)
    return source.load(TABLE)


def write(frame: "DataFrame", url: str, **options: str) -> None:
    writer = frame.write.format("pannier").mode("append").option("target", url)
    writer.options(**options).save(TABLE)


def test_what_is_written_is_read(spark: "SparkSession", db: Connection, url: str) -> None:
    written = rows(spark)
    write(written, url)
    found = read(spark, url).orderBy("SK").collect()
    assert [each["SK"] for each in found] == list(range(_COUNT))
    assert found[5].asDict() == {
        "PK": "p5", "SK": 5, "name": "item 5", "group": "g2", "price": Decimal("1.25"),
        "tags": ["a", "t5"],
    }  # fmt: skip
    expected = written.select(read(spark, url).columns)
    assert expected.exceptAll(read(spark, url).selectExpr(*expected.columns)).isEmpty()


def test_filters_become_queries_and_conditions(
    spark: "SparkSession", db: Connection, url: str
) -> None:
    assert db.write((item(number) for number in range(_COUNT)), TABLE).ok
    table = spark.read.format("pannier").schema("PK string, SK long, name string")
    queried = table.option("target", url).load(TABLE).where("PK = 'p3' AND SK BETWEEN 100 AND 200")
    assert sorted(each["SK"] for each in queried.collect()) == list(range(103, 201, 10))
    scanned = table.option("target", url).load(TABLE).where("name LIKE 'item 19%'")
    wanted = [number for number in range(_COUNT) if str(number).startswith("19")]
    assert sorted(each["SK"] for each in scanned.collect()) == wanted
    indexed = table.option("target", url).option("index", INDEX)
    by_group = indexed.schema("PK string, SK long, group string").load(TABLE)
    wanted = [number for number in range(_COUNT) if number % 3 == 1]
    assert sorted(each["SK"] for each in by_group.where("group = 'g1'").collect()) == wanted


def test_rows_get_their_items_and_lose_them(
    spark: "SparkSession", db: Connection, url: str
) -> None:
    assert db.write((item(number) for number in range(_COUNT)), TABLE).ok
    keys = spark.range(0, 2 * _COUNT, 3).selectExpr("concat('p', id % 10) AS PK", "id AS SK")
    joined = pannier.spark.get(keys, TABLE, schema="name string", target=url)
    assert sorted(each["SK"] for each in joined.collect()) == list(range(0, _COUNT, 3))
    write(keys, url, kind="delete")
    left = {each["SK"] for each in db.scan(TABLE, projection="SK", consistent=True)}
    assert left == {number for number in range(_COUNT) if number % 3}
    assert list(db.read([key(3)], TABLE)) == []
