"""From what a table's throughput should be to the UpdateTable request that makes it so.

DynamoDB refuses to set what is set already, so only what changes is asked for; and a table that
becomes provisioned needs the units of all its global indexes in the same request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.errors import UserError

PROVISIONED: Final = "PROVISIONED"
ON_DEMAND: Final = "PAY_PER_REQUEST"
_NO_MAXIMUM: Final = -1


@dataclass(frozen=True, slots=True)
class Throughput:
    """Units of a table or a global index: provisioned, or the most on demand (None: no maximum)."""

    read: int | None
    write: int | None


@dataclass(frozen=True, slots=True)
class Billing:
    """How a table is paid for.

    Attributes:
        mode: `PROVISIONED` or `PAY_PER_REQUEST`.
        throughputs: by the global index's name; of the table itself under the empty name.
    """

    mode: str
    throughputs: Mapping[str, Throughput]


def billing_of(description: Mapping[str, Any]) -> Billing:
    """How a table is paid for now, of the answer to DescribeTable."""
    mode = (description.get("BillingModeSummary") or {}).get("BillingMode", PROVISIONED)
    owners = {"": description} | {
        index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", ())
    }
    return Billing(mode, {name: _throughput(owner, mode) for name, owner in owners.items()})


def update_request(table: str, now: Billing, wanted: Billing) -> dict[str, Any]:
    """The request for UpdateTable, as `changes` has it.

    Raises:
        UserError: nothing would change, or units are missing.
    """
    request = changes(table, now, wanted)
    if request is None:
        raise UserError("nothing is changed", "Give other units, or the other way of paying.")
    return request


def changes(table: str, now: Billing, wanted: Billing) -> dict[str, Any] | None:
    """The request for UpdateTable; None if there is nothing to ask for.

    Args:
        table: its name.
        now: how it is paid for.
        wanted: how it should be; with the same indexes.

    Raises:
        UserError: units are missing.
    """
    request: dict[str, Any] = {"TableName": table}
    if wanted.mode != now.mode:
        request["BillingMode"] = wanted.mode
    updates = []
    for name, throughput in wanted.throughputs.items():
        if wanted.mode == now.mode and throughput == now.throughputs[name]:
            continue
        owner = f"the index {name}" if name else "the table"
        change = _change(throughput, wanted.mode, owner, switched=wanted.mode != now.mode)
        if not change:
            continue
        if name:
            updates.append({"Update": {"IndexName": name, **change}})
        else:
            request |= change
    if updates:
        request["GlobalSecondaryIndexUpdates"] = updates
    return request if len(request) > 1 else None


def whole_units(value: float | None, name: str) -> int | None:
    """A number field's value as units; None if it is empty.

    Raises:
        UserError: it is no whole number of at least 1.
    """
    if value is None:
        return None
    if value != int(value) or value < 1:
        raise UserError(f"{name} can't be {value:g}", "Give a whole number, 1 or more.")
    return int(value)


def _throughput(owner: Mapping[str, Any], mode: str) -> Throughput:
    if mode == PROVISIONED:
        units = owner.get("ProvisionedThroughput", {})
        return Throughput(units.get("ReadCapacityUnits"), units.get("WriteCapacityUnits"))
    most = owner.get("OnDemandThroughput", {})
    read, write = most.get("MaxReadRequestUnits", -1), most.get("MaxWriteRequestUnits", -1)
    return Throughput(read if read > 0 else None, write if write > 0 else None)


def _change(wanted: Throughput, mode: str, owner: str, *, switched: bool) -> dict[str, Any]:
    if mode == PROVISIONED:
        if wanted.read is None or wanted.write is None:
            missing = "read units" if wanted.read is None else "write units"
            raise UserError(f"{owner} needs {missing}", "Give a whole number, 1 or more.")
        units = {"ReadCapacityUnits": wanted.read, "WriteCapacityUnits": wanted.write}
        return {"ProvisionedThroughput": units}
    if switched and wanted == Throughput(None, None):
        return {}
    most = {
        "MaxReadRequestUnits": wanted.read or _NO_MAXIMUM,
        "MaxWriteRequestUnits": wanted.write or _NO_MAXIMUM,
    }
    return {"OnDemandThroughput": most}
