"""Data frames written by Spark itself: two tasks at a time, faults, killed workers."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from pannier.spark import by_key
from pannier.spark.source import PannierSource
from pannier.spark.writing import TableWriter
from tests.spark.session import SECRET
from tests.spark.shop import TABLE, items, named, shop

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.datasource import DataSourceWriter

_FAULTS = """
seed = 7
[[rules]]
operations = "BatchWriteItem"
probability = 0.3
leave = { share = 0.4, pass_one = true }
[[rules]]
operations = "BatchWriteItem"
error = "ProvisionedThroughputExceededException"
probability = 0.05
[[rules]]
operations = "BatchWriteItem"
error = "InternalServerError"
probability = 0.05
"""


def numbers(spark: "SparkSession", count: int, partitions: int = 4) -> "DataFrame":
    """Rows with the keys `k0`, `k1` and so on."""
    return spark.range(0, count, 1, partitions).selectExpr("concat('k', id) AS PK", "id AS n")


def expected(count: int) -> dict[str, dict[str, Any]]:
    return named([{"PK": f"k{number}", "n": number} for number in range(count)])


def save(frame: "DataFrame", url: str, *, source: str = "pannier", **options: str) -> None:
    writer = frame.write.format(source).mode("append").option("target", url).option("table", TABLE)
    for name, value in options.items():
        writer = writer.option(name, value)
    writer.save()


def first_line(error: BaseException) -> str:
    return str(error).splitlines()[0]


def test_a_run_full_of_faults_ends_with_every_row_written_once(
    spark: "SparkSession", tmp_path: Path
) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text(_FAULTS)
    report = tmp_path / "report.json"
    with shop("--faults", str(faults)) as (url, connection):
        save(numbers(spark, 4000), url, report=str(report))
        told = orjson.loads(report.read_bytes())
        assert (told["read"], told["written"], told["balanced"]) == (4000, 4000, True)
        assert told["leftovers"] > 0
        assert told["throttles"] > 0
        assert told["calls_failed"] > told["throttles"]
        assert told["spark"]["tasks"] == 4
        assert items(connection) == expected(4000)


# A worker that is killed


class KilledOnce(TableWriter):
    """Its worker is killed in the midst of a partition, the first time."""

    def write(self, iterator: Iterator[Any]) -> Any:
        """Write, and be killed."""
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        is_first = context.partitionId() == 1 and context.attemptNumber() == 0
        return super().write(self._killing(iterator) if is_first else iterator)

    def _killing(self, iterator: Iterator[Any]) -> Iterator[Any]:
        for number, batch in enumerate(iterator):
            if number == 15:  # most of it is fed, and some of it is written
                os.kill(os.getpid(), signal.SIGKILL)
            yield batch


class KilledSource(PannierSource):
    """The source with such a writer."""

    slots = 2

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "killed"

    def writer(self, schema: Any, overwrite: bool) -> "DataSourceWriter":
        """A writer whose worker is killed."""
        writer = super().writer(schema, overwrite)
        assert isinstance(writer, TableWriter)
        return KilledOnce(writer.plan)


def test_a_worker_that_is_killed_is_tried_again_and_nothing_is_lost_or_counted_twice(
    spark: "SparkSession", tmp_path: Path
) -> None:
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    spark.dataSource.register(KilledSource)
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
    report = tmp_path / "report.json"
    folder = tmp_path / "failures"
    poisoned = numbers(spark, 4000, 2).selectExpr("if(n = 2010, '', PK) AS PK", "n")
    options = {"report": str(report), "failures": str(folder), "onFailures": "report"}
    try:
        with shop() as (url, connection):
            save(poisoned, url, source="killed", **options)
            told = orjson.loads(report.read_bytes())
            everything = items(connection)
    finally:
        spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")
    assert (told["read"], told["written"], told["failed"]) == (4000, 3999, 1)
    assert told["balanced"]
    (part,) = folder.iterdir()
    assert told["spark"]["failures"] == [part.name]
    assert told["spark"]["parts_removed"] == 1, "what the killed attempt had begun"
    wanted = expected(4000)
    del wanted["k2010"]
    assert everything == wanted


def test_a_source_that_fails_for_good_aborts_the_write_and_leaves_no_part(
    spark: "SparkSession", tmp_path: Path
) -> None:
    from pyspark.errors import PySparkException

    broken = numbers(spark, 2000, 2).selectExpr(
        "if(n = 0, '', PK) AS PK", "if(n = 1999, raise_error('broken row'), n) AS n"
    )
    folder = tmp_path / "failures"
    report = tmp_path / "report.json"
    with shop() as (url, _), pytest.raises(PySparkException, match="broken row"):
        save(broken, url, failures=str(folder), report=str(report))
    told = orjson.loads(report.read_bytes())
    assert told["stopped"] == "the job was aborted"
    assert told["balanced"]
    assert sorted(path.name for path in folder.iterdir()) == told["spark"]["failures"]


# What the user is told


def test_rows_that_did_not_get_through_are_told_in_the_first_line(
    spark: "SparkSession", tmp_path: Path
) -> None:
    from pyspark.errors import PySparkException

    poisoned = numbers(spark, 100).selectExpr("if(n % 10 = 3, '', PK) AS PK", "n")
    folder = tmp_path / "failures"
    with shop() as (url, connection):
        with pytest.raises(PySparkException) as caught:
            save(poisoned, url, failures=str(folder))
        assert len(items(connection)) == 90
    assert "UserError: 10 of 100 rows did not get through: " in first_line(caught.value)
    assert str(folder) in str(caught.value)
    assert "Traceback" not in str(caught.value)
    listed = spark.read.json(str(folder)).select("source", "row", "reason").collect()
    assert len(listed) == 10


def test_overwriting_is_refused_in_the_first_line(spark: "SparkSession") -> None:
    from pyspark.errors import PySparkException

    with shop() as (url, _), pytest.raises(PySparkException) as caught:
        numbers(spark, 1).write.format("pannier").mode("overwrite").option("target", url).save(
            TABLE
        )
    assert "UserError: a table of DynamoDB can't be overwritten" in first_line(caught.value)
    assert SECRET not in str(caught.value)


# Order


def test_the_last_row_of_each_key_stands_across_tasks(spark: "SparkSession") -> None:
    """Twenty rows for each key, strewn over all partitions; every fifth key ends with a delete."""
    frame = spark.range(0, 4000, 1, 8).selectExpr(
        "concat('k', id % 200) AS PK",
        "(id * 7919) % 4000 AS n",
        "(id * 7919) % 4000 >= 3800 AND id % 5 = 0 AS gone",
    )
    last: dict[str, Any] = {}
    for row in sorted(frame.collect(), key=lambda row: row["n"]):
        last[row["PK"]] = None if row["gone"] else {"PK": row["PK"], "n": row["n"]}
    assert None in last.values()
    with shop() as (url, connection):
        save(by_key(frame, "PK", order="n", partitions=3), url, deleteColumn="gone")
        wanted = {key: item for key, item in last.items() if item is not None}
        assert items(connection) == wanted


def test_order_by_a_column_that_is_not_there_is_refused(spark: "SparkSession") -> None:
    from pannier.errors import UserError

    with pytest.raises(UserError, match="no column at"):
        by_key(numbers(spark, 1), "PK", order="at")


def test_a_column_with_a_dot_is_a_column(spark: "SparkSession") -> None:
    frame = numbers(spark, 10).withColumnRenamed("PK", "a.b")
    assert by_key(frame, "a.b", order="n").count() == 10
