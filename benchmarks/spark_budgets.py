"""Budgets over the tasks of Spark: is what is allowed spent, and not more?

    python -m benchmarks.spark_budgets                 # about 10 minutes
    python -m benchmarks.spark_budgets --only write --seconds 60

Spark on this machine, as many tasks at a time as `--slots`; `pannier serve` in a process of its
own. What counts is what the server metered, by its own account (`/metrics`), ten times a second:
over all of a job, from the first unit to the last, and in each window of ten seconds. A budget is
a wait, so a busy machine changes little, as long as tasks begin in time.

Short tasks have work for 0.3 seconds of their slot's part, which is about what Spark itself needs
for a task; long ones for ten.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from benchmarks.consumed import Consumed
from pannier.library.connecting import connect
from pannier.library.connection import Connection

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_TABLE: Final = "budgeted"
_WINDOW_S: Final = 10.0
_WRITTEN_BYTES: Final = 500
_ASKED_BYTES: Final = 3500
_ASKED_ITEMS: Final = 5000
_SCANNED_BYTES: Final = 1000
_HALF_UNIT_BYTES: Final = 4096  # of reads that are eventually consistent


@dataclass(frozen=True)
class Case:
    """What is measured.

    Attributes:
        work: `write`, `get` or `scan`.
        task_s: for how many seconds of its slot's part a task has work.
        filtered: whether the filter leaves nothing.
    """

    work: str
    task_s: float
    filtered: bool = False

    @property
    def name(self) -> str:
        """How it is shown."""
        filtered = ", filter that nothing meets" if self.filtered else ""
        return f"{self.work}, tasks of {self.task_s:g} s{filtered}"


@dataclass(frozen=True)
class Scale:
    """How much of it: the budget, for how long it lasts, and how many tasks run at a time."""

    units_per_s: float
    seconds: float
    slots: int


@dataclass(frozen=True)
class Place:
    """Where a case is run: what runs it, the server, and in how many tasks."""

    spark: SparkSession
    connection: Connection
    url: str
    tasks: int


@dataclass(frozen=True)
class Measured:
    """What came of it.

    Attributes:
        case: its name.
        tasks: how many there were.
        units: what the server metered.
        took_s: from the first unit to the last.
        overall: of the budget.
        least: in a window of ten seconds, of the budget; 0 if it did not take as long.
        most: likewise.
    """

    case: str
    tasks: int
    units: float
    took_s: float
    overall: float
    least: float
    most: float


CASES: Final = (
    Case("write", 0.3),
    Case("write", 1.0),
    Case("write", 10.0),
    Case("get", 0.3),
    Case("get", 1.0),
    Case("get", 10.0),
    Case("scan", 0.3),
    Case("scan", 1.0),
    Case("scan", 10.0),
    Case("scan", 1.0, filtered=True),
)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--units", type=float, default=200.0, help="a second (%(default)s)")
    parser.add_argument("--seconds", type=float, default=40.0, help="of each job (%(default)s)")
    parser.add_argument("--slots", type=int, default=2, help="tasks at a time (%(default)s)")
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    given = parser.parse_args()
    scale = Scale(given.units, given.seconds, given.slots)
    found: list[Measured] = []
    with _session(given.slots) as spark:
        if not given.json:
            print("| work | tasks | units | seconds | overall | any 10 s, least | most |")
            print("|---|---|---|---|---|---|---|", flush=True)
        for case in CASES:
            if given.only not in case.name:
                continue
            measured = _measured(spark, case, scale)
            found.append(measured)
            if not given.json:
                print(_line(measured), flush=True)
    if given.json:
        document = {"kind": "spark budgets", "units_per_s": given.units, "slots": given.slots}
        rows = [asdict(each) for each in found]
        sys.stdout.buffer.write(
            orjson.dumps({**document, "rows": rows}, option=orjson.OPT_INDENT_2)
        )


def _line(measured: Measured) -> str:
    return (
        f"| {measured.case} | {measured.tasks} | {measured.units:,.0f} | {measured.took_s:.1f} "
        f"| {measured.overall:.1%} | {measured.least:.1%} | {measured.most:.1%} |"
    )


def _measured(spark: SparkSession, case: Case, scale: Scale) -> Measured:
    tasks = max(scale.slots, round(scale.seconds / case.task_s * scale.slots))
    with _served() as url, connect(url) as connection:
        _create(connection)
        place = Place(spark, connection, url, tasks)
        run = _WORK[case.work](place, case, scale)
        with Consumed(url, _TABLE, "write" if case.work == "write" else "read") as consumed:
            run()
    windows = [each / scale.units_per_s for each in consumed.windows(_WINDOW_S)] or [0.0]
    overall = consumed.units / consumed.took_s / scale.units_per_s
    return Measured(
        case.name, tasks, consumed.units, consumed.took_s, overall, min(windows), max(windows)
    )


def _writing(place: Place, _: Case, scale: Scale) -> Callable[[], None]:
    count = int(scale.units_per_s * scale.seconds)
    rows = place.spark.range(0, count, 1, place.tasks).selectExpr(
        "concat('k', id) AS PK", f"repeat('x', {_WRITTEN_BYTES}) AS filling"
    )
    writer = rows.write.format("pannier").mode("append").option("target", place.url)
    return writer.option("table", _TABLE).option("writeUnits", scale.units_per_s).save


def _getting(place: Place, _: Case, scale: Scale) -> Callable[[], None]:
    from pannier.spark import get

    count = int(scale.units_per_s * scale.seconds * 2)  # half a unit each
    _fill(place.connection, _ASKED_ITEMS, _ASKED_BYTES)
    keys = place.spark.range(0, count, 1, place.tasks)
    keys = keys.selectExpr(f"concat('k', id % {_ASKED_ITEMS}) AS PK")
    units_per_s = scale.units_per_s
    found = get(keys, _TABLE, schema="filling string", target=place.url, read_units=units_per_s)
    return lambda: _ignore(found)


def _scanning(place: Place, case: Case, scale: Scale) -> Callable[[], None]:
    _fill(
        place.connection,
        int(scale.units_per_s * scale.seconds * _HALF_UNIT_BYTES * 2 / _SCANNED_BYTES),
        _SCANNED_BYTES,
    )
    reader = place.spark.read.format("pannier").schema("PK string, filling string")
    reader = reader.option("target", place.url).option("segments", place.tasks)
    found = reader.option("readUnits", scale.units_per_s).load(_TABLE)
    return lambda: _ignore(found.where("filling = 'none'") if case.filtered else found)


_WORK: Final[dict[str, Callable[[Place, Case, Scale], Callable[[], None]]]] = {
    "write": _writing,
    "get": _getting,
    "scan": _scanning,
}


def _ignore(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def _fill(connection: Connection, count: int, size_bytes: int) -> None:
    filling = "x" * size_bytes
    report = connection.write(
        ({"PK": f"k{number}", "filling": filling} for number in range(count)), _TABLE
    )
    assert report.ok, report.reasons


def _create(connection: Connection) -> None:
    connection.call(
        "CreateTable",
        {
            "TableName": _TABLE,
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )


@contextmanager
def _session(slots: int) -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ.setdefault("AWS_ACCESS_KEY_ID", "local")
    os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "local")
    from pyspark.sql import SparkSession

    import pannier.spark

    conf: dict[str, Any] = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master(f"local[{slots}]")
    for name, value in conf.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    pannier.spark.register(session)
    _ignore(session.range(0, slots, 1, slots).selectExpr("id AS warm"))  # its JVM, at least
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def _served() -> Iterator[str]:
    command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--memory", "--no-console"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        yield server.stderr.readline().split(" at ")[1].strip()
    finally:
        server.terminate()
        server.communicate(timeout=20)


if __name__ == "__main__":
    main()
