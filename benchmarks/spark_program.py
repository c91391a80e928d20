"""One way to do the jobs of `benchmarks.spark`, in a process of its own that waits for orders.

    python -m benchmarks.spark_program MASTER        # a session of Spark, or `library` for none

An order is a line of JSON: the work, where, and which tables. The answer is a line too: the seconds
that it took, and how many items were written or read. A session is started once, before the first
order, so that it is not in the figures.
"""

from __future__ import annotations

import argparse
import atexit
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from benchmarks.spark_home import SETTINGS
from benchmarks.spark_server import SEGMENTS
from pannier.batch.operation import Operation
from pannier.files.reading import read_all
from pannier.files.source import ReadOptions
from pannier.library.connecting import connect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LIBRARY: Final = "library"
WRITE, READ, COPY = "write", "read", "copy"
_SCHEMA: Final = (
    "PK string, SK string, GSI1PK string, GSI1SK string, name string, price long, stock long, "
    "category string, brand string"
)


@dataclass(frozen=True)
class Order:
    """A job.

    Attributes:
        work: `write`, `read` or `copy`.
        url: of the server.
        files: a folder of Parquet files, which a write reads.
        source: the table that is read.
        destination: the table that is written to.
    """

    work: str
    url: str
    files: str
    source: str
    destination: str


class Jobs(Protocol):
    """A way to do them."""

    def do(self, order: Order) -> int:
        """Do one; returns how many items were read or written."""


class LibraryJobs:
    """The batch engine in this process."""

    def do(self, order: Order) -> int:
        """Do one."""
        with connect(order.url) as connection:
            if order.work == READ:
                scan = {"TableName": order.source}
                pages = connection.pages("Scan", scan, count=SEGMENTS)
                return sum(len(page.items) for page in pages)
            source = self._read(order) if order.work == COPY else _rows(order)
            return connection.write(source).written

    def _read(self, order: Order) -> Iterator[Operation]:
        with connect(order.url) as connection:
            scan = {"TableName": order.source}
            for page in connection.pages("Scan", scan, count=SEGMENTS):
                for item in page.items:
                    yield Operation.put(order.destination, item)


class SparkJobs:
    """A session of Spark.

    Args:
        master: where it runs.
    """

    def __init__(self, master: str) -> None:
        from pyspark.sql import SparkSession

        import pannier.spark

        builder = SparkSession.builder.master(master)
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        self._spark = builder.getOrCreate()
        self._spark.sparkContext.setLogLevel("OFF")
        pannier.spark.register(self._spark)
        atexit.register(self._spark.stop)

    def do(self, order: Order) -> int:
        """Do one."""
        from pyspark.sql import Observation, functions

        seen = Observation()
        is_write = order.work == WRITE
        rows = self._spark.read.parquet(order.files) if is_write else self._table(order)
        rows = rows.observe(seen, functions.count(functions.lit(1)).alias("rows"))
        if order.work == READ:
            rows.write.format("noop").mode("overwrite").save()
        else:
            writer = rows.write.format("pannier").mode("append").option("target", order.url)
            writer.save(order.destination)
        count: int = seen.get["rows"]
        return count

    def _table(self, order: Order) -> DataFrame:
        reader = self._spark.read.format("pannier").schema(_SCHEMA).option("target", order.url)
        return reader.option("segments", str(SEGMENTS)).load(order.source)


def _rows(order: Order) -> Any:
    names = sorted(map(str, Path(order.files).iterdir()))
    return read_all(names, ReadOptions(table=order.destination))


def main(arguments: list[str]) -> int:
    """Do what is ordered on standard input, until it ends."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("master", help=f"of Spark, or {LIBRARY}")
    given = parser.parse_args(arguments)
    began_s = time.perf_counter()
    jobs: Jobs = LibraryJobs() if given.master == LIBRARY else SparkJobs(given.master)
    _tell(time.perf_counter() - began_s, 0)
    for line in sys.stdin:
        began_s = time.perf_counter()
        items = jobs.do(Order(**json.loads(line)))
        _tell(time.perf_counter() - began_s, items)
    return 0


def _tell(taken_s: float, items: int) -> None:
    print(json.dumps({"taken_s": taken_s, "items": items}), flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
