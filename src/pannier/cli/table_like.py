"""A new table with the keys, indexes and billing of another.

What belongs to the data comes along: keys, indexes with their projections, capacity or on-demand
mode with its maxima, and the table class. What belongs to a place or to its operation does not:
streams, encryption keys, expiry times, backups, tags, auto scaling, replicas, deletion protection.
"""

import time
from collections.abc import Mapping
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli.two_targets import described_there
from pannier.errors import UserError
from pannier.library.two_targets import TwoTargets

_IN_USE: Final = "ResourceInUseException"
_PAUSE_S: Final = 0.2
_PATIENCE_S: Final = 600.0


def create_request(description: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The `CreateTable` request for a table like the one described.

    Args:
        description: a `TableDescription`.
        name: of the new table.
    """
    mode = (description.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    request: dict[str, Any] = {
        "TableName": name,
        "AttributeDefinitions": description["AttributeDefinitions"],
        "KeySchema": description["KeySchema"],
        "BillingMode": mode,
        **_capacity(description, mode),
    }
    table_class = (description.get("TableClassSummary") or {}).get("TableClass")
    if table_class:
        request["TableClass"] = table_class
    for kind, has_capacity in (("LocalSecondaryIndexes", False), ("GlobalSecondaryIndexes", True)):
        indexes = [
            {member: each[member] for member in ("IndexName", "KeySchema", "Projection")}
            | (_capacity(each, mode) if has_capacity else {})
            for each in description.get(kind) or ()
        ]
        if indexes:
            request[kind] = indexes
    return request


def create_there(connection: TwoTargets, request: Mapping[str, Any]) -> dict[str, Any]:
    """Make a table on the other target; returns its description when it can be used.

    Raises:
        UserError: it can't be made, or takes longer than ten minutes.
    """
    name = request["TableName"]
    try:
        connection.call_other("CreateTable", request)
    except CallError as error:
        if error.code != _IN_USE:  # else somebody was quicker
            raise UserError(
                f"{name} can't be made: {error}", "Make it with: pannier create-table"
            ) from None
    deadline_s = time.monotonic() + _PATIENCE_S
    while True:
        description = described_there(connection, name)
        if description is not None and description.get("TableStatus", "ACTIVE") == "ACTIVE":
            return description
        if time.monotonic() > deadline_s:
            raise UserError(
                f"{name} is not ready after {_PATIENCE_S:g} s",
                f"Wait for it with: pannier wait {name}. Then give the command again.",
            )
        time.sleep(_PAUSE_S)


def _capacity(description: Mapping[str, Any], mode: str) -> dict[str, Any]:
    if mode == "PROVISIONED":
        given = description.get("ProvisionedThroughput") or {}
        units = {
            member: max(1, int(given.get(member) or 0))
            for member in ("ReadCapacityUnits", "WriteCapacityUnits")
        }
        return {"ProvisionedThroughput": units}
    maxima = description.get("OnDemandThroughput")
    return {"OnDemandThroughput": maxima} if maxima else {}
