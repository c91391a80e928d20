"""A capacity budget: so many units a second, and no more, of a table and of each global index.

A bucket of tokens for the table, and one for each global index, because each has a capacity of its
own; local indexes spend what their table has. A call is charged before it is sent, with what it
will probably cost, and corrected by the `ConsumedCapacity` of its answer. What it will probably
cost is known only in part: a put of a known size costs more if it overwrites a larger item, a
delete and a read cost what the item weighs, an index may be touched or not. So each bucket learns
what is really spent for each unit that was estimated. Until it has learned that, one call at a time
is sent, and a dear one is assumed.

The promise: over any ten seconds not more than 5 % above the budget, and with enough to do not more
than 5 % below. A bucket holds 0.4 seconds' worth, so what was saved and is spent at once is 4 % of
ten seconds; a batch that costs more than that is made smaller.

A budget may be spent in turns: by short jobs one after another, as the tasks of a cluster are. Were
each to begin with a full bucket, a turn of a second would spend 1.4 seconds' worth; were each to
leave its debt behind, an item of 400 KB would cost each turn a moment only. So a turn begins with
what the one before it left over, which is at first nothing, and ends when it owes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias

from pannier.errors import UserError

TABLE: Final = ""
"""The resource that is the table itself; others are the names of its global indexes."""

_HELD_S: Final = 0.4
_LEARNING: Final = 0.25  # how much the newest answer counts
_ROUNDING: Final = 1e-6  # of units

Kind: TypeAlias = Literal["read", "write"]

# What an estimated unit may really cost, before anything is known: a delete of 8 KB, or an
# overwrite of that by 1 KB; a read of 32 KB.
_ASSUMED: Final = 8.0
_MEMBER: Final[Mapping[Kind, str]] = {"write": "WriteCapacityUnits", "read": "ReadCapacityUnits"}


@dataclass(slots=True)
class Turn:
    """A job's turn at a budget that jobs one after another spend.

    Moments are those of `time.monotonic`, which all processes of a machine share.

    Attributes:
        begins_s: since when capacity gathers for it; None for the job's own beginning.
        ended_s: since when it gathers for the next turn; known when the job has ended.
    """

    begins_s: float | None = None
    ended_s: float | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much capacity a job may consume of each table and each global index.

    Attributes:
        units_per_s: units a second; None if a share is given.
        share: of what the table, and each index, has provisioned; 0.5 is half.
        turn: the turn of this job, if jobs one after another spend it.
    """

    units_per_s: float | None = None
    share: float | None = None
    turn: "Turn | None" = None

    @classmethod
    def of(cls, given: "float | str | Allowance") -> Self:
        """An allowance from `500`, `"500"` or `"50%"`.

        Raises:
            UserError: it is neither.
        """
        if isinstance(given, Allowance):
            return cls(given.units_per_s, given.share, given.turn)
        text = str(given).strip()
        try:
            number = float(text.removesuffix("%"))
        except ValueError:
            number = 0.0
        if not 0 < number < float("inf"):
            raise UserError(
                f"{given!r} is no capacity budget",
                "Give units a second, e.g. 500, or a share of what is provisioned, e.g. 50%.",
            )
        return cls(share=number / 100) if text.endswith("%") else cls(units_per_s=number)

    def divided(self, count: int) -> "Allowance":
        """What each of so many rows of turns may spend, all of them at the same time.

        Args:
            count: how many jobs run at the same time, at most.
        """
        units_per_s = None if self.units_per_s is None else self.units_per_s / count
        share = None if self.share is None else self.share / count
        return Allowance(units_per_s, share, Turn())


class Purse(NamedTuple):
    """What may be spent at a moment: estimated units; and whether all buckets are full."""

    units: float
    is_full: bool


class _Bucket:
    __slots__ = ("_at_s", "_rate", "_size", "_tokens", "learned", "per_unit")

    def __init__(self, rate: float, now_s: float, is_empty: bool) -> None:
        self._rate = rate
        self._size = rate * _HELD_S
        self._tokens = 0.0 if is_empty else self._size
        self._at_s = now_s
        self.per_unit = _ASSUMED  # units really spent for each estimated one
        self.learned = False

    def tokens(self, now_s: float) -> float:
        if now_s > self._at_s:
            self._tokens = min(self._size, self._tokens + (now_s - self._at_s) * self._rate)
            self._at_s = now_s
        return self._tokens

    def is_full(self, now_s: float) -> bool:
        return self.tokens(now_s) + _ROUNDING >= self._size

    def affordable(self, now_s: float) -> float:
        tokens = self.tokens(now_s) + _ROUNDING
        return tokens / self.per_unit if self.per_unit > 0 else float("inf")

    def wait_s(self, units: float, now_s: float) -> float:
        missing = min(units * self.per_unit, self._size) - self.tokens(now_s)
        return missing / self._rate if missing > _ROUNDING else 0.0

    def empty_s(self, now_s: float) -> float:
        return now_s - self.tokens(now_s) / self._rate

    def spend(self, units: float, now_s: float) -> None:
        self._tokens = self.tokens(now_s) - units

    def learn(self, per_unit: float) -> None:
        if not self.learned:
            self.learned = True
            self.per_unit = per_unit
        else:
            self.per_unit += _LEARNING * (per_unit - self.per_unit)


Charge: TypeAlias = dict[str, float]
"""Units by resource."""


class Budget:
    """What a job may spend on one table.

    Args:
        units_per_s: the rate of each resource: `TABLE`, and the names of global indexes.
        now_s: the time.
        is_empty: whether nothing is saved at the beginning.
    """

    def __init__(
        self, units_per_s: Mapping[str, float], now_s: float, *, is_empty: bool = False
    ) -> None:
        self._buckets = {name: _Bucket(rate, now_s, is_empty) for name, rate in units_per_s.items()}

    @property
    def is_learning(self) -> bool:
        """Whether it is not known yet what calls really cost."""
        return not all(bucket.learned for bucket in self._buckets.values())

    def purse(self, now_s: float) -> Purse:
        """What may be spent now, in estimated units."""
        buckets = self._buckets.values()
        return Purse(
            min(bucket.affordable(now_s) for bucket in buckets),
            all(bucket.is_full(now_s) for bucket in buckets),
        )

    def wait_s(self, units: float, now_s: float) -> float:
        """How long it takes until so many estimated units may be spent; 0 if they may now.

        What costs more than a bucket can hold waits until it is full, and leaves a debt.
        """
        return max(bucket.wait_s(units, now_s) for bucket in self._buckets.values())

    def empty_s(self, now_s: float) -> float:
        """Since when what is in it has gathered; a time to come, when something is owed."""
        return max(bucket.empty_s(now_s) for bucket in self._buckets.values())

    def charge(self, units: float, now_s: float) -> Charge:
        """Spend what a call will probably cost.

        Args:
            units: as estimated.
            now_s: the time.
        """
        charge = {name: units * bucket.per_unit for name, bucket in self._buckets.items()}
        for name, spent in charge.items():
            self._buckets[name].spend(spent, now_s)
        return charge

    def correct(
        self, charge: Charge, units: float, done_units: float, spent: Charge | None, now_s: float
    ) -> None:
        """Replace a charge by what the call has really cost, and learn from it.

        Args:
            charge: what was charged.
            units: what was estimated for the whole call.
            done_units: and for the part of it that was not left over.
            spent: what the service says was consumed; None if it does not say.
            now_s: the time.
        """
        done = done_units / units if units else 0.0
        for name, bucket in self._buckets.items():
            charged = charge.get(name, 0.0)
            really = charged * done if spent is None else spent.get(name, 0.0)
            bucket.spend(really - charged, now_s)
            if done_units > 0 and spent is not None:
                bucket.learn(really / done_units)
            elif done_units > 0 and not bucket.learned:
                bucket.learn(1.0)  # nothing is reported: the estimate is all there is


def budget_of(
    allowance: Allowance,
    kind: Kind,
    description: Mapping[str, Any],
    now_s: float,
    index: str | None = None,
) -> Budget:
    """The budget of one table.

    Args:
        allowance: what the user allows.
        kind: read or write units.
        description: the `TableDescription` of the API.
        now_s: the time; of a turn, since when its capacity gathers.
        index: the index that is read instead of the table. A local one reads the table's capacity.

    Raises:
        UserError: a share of nothing: the table is on demand.
    """
    indexes = {each["IndexName"]: each for each in description.get("GlobalSecondaryIndexes") or ()}
    described: dict[str, Mapping[str, Any]]
    if kind == "write":
        described = {TABLE: description, **indexes}
    else:
        is_global = index is not None and index in indexes
        described = {str(index): indexes[index]} if is_global else {TABLE: description}
    if allowance.share is None:
        rate = allowance.units_per_s or 0.0
        return Budget(dict.fromkeys(described, rate), now_s, is_empty=allowance.turn is not None)
    provisioned = {name: _provisioned(each, kind) for name, each in described.items()}
    billing = (description.get("BillingModeSummary") or {}).get("BillingMode")
    if billing == "PAY_PER_REQUEST" or not all(provisioned.values()):
        raise UserError(
            f"{description['TableName']} is on demand: there is no provisioned capacity to take "
            f"{allowance.share * 100:g}% of",
            f"Give the budget in units a second, e.g. --{kind}-units 500.",
        )
    rates = {name: units * allowance.share for name, units in provisioned.items()}
    return Budget(rates, now_s, is_empty=allowance.turn is not None)


def consumed_by_resource(entry: Mapping[str, Any]) -> Charge:
    """What one entry of `ConsumedCapacity` says, by resource; local indexes count as the table."""
    own = entry.get("Table")
    if not isinstance(own, dict):
        return {TABLE: float(entry.get("CapacityUnits") or 0)}
    local = entry.get("LocalSecondaryIndexes") or {}
    units = {TABLE: _units(own) + sum(_units(each) for each in local.values())}
    for index, each in (entry.get("GlobalSecondaryIndexes") or {}).items():
        units[index] = _units(each)
    return units


def _units(spent: Mapping[str, Any]) -> float:
    return float(spent.get("CapacityUnits") or 0)


def _provisioned(described: Mapping[str, Any], kind: Kind) -> float:
    return float((described.get("ProvisionedThroughput") or {}).get(_MEMBER[kind]) or 0)
