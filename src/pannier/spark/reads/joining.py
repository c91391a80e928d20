"""Items for a data frame of keys: a join against a table, by BatchGetItem.

Each task reads the keys of its partition, 100 a call, in the order of its rows; equal keys that are
near each other are read once. The rows keep their columns, and get those of the items.
"""

import uuid
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa
from pyspark.sql import types as spark

from pannier.batch.collecting import seldom_collecting
from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure, Report
from pannier.errors import UserError
from pannier.files.arrow_values import simplified, tag_of
from pannier.library.outcomes import raise_for
from pannier.model.attribute_value import AttributeValue, Item
from pannier.spark.options import Mode, ReadOptions
from pannier.spark.pace.budgets import of_each_task
from pannier.spark.pace.turns import reading_in_turn
from pannier.spark.place import Place
from pannier.spark.plain_errors import told_plainly
from pannier.spark.pushdown.condition import Placeholders
from pannier.spark.registering import slots_of
from pannier.spark.schemas.columns import Columns
from pannier.spark.schemas.described import Described
from pannier.spark.schemas.inferring import inferred

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

How = Literal["inner", "left"]

_SLICE_ROWS: Final = 500  # whose items, of up to 400 KB each, are in memory together
_NAMES_MAX: Final = 500  # of a projection, whose text has at most 4 KB
_TAKES: Final[dict[str, tuple[type[spark.DataType], ...]]] = {
    "S": (spark.StringType, spark.DateType, spark.TimestampType, spark.TimestampNTZType),
    "N": (spark.NumericType,),
    "B": (spark.BinaryType,),
}


@dataclass(frozen=True, slots=True)
class _Job:
    """A join, as it is carried to every process. There is no secret in it."""

    job: str
    place: Place
    table: str
    key_names: tuple[str, ...]
    columns: spark.StructType
    how: How
    mode: Mode
    reading: TableOptions
    options: Options


@dataclass(slots=True)
class _Waiting:
    """Rows of which not all items have come.

    Attributes:
        rows: with the columns of the keys.
        asked: the positions of those that have a key.
        items: of these, as far as they have come.
    """

    rows: pa.RecordBatch
    asked: Sequence[int]
    items: list[Item | None] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return len(self.items) == len(self.asked)


def get(
    keys: "DataFrame",
    table: str,
    *,
    schema: spark.StructType | str | None = None,
    how: How = "inner",
    target: str | None = None,
    region: str | None = None,
    consistent: bool = False,
    read_units: float | str | None = None,
    concurrent_tasks: int | None = None,
    parallel: int = 32,
    mode: Mode = "failfast",
) -> "DataFrame":
    """The rows of a data frame with the items of a table that have their keys.

    Args:
        keys: has a column for each attribute of the table's key, of its name, and any others.
        table: the table's name.
        schema: the attributes wanted, and their types, as Spark's DDL or a `StructType`; None for
            those of a sample of the table. Key attributes in it need not be said again.
        how: `inner` leaves out rows without an item; `left` keeps them, with nulls.
        target: `aws` or a URL; None for that of the driver's environment.
        region: for signatures; None for that of the driver's environment.
        consistent: consistent reads.
        read_units: a budget over all tasks: units a second, or a share such as `50%`.
        concurrent_tasks: how many tasks run at the same time; None for what the session tells.
        parallel: calls in flight at most, in each task.
        mode: `failfast`, or `permissive`: what does not fit its column is null.

    Raises:
        UserError: there is no such table; a column of the key is missing, or of another type; a
            column of the keys has the name of an attribute that is wanted.
    """
    if how not in ("inner", "left"):
        raise UserError(f"there is no join {how!r}", "Give inner or left.")
    options = ReadOptions(
        table, target, region,
        consistent=consistent, concurrent_tasks=concurrent_tasks, parallel=parallel, mode=mode,
    )  # fmt: skip
    place = Place.of(target, region)
    with place.connect() as connection:
        described = Described.of(connection, table, None)
    _check_keys(keys.schema, described)
    wanted = _wanted(_schema(schema, options), keys.schema, described, how)
    Columns(wanted)  # says what can't be read
    allowance = None
    if read_units is not None:
        slots = slots_of(keys.sparkSession)
        allowance = of_each_task(read_units, concurrent_tasks, slots, "read_units")
    job = _Job(
        uuid.uuid4().hex,
        place,
        table,
        described.key.names,
        wanted,
        how,
        mode,
        TableOptions(_projection(wanted, described), consistent),
        Options(parallel=parallel, read_units=allowance, ordered=True),
    )
    schema = spark.StructType([*keys.schema.fields, *wanted.fields])
    with warnings.catch_warnings():
        # Spark looks which pandas there is, which no batch of Arrow comes in touch with.
        warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas")
        return keys.mapInArrow(_fetching(job), schema)


def _schema(given: spark.StructType | str | None, options: ReadOptions) -> spark.StructType:
    if given is None:
        return inferred(options)
    if isinstance(given, spark.StructType):
        return given
    schema = spark.StructType.fromDDL(given)
    if not isinstance(schema, spark.StructType):
        raise UserError(
            f"{given!r} is one type, and no columns", "Give names and types: price double, ..."
        )
    return schema


def _check_keys(given: spark.StructType, described: Described) -> None:
    for name, kind in described.key.attributes:
        if name not in given.names:
            raise UserError(
                f"the keys have no column {name}, which the table's key has",
                f"Their columns: {', '.join(given.names)}. Rename one: .withColumnRenamed(...).",
            )
        if not isinstance(given[name].dataType, _TAKES[kind]):
            raise UserError(
                f"the column {name} is {given[name].dataType.simpleString()}, "
                f"and the key's attribute is {kind}",
                f"Cast it: .withColumn({name!r}, F.col({name!r}).cast(...)).",
            )


def _wanted(
    schema: spark.StructType, keys: spark.StructType, described: Described, how: How
) -> spark.StructType:
    """The columns that come from items."""
    fields = [each for each in schema.fields if each.name not in described.key.names]
    twice = sorted({each.name for each in fields} & set(keys.names))
    if twice:
        raise UserError(
            f"the keys have a column {twice[0]}, and so have the items",
            f"Drop or rename it before, or leave {twice[0]} out of the schema.",
        )
    return spark.StructType(
        [
            spark.StructField(
                each.name, each.dataType, each.nullable or how == "left", each.metadata
            )
            for each in fields
        ]
    )


def _projection(wanted: spark.StructType, described: Described) -> Projection:
    names = (*described.key.names, *wanted.names)
    if len(names) > _NAMES_MAX:
        return Projection()
    placeholders = Placeholders()
    expression = ", ".join(map(placeholders.of_name, names))
    return Projection(expression, placeholders.names)


def _fetching(job: _Job) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def fetch(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with told_plainly(), seldom_collecting():
            yield from _fetched(job, batches)

    return fetch


def _fetched(job: _Job, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """What one task does: its rows, with their items."""
    columns = Columns(job.columns, job.mode)
    waiting: deque[_Waiting] = deque()
    reports: list[Report] = []
    failures: list[Failure] = []
    with job.place.connect() as connection, reading_in_turn(job.job, job.options) as options:
        for found in connection.find(
            _asked(job, batches, waiting), default=job.reading, options=options,
            report=reports.append, on_failure=failures.append,
        ):  # fmt: skip
            if failures:  # from here on, results are not those of the next rows
                break
            while waiting[0].is_full:
                yield from _joined(waiting.popleft(), columns, job)
            waiting[0].items.append(found.item)
    if failures:
        raise UserError(f"{job.table}: the key {failures[0].attributes}: {failures[0].reason}")
    raise_for(reports[0])
    for rows in waiting:
        yield from _joined(rows, columns, job)


def _asked(job: _Job, batches: Iterator[pa.RecordBatch], waiting: deque[_Waiting]) -> Iterator[Key]:
    """The keys of all rows that have one."""
    for batch in batches:
        for start in range(0, batch.num_rows, _SLICE_ROWS):
            rows = batch.slice(start, _SLICE_ROWS)
            keys = _keys(rows, job.key_names)
            waiting.append(_Waiting(rows, list(keys)))
            for key in keys.values():
                yield Key(job.table, key)


def _keys(rows: pa.RecordBatch, names: Sequence[str]) -> dict[int, Item]:
    """The keys of rows by their positions, but for those of which a part is null or empty."""
    parts: list[list[AttributeValue | None]] = []
    for name in names:
        array = rows.column(name)
        tag = tag_of(array.type, {}, nulls=False)
        parts.append(
            [tag(each) if each not in (None, "", b"") else None
             for each in simplified(array).to_pylist()]
        )  # fmt: skip
    return {
        position: dict(zip(names, values, strict=True))
        for position, values in enumerate(zip(*parts, strict=True))
        if None not in values
    }


def _joined(waiting: _Waiting, columns: Columns, job: _Job) -> Iterator[pa.RecordBatch]:
    found: dict[int, Any] = {
        position: item
        for position, item in zip(waiting.asked, waiting.items, strict=True)
        if item is not None
    }
    rows = waiting.rows
    positions = list(range(rows.num_rows)) if job.how == "left" else sorted(found)
    if not positions:
        return
    made = columns.arrays([found.get(position, {}) for position in positions])
    kept = rows.take(pa.array(positions, pa.int32()))
    schema = pa.schema([*rows.schema, *columns.schema])
    yield pa.RecordBatch.from_arrays([*kept.columns, *made], schema=schema)
