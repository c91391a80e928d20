"""Tables that a file defines: what to call to make them, and what of the file is left out.

A file is a CloudFormation template (`template_tables`), the answer of DescribeTable or CreateTable,
or a CreateTable request, as `aws dynamodb create-table --cli-input-json` takes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pannier.errors import UserError

_KEYS: Final = ("IndexName", "KeySchema", "Projection")
_UNITS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")
_ON_DEMAND: Final = "PAY_PER_REQUEST"
_EMPTY: Final[tuple[Any, ...]] = ("", [], {}, None)


@dataclass(slots=True)
class TablePlan:
    """One table.

    Attributes:
        request: of CreateTable.
        time_to_live: the `TimeToLiveSpecification` to set afterwards, if there is one.
        recovery: the `PointInTimeRecoverySpecification` to set afterwards, if there is one.
        notes: what is left out or chosen, by name, in words.
    """

    request: dict[str, Any]
    time_to_live: dict[str, Any] | None = None
    recovery: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)


def of_request(request: Mapping[str, Any]) -> TablePlan:
    """The table of a CreateTable request; what a skeleton has left empty is left out."""
    filled = _filled(dict(request))
    assert isinstance(filled, dict)
    return TablePlan(filled)


def of_description(description: Mapping[str, Any]) -> TablePlan:
    """A table like the one that is described.

    Raises:
        UserError: a member that every description has is missing.
    """
    plan = TablePlan({})
    request = plan.request
    for name in ("TableName", "AttributeDefinitions", "KeySchema"):
        if name not in description:
            raise UserError(f"the description has no {name}", "Give the whole answer.")
        request[name] = description[name]
    mode = (description.get("BillingModeSummary") or {}).get("BillingMode", "PROVISIONED")
    request["BillingMode"] = mode
    provisioned = mode != _ON_DEMAND
    request |= _throughput(description, provisioned=provisioned)
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = [
            {name: index[name] for name in _KEYS if name in index}
            | _throughput(index, provisioned=provisioned)
            for index in description.get(kind) or ()
        ]
        if indexes:
            request[kind] = indexes
    if (description.get("StreamSpecification") or {}).get("StreamEnabled"):
        request["StreamSpecification"] = description["StreamSpecification"]
    if description.get("DeletionProtectionEnabled"):
        request["DeletionProtectionEnabled"] = True
    table_class = (description.get("TableClassSummary") or {}).get("TableClass")
    if table_class:
        request["TableClass"] = table_class
    encryption = description.get("SSEDescription") or {}
    if encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING"):
        request["SSESpecification"] = {"Enabled": True, "SSEType": encryption["SSEType"]}
        if "KMSMasterKeyArn" in encryption:
            plan.notes.append("left out SSEDescription.KMSMasterKeyArn: the default key is used")
    plan.notes += [f"left out {name}" for name in ("Replicas",) if description.get(name)]
    if "WarmThroughput" in description:
        plan.notes.append("left out WarmThroughput: it costs extra, and grows by itself")
    plan.notes.append("tags, time to live and recovery are not in a description")
    return plan


def _throughput(described: Mapping[str, Any], *, provisioned: bool) -> dict[str, Any]:
    given: dict[str, Any] = {}
    units = described.get("ProvisionedThroughput")
    if provisioned and units:
        given["ProvisionedThroughput"] = {name: units[name] for name in _UNITS if name in units}
    most = described.get("OnDemandThroughput") or {}
    most = {name: value for name, value in most.items() if value > 0}  # -1 stands for none
    if most:
        given["OnDemandThroughput"] = most
    return given


def _filled(value: Any) -> Any:
    """A value without what is empty: texts, capacities of 0, indexes and tags without a name."""
    if isinstance(value, dict):
        if "" in (value.get("IndexName"), value.get("Key"), value.get("AttributeName")):
            return {}
        members = {name: _filled(each) for name, each in value.items()}
        if "GlobalTableSourceArn" in members and not members["GlobalTableSourceArn"]:
            members.pop("GlobalTableSettingsReplicationMode", None)
        return {name: each for name, each in members.items() if each not in _EMPTY}
    if isinstance(value, list):
        return [each for each in map(_filled, value) if each not in _EMPTY]
    return None if value == 0 and not isinstance(value, bool) else value
