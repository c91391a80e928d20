"""Reading a table: planned beside the driver, read by tasks, a page after the other.

What runs where: `pushFilters` and `partitions` in a process beside the driver; `read` in a Python
worker of an executor, again where an attempt failed, which does no harm. Spark makes its copy of
the reader before it asks for partitions, so what the plan says is carried by these.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pyspark.sql.datasource import DataSourceReader, Filter

from pannier.batch.calls import CallError
from pannier.batch.collecting import seldom_collecting
from pannier.batch.pages.page_job import Chain
from pannier.batch.report import Report
from pannier.errors import UserError
from pannier.library.connection import Connection
from pannier.library.outcomes import raise_for
from pannier.model.attribute_value import Item
from pannier.spark.columns import Columns
from pannier.spark.described import Described
from pannier.spark.options import ReadOptions
from pannier.spark.place import Place
from pannier.spark.plain_errors import told_plainly
from pannier.spark.read_plan import TablePart, planned
from pannier.spark.turns import reading_in_turn
from pannier.spark.whole_items import batch_of, check_schema

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql.datasource import InputPartition
    from pyspark.sql.types import StructType

_BATCH_ITEMS: Final = 2000
_BATCH_PAGES: Final = 8  # of at most 1 MB each


class TableReader(DataSourceReader):
    """Reads a table, or an index, into rows of a schema.

    Args:
        options: what the user asked for.
        schema: of the rows.
        slots: how many tasks run at the same time, as far as the session knew.
    """

    def __init__(self, options: ReadOptions, schema: "StructType", slots: int | None) -> None:
        if not schema.fields:
            raise UserError("the schema has no column", "Give it one: .schema('pk string').")
        if options.items == "json":
            check_schema(schema)
        self._options = options
        self._schema = schema
        self._slots = slots
        self._filters: Sequence[Filter] = ()

    def pushFilters(self, filters: list[Filter]) -> list[Filter]:  # noqa: N802  # Spark's name
        """Take note of the filters. Spark evaluates all of them again: see `filters`."""
        self._filters = tuple(filters)
        return filters

    def partitions(self) -> list[TablePart]:
        """What each task reads.

        Raises:
            UserError: there is no such table, or it can't be read as was asked for.
        """
        options = self._options
        with told_plainly():
            if options.items == "columns":
                Columns(self._schema)  # says what can't be read
            place = Place.of(options.target, options.region)
            with place.connect() as connection:
                described = Described.of(connection, options.table, options.index)
                if options.own:
                    _try(connection, options)
            parts = planned(options, self._schema, self._filters, described, place, self._slots)
            _tell(parts, options)
            return parts

    def read(self, partition: "InputPartition") -> "Iterator[RecordBatch]":
        """The rows of one partition.

        Raises:
            UserError: a value does not fit its column, or the read ended before its end.
        """
        if not isinstance(partition, TablePart):  # Spark's own, where there are no partitions
            return
        plan = partition.plan
        with told_plainly(), seldom_collecting():
            if self._options.items == "json":
                yield from map(batch_of, _items(partition))
                return
            columns = Columns(self._schema, self._options.mode, plan.key_names)
            for items in _items(partition):
                yield columns.batch(items)
            if told := columns.misfits.told():
                sys.stderr.write(f"pannier: {plan.request['TableName']}: {told}\n")


def _try(connection: Connection, options: ReadOptions) -> None:
    """Have the service look at the user's expressions, before each task fails with them.

    Raises:
        UserError: the service refuses them.
    """
    request = options.own.members(options.table, options.index)
    try:
        connection.call("Scan", {**request, "Limit": 1})
    except CallError as error:
        if error.code != "ValidationException":
            raise
        raise UserError(
            f"{error.code}: {error.message}",
            'Values and names of placeholders stand in options of their own: .option("values", '
            '\'{":low": 5}\'), .option("names", \'{"#n": "name"}\').',
        ) from None


def _items(part: TablePart) -> Iterator[list[Item]]:
    """The items of a part, in lists that are worth a batch."""
    plan = part.plan
    chains = [Chain(number, members) for number, members in enumerate(part.chains)]
    reports: list[Report] = []
    waiting: list[Item] = []
    pages = 0
    with plan.place.connect() as connection, reading_in_turn(plan.job, plan.options) as options:
        for page in connection.pages(
            plan.operation, plan.request, options=options, report=reports.append, chains=chains
        ):
            waiting += page.items
            pages += 1
            if waiting and (len(waiting) >= _BATCH_ITEMS or pages >= _BATCH_PAGES):
                yield waiting
                waiting, pages = [], 0
    raise_for(reports[0])
    if waiting:
        yield waiting


def _tell(parts: Sequence[TablePart], options: ReadOptions) -> None:
    """Say on standard error what will be asked for: Spark's own plan can't show it."""
    what = options.table if options.index is None else f"{options.table}/{options.index}"
    if not parts:
        sys.stderr.write(f"pannier: nothing is read of {what}: no key can meet the filters\n")
        return
    plan = parts[0].plan
    chains = sum(len(part.chains) for part in parts)
    words = {"Query": ("a query", "queries"), "Scan": ("a scan in 1 segment", "segments of a scan")}
    one, many = words[plan.operation]
    how = one if chains == 1 else f"{chains:,} {many}"
    filtered = plan.request.get("FilterExpression")
    shown = f", filtered by {filtered}" if filtered else ""
    sys.stderr.write(f"pannier: {what} at {plan.place.url}: {how}{shown}\n")
