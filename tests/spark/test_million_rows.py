"""A million rows of all kinds, from Parquet into a table and back, with two tasks at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
import pytest

from pannier.library.connecting import connect
from tests.conftest import serving
from tests.spark import million
from tests.spark.tables import made

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROWS = 1_000_000
_TABLE = "million"
_FILE_BYTES = "spark.sql.files.maxPartitionBytes"


@pytest.fixture
def small_parts(spark: "SparkSession") -> Iterator[None]:
    """Each file of the rows is a partition of its own."""
    before = spark.conf.get(_FILE_BYTES)
    spark.conf.set(_FILE_BYTES, str(8 << 20))
    yield
    spark.conf.set(_FILE_BYTES, before)


@pytest.mark.usefixtures("small_parts")
def test_a_million_rows_come_back_as_they_were(spark: "SparkSession", tmp_path: Path) -> None:
    given, back, report = tmp_path / "given", tmp_path / "back", tmp_path / "report.json"
    million.write_files(given, _ROWS)
    rows = spark.read.parquet(str(given))
    for column in million.SETS:
        rows = rows.withMetadata(column, {"pannier": {"is": "SS"}})
    with serving("--memory", "--no-console") as (url, _):
        with connect(url) as connection:
            made(connection, _TABLE, million.KEY, [])
        written = rows.write.format("pannier").mode("append").option("target", url)
        written.option("report", str(report)).save(_TABLE)
        reader = spark.read.format("pannier").option("target", url).option("segments", "8")
        reader.schema(rows.schema).load(_TABLE).write.parquet(str(back))
    told = orjson.loads(report.read_bytes())
    assert (told["read"], told["written"], told["balanced"]) == (_ROWS, _ROWS, True)
    assert told["calls"] == _ROWS / 25, "all batches are full"
    assert told["spark"]["tasks"] == 8
    assert million.sorted_rows(back).equals(million.sorted_rows(given))
