"""Key schemas and indexes of a table that is to be made, checked as AWS does.

Texts: `messages`. Limits: 20 global and 5 local indexes a table; a local index shares the table's
partition key and has a sort key; every key attribute is defined, and every definition is used.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pannier.engine import messages
from pannier.errors import ValidationException
from pannier.limits import GLOBAL_INDEXES_MAX, KEY_ATTRIBUTES_MAX, LOCAL_INDEXES_MAX

_LOCAL = "LocalSecondaryIndexes"
_GLOBAL = "GlobalSecondaryIndexes"


def checked_keys(request: Mapping[str, Any]) -> None:
    """Check the key schemas of a table and its indexes against the attribute definitions.

    Raises:
        ValidationException: a schema is malformed, or definitions and schemas do not match.
    """
    defined = [each["AttributeName"] for each in request["AttributeDefinitions"]]
    for position, name in enumerate(defined):
        if name in defined[:position]:
            raise ValidationException(messages.DEFINITIONS_DUPLICATE.format(name=name))
    for key_schema in (request["KeySchema"], *_key_schemas(request, _LOCAL)):
        if len(key_schema) > KEY_ATTRIBUTES_MAX:
            raise ValidationException(messages.KEY_SCHEMA_TOO_LONG)
    _check_roles(request["KeySchema"])
    _check_defined(request["KeySchema"], defined)
    used = set(_names(request["KeySchema"]))
    for index in _indexes(request):
        _check_roles(index["KeySchema"])
        _check_defined(index["KeySchema"], defined)
        used.update(_names(index["KeySchema"]))
    if used != set(defined):
        if not any(_indexes(request)):
            raise ValidationException(messages.KEY_SCHEMA_UNUSED)
        raise ValidationException(
            messages.DEFINITIONS_UNUSED.format(
                defined=", ".join(defined), used=", ".join(sorted(used))
            )
        )


def checked_indexes(
    request: Mapping[str, Any], *, on_demand: bool
) -> dict[str, list[dict[str, Any]]]:
    """Check the indexes of a table that is to be made.

    Returns:
        Their descriptions by member of the `TableDescription`; without ARNs and counts.

    Raises:
        ValidationException: an index is malformed.
    """
    for member in (_LOCAL, _GLOBAL):
        if request.get(member) == []:
            raise ValidationException(messages.INDEX_LIST_EMPTY.format(member=member))
    names: set[str] = set()
    for index in _indexes(request):
        if index["IndexName"] in names:
            raise ValidationException(messages.INDEX_DUPLICATE.format(index=index["IndexName"]))
        names.add(index["IndexName"])
        _check_projection(index["Projection"])
    descriptions: dict[str, list[dict[str, Any]]] = {}
    if request.get(_LOCAL):
        _check_local(request)
        descriptions[_LOCAL] = [_local_description(index) for index in request[_LOCAL]]
    if request.get(_GLOBAL):
        if len(request[_GLOBAL]) > GLOBAL_INDEXES_MAX:
            raise ValidationException(messages.INDEX_COUNT_GLOBAL)
        descriptions[_GLOBAL] = [
            global_description(index, on_demand=on_demand) for index in request[_GLOBAL]
        ]
    return descriptions


def global_description(index: Mapping[str, Any], *, on_demand: bool) -> dict[str, Any]:
    """The description of a global index; without ARN and counts.

    Raises:
        ValidationException: its throughput does not suit the table's billing mode.
    """
    given = index.get("ProvisionedThroughput")
    name = index["IndexName"]
    if on_demand and given is not None:
        raise ValidationException(messages.INDEX_THROUGHPUT_NEEDLESS.format(index=name))
    if not on_demand and given is None:
        raise ValidationException(messages.INDEX_THROUGHPUT_MISSING.format(index=name))
    return {
        **_local_description(index),
        "IndexStatus": "ACTIVE",
        "ProvisionedThroughput": throughput(given),
    }


def throughput(given: Mapping[str, int] | None) -> dict[str, int]:
    """The `ProvisionedThroughputDescription`; zeros on demand."""
    units = given or {}
    return {
        "NumberOfDecreasesToday": 0,
        "ReadCapacityUnits": units.get("ReadCapacityUnits", 0),
        "WriteCapacityUnits": units.get("WriteCapacityUnits", 0),
    }


def _local_description(index: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "IndexName": index["IndexName"],
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
    }


def _indexes(request: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield from request.get(_LOCAL) or ()
    yield from request.get(_GLOBAL) or ()


def _key_schemas(request: Mapping[str, Any], member: str) -> list[Sequence[Mapping[str, str]]]:
    return [index["KeySchema"] for index in request.get(member) or ()]


def _names(key_schema: Iterable[Mapping[str, str]]) -> list[str]:
    return [element["AttributeName"] for element in key_schema]


def _check_roles(key_schema: Sequence[Mapping[str, str]]) -> None:
    if key_schema[0]["KeyType"] != "HASH":
        raise ValidationException(messages.KEY_SCHEMA_FIRST)
    if len(key_schema) == 1:
        return
    if len(key_schema) == 2 and key_schema[1]["KeyType"] != "RANGE":
        raise ValidationException(messages.KEY_SCHEMA_SECOND)
    if len(set(_names(key_schema))) != len(key_schema):
        raise ValidationException(messages.KEY_SCHEMA_SAME_NAME)


def _check_defined(key_schema: Sequence[Mapping[str, str]], defined: Sequence[str]) -> None:
    missing = [name for name in _names(key_schema) if name not in defined]
    if missing:
        raise ValidationException(
            messages.DEFINITIONS_MISSING.format(
                missing=", ".join(missing), defined=", ".join(defined)
            )
        )


def _check_projection(projection: Mapping[str, Any]) -> None:
    kind = projection.get("ProjectionType")
    names = projection.get("NonKeyAttributes")
    if kind is None:
        raise ValidationException(messages.PROJECTION_TYPE_MISSING)
    if kind == "INCLUDE" and not names:
        raise ValidationException(messages.PROJECTION_NEEDS_NAMES)
    if kind != "INCLUDE" and names:
        raise ValidationException(messages.PROJECTION_TAKES_NO_NAMES.format(kind=kind))


def _check_local(request: Mapping[str, Any]) -> None:
    if len(request[_LOCAL]) > LOCAL_INDEXES_MAX:
        raise ValidationException(messages.INDEX_COUNT_LOCAL)
    table_keys = _names(request["KeySchema"])
    if len(table_keys) == 1:
        raise ValidationException(messages.LOCAL_INDEX_NO_SORT)
    for index in request[_LOCAL]:
        keys = _names(index["KeySchema"])
        name = index["IndexName"]
        if len(keys) == 1:
            raise ValidationException(messages.LOCAL_INDEX_SORT.format(index=name))
        if keys[0] != table_keys[0]:
            raise ValidationException(
                messages.LOCAL_INDEX_PARTITION.format(
                    index=name, actual=keys[0], expected=table_keys[0]
                )
            )
