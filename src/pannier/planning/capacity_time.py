"""How long units take at a capacity: that of the slowest table or global index.

Each table and each global index has a capacity of its own; a local index spends its table's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from pannier.batch.pace.budget import Allowance
from pannier.cost.table_shape import Capacity, TableShape
from pannier.errors import UserError
from pannier.limits import ON_DEMAND_READ_UNITS, ON_DEMAND_WRITE_UNITS
from pannier.planning.assumptions import Assumption

Kind: TypeAlias = Literal["write", "read"]
_START: Final[Mapping[Kind, int]] = {"write": ON_DEMAND_WRITE_UNITS, "read": ON_DEMAND_READ_UNITS}


@dataclass(frozen=True, slots=True)
class Duration:
    """How long a job takes by its units alone.

    Attributes:
        at: what capacity is meant.
        kind: `write` or `read`.
        rates: units a second, by table and `table/index`.
        seconds: how long.
        slowest: the table or index that takes that long.
        is_paid_by_hour: whether the capacity is, or could be, provisioned.
    """

    at: str
    kind: Kind
    rates: Mapping[str, float]
    seconds: float
    slowest: str
    is_paid_by_hour: bool = True

    def to_json(self) -> dict[str, Any]:
        """The duration as plain values."""
        return {
            "at": self.at,
            "kind": self.kind,
            "units_per_s": dict(self.rates),
            "seconds": self.seconds,
            "slowest": self.slowest,
        }


ASSUMPTION: Final = Assumption(
    "even-load",
    "time",
    "requests are spread over partitions, and nothing else uses the capacity; saved-up burst, the "
    "network and this machine are not counted",
)


def durations(
    shapes: Iterable[TableShape], units: Mapping[str, float], kind: Kind, given: str | None
) -> list[Duration]:
    """How long units take: at the capacity that was given, and at the tables' own.

    That is what is provisioned; else what an on-demand table serves at once, if it is described;
    else what a new one serves.

    Args:
        shapes: the tables.
        units: by table, and by `table/index`.
        kind: of the units.
        given: units a second of each table and global index, or a share of what is provisioned.

    Raises:
        UserError: a share was given, and nothing is provisioned.
    """
    owned = _owned(shapes, units)
    if not owned:
        return []
    found = []
    if given is not None:
        found.append(_of(f"{given} units a second", kind, owned, _given_rates(owned, kind, given)))
    provisioned = {place: _rate(capacity, kind) for place, (capacity, _) in owned.items()}
    if all(provisioned.values()):
        found.append(_of("provisioned", kind, owned, provisioned))
        return found
    warm = {place: _warm(capacity, kind) for place, (capacity, _) in owned.items()}
    if all(warm.values()):
        on_demand = _of("warm throughput", kind, owned, warm)
    else:
        start = dict.fromkeys(owned, float(_START[kind]))
        on_demand = _of("a new on-demand table", kind, owned, start)
    return [*found, replace(on_demand, is_paid_by_hour=False)]


def _owned(
    shapes: Iterable[TableShape], units: Mapping[str, float]
) -> dict[str, tuple[Capacity, float]]:
    """Each capacity with the units that are spent of it."""
    owned: dict[str, tuple[Capacity, float]] = {}
    for shape in shapes:
        own = units.get(shape.name, 0.0)
        for index in shape.indexes:
            if index.is_global:
                owned[index.place] = (index.capacity, units.get(index.place, 0.0))
            else:
                own += units.get(index.place, 0.0)
        owned[shape.name] = (shape.capacity, own)
    return {place: each for place, each in owned.items() if each[1]}


def _of(
    at: str, kind: Kind, owned: Mapping[str, tuple[Capacity, float]], rates: Mapping[str, float]
) -> Duration:
    seconds = {place: units / rates[place] for place, (_, units) in owned.items()}
    slowest = max(seconds, key=seconds.__getitem__)
    return Duration(at, kind, rates, seconds[slowest], slowest)


def _given_rates(
    owned: Mapping[str, tuple[Capacity, float]], kind: Kind, given: str
) -> dict[str, float]:
    allowance = Allowance.of(given)
    if allowance.units_per_s is not None:
        return dict.fromkeys(owned, allowance.units_per_s)
    assert allowance.share is not None
    rates = {
        place: _rate(capacity, kind) * allowance.share for place, (capacity, _) in owned.items()
    }
    for place, rate in rates.items():
        if not rate:
            raise UserError(
                f"{given} of what is provisioned: {place} has nothing provisioned",
                f"Give units a second: --{kind}-units 500.",
            )
    return rates


def _warm(capacity: Capacity, kind: Kind) -> float:
    return float(capacity.warm_write_units if kind == "write" else capacity.warm_read_units)


def _rate(capacity: Capacity, kind: Kind) -> float:
    return float(capacity.write_units if kind == "write" else capacity.read_units)
