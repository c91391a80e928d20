"""Key schemas and indexes of a table that is to be made or changed, checked as AWS does.

| rule | evidence |
|---|---|
| a table or local index has one HASH element, then at most one RANGE element | captured |
| a global index has 1 to 4 HASH elements, then up to 4 RANGE elements | service model; texts inferred |
| every key attribute is defined: fewer definitions than keys has a text of its own | captured |
| CreateTable: every definition is used | captured |
| a local index shares the table's partition key and has a sort key | known |
| 20 global and 5 local indexes a table; 100 projected names over all of them | service model; Developer Guide |
| `INCLUDE` names attributes; no other projection does | known |

Order: duplicate definitions, the table's keys, each index's keys, unused definitions; then lists,
names, projections and counts of indexes.
"""  # noqa: E501  # a table's row can't be wrapped

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pannier.engine import messages, table_messages
from pannier.errors import ValidationException
from pannier.limits import (
    GLOBAL_INDEXES_MAX,
    GLOBAL_KEY_ATTRIBUTES_MAX,
    KEY_ATTRIBUTES_MAX,
    LOCAL_INDEXES_MAX,
    PROJECTED_ATTRIBUTES_MAX,
)

LOCAL = "LocalSecondaryIndexes"
GLOBAL = "GlobalSecondaryIndexes"


def checked_keys(request: Mapping[str, Any]) -> None:
    """Check the key schemas of a table and its indexes against the attribute definitions.

    Raises:
        ValidationException: a schema is malformed, or definitions and schemas do not match.
    """
    defined = defined_names(request["AttributeDefinitions"])
    _check_pair(request["KeySchema"])
    check_defined(request["KeySchema"], defined)
    for index in request.get(LOCAL) or ():
        _check_pair(index["KeySchema"])
        check_defined(index["KeySchema"], defined)
    for index in request.get(GLOBAL) or ():
        check_global_keys(index["KeySchema"])
        check_defined(index["KeySchema"], defined)
    used = used_names(request)
    if set(used) != set(defined):
        if not any(indexes(request)):
            raise ValidationException(messages.KEY_SCHEMA_UNUSED)
        raise ValidationException(
            messages.DEFINITIONS_UNUSED.format(
                defined=", ".join(defined), used=", ".join(sorted(used))
            )
        )


def checked_indexes(request: Mapping[str, Any]) -> None:
    """Check the indexes of a table that is to be made.

    Raises:
        ValidationException: an index is malformed, or there are too many.
    """
    for member in (LOCAL, GLOBAL):
        if request.get(member) == []:
            raise ValidationException(messages.INDEX_LIST_EMPTY.format(member=member))
    names: set[str] = set()
    for index in indexes(request):
        if index["IndexName"] in names:
            raise ValidationException(messages.INDEX_DUPLICATE.format(index=index["IndexName"]))
        names.add(index["IndexName"])
        check_projection(index["Projection"])
    if request.get(LOCAL):
        _check_local(request)
    check_counts(request)


def check_counts(table: Mapping[str, Any]) -> None:
    """Check how many global indexes a table has, and how much all indexes project.

    Raises:
        ValidationException: it is too much.
    """
    if len(table.get(GLOBAL) or ()) > GLOBAL_INDEXES_MAX:
        raise ValidationException(messages.INDEX_COUNT_GLOBAL)
    projected = sum(
        len(index["Projection"].get("NonKeyAttributes", ())) for index in indexes(table)
    )
    if projected > PROJECTED_ATTRIBUTES_MAX:
        raise ValidationException(table_messages.PROJECTED_TOO_MANY)


def indexes(table: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """All indexes of a request or description."""
    yield from table.get(LOCAL) or ()
    yield from table.get(GLOBAL) or ()


def used_names(table: Mapping[str, Any]) -> list[str]:
    """The names of all key attributes of a table and its indexes, each once."""
    used = dict.fromkeys(_names(table["KeySchema"]))
    for index in indexes(table):
        used |= dict.fromkeys(_names(index["KeySchema"]))
    return list(used)


def defined_names(definitions: Iterable[Mapping[str, str]]) -> Mapping[str, None]:
    """The names that are defined, in order: a request may have as many as fit into 16 MB.

    Raises:
        ValidationException: one is defined twice.
    """
    names: dict[str, None] = {}
    for each in definitions:
        name = each["AttributeName"]
        if name in names:
            raise ValidationException(messages.DEFINITIONS_DUPLICATE.format(name=name))
        names[name] = None
    return names


def check_defined(key_schema: Sequence[Mapping[str, str]], defined: Mapping[str, None]) -> None:
    """Check that every attribute of a key is defined.

    Raises:
        ValidationException: one is not.
    """
    keys = _names(key_schema)
    if all(name in defined for name in keys):
        return
    if len(defined) < len(keys):
        raise ValidationException(table_messages.KEY_UNDEFINED)
    raise ValidationException(
        messages.DEFINITIONS_MISSING.format(missing=", ".join(keys), defined=", ".join(defined))
    )


def check_global_keys(key_schema: Sequence[Mapping[str, str]]) -> None:
    """Check the form of a global index's key.

    Raises:
        ValidationException: it is malformed.
    """
    roles = [element["KeyType"] for element in key_schema]
    if roles[0] != "HASH":
        raise ValidationException(messages.KEY_SCHEMA_FIRST)
    if roles != sorted(roles):  # HASH sorts before RANGE
        raise ValidationException(table_messages.GLOBAL_KEY_ORDER)
    for role in ("HASH", "RANGE"):
        if roles.count(role) > GLOBAL_KEY_ATTRIBUTES_MAX:
            raise ValidationException(table_messages.GLOBAL_KEY_COUNT.format(role=role))
    _check_distinct(key_schema)


def check_projection(projection: Mapping[str, Any]) -> None:
    """Check an index's projection.

    Raises:
        ValidationException: it is malformed.
    """
    kind = projection.get("ProjectionType")
    names = projection.get("NonKeyAttributes")
    if kind is None:
        raise ValidationException(messages.PROJECTION_TYPE_MISSING)
    if kind == "INCLUDE" and not names:
        raise ValidationException(messages.PROJECTION_NEEDS_NAMES)
    if kind != "INCLUDE" and names:
        raise ValidationException(messages.PROJECTION_TAKES_NO_NAMES.format(kind=kind))


def _names(key_schema: Iterable[Mapping[str, str]]) -> list[str]:
    return [element["AttributeName"] for element in key_schema]


def _check_pair(key_schema: Sequence[Mapping[str, str]]) -> None:
    if len(key_schema) > KEY_ATTRIBUTES_MAX:
        raise ValidationException(messages.KEY_SCHEMA_TOO_LONG)
    if key_schema[0]["KeyType"] != "HASH":
        raise ValidationException(messages.KEY_SCHEMA_FIRST)
    if len(key_schema) == KEY_ATTRIBUTES_MAX and key_schema[1]["KeyType"] != "RANGE":
        raise ValidationException(messages.KEY_SCHEMA_SECOND)
    _check_distinct(key_schema)


def _check_distinct(key_schema: Sequence[Mapping[str, str]]) -> None:
    if len(set(_names(key_schema))) != len(key_schema):
        raise ValidationException(messages.KEY_SCHEMA_SAME_NAME)


def _check_local(request: Mapping[str, Any]) -> None:
    if len(request[LOCAL]) > LOCAL_INDEXES_MAX:
        raise ValidationException(messages.INDEX_COUNT_LOCAL)
    table_keys = _names(request["KeySchema"])
    if len(table_keys) == 1:
        raise ValidationException(messages.LOCAL_INDEX_NO_SORT)
    for index in request[LOCAL]:
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
