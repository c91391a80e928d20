"""All faults at once, and Python workers that are killed: nothing is lost, and all is counted.

Each job meets leftovers, throttles, errors of the service, connections that break before and after
a request has its effect, and loses three workers by SIGKILL while they are at work.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

import pannier.spark
from pannier.library.connection import Connection
from tests.spark.faulty import faults
from tests.spark.killing import killing, workers
from tests.spark.shop import TABLE, items, shop
from tests.spark.tables import loaded

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS = 8000
_KILLS = 3  # a task may fail three times
_POISON = 5  # rows without a key
_PAYLOAD = "x" * 1500


@pytest.fixture
def place() -> Iterator[tuple[str, Connection]]:
    """A server without faults, yet."""
    with shop() as (url, connection):
        yield url, connection


@pytest.fixture
def small_batches(spark: "SparkSession") -> Iterator[None]:
    """A worker is fed little by little, so that it is killed in the midst of its rows."""
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
    yield
    spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


def rows(spark: "SparkSession", *columns: str) -> "DataFrame":
    """Rows with the keys `k0`, `k1` and so on; every 1600th has none."""
    key = f"if(id % {_ROWS // _POISON} = 7, '', concat('k', id)) AS PK"
    return spark.range(0, _ROWS, 1, 4).selectExpr(key, *columns)


def save(frame: "DataFrame", url: str, folder: Path, **options: str) -> dict[str, Any]:
    """Write, while workers are killed; returns the report."""
    report = folder / "report.json"
    given = {
        "target": url, "table": TABLE, "parallel": "2", "report": str(report),
        "failures": str(folder / "failures"), "onFailures": "report",
    }  # fmt: skip
    with faults(url, "BatchWriteItem"), killing(url, _KILLS, workers) as killed:
        frame.write.format("pannier").mode("append").options(**given, **options).save()
    assert len(killed.pids) == _KILLS
    told: dict[str, Any] = orjson.loads(report.read_bytes())
    return told


@pytest.mark.usefixtures("small_batches")
def test_writes_end_with_the_sum_of_all_rows(
    spark: "SparkSession", place: tuple[str, Connection], tmp_path: Path
) -> None:
    url, connection = place
    told = save(rows(spark, "id AS n", f"'{_PAYLOAD}' AS payload"), url, tmp_path)
    good = _ROWS - _POISON
    assert (told["read"], told["written"], told["failed"]) == (_ROWS, good, _POISON)
    assert told["balanced"]
    parts = sorted(path.name for path in (tmp_path / "failures").iterdir())
    assert told["spark"]["failures"] == parts
    lines = [(tmp_path / "failures" / part).read_text().splitlines() for part in parts]
    assert sum(map(len, lines)) == _POISON
    assert items(connection) == {
        f"k{number}": {"PK": f"k{number}", "n": number, "payload": _PAYLOAD}
        for number in range(_ROWS)
        if number % (_ROWS // _POISON) != 7
    }


@pytest.mark.usefixtures("small_batches")
def test_deletes_among_writes_end_with_the_sum_of_all_rows(
    spark: "SparkSession", place: tuple[str, Connection], tmp_path: Path
) -> None:
    url, connection = place
    loaded(connection, TABLE, ({"PK": f"k{number}", "old": True} for number in range(_ROWS)))
    frame = rows(spark, "id AS n", "id % 2 = 0 AS gone")
    told = save(frame, url, tmp_path, deleteColumn="gone")
    assert (told["read"], told["failed"], told["balanced"]) == (_ROWS, _POISON, True)
    assert (told["written"], told["deleted"]) == (_ROWS // 2 - _POISON, _ROWS // 2)
    untouched = {number for number in range(_ROWS) if number % (_ROWS // _POISON) == 7}
    assert items(connection) == {
        f"k{number}": {
            "PK": f"k{number}",
            **({"old": True} if number in untouched else {"n": number}),
        }
        for number in range(_ROWS)
        if number % 2 or number in untouched
    }


def test_reads_give_each_item_once(spark: "SparkSession", place: tuple[str, Connection]) -> None:
    url, connection = place
    loaded(
        connection, TABLE, ({"PK": f"k{each}", "n": each, "p": _PAYLOAD} for each in range(_ROWS))
    )
    reader = spark.read.format("pannier").schema("n long, p string").option("segments", "4")
    with faults(url, "Scan"), killing(url, _KILLS, workers) as killed:
        read = reader.option("target", url).load(TABLE).selectExpr("n", "length(p) AS l").collect()
    assert len(killed.pids) == _KILLS
    assert sorted(row.n for row in read) == list(range(_ROWS))
    assert {row.l for row in read} == {len(_PAYLOAD)}


@pytest.mark.usefixtures("small_batches")
def test_reads_by_key_give_each_row_its_item(
    spark: "SparkSession", place: tuple[str, Connection]
) -> None:
    url, connection = place
    loaded(connection, TABLE, ({"PK": f"k{each}", "n": each} for each in range(0, _ROWS, 2)))
    keys = spark.range(0, _ROWS, 1, 4).selectExpr("concat('k', id) AS PK", "id")
    found = pannier.spark.get(keys, TABLE, schema="n long", how="left", target=url, parallel=2)
    with faults(url, "BatchGetItem"), killing(url, _KILLS, workers) as killed:
        read = found.collect()
    assert len(killed.pids) == _KILLS
    wanted = [(each, None if each % 2 else each) for each in range(_ROWS)]
    assert sorted((row.id, row.n) for row in read) == wanted
