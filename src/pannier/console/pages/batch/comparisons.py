"""Single calls beside batches, and whole items beside projected ones, by `pannier.comparing`."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import orjson

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.batch.reads.projection import Projection, projection_of_names
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Report
from pannier.comparing.comparison import (
    BATCH,
    PROJECTED,
    Comparison,
    Measured,
    Way,
    in_turn,
)
from pannier.comparing.own_keys import OwnTable
from pannier.comparing.passes import Pass, batch_gets
from pannier.comparing.running import Comparing, Wanted
from pannier.console.pages.batch.drafts import Draft
from pannier.cost.table_shape import TableShape
from pannier.errors import ServiceError, UserError
from pannier.library.aio import AsyncConnection
from pannier.model.attribute_value import Item, check_item
from pannier.model.key_schema import KeySchema
from pannier.targets.recording import RecordingTarget

ITEMS_MAX: Final = 500
_ROUNDS_MIN: Final = 3
_ROUNDS_MAX: Final = 15
_ITEMS_ENOUGH: Final = 60


def rounds_for(count: int) -> int:
    """How many rounds so many items are measured in: few items say little in one."""
    return max(_ROUNDS_MIN, min(_ROUNDS_MAX, _ITEMS_ENOUGH // max(count, 1)))


async def compare(
    connection: AsyncConnection, draft: Draft, descriptions: dict[str, dict[str, Any]]
) -> Comparison:
    """Do what a draft does by single calls and by batches, several times in turns.

    Writes go into a table of their own, of the same shape, which is deleted afterwards; reads are
    those of the draft.

    Args:
        connection: to the target.
        draft: puts, or keys, of one table.
        descriptions: of the tables that are there.

    Raises:
        UserError: there is nothing to compare, or it did not get through.
    """
    table = _only_table(draft, descriptions)
    shape = TableShape.of(descriptions[table])
    try:
        if draft.is_read:
            keys = _keys(draft, shape.schema)
            rounds = rounds_for(len(keys))
            found = Comparison(connection.target.name, table, len(keys), rounds)
            wanted = Wanted(rounds=rounds)
            await Comparing(connection, table, shape.schema, wanted).reads(keys, found)
            return found
        items = _items(draft, shape.schema)
        rounds = rounds_for(len(items))
        found = Comparison(connection.target.name, table, len(items), rounds)
        async with OwnTable(connection, descriptions[table]) as own:
            comparing = Comparing(connection, own, shape.schema, Wanted(rounds=rounds))
            await comparing.writes(items, found)
            await comparing.reads([shape.schema.key_of(item) for item in items], found)
    except CallError as error:
        raise UserError(f"{error.operation} was refused: {error}") from None
    return found


@dataclass(slots=True)
class SideBySide:
    """Whole items and projected ones.

    Attributes:
        table: the table.
        keys: how many were read.
        projection: what was asked for.
        full: of reads without projection.
        projected: of reads with it.
        full_items: the items of one read.
        projected_items: likewise.
    """

    table: str
    keys: int
    projection: str
    full: Measured
    projected: Measured
    full_items: list[Item] = field(default_factory=list)
    projected_items: list[Item] = field(default_factory=list)


async def side_by_side(
    connection: AsyncConnection,
    draft: Draft,
    descriptions: dict[str, dict[str, Any]],
    attributes: str,
) -> SideBySide:
    """Read the keys of a draft with and without a projection, several times in turns.

    Args:
        connection: to the target.
        draft: keys of one table.
        descriptions: of the tables that are there.
        attributes: what to ask for, as in a ProjectionExpression; empty for the request's own.

    Raises:
        UserError: no projection is named, or it did not get through.
    """
    table = _only_table(draft, descriptions)
    options = draft.options.get(table, TableOptions())
    projection = projection_of_names(attributes) if attributes.strip() else options.projection
    if projection.expression is None:
        raise UserError("no attributes are named", "Name those to ask for, e.g. PK, SK, price.")
    schema = TableShape.of(descriptions[table]).schema
    keys = _keys(draft, schema)
    seen: dict[str, list[Item]] = {}

    async def once(name: str, wanted: Projection) -> Report:
        recording = RecordingTarget(connection.target)
        run = Pass(recording, "read", time.perf_counter, asyncio.sleep)
        report = await batch_gets(
            run, table, keys, consistent=options.consistent, projection=wanted
        )
        if name not in seen:
            seen[name] = _in_order(recording, table, keys, schema)
        return report

    ways: dict[str, Way] = {
        BATCH: partial(once, BATCH, Projection()),
        PROJECTED: partial(once, PROJECTED, projection),
    }
    try:
        measured = await in_turn(ways, rounds_for(len(keys)))
    except CallError as error:
        raise UserError(f"{error.operation} was refused: {error}") from None
    return SideBySide(
        table,
        len(keys),
        attributes.strip() or projection.expression,
        measured[BATCH],
        measured[PROJECTED],
        seen[BATCH],
        seen[PROJECTED],
    )


def _in_order(
    recording: RecordingTarget, table: str, keys: Sequence[Item], schema: KeySchema
) -> list[Item]:
    """The items of all answers, in the order of the keys where their keys are in them."""
    items: list[Item] = []
    for call in recording.calls:
        if call.answer:
            items += orjson.loads(call.answer).get("Responses", {}).get(table, [])
    places = {orjson.dumps(schema.key_of(key)): place for place, key in enumerate(keys)}
    return sorted(items, key=lambda item: places.get(orjson.dumps(schema.key_of(item)), len(keys)))


def _only_table(draft: Draft, descriptions: dict[str, dict[str, Any]]) -> str:
    tables = draft.tables
    if len(tables) != 1:
        raise UserError(
            f"the request names {len(tables)} tables", "Compare with a request for one table."
        )
    if tables[0] not in descriptions:
        raise UserError(f"there is no table {tables[0]} here", "Create it first.")
    return tables[0]


def _keys(draft: Draft, schema: KeySchema) -> list[Item]:
    """The keys of a draft, each once."""
    distinct: dict[bytes, Item] = {}
    for entry in draft.entries:
        if isinstance(entry.element, Key):
            try:
                key = b"".join(schema.exact_key(dict(entry.element.attributes)))
            except ServiceError as error:
                raise _wrong(entry.line, error) from None
            distinct[key] = entry.element.attributes
    return _some(list(distinct.values()), "keys")


def _items(draft: Draft, schema: KeySchema) -> list[Item]:
    """The items that a draft puts, the last of each key."""
    distinct: dict[bytes, Item] = {}
    for entry in draft.entries:
        element = entry.element
        if isinstance(element, Operation) and element.kind is Kind.PUT:
            try:
                check_item(element.attributes)
                distinct[b"".join(schema.item_key(element.attributes))] = element.attributes
            except ServiceError as error:
                raise _wrong(entry.line, error) from None
    return _some(list(distinct.values()), "items to put")


def _some(found: list[Item], what: str) -> list[Item]:
    if not found:
        raise UserError(f"there are no {what} here", "Compare with a request that has some.")
    return found[:ITEMS_MAX]


def _wrong(line: int, error: ServiceError) -> UserError:
    return UserError(f"line {line}: {error.message}", "Put it right first.")
