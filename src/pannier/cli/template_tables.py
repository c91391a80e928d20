"""The tables of a CloudFormation template, as calls of the API.

Properties have the names of the API where it has them (CloudFormation Template Reference,
AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable). Where they differ:

| property | call |
|---|---|
| `SSESpecification.SSEEnabled` | `SSESpecification.Enabled` |
| `StreamSpecification` without a switch | `StreamEnabled: true` |
| `TimeToLiveSpecification` | UpdateTimeToLive, when the table is there |
| `PointInTimeRecoverySpecification` | UpdateContinuousBackups, when the table is there |
| no `TableName` | CloudFormation makes one up; here it is the resource's own name |

A global table is made once, at the target, with the settings of its first replica; automatic
scaling is left out, and the capacity is that with which it begins.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pannier.cli.table_plans import TablePlan
from pannier.cli.template_values import NOTHING, TemplateValues, Unknown, typed
from pannier.errors import UserError

_TABLE: Final = "AWS::DynamoDB::Table"
_GLOBAL: Final = "AWS::DynamoDB::GlobalTable"
_SAME: Final = (
    "AttributeDefinitions", "KeySchema", "BillingMode", "ProvisionedThroughput", "Tags",
    "TableClass", "DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput",
    "LocalSecondaryIndexes",
)  # fmt: skip
_OF_INDEX: Final = (
    "IndexName", "KeySchema", "Projection", "ProvisionedThroughput", "OnDemandThroughput",
    "WarmThroughput",
)  # fmt: skip
_AFTERWARDS: Final = ("TimeToLiveSpecification", "PointInTimeRecoverySpecification")
_OTHERWISE: Final = (
    "TableName",
    "GlobalSecondaryIndexes",
    "SSESpecification",
    "StreamSpecification",
)
_OF_REPLICA: Final = (
    "Tags", "TableClass", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification",
)  # fmt: skip


def table_resources(template: Mapping[str, Any], values: TemplateValues) -> dict[str, Any]:
    """The resources of a template that are tables, by their names; not those without condition.

    Raises:
        UserError: it can't be told whether a resource is there.
    """
    found = {}
    resources = template["Resources"]
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        if not isinstance(resource, dict) or resource.get("Type") not in (_TABLE, _GLOBAL):
            continue
        condition = resource.get("Condition")
        try:
            if isinstance(condition, str) and not values.holds(condition):
                continue
        except Unknown as unknown:
            raise UserError(f"{name}: Condition: {unknown.message}", unknown.advice) from None
        found[name] = resource
    return found


def of_resource(name: str, resource: Mapping[str, Any], values: TemplateValues) -> TablePlan:
    """The table of a resource.

    Args:
        name: the resource's, in the template.
        resource: its definition.
        values: what the values of the template come to.

    Raises:
        UserError: a property has a value that only CloudFormation knows.
    """
    given = resource.get("Properties") or {}
    if not isinstance(given, dict) or "Fn::Transform" in given:
        raise UserError(f"{name}: its Properties can't be read", "Give the processed template.")
    properties = _Properties(name, given, values)
    plan = TablePlan({"TableName": properties.get("TableName")})
    if plan.request["TableName"] is None:
        plan.request["TableName"] = name
        plan.notes.append("the template gives it no TableName, so it is called as its resource")
    if resource["Type"] == _GLOBAL:
        properties = _of_first_replica(properties, plan)
    for each in _SAME:
        value = properties.get(each)
        if value is not None:
            plan.request[each] = value
    indexes = list(_indexes(properties, plan))
    if indexes:
        plan.request["GlobalSecondaryIndexes"] = indexes
    _encryption(properties, plan)
    stream = properties.get("StreamSpecification")
    if stream:
        view = stream.get("StreamViewType", "NEW_AND_OLD_IMAGES")
        plan.request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        if "ResourcePolicy" in stream:
            plan.notes.append("left out StreamSpecification.ResourcePolicy")
    expiry = properties.get("TimeToLiveSpecification")
    plan.time_to_live = expiry if expiry and expiry.get("Enabled") is True else None
    recovery = properties.get("PointInTimeRecoverySpecification")
    if recovery and recovery.get("PointInTimeRecoveryEnabled"):
        plan.recovery = recovery
    known = {*_SAME, *_AFTERWARDS, *_OTHERWISE}
    plan.notes += [f"left out {each}" for each in properties.names if each not in known]
    return plan


class _Properties:
    """The properties of a resource; a value is looked into only when it is asked for."""

    def __init__(self, resource: str, given: Mapping[str, Any], values: TemplateValues) -> None:
        self._resource = resource
        self._given = given
        self._values = values

    @property
    def names(self) -> Iterator[str]:
        return iter(self._given)

    def get(self, name: str) -> Any:
        """A property; None if it is not there.

        Raises:
            UserError: only CloudFormation knows its value.
        """
        if name not in self._given:
            return None
        value = self._value(self._given[name], name)
        return None if value is NOTHING else typed(value, name)

    def raw(self, name: str) -> Any:
        """A property as it stands."""
        return self._given.get(name)

    def with_others(self, others: Mapping[str, Any], without: tuple[str, ...]) -> "_Properties":
        """The same resource with other properties in front."""
        rest = {name: value for name, value in self._given.items() if name not in without}
        return _Properties(self._resource, {**rest, **others}, self._values)

    def known(self, value: Any) -> Any:
        """What a value comes to; None if only CloudFormation knows."""
        try:
            return self._values.value(value)
        except Unknown:
            return None

    def _value(self, value: Any, place: str) -> Any:
        """The value at a place, which an error then names as closely as it can."""
        try:
            return self._values.value(value)
        except Unknown as unknown:
            if isinstance(value, list):
                for position, each in enumerate(value):
                    self._value(each, f"{place}[{position}]")
            elif isinstance(value, dict) and not _is_call(value):
                for name, each in value.items():
                    self._value(each, f"{place}.{name}")
            raise UserError(
                f"{self._resource}: {place}: {unknown.message}", unknown.advice
            ) from None


def _is_call(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _indexes(properties: _Properties, plan: TablePlan) -> Iterator[dict[str, Any]]:
    for index in properties.get("GlobalSecondaryIndexes") or ():
        yield {name: index[name] for name in _OF_INDEX if name in index}
        plan.notes += [
            f"left out {name} of the index {index.get('IndexName')}"
            for name in index
            if name not in _OF_INDEX
        ]


def _encryption(properties: _Properties, plan: TablePlan) -> None:
    """A key that the template itself makes is not there without CloudFormation."""
    given = properties.raw("SSESpecification")
    key = given.get("KMSMasterKeyId") if isinstance(given, dict) else None
    if key is not None and properties.known(key) is None:
        without = {name: value for name, value in given.items() if name != "KMSMasterKeyId"}
        properties = properties.with_others({"SSESpecification": without}, ())
        plan.notes.append("left out SSESpecification.KMSMasterKeyId: only CloudFormation knows it")
    encryption = properties.get("SSESpecification")
    if encryption:
        names = {"SSEEnabled": "Enabled"}
        plan.request["SSESpecification"] = {
            names.get(name, name): value for name, value in encryption.items()
        }


def _of_first_replica(properties: _Properties, plan: TablePlan) -> _Properties:
    """A global table's properties as those of one table."""
    replicas = properties.raw("Replicas")
    raw = replicas[0] if isinstance(replicas, list) and replicas else {}
    first = raw if isinstance(raw, dict) else {}
    others: dict[str, Any] = {name: first[name] for name in _OF_REPLICA if name in first}
    if isinstance(replicas, list):
        plan.notes.append(
            f"left out Replicas: one table is made, like the first of the {len(replicas)} replicas"
        )
    reads = properties.with_others(first, ())
    if properties.get("BillingMode") != "PAY_PER_REQUEST":
        units = _units(
            reads.get("ReadProvisionedThroughputSettings"),
            properties.get("WriteProvisionedThroughputSettings"),
        )
        others["ProvisionedThroughput"] = units
    of_replica = reads.get("GlobalSecondaryIndexes") if "GlobalSecondaryIndexes" in first else ()
    of_index = {
        index.get("IndexName"): index.get("ReadProvisionedThroughputSettings")
        for index in of_replica
    }
    indexes = []
    for index in properties.get("GlobalSecondaryIndexes") or ():
        write = index.pop("WriteProvisionedThroughputSettings", None)
        if "ProvisionedThroughput" in others:
            index["ProvisionedThroughput"] = _units(of_index.get(index.get("IndexName")), write)
        indexes.append(index)
    if indexes:
        others["GlobalSecondaryIndexes"] = indexes
    without = ("Replicas", "WriteProvisionedThroughputSettings")
    return properties.with_others(others, without)


def _units(read: Any, write: Any) -> dict[str, int]:
    """The capacity with which a table or index of a global table begins, in units a second."""
    units = {}
    for kind, settings in (("Read", read or {}), ("Write", write or {})):
        scaling = settings.get(f"{kind}CapacityAutoScalingSettings") or {}
        least = scaling.get("SeedCapacity", scaling.get("MinCapacity", 1))
        units[f"{kind}CapacityUnits"] = settings.get(f"{kind}CapacityUnits", least)
    return units
