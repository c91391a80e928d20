"""`GlobalSecondaryIndexUpdates` of UpdateTable: indexes created, changed and deleted.

| rule | evidence |
|---|---|
| each update has exactly one of Create, Update, Delete | known; text for several inferred |
| one index is created or deleted at a time, in a request and over all | captured |
| no index is updated twice in a request | known |
| `AttributeDefinitions` adds to those that are there; what no key uses is dropped silently | captured (public conformance issues) |
| a definition that is there keeps its type | inferred |
| an index may be deleted while it is backfilled | service model |
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Iterable, Mapping
from typing import Any

from pannier.engine import messages, table_messages
from pannier.engine.catalog import Table
from pannier.engine.index_definition import global_index
from pannier.engine.table_definition import (
    GLOBAL,
    check_counts,
    check_defined,
    check_global_keys,
    check_projection,
    defined_names,
    indexes,
    used_names,
)
from pannier.engine.table_settings import is_on_demand
from pannier.engine.table_status import index_status, leaving_indexes
from pannier.engine.table_throughput import changed, check_bounds, on_demand, warm
from pannier.errors import (
    LimitExceededException,
    ResourceInUseException,
    ResourceNotFoundException,
    ValidationException,
)

_KINDS = ("Update", "Create", "Delete")


def check_request(updates: Iterable[Mapping[str, Any]]) -> None:
    """Check what needs no table.

    Raises:
        ValidationException: an update is malformed.
        LimitExceededException: more than one index is to be created or deleted.
    """
    names: set[str] = set()
    online = 0
    for update in updates:
        kinds = [kind for kind in _KINDS if kind in update]
        if not kinds:
            raise ValidationException(table_messages.INDEX_UPDATE_EMPTY)
        if len(kinds) > 1:
            raise ValidationException(table_messages.INDEX_UPDATE_SEVERAL)
        kind = kinds[0]
        action = update[kind]
        name = action["IndexName"]
        if name in names:
            raise ValidationException(table_messages.INDEX_TWICE.format(index=name))
        names.add(name)
        online += kind != "Update"
        check_bounds(action.get("ProvisionedThroughput"), name)
        if kind == "Create":
            check_global_keys(action["KeySchema"])
            check_projection(action["Projection"])
    if online > 1:
        raise LimitExceededException(table_messages.ONLINE_INDEX_LIMIT)


def apply(
    table: Table, request: Mapping[str, Any], description: dict[str, Any], now_s: float
) -> str | None:
    """Make the changes in a copy of the table's description.

    Returns:
        The name of the index that is created, if one is.

    Raises:
        ServiceError: a change does not fit the table.
    """
    created = None
    defined = _definitions(description, request.get("AttributeDefinitions", ()))
    for update in request.get("GlobalSecondaryIndexUpdates", ()):
        ((kind, action),) = ((kind, update[kind]) for kind in _KINDS if kind in update)
        current = _index(description, action["IndexName"])
        if kind == "Create":
            _create(table, request, action, description, defined, now_s)
            created = action["IndexName"]
        elif current is None:
            raise ResourceNotFoundException(
                table_messages.index_missing(table.name, action["IndexName"])
            )
        elif kind == "Delete":
            _delete(table, current, description, now_s)
        else:
            _update(table, current, action, now_s, on_demand_mode=is_on_demand(description))
    used = used_names(description)
    description["AttributeDefinitions"] = [
        {"AttributeName": name, "AttributeType": kind}
        for name, kind in defined.items()
        if name in used
    ]
    return created


def _definitions(
    description: Mapping[str, Any], given: Iterable[Mapping[str, str]]
) -> dict[str, str]:
    """All definitions, those that are there first: they keep their types."""
    both = (given, description["AttributeDefinitions"])
    kinds = {each["AttributeName"]: each["AttributeType"] for some in both for each in some}
    names = [each["AttributeName"] for some in reversed(both) for each in some]
    return {name: kinds[name] for name in names}


def _index(description: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    return next((each for each in description.get(GLOBAL, ()) if each["IndexName"] == name), None)


def _create(
    table: Table,
    request: Mapping[str, Any],
    action: Mapping[str, Any],
    description: dict[str, Any],
    defined: Mapping[str, str],
    now_s: float,
) -> None:
    name = action["IndexName"]
    if any(each["IndexName"] == name for each in indexes(description)):
        raise ValidationException(table_messages.INDEX_EXISTS)
    _require_none_online(table, now_s)
    given = defined_names(request.get("AttributeDefinitions", ()))
    if not all(each["AttributeName"] in defined for each in action["KeySchema"]):
        check_defined(action["KeySchema"], given)
    on_demand_mode = is_on_demand(description)
    if on_demand_mode and "ProvisionedThroughput" in action:
        raise ValidationException(messages.THROUGHPUT_NEEDLESS)
    index = global_index(action, description["TableArn"], on_demand_mode=on_demand_mode)
    description[GLOBAL] = [*description.get(GLOBAL, ()), index]
    check_counts(description)


def _delete(
    table: Table, index: Mapping[str, Any], description: dict[str, Any], now_s: float
) -> None:
    _require_none_online(table, now_s, besides=index["IndexName"])
    compiled = table.index(index["IndexName"])
    if compiled is not None and compiled.opens_at is not None and now_s < compiled.opens_at:
        raise ResourceInUseException(
            table_messages.index_in_use("created", table.name, compiled.name)
        )
    description[GLOBAL] = [each for each in description[GLOBAL] if each is not index]
    if not description[GLOBAL]:
        del description[GLOBAL]


def _require_none_online(table: Table, now_s: float, besides: str | None = None) -> None:
    """AWS creates or deletes one index of a table at a time."""
    busy = [
        index.name
        for index in table.indexes
        if index.name != besides and index_status(index, now_s) != "ACTIVE"
    ]
    if busy or leaving_indexes(table, now_s):
        raise LimitExceededException(table_messages.ONLINE_INDEX_LIMIT)


def _update(
    table: Table,
    index: dict[str, Any],
    action: Mapping[str, Any],
    now_s: float,
    *,
    on_demand_mode: bool,
) -> None:
    name = action["IndexName"]
    compiled = table.index(name)
    if compiled is not None and index_status(compiled, now_s) != "ACTIVE":
        raise ResourceInUseException(table_messages.index_in_use("created", table.name, name))
    units = action.get("ProvisionedThroughput")
    if not {"ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"} & set(action):
        raise ValidationException(table_messages.INDEX_UPDATE_NOTHING.format(index=name))
    if units is not None:
        if on_demand_mode:
            raise ValidationException(messages.THROUGHPUT_NEEDLESS)
        index["ProvisionedThroughput"] = changed(index["ProvisionedThroughput"], units, now_s, name)
    maxima = on_demand(action.get("OnDemandThroughput"), allowed=on_demand_mode, index=name)
    if maxima:
        index["OnDemandThroughput"] = {**index.get("OnDemandThroughput", {}), **maxima}
    index["WarmThroughput"] = warm(
        index.get("WarmThroughput"),
        action.get("WarmThroughput"),
        index["ProvisionedThroughput"],
        on_demand_mode=on_demand_mode,
        index=name,
    )
