"""A job as tasks, run by Spark, each of which tells at its end what it has done.

A data frame has one row in each partition, which says what a task is about, so that Spark starts
them, tries them again, and runs slow ones twice, as it does with any. What a task tells comes
through an accumulator: Spark adds up that of one attempt for each partition, when it has ended
well. So there is one report as the tasks end, the law of reports holds for it at any moment, and it
is there when the job is broken off, too.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pyspark import InheritableThread, TaskContext
from pyspark.accumulators import Accumulator, AccumulatorParam

from pannier.batch.report import Report
from pannier.files.arrow_schema import Shape
from pannier.library.interruption import Interrupted
from pannier.spark.mapping import Batches, map_in_arrow
from pannier.spark.plain_errors import told_plainly

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_LOOK_S: Final = 0.2
_FAILURES_KEPT: Final = 10  # of each task; all are in files, or in what it carries


@dataclass
class Done:
    """What a task tells.

    Attributes:
        number: of the task.
        report: what became of its operations, or what it read.
        part: the name of its part of the failures folder, if there is one.
        lines: failures that it carries, where there is no folder.
        notices: what was decided by looking at what it read.
        found: items that it read to copy them, and pages.
        shape: of the items that it read, where that is wanted.
    """

    number: int
    report: Report
    part: str | None = None
    lines: list[bytes] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    found: tuple[int, int] = (0, 0)
    shape: Shape | None = None

    def __post_init__(self) -> None:
        del self.report.failures[_FAILURES_KEPT:]


@dataclass(frozen=True, slots=True)
class Task:
    """One attempt of a task.

    Attributes:
        number: of the task, from 0.
        attempt: Spark's number of the attempt, one for each in the whole session.
        about: what its row says.
        tell: to be called at its end, once.
    """

    number: int
    attempt: int
    about: Any
    tell: Callable[[Done], None]


Work: TypeAlias = Callable[[Task], Batches]
"""Does what a task is about; yields what comes of it, for what Spark does with it then."""


class _All(AccumulatorParam[list[Done]]):
    def zero(self, value: list[Done]) -> list[Done]:  # noqa: ARG002  # Spark's own
        return []

    def addInPlace(self, value1: list[Done], value2: list[Done]) -> list[Done]:  # noqa: N802
        value1 += value2
        return value1


class TaskJob:
    """Tasks of one job.

    Args:
        spark: where they run.
        job: its id.
        label: what it does, as Spark's own pages show it.
        operation: the report's name for it.
        count: how many tasks there are.

    Attributes:
        report: of all tasks that have ended.
        done: what these have told, by their numbers.
        count: how many tasks there are.
    """

    def __init__(
        self, spark: "SparkSession", job: str, label: str, operation: str, count: int
    ) -> None:
        self.report = Report(operation)
        self.done: dict[int, Done] = {}
        self.count = count
        self._taken = 0
        self._began_s: float | None = None
        self._spark = spark
        self._job = job
        self._label = label
        self._told: Accumulator[list[Done]] = spark.sparkContext.accumulator([], _All())

    def frame(self, work: Work, schema: str, about: "DataFrame | None" = None) -> "DataFrame":
        """What comes of the tasks, when Spark runs them.

        Args:
            work: what each task does.
            schema: of what it yields.
            about: says in its only column what each is about, a row in each partition; None for
                nothing but a number.
        """
        if about is None:
            about = self._spark.range(0, self.count, 1, max(1, self.count))
        return map_in_arrow(about, _running(work, self._told), schema)

    def run(self, action: Callable[[], Any]) -> None:
        """Run what makes Spark run the tasks, and follow it.

        Args:
            action: ends when they have ended.

        Raises:
            Interrupted: by Ctrl-C; the tasks that ran are ended.
            Exception: whatever the action raises.
        """
        context = self._spark.sparkContext
        raised: list[Exception] = []

        def body() -> None:
            context.setJobGroup(self._job, self._label)
            try:
                action()
            except Exception as error:  # raised again where it is waited for
                raised.append(error)

        if self._began_s is None:
            self._began_s = time.monotonic()
        thread = InheritableThread(target=body, daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(_LOOK_S)
                self._take()
        except KeyboardInterrupt:
            while thread.is_alive():
                context.cancelJobGroup(self._job)
                thread.join(_LOOK_S)
            self._take()
            self.report.stopped = "interrupted"
            raise Interrupted(self.report) from None
        self._take()
        if raised:
            raise raised[0]

    def _take(self) -> None:
        told = self._told.value
        for done in told[self._taken :]:
            self._taken += 1
            if done.number in self.done:  # run again, as Spark had lost what it had made
                continue
            self.report.add(done.report)
            done.report = Report(self.report.operation)  # there may be many thousands of them
            self.done[done.number] = done
        assert self._began_s is not None  # there is nothing to be taken before
        self.report.elapsed_s = time.monotonic() - self._began_s


def _running(work: Work, told: "Accumulator[list[Done]]") -> Callable[[Batches], Batches]:
    def tell(done: Done) -> None:
        told.add([done])

    def run(batches: Batches) -> Batches:
        context = TaskContext.get()
        assert context is not None  # Spark sets it before a task begins
        number, attempt = context.partitionId(), context.taskAttemptId()
        with told_plainly():
            for batch in batches:
                for about in batch.column(0).to_pylist():
                    yield from work(Task(number, attempt, about, tell))

    return run
