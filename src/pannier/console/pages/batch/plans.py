"""What a draft will take: its calls and units, by `pannier.planning`.

What the table has before is not in the draft. It is assumed, or looked up, key by key.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, TypeAlias

import orjson

from pannier.batch.operation import Operation
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure, Report
from pannier.console.pages.batch.drafts import Draft
from pannier.cost.prices import US_EAST_1
from pannier.cost.table_shape import TableShape
from pannier.cost.write_cost import ItemState, state_of
from pannier.library.aio import AsyncConnection
from pannier.model.attribute_value import Item, check_item
from pannier.planning import read_planner
from pannier.planning.capacity_time import durations
from pannier.planning.key_sample import KeySample
from pannier.planning.plan import Plan
from pannier.planning.read_planner import ItemsSaid, ReadPlanner
from pannier.planning.write_planner import WritePlanner
from pannier.planning.write_units import Before, units_of

LOOKED_UP_MAX: Final = 1000

Found: TypeAlias = Mapping[bytes, Item | None]
"""What the tables have, by `_identity` of the key."""


def plan_of(draft: Draft, shapes: Mapping[str, TableShape]) -> Plan:
    """The plan of a draft, which says what it assumes of the tables.

    Args:
        draft: all of its tables have a shape.
        shapes: by table.

    Raises:
        UserError: there is no room for the planner's notes on disk.
    """
    return _plan(draft, shapes, KeySample(1), {})


async def plan_after_looking(
    connection: AsyncConnection, draft: Draft, shapes: Mapping[str, TableShape]
) -> Plan:
    """The plan of a draft, after a look at what the tables have under its keys.

    Args:
        connection: to the target; up to a thousand keys are read.
        draft: all of its tables have a shape.
        shapes: by table.

    Raises:
        UserError: as for `plan_of`; or the target can't be reached.
    """
    sample = KeySample(LOOKED_UP_MAX)
    await asyncio.to_thread(_plan, draft, shapes, sample, {})
    keys = [Key(each.table, each.key) for each in sample.keys.values()]
    reports: list[Report] = []
    found: dict[bytes, Item | None] = {}
    async for each in connection.find(keys, report=reports.append):
        found[_identity(each.table, each.key)] = each.item
    plan = await asyncio.to_thread(_plan, draft, shapes, sample, found)
    plan.looked_up_units = reports[0].units.read_total
    return plan


def _plan(draft: Draft, shapes: Mapping[str, TableShape], sample: KeySample, found: Found) -> Plan:
    if draft.is_read:
        return _of_keys(draft, shapes, sample, found)
    return _of_writes(draft, shapes, sample, found)


def _of_writes(
    draft: Draft, shapes: Mapping[str, TableShape], sample: KeySample, found: Found
) -> Plan:
    plan = Plan("write", US_EAST_1)
    with WritePlanner(shapes.__getitem__, sample=sample) as planner:
        for entry in draft.entries:
            element = entry.element
            if isinstance(element, Operation | Failure):
                planner.feed(element)
        planner.end()
    observed = _states(shapes, sample, found)
    for tally in planner.tallies:
        units = units_of(tally, Before(), observed.get(tally.shape.name))
        plan.write.update(zip(tally.shape.places, units.units, strict=True))
        plan.margin_units += sum(units.margins)
        plan.assumptions += units.assumptions
    planner.counts.put_into(plan)
    plan.durations = durations(shapes.values(), plan.write, "write", None)
    return plan


def _states(
    shapes: Mapping[str, TableShape], sample: KeySample, found: Found
) -> dict[str, list[tuple[ItemState | None, ItemState | None]]]:
    """Of each key that was looked up, what the first operation makes of it, and what is there."""
    states: defaultdict[str, list[tuple[ItemState | None, ItemState | None]]] = defaultdict(list)
    for each in sample.keys.values():
        place = _identity(each.table, each.key)
        if place in found:
            item, old = found[place], None
            if item is not None:
                old = state_of(shapes[each.table], item, check_item(item), stored=True)
            states[each.table].append((each.state, old))
    return states


def _of_keys(
    draft: Draft, shapes: Mapping[str, TableShape], sample: KeySample, found: Found
) -> Plan:
    def is_consistent(table: str) -> bool:
        return draft.options.get(table, TableOptions()).consistent

    plan = Plan("read", US_EAST_1)
    planner = ReadPlanner(shapes.__getitem__, is_consistent, sample)
    for entry in draft.entries:
        element = entry.element
        if isinstance(element, Key | Failure):
            planner.feed(element)
    planner.end()
    sizes = _sizes(sample, found)
    found_bytes = 0.0
    for table, fetched in planner.tables.items():
        units = read_planner.units_of(fetched, ItemsSaid(), sizes.get(table))
        plan.read[table] = units.units
        plan.margin_units += units.margin
        plan.assumptions += units.assumptions
        found_bytes += units.found_bytes
    plan.items = {"read": planner.read, "failed": planner.failed}
    plan.calls, assumed = read_planner.calls_of(planner, found_bytes)
    plan.assumptions += assumed
    plan.single_calls = sum(each.keys for each in planner.tables.values())
    plan.sent_bytes = planner.sent_bytes
    plan.durations = durations(shapes.values(), plan.read, "read", None)
    return plan


def _sizes(sample: KeySample, found: Found) -> dict[str, list[int]]:
    """The sizes of the items that were looked up, 0 for each that is not there."""
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for each in sample.keys.values():
        place = _identity(each.table, each.key)
        if place in found:
            item = found[place]
            sizes[each.table].append(check_item(item) if item is not None else 0)
    return sizes


def _identity(table: str, key: Item) -> bytes:
    return table.encode() + b"\0" + orjson.dumps(key, option=orjson.OPT_SORT_KEYS)
