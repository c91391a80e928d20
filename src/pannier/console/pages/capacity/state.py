"""What the admin API says of buckets and partitions, as the page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pannier.limits import PARTITION_READ_UNITS, PARTITION_WRITE_UNITS

_LIMITS: Final = {
    "ProvisionedThroughput": "provisioned, with what was saved",
    "KeyRangeThroughput": "what the table is ready for",
    "AccountLimit": "the account's quota of a table",
    "MaxOnDemandThroughput": "the maximum that was set",
}
PARTITION_UNITS: Final = {"read": PARTITION_READ_UNITS, "write": PARTITION_WRITE_UNITS}
COLUMNS_MAX: Final = 64


@dataclass(frozen=True, slots=True)
class Level:
    """How full one bucket is.

    Attributes:
        limit: what it stands for, as DynamoDB names it.
        units: that are left; below zero is a debt.
        units_max: that it holds at most.
        units_per_s: that it gains.
    """

    limit: str
    units: float
    units_max: float
    units_per_s: float

    @property
    def share(self) -> float:
        """How much of it is left, 0 to 1."""
        return min(1.0, max(0.0, self.units / self.units_max)) if self.units_max else 0.0

    @property
    def meaning(self) -> str:
        """The limit in words."""
        return _LIMITS.get(self.limit, self.limit)

    @property
    def words(self) -> str:
        """What is left, or owed."""
        if self.units < 0:
            return f"debt of {-self.units:,.0f}"
        return f"{self.units:,.0f} of {self.units_max:,.0f}"


@dataclass(frozen=True, slots=True)
class Spending:
    """What a table or a global index has to spend.

    Attributes:
        table: its name.
        index: the global index; empty for the table itself.
        levels: its buckets, by `read` and `write`.
        partitions: the share of its second's units that each partition has used, 0 to 1, likewise.
    """

    table: str
    index: str
    levels: Mapping[str, tuple[Level, ...]]
    partitions: Mapping[str, tuple[float, ...]]

    @property
    def name(self) -> str:
        """The table, and the index if it is one."""
        return f"{self.table} / {self.index}" if self.index else self.table

    def lowest(self, kind: str) -> Level:
        """The bucket that throttles first."""
        return min(self.levels[kind], key=lambda level: (level.share, level.units_max))

    def billing(self) -> str:
        """How it is paid for, with its units a second."""
        found = {kind: self.levels[kind][0] for kind in ("read", "write")}
        if found["read"].limit != "ProvisionedThroughput":
            return "on demand"
        return f"{found['read'].units_per_s:,.0f} read, {found['write'].units_per_s:,.0f} write"


def spendings(resources: Sequence[Mapping[str, Any]]) -> list[Spending]:
    """All tables and global indexes, of the answer to `throttle/state`."""
    return [_spending(each) for each in resources]


def columns(shares: Sequence[float], most: int = COLUMNS_MAX) -> list[float]:
    """Partitions as at most so many columns: where several share one, the fullest is shown."""
    if len(shares) <= most:
        return list(shares)
    bounds = [len(shares) * number // most for number in range(most + 1)]
    return [max(shares[a:b]) for a, b in pairwise(bounds)]


def heat_in_words(shares: Sequence[float], kind: str) -> str:
    """Partitions for whoever does not see the columns."""
    unit = PARTITION_UNITS[kind]
    hottest = max(shares)
    count = "1 partition" if len(shares) == 1 else f"{len(shares):,} partitions"
    if hottest <= 0:
        return f"{count}, at rest"
    hot = sum(share >= 1 for share in shares)
    share = f"{hottest:.0%}" if hottest >= 0.01 else "under 1%"
    used = f"the busiest has used {share} of its {unit:,.0f} {kind} units of this second"
    return f"{count}, {used}" + (f"; {hot:,} at the limit" if hot else "")


def _spending(resource: Mapping[str, Any]) -> Spending:
    return Spending(
        resource["table"],
        resource["index"] or "",
        {kind: tuple(_level(bucket) for bucket in resource[kind]) for kind in ("read", "write")},
        {
            kind: tuple(
                min(1.0, max(0.0, 1 - partition[f"{kind}_units_left"] / most))
                for partition in resource["partitions"]
            )
            for kind, most in PARTITION_UNITS.items()
        },
    )


def _level(bucket: Mapping[str, Any]) -> Level:
    return Level(bucket["limit"], bucket["units"], bucket["units_max"], bucket["units_per_s"])
