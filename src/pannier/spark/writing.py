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
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from pyspark import TaskContext
from pyspark.sql.datasource import DataSourceArrowWriter, WriterCommitMessage

from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance, budget_of
from pannier.batch.report import Failure, Report
from pannier.errors import UserError
from pannier.model.key_schema import KeySchema
from pannier.spark.budgets import of_each_task
from pannier.spark.folders import Folder, definite, write_file
from pannier.spark.marks import marks_of
from pannier.spark.place import Place
from pannier.spark.plain_errors import told_plainly
from pannier.spark.row_operations import RowOperations, RowRules
from pannier.spark.write_failures import PREFIX, Carried, Noting, Part, part_name, remove_others
from pannier.spark.write_options import OnFailures, WriteOptions
from pannier.spark.write_outcome import Outcome, TaskDone

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql.types import StructType

_WHOLE_TABLE: Final = (
    "A table has no version that could be put in place of the old one: overwriting it would delete "
    "every item first, and whoever reads meanwhile would find it empty. With "
    '.mode("append") each row replaces the item of its key. To be rid of the others, write their '
    'keys with .option("kind", "delete") first.'
)


@dataclass(frozen=True, slots=True)
class WritePlan:
    """A write, as it is carried to every process. There is no secret in it.

    Attributes:
        job: its id.
        place: where it writes.
        rules: what becomes of rows.
        parallel: calls in flight at most, in each task.
        give_up_after_s: seconds without progress after which a task gives up.
        every_write: send every row of a key.
        budget: what each task may spend; None for no budget.
        failures: the folder of the rows that did not get through; None for no folder.
        report: the file of the report; None for none.
        on_failures: what rows that did not get through mean for the job.
    """

    job: str
    place: Place
    rules: RowRules
    parallel: int
    give_up_after_s: float
    every_write: bool
    budget: Allowance | None
    failures: str | None
    report: str | None
    on_failures: OnFailures

    @property
    def options(self) -> Options:
        """How each task goes about its work."""
        return Options(
            parallel=self.parallel,
            give_up_after_s=self.give_up_after_s,
            write_units=self.budget,
            every_write=self.every_write,
        )


def planned(
    options: WriteOptions, schema: "StructType", slots: int | None, *, speculates: bool = False
) -> WritePlan:
    """A write with all that can be settled, and be wrong, before any task begins.

    Args:
        options: as the user gave them.
        schema: of the data frame.
        slots: how many tasks run at the same time, as far as the session knew.
        speculates: whether the session runs slow tasks twice.

    Raises:
        UserError: the target, the table, a column, the budget or a folder is not as it must be.
        CallError: the table can't be described.
    """
    if speculates and (options.delete_column or options.every_write):
        raise UserError(
            "spark.speculation is on, and the order of a key's rows matters here",
            "A copy of a task that is stopped late could put an earlier row of a key back. "
            "Set spark.speculation to false.",
        )
    budget = None
    if options.write_units is not None:
        told = options.concurrent_tasks
        budget = of_each_task(options.write_units, told, slots, "writeUnits")
    place = Place.of(options.target, options.region)
    rules = RowRules(
        options.table,
        _key_names(place, options.table, options.write_units),
        options.kind,
        options.delete_column,
        options.nulls,
        marks_of(schema),
    )
    RowOperations("the data frame", rules, _arrow_schema(schema))
    return WritePlan(
        job=uuid.uuid4().hex[:12],
        place=place,
        rules=rules,
        parallel=options.parallel,
        give_up_after_s=options.give_up_after_s,
        every_write=options.every_write,
        budget=budget,
        failures=Folder.made(options.failures).place if options.failures else None,
        report=definite(options.report) if options.report else None,
        on_failures=options.on_failures,
    )


def check_mode(*, overwrite: bool) -> None:
    """Refuse to overwrite.

    Raises:
        UserError: says what to do instead.
    """
    if overwrite:
        raise UserError("a table of DynamoDB can't be overwritten as a whole", _WHOLE_TABLE)


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
            if self.plan.report is not None:
                write_file(self.plan.report, outcome.to_json())
            _say(outcome.to_text())
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
            if self.plan.report is not None:
                write_file(self.plan.report, outcome.to_json())
            done = sum(message is not None for message in messages)
            _say(
                f"the write was aborted when {done} of {outcome.tasks} tasks had ended; what is "
                "written stays, and the same write can be run again\n" + outcome.to_text()
            )

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
        noting: Noting = carried
        part = None
        if plan.failures is not None:
            name = part_name(plan.job, partition, attempt)
            part = stack.enter_context(Part(Folder(plan.failures), name))
            noting = part
        report = _written(plan, _operations(plan, batches, partition), noting)
        if report.stopped or report.unresolved:
            raise UserError(
                f"partition {partition}: {report.unresolved} of {report.read} rows were given up: "
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
    with plan.place.connect() as connection:
        return connection.write(operations, options=plan.options, on_failure=noting.add)


def _operations(
    plan: WritePlan, batches: Iterator["RecordBatch"], partition: int
) -> Iterator[Operation | Failure]:
    first = next(batches, None)
    if first is None:
        return

    def whole() -> Iterator["RecordBatch"]:
        yield first
        yield from batches

    yield from RowOperations(f"partition {partition}", plan.rules, first.schema).of(whole())


def _key_names(place: Place, table: str, write_units: str | None) -> tuple[str, ...]:
    """The names of a table's key attributes; sees to it that a budget can be had, too."""
    with place.connect() as connection:
        description = connection.call("DescribeTable", {"TableName": table})["Table"]
    if write_units is not None:
        budget_of(Allowance.of(write_units), "write", description, 0.0)
    schema = KeySchema.from_api(description["KeySchema"], description["AttributeDefinitions"])
    return schema.names


def _arrow_schema(schema: "StructType") -> Any:
    from pyspark.sql.pandas.types import to_arrow_schema

    return to_arrow_schema(schema, timezone="UTC")


def _say(text: str) -> None:
    sys.stderr.write("pannier: " + text)
    sys.stderr.flush()
