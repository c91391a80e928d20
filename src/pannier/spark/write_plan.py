"""A write as it is planned: all that can be settled, and be wrong, before any task begins."""

import sys
import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pannier.batch.options import Options
from pannier.batch.pace.budget import Allowance, Turn, budget_of
from pannier.errors import UserError
from pannier.model.key_schema import KeySchema
from pannier.spark.budgets import of_each_task
from pannier.spark.folders import Folder, definite
from pannier.spark.item_operations import COLUMN as ITEM
from pannier.spark.item_operations import ItemOperations
from pannier.spark.marks import marks_of
from pannier.spark.options import Items
from pannier.spark.place import Place
from pannier.spark.row_operations import RowOperations, RowRules
from pannier.spark.writable_columns import arrow_schema, check_keys
from pannier.spark.write_options import OnFailures, WriteOptions

if TYPE_CHECKING:
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
        items: what rows are.
        rules: what becomes of them.
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
    items: Items
    rules: RowRules
    parallel: int
    give_up_after_s: float
    every_write: bool
    budget: Allowance | None
    failures: str | None
    report: str | None
    on_failures: OnFailures

    def options(self, turn: Turn) -> Options:
        """How a task goes about its work.

        Args:
            turn: at the budget, if there is one.
        """
        return Options(
            parallel=self.parallel,
            give_up_after_s=self.give_up_after_s,
            write_units=None if self.budget is None else replace(self.budget, turn=turn),
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
    if speculates:
        _check_speculation(options)
    budget = None
    if options.write_units is not None:
        told = options.concurrent_tasks
        budget = of_each_task(options.write_units, told, slots, "writeUnits")
    place = Place.of(options.target, options.region)
    key = _key_of(place, options.table, options.write_units)
    rules = RowRules(
        options.table,
        key.names,
        options.kind,
        options.delete_column,
        options.nulls,
        marks_of(schema),
    )
    if options.items == "columns":
        check_keys(schema, options.table, key.attributes)
        of_rows = key.names if options.kind == "delete" else None
        RowOperations("the data frame", rules, arrow_schema(schema, of_rows))
    else:
        wanted = (ITEM,) if options.delete_column is None else (ITEM, options.delete_column)
        ItemOperations("the data frame", rules, arrow_schema(schema, wanted))
    return WritePlan(
        job=uuid.uuid4().hex[:12],
        place=place,
        items=options.items,
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


def _check_speculation(options: WriteOptions) -> None:
    if options.delete_column or options.every_write:
        raise UserError(
            "spark.speculation is on, and the order of a key's rows matters here",
            "A copy of a task that is stopped late could put an earlier row of a key back. "
            "Set spark.speculation to false.",
        )
    sys.stderr.write(
        "pannier: spark.speculation is on. That does no harm if each key occurs in one row; if one "
        "occurs in several, a copy of a task that is stopped late can put an earlier row back.\n"
    )


def _key_of(place: Place, table: str, write_units: str | None) -> KeySchema:
    """The key schema of a table; sees to it that a budget can be had, too."""
    with place.connect() as connection:
        description = connection.call("DescribeTable", {"TableName": table})["Table"]
    if write_units is not None:
        budget_of(Allowance.of(write_units), "write", description, 0.0)
    return KeySchema.from_api(description["KeySchema"], description["AttributeDefinitions"])
