"""A job on Spark on the command line: as any other is followed, ended, and reported."""

import argparse
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException

from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.options import Options
from pannier.batch.target import Target
from pannier.cli.job import JobOf
from pannier.errors import UserError
from pannier.spark.budgets import of_each_task
from pannier.spark.folders import Folder
from pannier.spark.noting import Failures
from pannier.spark.registering import slots_of
from pannier.spark.task_job import TaskJob, Work

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_NOTICES_SHOWN: Final = 10
# Pannier's own words in the text of an exception that came out of a worker and through the JVM.
_OWN: Final = re.compile(r"pannier\.[\w.]+: (.+?)(?=\n\s*\n|\n\tat |\Z)", re.DOTALL)
_OTHER: Final = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception): .+$", re.MULTILINE)
_BOUND_SLOTS: Final = (
    "Bound it: --spark-conf spark.dynamicAllocation.maxExecutors=16 "
    "--spark-conf spark.executor.cores=4."
)


@dataclass(frozen=True, slots=True)
class Division:
    """How a job is divided among tasks.

    Attributes:
        slots: how many of them run at the same time; None if that is unknown.
        count: how many there are.
    """

    slots: int | None
    count: int

    @property
    def at_once(self) -> int | None:
        """How many of them run at the same time, at most."""
        return None if self.slots is None else max(1, min(self.slots, self.count))

    def options(self, options: argparse.Namespace) -> Options:
        """How each task goes about its work, from the command line.

        Raises:
            UserError: there is a budget, and it is not known among how many it is divided.
        """
        units: dict[str, Any] = {}
        for name in ("read_units", "write_units"):
            given = getattr(options, name, None)
            if given is None:
                continue
            if self.at_once is None:
                raise UserError(
                    "a budget is divided among the tasks that run at a time, and how many these "
                    "can be is not known",
                    _BOUND_SLOTS,
                )
            units[name] = of_each_task(given, self.at_once, self.slots, name)
        return Options(parallel=options.parallel, give_up_after_s=options.give_up_after, **units)


class SparkJob(JobOf[JobJournal]):
    """One run of a job on Spark. Use it as a context.

    Args:
        options: the command line.
        target: what the report names.
        label: what is being done.

    Raises:
        UserError: the folder of the failures can't be used, or as for any job.
    """

    _interrupting = "ending the tasks that run"

    def __init__(self, options: argparse.Namespace, target: Target, label: str) -> None:
        super().__init__(options, None, target, label, self._ended)
        self.id = uuid.uuid4().hex[:12]
        named = getattr(options, "failures", None)
        self.notes = Failures(self.id, Folder.made(named).place if named else None)
        self._tasks: TaskJob | None = None
        self._kept = ""
        self._reason: tuple[str, str] | None = None

    def run(
        self,
        spark: "SparkSession",
        operation: str,
        work: Work,
        count: int,
        about: "DataFrame | None" = None,
    ) -> TaskJob:
        """Run the tasks, and follow them.

        Args:
            spark: where.
            operation: the report's name for what they do.
            work: what each does.
            count: how many there are.
            about: what each is about, a row in each partition; None for nothing but a number.

        Raises:
            Interrupted: by Ctrl-C.
        """
        tasks = self.tasks(spark, operation, count)
        frame = tasks.frame(work, "nothing long", about)
        self.do(lambda: only_run(frame))
        return tasks

    def tasks(self, spark: "SparkSession", operation: str, count: int) -> TaskJob:
        """The tasks of this job, which `do` runs and follows.

        Args:
            spark: where.
            operation: the report's name for what they do.
            count: how many there are.
        """
        made = TaskJob(spark, self.id, f"pannier {self._options.command}", operation, count)
        self._tasks = made
        self.follow(made.report)
        return made

    def do(self, action: Callable[[], Any]) -> None:
        """Do what makes Spark run the tasks, and follow it; nothing, if something failed before.

        Raises:
            Interrupted: by Ctrl-C.
        """
        tasks = self._tasks
        assert tasks is not None
        if self._reason is not None:
            return
        try:
            tasks.run(action)
        except (PySparkException, Py4JError, ConnectionError) as error:  # the JVM may be gone, too
            self._reason = words_of(error)
            tasks.report.stopped = self._reason[0]
        finally:
            done = tasks.done.values()
            self._kept = self.notes.kept(done, tasks.report.failed, str(self.failures.path))

    @property
    def _kind(self) -> type[JobJournal]:
        return JobJournal  # which it never has

    def _ended(self, _: object) -> float | None:
        tasks = self._tasks
        return len(tasks.done) / tasks.count if tasks is not None and tasks.count else None

    def _beside(self) -> Mapping[str, Any]:
        tasks = self._tasks
        if tasks is None:
            return {}
        parts = sorted(each.part for each in tasks.done.values() if each.part)
        spark = {"job": self.id, "tasks": tasks.count, "ended": len(tasks.done), "failures": parts}
        return {"spark": spark}

    def _words(self, report: Any) -> Iterator[str]:
        tasks = self._tasks
        assert tasks is not None
        told = dict.fromkeys(each for done in tasks.done.values() for each in done.notices)
        yield from list(told)[:_NOTICES_SHOWN]
        if self._kept:
            yield f"{report.failed:,} not written, see {self._kept}"
        if report.stopped:
            verb = "read" if report.operation == "scan" else "written"
            yield (
                f"{len(tasks.done):,} of {tasks.count:,} tasks had ended, which the report counts; "
                f"of the others a part may be {verb}. The same command does it all again"
            )
        if self._reason is not None and self._reason[1]:
            yield self._reason[1]


def only_run(frame: "DataFrame") -> None:
    """Have Spark make all rows of a frame, and do nothing with them."""
    frame.write.format("noop").mode("overwrite").save()


def division(spark: "SparkSession", count: int) -> Division:
    """So many tasks in a session."""
    return Division(slots_of(spark), count)


def words_of(error: Exception) -> tuple[str, str]:
    """What is wrong and what to do about it, out of what Spark raised.

    Args:
        error: whose text holds what a worker raised, and much of the JVM's own.
    """
    text = str(error)
    own = _OWN.search(text)
    if own is not None:
        message, _, advice = own[1].strip().partition("\n")
        return message, advice.strip()
    others = _OTHER.findall(text)
    return (others[-1] if others else text.strip().partition("\n")[0]), ""
