"""Writing a data frame: the batch engine in every task, and one report of all.

What runs where: `planned` in a process beside the driver, once; `TableWriter.write` in a Python
worker of an executor for each partition, again where an attempt failed, and twice at a time where
Spark speculates; `commit` or `abort` in a process beside the driver. Nothing but pickles passes
between them, so what the user shall see goes to files and to standard error.

What a second attempt means: it sends the rows of its partition from the first on. A put replaces,
and a delete of what is gone is no error, so that rows which an earlier attempt has sent come out
the same. While it runs, a key that has several rows goes through its earlier values once more. If
attempts run at the same time, the one that is killed late may leave such an earlier value behind;
so several rows for a key and speculation exclude each other, and where rows depend on their order
for certain (`deleteColumn`, `everyWrite`) speculation is refused.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from pyspark import TaskContext
from pyspark.sql.datasource import DataSourceArrowWriter, WriterCommitMessage

from pannier.batch.collecting import seldom_collecting
from pannier.batch.operation import Operation
from pannier.batch.report import Failure, Report
from pannier.errors import UserError
from pannier.spark.folders import Folder, definite, write_file
from pannier.spark.plain_errors import told_plainly
from pannier.spark.task_operations import operations_of
from pannier.spark.turns import taken
from pannier.spark.write_failures import PREFIX, Carried, Noting, Part, part_name, remove_others
from pannier.spark.write_outcome import Outcome, TaskDone
from pannier.spark.write_plan import WritePlan

if TYPE_CHECKING:
    from pyarrow import RecordBatch


class TableWriter(DataSourceArrowWriter):
    """Writes the partitions of a data frame.

    Args:
        plan: what is to be done.
    """

    def __init__(self, plan: WritePlan) -> None:
        self.plan = plan

    def write(self, iterator: Iterator["RecordBatch"]) -> WriterCommitMessage:
        """Write one partition.

        Args:
            iterator: its batches.

        Raises:
            UserError: the rest of its rows was given up, so that Spark tries it again.
            CallError: the table is gone.
        """
        with told_plainly():
            context = TaskContext.get()
            assert context is not None  # Spark sets it before a task begins
            return write_partition(
                self.plan, iterator, context.partitionId(), context.taskAttemptId()
            )

    def commit(self, messages: Sequence[WriterCommitMessage | None]) -> None:
        """Make one report of all tasks, write it, and show it.

        Raises:
            UserError: rows did not get through, unless the user wants a report only.
        """
        with told_plainly():
            outcome = self._outcome(messages)
            where = self._keep_failures(outcome)
            _say(outcome.to_text())
            if self.plan.report is not None:
                write_file(self.plan.report, outcome.to_json())
            report = outcome.report
            if not report.balanced:
                raise AssertionError(f"the report of job {outcome.job} does not add up")
            if not report.ok and self.plan.on_failures == "error":
                reason = next(iter(report.reasons), "")
                raise UserError(
                    f"{report.failed} of {report.read} rows did not get through: {reason}",
                    f"All others are written. {where} To go on all the same: "
                    '.option("onFailures", "report").',
                )

    def abort(self, messages: Sequence[WriterCommitMessage | None]) -> None:
        """Tidy up after tasks that failed for good, and say what was done before.

        Spark also comes here after a commit that raised. Every task has its message then, and what
        the commit left counts.
        """
        if messages and all(message is not None for message in messages):
            return
        with told_plainly():
            outcome = self._outcome(messages)
            outcome.report.stopped = "the job was aborted"
            done = sum(message is not None for message in messages)
            _say(
                f"the write was aborted when {done} of {outcome.tasks} tasks had ended; what is "
                "written stays, and the same write can be run again\n" + outcome.to_text()
            )
            if self.plan.report is not None:
                write_file(self.plan.report, outcome.to_json())

    def _outcome(self, messages: Sequence[WriterCommitMessage | None]) -> Outcome:
        plan = self.plan
        done = cast("Sequence[TaskDone | None]", messages)
        removed = 0
        if plan.failures is not None:
            committed = {each.part for each in done if each is not None and each.part}
            removed = remove_others(Folder(plan.failures), plan.job, committed)
        return Outcome.of(plan.job, plan.place.url, done, removed)

    def _keep_failures(self, outcome: Outcome) -> str:
        """Write the failures that messages carried; returns where failures are."""
        if not outcome.report.failed:
            return ""
        if self.plan.failures is not None:
            return f"They are in {self.plan.failures}, {PREFIX}-{outcome.job}-*."
        path = definite(f"{PREFIX}-{outcome.job}.jsonl")
        listed = f"{len(outcome.lines)} of {outcome.report.failed}"
        try:
            write_file(path, b"".join(outcome.lines))
        except UserError as error:
            return f"They could not be listed ({error.message}): name a folder with failures."
        if len(outcome.lines) == outcome.report.failed:
            return f"They are in {path} on the driver."
        return f"{listed} are in {path} on the driver; for all name a folder with failures."


def write_partition(
    plan: WritePlan, batches: Iterator["RecordBatch"], partition: int, attempt: int
) -> TaskDone:
    """Write the rows of one partition, in their order.

    Args:
        plan: what is to be done.
        batches: of the partition.
        partition: its number.
        attempt: Spark's number of this attempt.

    Raises:
        UserError: the rest of its rows was given up.
        CallError: the table is gone.
    """
    began_s = time.time()
    carried = Carried()
    with ExitStack() as stack:
        stack.enter_context(seldom_collecting())
        noting: Noting = carried
        part = None
        if plan.failures is not None:
            name = part_name(plan.job, partition, attempt)
            part = stack.enter_context(Part(Folder(plan.failures), name))
            noting = part
        report = _written(plan, operations_of(plan, batches, partition), noting)
        if report.stopped or report.unresolved:
            left = report.failed + report.unresolved
            raise UserError(
                f"partition {partition}: {left} of {report.read} rows were given up: "
                f"{report.stopped}",
                "Rows that were sent before are written; they may be sent again.",
            )
    return TaskDone(
        partition,
        attempt,
        report,
        began_s,
        time.time(),
        part.name if part is not None else None,
        carried.lines,
    )


def _written(plan: WritePlan, operations: Iterator[Operation | Failure], noting: Noting) -> Report:
    with taken(plan.job, plan.budget) as turn, plan.place.connect() as connection:
        return connection.write(operations, options=plan.options(turn), on_failure=noting.add)


def _say(text: str) -> None:
    sys.stderr.write("pannier: " + text)
    sys.stderr.flush()
