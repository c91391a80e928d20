"""From the units that are wanted to the `UpdateTable` request that gives them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pannier.console.throughput import (
    ON_DEMAND,
    PROVISIONED,
    Billing,
    Throughput,
    billing_of,
    changes,
)

_FIRST: Final = 5  # what is offered where there was no number before


class Units(NamedTuple):
    """Capacity units a second."""

    read: int
    write: int

    @classmethod
    def of(cls, owner: Mapping[str, Any]) -> "Units":
        """Those of a table or index; five where it has none, as on demand."""
        units = owner.get("ProvisionedThroughput") or {}
        return cls(
            int(units.get("ReadCapacityUnits") or _FIRST),
            int(units.get("WriteCapacityUnits") or _FIRST),
        )


def change_request(
    description: Mapping[str, Any], wanted: Mapping[str, Units]
) -> dict[str, Any] | None:
    """The request that gives a table the units that are wanted; None if it has them.

    Args:
        description: the table as it is.
        wanted: of the table, under an empty name, and of its global indexes; nothing for on
            demand.
    """
    now = billing_of(description)
    if wanted:
        units = {owner: Throughput(*each) for owner, each in wanted.items()}
        return changes(description["TableName"], now, Billing(PROVISIONED, units))
    if now.mode == ON_DEMAND:
        return None
    without = dict.fromkeys(now.throughputs, Throughput(None, None))
    return changes(description["TableName"], now, Billing(ON_DEMAND, without))
