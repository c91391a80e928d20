"""From the units that are wanted to the `UpdateTable` request that gives them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pannier.console.pages.tables.figures import is_on_demand

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

    def to_api(self) -> dict[str, Any]:
        """The units as the API takes them."""
        units = {"ReadCapacityUnits": self.read, "WriteCapacityUnits": self.write}
        return {"ProvisionedThroughput": units}


def change_request(
    description: Mapping[str, Any], wanted: Mapping[str, Units]
) -> dict[str, Any] | None:
    """The request that gives a table the units that are wanted; None if it has them.

    Args:
        description: the table as it is.
        wanted: of the table, under an empty name, and of its global indexes; nothing for on
            demand.
    """
    request: dict[str, Any] = {"TableName": description["TableName"]}
    was_on_demand = is_on_demand(description)
    if not wanted:
        return None if was_on_demand else request | {"BillingMode": "PAY_PER_REQUEST"}
    if was_on_demand:
        request["BillingMode"] = "PROVISIONED"
    if was_on_demand or wanted[""] != Units.of(description):
        request |= wanted[""].to_api()
    updates = [
        {"Update": {"IndexName": index["IndexName"]} | wanted[index["IndexName"]].to_api()}
        for index in description.get("GlobalSecondaryIndexes") or ()
        if was_on_demand or wanted[index["IndexName"]] != Units.of(index)
    ]
    if updates:
        request["GlobalSecondaryIndexUpdates"] = updates
    return request if len(request) > 1 else None
