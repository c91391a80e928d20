"""What the tasks of a read ask for, as it is settled beside the driver, once.

A scan is cut into segments, one a task: equal ranges of the keys' hash. So many that a task takes
a few seconds, and that all slots have work. With a budget there are as many as fill all slots
several times, because each executor spends its own part of it, and segments differ in size.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark.sql.datasource import Filter, InputPartition
from pyspark.sql.types import StructType

from pannier.batch.options import Options
from pannier.errors import UserError
from pannier.expressions.grammar import EXPRESSION_LENGTH_MAX
from pannier.limits import MIB, SCAN_SEGMENTS_MAX
from pannier.model.attribute_value import AttributeValue, Item
from pannier.model.key_schema import KeyAttribute
from pannier.spark.options import ReadOptions
from pannier.spark.pace.budgets import of_each_task
from pannier.spark.place import Place
from pannier.spark.pushdown.condition import Condition, Placeholders, joined
from pannier.spark.pushdown.filters import conditions
from pannier.spark.pushdown.key_conditions import key_range
from pannier.spark.pushdown.own_expressions import with_own
from pannier.spark.schemas.described import Described

_TASK_BYTES: Final = 64 * MIB  # so many take seconds; a task begins in a tenth of one
_TASK_BYTES_LEAST: Final = 4 * MIB  # below that a slot is better left idle
_ROUNDS: Final = 4  # of all slots, at least, where all shall be busy to the end
_AROUND: Final = len("() AND ")


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A read, as it is carried to every process. There is no secret in it.

    Attributes:
        job: its id.
        place: where.
        operation: `Scan` or `Query`.
        request: what all requests say.
        key_names: by which items are named in messages.
        options: how each task goes about it.
    """

    job: str
    place: Place
    operation: str
    request: Mapping[str, Any]
    key_names: tuple[str, ...]
    options: Options


class TablePart(InputPartition):
    """What one task reads.

    Args:
        plan: what it has in common with the others.
        chains: what the requests of each of its chains say besides.
    """

    def __init__(self, plan: ReadPlan, chains: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(None)
        self.plan = plan
        self.chains = chains


def planned(
    options: ReadOptions,
    schema: StructType,
    filters: Sequence[Filter],
    described: Described,
    place: Place,
    slots: int | None,
) -> list[TablePart]:
    """The parts of a read; none if nothing can meet the filters.

    Args:
        options: what the user asked for.
        schema: of the rows.
        filters: what rows have to meet; Spark sees to it again.
        described: what is read.
        place: where.
        slots: how many tasks run at the same time; None if that is unknown.

    Raises:
        UserError: consistent reads of a global index; a budget without slots.
    """
    if options.consistent and described.extent.is_global:
        raise UserError(
            f"{options.index} is a global index, which has no consistent reads",
            "Leave the option consistent out, or read the table.",
        )
    at_once = options.concurrent_tasks or slots
    own = options.own.members(options.table, options.index)
    placeholders = Placeholders(
        own.pop("ExpressionAttributeNames", {}), dict(own.pop("ExpressionAttributeValues", {}))
    )
    keys = None
    if _may_be_query(options, described):
        keys = key_range(filters, schema, described.key)
    request = own | {"ConsistentRead": options.consistent or None}
    if options.items == "columns":  # else there is no column that is an attribute
        of_query = described.key.names if keys is not None else ()
        without = _not_filtered_by(of_query, options, schema, described)
        found = conditions(filters, schema, options.mode, without)
        ours = joined(found, placeholders, len(own.get("FilterExpression", "")) + _AROUND)
        request["FilterExpression"] = with_own(own.get("FilterExpression"), ours)
        if options.own.project is None:
            request["ProjectionExpression"] = _projection(schema, described, placeholders)
    if keys is None:
        count = options.segments or segment_count(
            described.extent.size_bytes, at_once, evenly=options.read_units is not None
        )
        chains = [segment(number, count) for number in range(count)]
        parts = [[chain] for chain in chains]
    else:
        sign = _key_sign(placeholders)
        request["KeyConditionExpression"] = _key_condition(
            described.key.partition, keys.sort, placeholders, sign
        )
        queries = [_query(partition, placeholders, sign) for partition in keys.partitions]
        parts = _dealt(queries, at_once or 1)
    request |= placeholders.members()
    request = {name: content for name, content in request.items() if content}
    operation = "Scan" if keys is None else "Query"
    each = _options(options, len(parts), at_once, slots)
    plan = ReadPlan(uuid.uuid4().hex, place, operation, request, described.key_names, each)
    return [TablePart(plan, part) for part in parts]


def segment_count(size_bytes: int, slots: int | None, *, evenly: bool) -> int:
    """How many segments suit a table or index.

    Args:
        size_bytes: as the service says; 0 also if it has not looked yet.
        slots: how many tasks run at the same time; None if that is unknown.
        evenly: whether all slots shall be busy to the end.
    """
    least = slots or 1
    if not size_bytes:
        return least
    wanted = least * _ROUNDS if evenly else least
    count = max(-(-size_bytes // _TASK_BYTES), min(wanted, -(-size_bytes // _TASK_BYTES_LEAST)))
    if evenly and count > least:
        count = -(-count // least) * least
    return min(count, SCAN_SEGMENTS_MAX)


def _may_be_query(options: ReadOptions, described: Described) -> bool:
    """Whether a fixed key may be queried for.

    Whoever names segments wants a scan; a text has no column of the key; an attribute that is not
    projected is null in its column; and a query's filter must not name the key.
    """
    own, key = options.own, described.key.names
    projected = own.projected()
    return (
        options.segments is None
        and options.items == "columns"
        and (projected is None or projected.issuperset(key))
        and not own.filters_by(key)
    )


def _not_filtered_by(
    of_query: Sequence[str], options: ReadOptions, schema: StructType, described: Described
) -> tuple[str, ...]:
    """The attributes that must not be in a filter: a query's key, and what is not projected."""
    without = set(of_query)
    for projected in (described.projected, options.own.projected()):
        if projected is not None:
            without |= {name for name in schema.names if name not in projected}
    return tuple(without)


def segment(number: int, count: int) -> Mapping[str, Any]:
    """What a scan's request says of its segment, of so many."""
    return {} if count == 1 else {"Segment": number, "TotalSegments": count}


def _projection(schema: StructType, described: Described, placeholders: Placeholders) -> str | None:
    """The columns and the key; None for everything, where they would be too long a text."""
    wanted = dict.fromkeys((*schema.names, *described.key_names))
    if described.projected is not None:
        wanted = {name: None for name in wanted if name in described.projected}
    if 7 * len(wanted) > EXPRESSION_LENGTH_MAX:
        return None
    return ", ".join(map(placeholders.of_name, wanted))


def _key_condition(
    partition: Sequence[KeyAttribute],
    sort: Condition | None,
    placeholders: Placeholders,
    sign: str,
) -> str:
    equal = [
        f"{placeholders.of_name(attribute.name)} = {sign}{position}"
        for position, attribute in enumerate(partition)
    ]
    return " AND ".join(equal + ([] if sort is None else [placeholders.text(sort)]))


def _key_sign(placeholders: Placeholders) -> str:
    """What the placeholders of partition keys begin with; nothing of the user's does."""
    sign = ":k"
    while any(name.startswith(sign) for name in placeholders.values):
        sign += "k"
    return sign


def _query(partition: Item, placeholders: Placeholders, sign: str) -> Mapping[str, Any]:
    own: dict[str, AttributeValue] = {
        f"{sign}{position}": value for position, value in enumerate(partition.values())
    }
    return {"ExpressionAttributeValues": {**placeholders.values, **own}}


def _dealt(queries: Sequence[Mapping[str, Any]], slots: int) -> list[list[Mapping[str, Any]]]:
    """Queries over as many tasks as run at the same time."""
    count = min(len(queries), slots)
    return [list(queries[start::count]) for start in range(count)]


def _options(options: ReadOptions, parts: int, at_once: int | None, slots: int | None) -> Options:
    allowance = None
    if options.read_units is not None:
        count = None if at_once is None else min(at_once, parts) or 1
        allowance = of_each_task(options.read_units, count, slots, "readUnits")
    return Options(
        parallel=options.parallel,
        give_up_after_s=options.give_up_after_s,
        read_units=allowance,
    )
