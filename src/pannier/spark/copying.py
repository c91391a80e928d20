"""A copy on Spark: each task copies one segment of the source, as a command on one machine does.

The items of a segment need not pass through Spark: who reads them writes them. So all that holds
for `batch.tables.copying` holds here, a page at a time, the transform's failures and what a filter
leaves out among it. A second attempt copies its segment again from the first page on, which does no
harm: puts replace.
"""

import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pannier.batch.options import Options
from pannier.batch.pace.budget import Turn
from pannier.batch.tables.copying import Copy
from pannier.batch.tables.transform import Transform
from pannier.generating.own_code import load_maker
from pannier.library.two_targets import TwoTargets
from pannier.spark.noting import Failures, raise_if_given_up
from pannier.spark.place import Place
from pannier.spark.task_job import Done, Tell
from pannier.spark.turns import Turns, reading_in_turn
from pannier.targets.resolve import resolve

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class CopyTask:
    """What all tasks of a copy have in common; called with a number, it is the task of that number.

    Attributes:
        failures: where they go; has the job's id.
        source: where is read.
        destination: where is written.
        request: what all Scan requests say.
        table: that is written to.
        segments: of the scan, one for each task.
        transform: `MODULE:FUNCTION`, or None.
        options: of each task, with its part of both budgets.
    """

    failures: Failures
    source: Place
    destination: Place
    request: Mapping[str, Any]
    table: str
    segments: int
    transform: str | None
    options: Options

    def __call__(self, number: int, attempt: int, tell: Tell) -> Iterator[pa.RecordBatch]:
        """Copy a segment.

        Raises:
            UserError: the rest of it was given up.
            CallError: a table is gone.
        """
        copy = Copy(
            self.request,
            self.table,
            self._loaded(),
            segments=[segment(number, self.segments)],
        )
        with self.failures.of_task(number, attempt) as noted:
            with self._connection() as connection, self._in_turn() as options:
                copying = connection.copy(copy, options=options, on_failure=noted.add)
            found = copying.found
            pages = (0, 0) if found is None else (found.read, found.calls)
            done = noted.into(Done(number, copying.report, found=pages))
            raise_if_given_up(done)
        tell(done)
        yield from ()

    def _loaded(self) -> Transform | None:
        if self.transform is None:
            return None
        loaded: Any = load_maker(self.transform)
        made: Transform = loaded
        return made

    def _connection(self) -> TwoTargets:
        source = resolve(self.source.url, region=self.source.region)
        if self.source == self.destination:
            return TwoTargets(source, source)
        there = resolve(self.destination.url, region=self.destination.region)
        return TwoTargets(source, there)

    @contextmanager
    def _in_turn(self) -> Iterator[Options]:
        """The options with this task's turns at both budgets."""
        job = self.failures.job
        with reading_in_turn(f"{job}-read", self.options) as options:
            allowance = options.write_allowance
            if allowance is None:
                yield options
                return
            turns = Turns(f"{job}-write")
            turn = Turn(turns.take())
            yield replace(options, write_units=replace(allowance, turn=turn))
            if turn.ended_s is not None:
                turns.leave(turn.ended_s)


def segment(number: int, count: int) -> Mapping[str, Any]:
    """What a scan's request says of its segment."""
    return {} if count == 1 else {"Segment": number, "TotalSegments": count}


def send_module(spark: "SparkSession", name: str, folder: Path) -> None:
    """Send the module of the user's own code to all executors, unless it is installed.

    Args:
        spark: the session.
        name: `MODULE:FUNCTION`; the module can be imported here.
        folder: for the archive of a package; has to be there as long as the session.
    """
    top = import_module(name.partition(":")[0].partition(".")[0])
    file = getattr(top, "__file__", None)
    if file is None or "site-packages" in Path(file).parts or _is_of_python(file):
        return
    path = Path(file)
    if path.name != "__init__.py":
        spark.sparkContext.addPyFile(str(path))
        return
    archive = folder / f"{top.__name__}.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for each in sorted(path.parent.rglob("*.py")):
            made.write(each, each.relative_to(path.parent.parent))
    spark.sparkContext.addPyFile(str(archive))


def _is_of_python(file: str) -> bool:
    return Path(file).is_relative_to(Path(sys.base_prefix) / "lib")
