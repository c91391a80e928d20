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

A budget may be spent in turns: by short jobs side by side and one after another, as the tasks of a
cluster are. Were each to begin with a full bucket, a turn of a second would spend 1.4 seconds'
worth; were each to leave its debt behind, an item of 400 KB would cost each turn a moment only. So
the turns of a machine share their buckets (see `ledger`), which are empty at first, and a turn ends
when nothing is owed. Such a bucket holds twice as much, since between two turns nothing is spent:
then it is 8 % of ten seconds.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, Self, TypeAlias

from pannier.batch.pace.ledger import Account, Ledger, OwnLedger
from pannier.errors import UserError

TABLE: Final = ""
"""The resource that is the table itself; others are the names of its global indexes."""

_CALL_S: Final = 0.4  # what a call may cost, in seconds of gathering
_HELD_S: Final = 0.4  # what a bucket holds
_HELD_IN_TURNS_S: Final = 0.8
_KEPT: Final = 0.75  # of what was learned, when there is something new
_ROUNDING: Final = 1e-6  # of units

Kind: TypeAlias = Literal["read", "write"]

# What an estimated unit may really cost, before anything is known: a delete of 8 KB, or an
# overwrite of that by 1 KB; a read of 32 KB.
_ASSUMED: Final = 8.0
_MEMBER: Final[Mapping[Kind, str]] = {"write": "WriteCapacityUnits", "read": "ReadCapacityUnits"}


@dataclass(frozen=True, slots=True)
class Turn:
    """A job's turn at a budget that several jobs spend.

    Attributes:
        most: how many turns gather capacity at the same time, at most.
        keeps: whether a turn that no job has goes on gathering; see `ledger`.
        ledger: where the accounts are that it shares with others; None if there are no others.
    """

    most: int = 1
    keeps: bool = False
    ledger: Ledger | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much capacity a job may consume of each table and each global index.

    Attributes:
        units_per_s: units a second; None if a share is given.
        share: of what the table, and each index, has provisioned; 0.5 is half.
        turn: the turn of this job, if several jobs spend it; then the others are what each may.
    """

    units_per_s: float | None = None
    share: float | None = None
    turn: Turn | None = None

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

    def divided(self, count: int, *, keeps: bool = False) -> "Allowance":
        """What each of so many jobs may spend, all of them at the same time.

        Args:
            count: how many jobs run at the same time, at most.
            keeps: whether there can't be more turns than these, on all machines.
        """
        units_per_s = None if self.units_per_s is None else self.units_per_s / count
        share = None if self.share is None else self.share / count
        return Allowance(units_per_s, share, Turn(count, keeps))


class Purse(NamedTuple):
    """What may be spent at a moment.

    Attributes:
        units: estimated ones.
        is_full: whether there is as much as a call may cost.
        per_unit: what each of them really costs, of the scarcest resource.
    """

    units: float
    is_full: bool
    per_unit: float = 1.0


class _Bucket:
    """An account at a moment.

    Args:
        account: up to now.
        gathered_s: for how many seconds turns have gathered, up to now.
        turn_rate: units a second that a turn gathers.
        turns: how many of them gather.
        held_s: what it holds, in seconds of gathering.
    """

    __slots__ = ("_account", "_call", "_rate")

    def __init__(
        self, account: Account, gathered_s: float, turn_rate: float, turns: int, held_s: float
    ) -> None:
        self._account = account
        self._rate = turn_rate * turns
        self._call = self._rate * _CALL_S
        gathered = (gathered_s - account.counted_s) * turn_rate
        account.tokens = min(self._rate * held_s, account.tokens + gathered)
        account.counted_s = gathered_s

    @property
    def per_unit(self) -> float:
        """Units really spent for each estimated one."""
        account = self._account
        return account.spent / account.estimated if account.estimated else _ASSUMED

    @property
    def learned(self) -> bool:
        return self._account.estimated > 0

    @property
    def tokens(self) -> float:
        return self._account.tokens

    @property
    def is_full(self) -> bool:
        return self.tokens + _ROUNDING >= self._call

    @property
    def affordable(self) -> float:
        tokens = self.tokens + _ROUNDING
        return tokens / self.per_unit if self.per_unit > 0 else float("inf")

    @property
    def empty_for_s(self) -> float:
        """How long it takes to gather what is in it."""
        return self.tokens / self._rate

    def wait_s(self, units: float) -> float:
        missing = min(units * self.per_unit, self._call) - self.tokens
        return missing / self._rate if missing > _ROUNDING else 0.0

    def spend(self, units: float) -> None:
        self._account.tokens -= units

    def learn(self, spent: float, estimated: float) -> None:
        account = self._account
        account.spent = account.spent * _KEPT + spent
        account.estimated = account.estimated * _KEPT + estimated


Charge: TypeAlias = dict[str, float]
"""Units by resource."""


class Budget:
    """What a job may spend on one table.

    Args:
        units_per_s: the rate of each resource: `TABLE`, and the names of global indexes; of one
            turn, if there are turns.
        now_s: the time.
        ledger: where the accounts of all turns are, which may have nothing saved; None if there are
            no turns. Then it begins with as much as it holds.
        table: whose accounts they are, in the ledger.

    Attributes:
        is_shared: whether others spend it too.
    """

    def __init__(
        self,
        units_per_s: Mapping[str, float],
        now_s: float,
        ledger: Ledger | None = None,
        table: str = "",
    ) -> None:
        self._rates = [(name, f"{table}/{name}", rate) for name, rate in units_per_s.items()]
        self._held_s = _HELD_S if ledger is None else _HELD_IN_TURNS_S
        self._ledger = OwnLedger(now_s) if ledger is None else ledger
        self._has_learned = False
        self.is_shared = not isinstance(self._ledger, OwnLedger)
        if ledger is None:
            with self._ledger.opened(now_s) as (accounts, _):
                for _, name, rate in self._rates:
                    accounts.by_name[name] = Account(rate * self._held_s)

    @contextmanager
    def _opened(self, now_s: float) -> Iterator[dict[str, _Bucket]]:
        with self._ledger.opened(now_s) as (accounts, turns):
            yield {
                resource: _Bucket(
                    accounts.by_name.setdefault(name, Account()),
                    accounts.gathered_s,
                    rate,
                    turns,
                    self._held_s,
                )
                for resource, name, rate in self._rates
            }

    def held(self) -> AbstractContextManager[None]:
        """Others who spend the same budget may not while this lasts."""
        return self._ledger.held()

    def is_learning(self, now_s: float) -> bool:
        """Whether it is not known yet what calls really cost."""
        if not self._has_learned:
            with self._opened(now_s) as buckets:
                self._has_learned = all(bucket.learned for bucket in buckets.values())
        return not self._has_learned

    def purse(self, now_s: float) -> Purse:
        """What may be spent now."""
        with self._opened(now_s) as buckets:
            return Purse(
                min(bucket.affordable for bucket in buckets.values()),
                all(bucket.is_full for bucket in buckets.values()),
                max(bucket.per_unit for bucket in buckets.values()),
            )

    def wait_s(self, units: float, now_s: float) -> float:
        """How long it takes until so many estimated units may be spent; 0 if they may now.

        What costs more than a call may waits until there is as much as that, and leaves a debt.
        """
        with self._opened(now_s) as buckets:
            return max(bucket.wait_s(units) for bucket in buckets.values())

    def empty_s(self, now_s: float) -> float:
        """Since when what is in it has gathered; a time to come, when something is owed."""
        with self._opened(now_s) as buckets:
            return now_s - min(bucket.empty_for_s for bucket in buckets.values())

    def charge(self, units: float, now_s: float) -> Charge:
        """Spend what a call will probably cost.

        Args:
            units: as estimated.
            now_s: the time.
        """
        with self._opened(now_s) as buckets:
            charge = {name: units * bucket.per_unit for name, bucket in buckets.items()}
            for name, spent in charge.items():
                buckets[name].spend(spent)
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
        with self._opened(now_s) as buckets:
            for name, bucket in buckets.items():
                charged = charge.get(name, 0.0)
                really = charged * done if spent is None else spent.get(name, 0.0)
                bucket.spend(really - charged)
                if done_units > 0 and spent is not None:
                    bucket.learn(really, done_units)
                elif done_units > 0 and not bucket.learned:
                    bucket.learn(done_units, done_units)  # nothing is reported: the estimate counts


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
        now_s: the time.
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
    table = str(description.get("TableName") or "the table")
    ledger = None
    if allowance.turn is not None:
        ledger = allowance.turn.ledger or OwnLedger(now_s)
    if allowance.share is None:
        rate = allowance.units_per_s or 0.0
        return Budget(dict.fromkeys(described, rate), now_s, ledger, table)
    provisioned = {name: _provisioned(each, kind) for name, each in described.items()}
    billing = (description.get("BillingModeSummary") or {}).get("BillingMode")
    if billing == "PAY_PER_REQUEST" or not all(provisioned.values()):
        raise UserError(
            f"{table} is on demand: there is no provisioned capacity to take "
            f"{allowance.share * 100:g}% of",
            f"Give the budget in units a second, e.g. --{kind}-units 500.",
        )
    rates = {name: units * allowance.share for name, units in provisioned.items()}
    return Budget(rates, now_s, ledger, table)


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
