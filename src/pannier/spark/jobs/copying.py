"""A copy on Spark: each task copies one segment of the source, as a command on one machine does.

The items of a segment need not pass through Spark: who reads them writes them. So all that holds
for `batch.tables.copying` holds here, a page at a time, the transform's failures and what a filter
leaves out among it. A second attempt copies its segment again from the first page on, which does no
harm: puts replace.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pannier.batch.options import Options
from pannier.batch.tables.copying import Copy
from pannier.batch.tables.transform import Transform
from pannier.generating.own_code import load_maker
from pannier.library.two_targets import TwoTargets
from pannier.spark.jobs.noting import Failures, raise_if_given_up
from pannier.spark.jobs.task_job import Done, Task
from pannier.spark.mapping import Batches
from pannier.spark.pace.task_turns import in_turns
from pannier.spark.place import Place
from pannier.spark.reads.read_plan import segment
from pannier.targets.resolve import resolve


@dataclass(frozen=True, slots=True)
class CopyTask:
    """Copies the segment of a task's number.

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

    def __call__(self, task: Task) -> Batches:
        """Copy a segment.

        Raises:
            UserError: the rest of it was given up.
            CallError: a table is gone.
        """
        copy = Copy(
            self.request,
            self.table,
            self._loaded(),
            segments=[segment(task.number, self.segments)],
        )
        with self.failures.of_task(task) as noted:
            with (
                self._connection() as connection,
                in_turns(self.failures.job, self.options) as options,
            ):
                copying = connection.copy(copy, options=options, on_failure=noted.add)
            found = copying.found
            pages = (0, 0) if found is None else (found.read, found.calls)
            done = noted.into(Done(task.number, copying.report, found=pages))
            raise_if_given_up(done)
        task.tell(done)
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
