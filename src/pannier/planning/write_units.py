"""Write units of a whole input: what is certain, and what the table had before.

What it had before comes from one of three places. A sample of the table's own items: the first
write of each sampled key costs a known amount more than if the table had nothing, and all keys are
taken to cost the mean of that more. What the user says of it. Or nothing, which is assumed: puts
overwrite nothing, and each delete finds an item of the table's mean size, or of 1 KB.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pannier.cost.table_shape import TableShape
from pannier.cost.write_cost import ItemState, write_cost
from pannier.limits import KIB
from pannier.model.units import write_units
from pannier.planning.assumptions import Assumption
from pannier.planning.write_planner import Tally

_Z_95: Final = 1.96  # of a normal distribution: 95 % lie within so many standard deviations

Observed: TypeAlias = Sequence[tuple[ItemState | None, ItemState | None]]
"""Of each sampled key, what the first operation makes of it, and what the table had."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the user says the table has before the job.

    Attributes:
        overwrites: the share of keys that it has; None if nothing was said.
        index_moves: the share of overwritten items whose index keys change.
        old_bytes: the size of such an item; None for that of the new one.
    """

    overwrites: float | None = None
    index_moves: float = 0.0
    old_bytes: int | None = None


@dataclass(slots=True)
class WriteUnits:
    """Units of one table.

    Attributes:
        units: of the table, then of each index.
        margins: by how much a sample may have missed each, with 95 % confidence.
        assumptions: what they depend on.
    """

    units: list[float]
    margins: list[float]
    assumptions: list[Assumption]


def units_of(tally: Tally, before: Before, observed: Observed | None) -> WriteUnits:
    """The write units of the input on one table.

    Args:
        tally: what the input holds for it.
        before: what the user says of it.
        observed: a sample of its keys, if there is one.
    """
    if observed:
        return _sampled(tally, observed)
    size_bytes, source = _delete_bytes(tally.shape, before)
    share = before.overwrites
    if not tally.shape.exists and share is None:
        share = 0.0
    found = 1.0 if share is None else share
    over = share or 0.0
    per_delete = _mean_delete_units(tally.shape, size_bytes)
    units = [
        later
        + (1 - over) * new
        + over * ((1 - before.index_moves) * same + before.index_moves * moved)
        + tally.first_deletes * (found * each + (1 - found) * missing)
        for later, new, same, moved, each, missing in zip(
            tally.later,
            tally.puts_new,
            tally.puts_over,
            tally.puts_moved,
            per_delete,
            [1.0] + [0.0] * len(tally.shape.indexes),
            strict=True,
        )
    ]
    assumptions = list(_assumed(tally, before, size_bytes, source))
    return WriteUnits(units, [0.0] * len(units), assumptions)


def _sampled(tally: Tally, observed: Observed) -> WriteUnits:
    indexes = len(tally.shape.indexes)
    base = [*tally.puts_new]
    base[0] += tally.first_deletes
    more = [
        [with_old - without for with_old, without in zip(
            write_cost(old, new, indexes), write_cost(None, new, indexes), strict=True
        )]
        for new, old in observed
    ]  # fmt: skip
    count, keys = len(observed), tally.keys
    units, margins = [], []
    for position in range(indexes + 1):
        values = [each[position] for each in more]
        mean = sum(values) / count
        spread = sum((value - mean) ** 2 for value in values) / max(1, count - 1)
        rest = max(0.0, 1 - count / keys)
        units.append(tally.later[position] + base[position] + keys * mean)
        margins.append(_Z_95 * keys * math.sqrt(spread / count * rest))
    if count >= keys:
        return WriteUnits(units, margins, [])
    found = sum(old is not None for _, old in observed)
    text = (
        f"{count:,} of {keys:,} keys of {tally.shape.name} were looked up, {found:,} are there; "
        f"the others are taken to be alike (95 % confidence: {_margin(margins)} units)"
    )
    return WriteUnits(units, margins, [Assumption("sample", "units", text)])


def _margin(margins: list[float]) -> str:
    return f"+/- {sum(margins):,.0f}"


def _delete_bytes(shape: TableShape, before: Before) -> tuple[int, str]:
    if before.old_bytes is not None:
        return before.old_bytes, "as given"
    if shape.holds.items:
        return round(shape.holds.mean_bytes), "the table's mean"
    return KIB, "nothing is known of the table's items"


def _mean_delete_units(shape: TableShape, size_bytes: int) -> list[float]:
    """Units of the delete of an item that is there, for the table and each index."""
    units = [float(write_units(size_bytes))]
    for index in shape.indexes:
        share = 1.0
        if shape.holds.items:
            share = min(1.0, index.holds.items / shape.holds.items)
        entry_bytes = size_bytes
        if index.projected is not None and index.holds.items:
            entry_bytes = min(size_bytes, round(index.holds.mean_bytes))
        units.append(share * write_units(entry_bytes))
    return units


def _assumed(tally: Tally, before: Before, size_bytes: int, source: str) -> list[Assumption]:
    name, share = tally.shape.name, before.overwrites
    found: list[Assumption] = []
    if share is not None and tally.keys:
        old = f"{before.old_bytes:,} bytes" if before.old_bytes is not None else "the same size"
        found.append(
            Assumption(
                "overwrites",
                "units",
                f"{share:.0%} of {tally.keys:,} keys are in {name} already, as items of {old}; "
                f"index keys change in {before.index_moves:.0%} of them, other attributes in all",
            )
        )
    elif tally.first_puts and tally.shape.exists:
        found.append(
            Assumption(
                "new-items",
                "units",
                f"none of {tally.first_puts:,} keys put is in {name} already; an overwrite counts "
                "the larger of the two items (--overwrites N%, or --against-table looks)",
            )
        )
    if tally.first_deletes and (tally.shape.exists or share is not None):
        how_many = "each finds" if share is None else f"{share:.0%} find"
        found.append(
            Assumption(
                "deletes-found",
                "units",
                f"of {tally.first_deletes:,} deletes on {name} {how_many} an item of "
                f"{size_bytes:,} bytes ({source}); one of a missing item costs 1",
            )
        )
    return found
