"""What a draft will take: its calls and units, by `pannier.planning`."""

from collections.abc import Mapping

from pannier.batch.operation import Operation
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Failure
from pannier.console.pages.batch.drafts import Draft
from pannier.cost.prices import US_EAST_1
from pannier.cost.table_shape import TableShape
from pannier.planning import read_planner
from pannier.planning.capacity_time import durations
from pannier.planning.plan import Plan
from pannier.planning.read_planner import ItemsSaid, ReadPlanner
from pannier.planning.write_planner import WritePlanner
from pannier.planning.write_units import Before, units_of


def plan_of(draft: Draft, shapes: Mapping[str, TableShape]) -> Plan:
    """The plan of a draft.

    Args:
        draft: all of its tables have a shape.
        shapes: by table.

    Raises:
        UserError: there is no room for the planner's notes on disk.
    """
    if draft.is_read:
        return _of_keys(draft, shapes)
    return _of_writes(draft, shapes)


def _of_writes(draft: Draft, shapes: Mapping[str, TableShape]) -> Plan:
    plan = Plan("write", US_EAST_1)
    with WritePlanner(shapes.__getitem__) as planner:
        for entry in draft.entries:
            element = entry.element
            if isinstance(element, Operation | Failure):
                planner.feed(element)
        planner.end()
    for tally in planner.tallies:
        found = units_of(tally, Before(), None)
        plan.write.update(zip(tally.shape.places, found.units, strict=True))
        plan.assumptions += found.assumptions
    counts = planner.counts
    plan.items = {
        "read": counts.read,
        "written": counts.puts,
        "deleted": counts.deletes,
        "superseded": counts.superseded,
        "failed": counts.failed,
    }
    plan.calls = counts.calls
    plan.single_calls = counts.puts + counts.deletes
    plan.sent_bytes = counts.sent_bytes
    plan.sizes = counts.sizes
    plan.durations = durations(shapes.values(), plan.write, "write", None)
    return plan


def _of_keys(draft: Draft, shapes: Mapping[str, TableShape]) -> Plan:
    def is_consistent(table: str) -> bool:
        return draft.options.get(table, TableOptions()).consistent

    plan = Plan("read", US_EAST_1)
    planner = ReadPlanner(shapes.__getitem__, is_consistent)
    for entry in draft.entries:
        element = entry.element
        if isinstance(element, Key | Failure):
            planner.feed(element)
    planner.end()
    found_bytes = 0.0
    for table, fetched in planner.tables.items():
        found = read_planner.units_of(fetched, ItemsSaid(), None)
        plan.read[table] = found.units
        plan.assumptions += found.assumptions
        found_bytes += found.found_bytes
    plan.items = {"read": planner.read, "failed": planner.failed}
    plan.calls, assumed = read_planner.calls_of(planner, found_bytes)
    plan.assumptions += assumed
    plan.single_calls = sum(each.keys for each in planner.tables.values())
    plan.sent_bytes = planner.sent_bytes
    plan.durations = durations(shapes.values(), plan.read, "read", None)
    return plan
