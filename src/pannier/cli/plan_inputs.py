"""Plans from files, keys and tables: what `pannier plan` goes through, and what it looks up."""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import orjson

from pannier.batch.operation import Kind, Operation
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure, Report
from pannier.cli.plan_tables import PlannedTables
from pannier.cost.prices import Prices
from pannier.cost.size_histogram import SizeHistogram
from pannier.cost.storage_cost import Stored
from pannier.cost.table_shape import Space, TableShape
from pannier.cost.write_cost import ItemState, state_of
from pannier.files.opening import expand
from pannier.files.read_requests import read_keys
from pannier.files.reading import check, read_all
from pannier.files.source import ReadOptions
from pannier.library.connection import Connection
from pannier.model.attribute_value import Item, check_item
from pannier.planning import read_planner
from pannier.planning.assumptions import Assumption
from pannier.planning.capacity_time import ASSUMPTION, durations
from pannier.planning.key_sample import KeySample
from pannier.planning.plan import Plan
from pannier.planning.read_planner import ItemsSaid, ReadPlanner
from pannier.planning.scan_units import scan_units
from pannier.planning.write_planner import WriteCounts, WritePlanner
from pannier.planning.write_units import Before, units_of

_NO_TROUBLE: Final = Assumption(
    "no-trouble", "calls", "nothing is throttled or sent again; nothing is refused by the service"
)


def plan_write(
    connection: Connection, options: argparse.Namespace, prices: Prices, wanted: ReadOptions
) -> Plan:
    """A plan of `pannier write`.

    Raises:
        UserError: a file can't be read, or nobody knows the shape of a table.
    """
    files = expand(options.files)
    for name in files:
        check(name)
    tables = PlannedTables(connection, options)
    sample = KeySample(options.against_table) if options.against_table else None
    plan = Plan("write", prices)
    planner = WritePlanner(
        tables.shape,
        every_write=options.every_write,
        sample=sample,
        old_bytes=options.item_size,
    )
    with planner:
        for element in read_all(files, wanted):
            if isinstance(element, Operation):
                is_key = element.kind is Kind.DELETE or options.delete
                shape = tables.shape(element.table, element.attributes, is_key=is_key)
                if options.delete:
                    key = shape.schema.key_of(element.attributes)
                    element = Operation.delete(element.table, key, element.origin)
            planner.feed(element)
        planner.end()
    before = Before(options.overwrites, options.index_moves, options.item_size)
    observed = _look_up_states(connection, tables, sample, plan) if sample is not None else {}
    for tally in planner.tallies:
        found = units_of(tally, before, observed.get(tally.shape.name))
        plan.write.update(zip(tally.shape.places, found.units, strict=True))
        plan.margin_units += sum(found.margins)
        plan.assumptions += found.assumptions
    _take_counts(plan, planner.counts)
    plan.durations = durations(tables.shapes.values(), plan.write, "write", options.write_units)
    return plan


def _take_counts(plan: Plan, counts: WriteCounts) -> None:
    counts.put_into(plan)
    if counts.superseded:
        text = (
            f"{counts.superseded:,} writes are superseded, because a later one of the same key "
            "waits with them; a fast target may be sent more of them (--every-write: all)"
        )
        plan.assumptions.append(Assumption("superseded", "units", text))
    plan.assumptions += [_NO_TROUBLE, ASSUMPTION]


def plan_read(
    connection: Connection, options: argparse.Namespace, prices: Prices, wanted: ReadOptions
) -> Plan:
    """A plan of `pannier get`.

    Raises:
        UserError: a file can't be read, or nobody knows the shape of a table.
    """
    tables = PlannedTables(connection, options)
    sample = KeySample(options.against_table) if options.against_table else None
    asked: dict[str, TableOptions] = {}

    def is_consistent(table: str) -> bool:
        return options.consistent or asked.get(table, TableOptions()).consistent

    planner = ReadPlanner(tables.shape, is_consistent, sample)
    for name in expand(options.files):
        source = read_keys(name, wanted)
        asked.update(source.tables)
        for key in source.keys:
            if isinstance(key, Key) and key.table not in tables.shapes:
                tables.shape(key.table, key.attributes, is_key=True)
            planner.feed(key)
    planner.end()
    plan = Plan("read", prices)
    sizes = _look_up_sizes(connection, tables, sample, plan) if sample is not None else {}
    found_bytes = found_keys = 0.0
    said = ItemsSaid(options.item_size, options.missing)
    for table, fetched in planner.tables.items():
        found = read_planner.units_of(fetched, said, sizes.get(table))
        plan.read[table] = found.units
        plan.margin_units += found.margin
        plan.assumptions += found.assumptions
        found_bytes += found.found_bytes
        found_keys += found.found_keys
    _take_keys(plan, planner, found_bytes)
    answered = planner.read - planner.failed
    keys = sum(each.keys for each in planner.tables.values())
    plan.items["found"] = round(answered * found_keys / keys) if keys else 0
    plan.items["missing"] = answered - plan.items["found"]
    plan.durations = durations(tables.shapes.values(), plan.read, "read", options.read_units)
    return plan


def _take_keys(plan: Plan, planner: ReadPlanner, found_bytes: float) -> None:
    plan.items = {"read": planner.read, "failed": planner.failed}
    plan.calls, assumed = read_planner.calls_of(planner, found_bytes)
    plan.single_calls = sum(each.keys for each in planner.tables.values())
    plan.sent_bytes = planner.sent_bytes
    plan.reasons = planner.reasons
    if planner.repeated:
        text = (
            f"{planner.repeated:,} keys are asked for while the same key waits, and fetched once; "
            "a fast target may be asked again"
        )
        plan.assumptions.append(Assumption("asked-again", "units", text))
    plan.assumptions += [*assumed, _NO_TROUBLE, ASSUMPTION]


def plan_scan(connection: Connection, options: argparse.Namespace, prices: Prices) -> Plan:
    """A plan of a scan of a whole table.

    Raises:
        UserError: nobody knows the shape of the table.
    """
    tables = PlannedTables(connection, options)
    shape = tables.shape(options.scan)
    plan = Plan("scan", prices)
    if options.sample:
        shape = _sampled(connection, shape, options.sample, plan)
    found = scan_units(shape, consistent=options.consistent, segments=options.segments)
    plan.items = {"read": shape.holds.items}
    plan.calls = found.calls
    plan.read = {shape.name: found.units}
    plan.stored = _held(shape)
    plan.assumptions += [*found.assumptions, _NO_TROUBLE, ASSUMPTION]
    plan.durations = durations([shape], plan.read, "read", options.read_units)
    return plan


def _sampled(connection: Connection, shape: TableShape, count: int, plan: Plan) -> TableShape:
    """The table with what a look at its first items says of their sizes."""
    sizes = SizeHistogram()
    reports: list[Report] = []
    request = {"TableName": shape.name}
    for page in connection.pages("Scan", request, limit=count, report=reports.append):
        for item in page.items:
            sizes.add(check_item(item))
    plan.sizes = sizes
    plan.looked_up_units = reports[0].units.read_total
    if sizes.items < count:  # that was all of it
        return replace(shape, holds=Space(sizes.items, sizes.total_bytes))
    text = (
        f"the sizes are those of {sizes.items:,} items of {shape.holds.items:,}, the first of a "
        "scan, which goes by the hash of partition keys"
    )
    plan.assumptions.append(Assumption("size-sample", "storage", text))
    return shape


def _held(shape: TableShape) -> Stored:
    return Stored(
        shape.holds.items,
        sum(index.holds.items for index in shape.indexes),
        shape.holds.size_bytes + sum(index.holds.size_bytes for index in shape.indexes),
    )


def _look_up_states(
    connection: Connection, tables: PlannedTables, sample: KeySample, plan: Plan
) -> dict[str, list[tuple[ItemState | None, ItemState | None]]]:
    """What the first operation on each sampled key makes of it, and what the table has."""
    states = {_identity(each.table, each.key): each.state for each in sample.keys.values()}
    found: defaultdict[str, list[tuple[ItemState | None, ItemState | None]]] = defaultdict(list)
    for key, item in _look_up(connection, tables, sample, plan):
        old = None
        if item is not None:
            shape = tables.shapes[key.table]
            old = state_of(shape, item, check_item(item), stored=True)
        found[key.table].append((states[_identity(key.table, key.attributes)], old))
    return found


def _look_up_sizes(
    connection: Connection, tables: PlannedTables, sample: KeySample, plan: Plan
) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, item in _look_up(connection, tables, sample, plan):
        found[key.table].append(check_item(item) if item is not None else 0)
    return found


def _look_up(
    connection: Connection, tables: PlannedTables, sample: KeySample, plan: Plan
) -> Iterator[tuple[Key, Item | None]]:
    keys: list[Key | Failure] = [
        Key(each.table, each.key) for each in sample.keys.values() if each.table in tables.there
    ]
    reports: list[Report] = []
    for found in connection.find(keys, report=reports.append):
        yield Key(found.table, found.key), found.item
    plan.looked_up_units = reports[0].units.read_total


def _identity(table: str, key: Item) -> bytes:
    return table.encode() + b"\0" + orjson.dumps(key, option=orjson.OPT_SORT_KEYS)
