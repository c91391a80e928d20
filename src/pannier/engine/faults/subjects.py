"""What a request is about: its tables, and the items or keys that it names.

Requests are looked at before they are checked, so that nothing of their shape is taken for granted:
what can't be read is about nothing, and the operation itself answers what is wrong with it.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from pannier.engine.capacity import UnitsOf
from pannier.engine.catalog import plain_name
from pannier.errors import ServiceError
from pannier.model.attribute_value import Item
from pannier.partiql import Exists, parse_statement

_WRITES: Final = frozenset({"PutItem", "DeleteItem", "UpdateItem"})
_TABLE_MEMBERS: Final = (
    "TableName",
    "TableArn",
    "SourceTableName",
    "TargetTableName",
    "ResourceArn",
    "StreamArn",
    "BackupArn",
)
_OF_A_TABLE: Final = ("/stream/", "/backup/", "/index/")


@dataclass(frozen=True, slots=True)
class Subject:
    """A table that a request is about, and one item of it if the request names any.

    Attributes:
        table: the table's name.
        attributes: the item or key, as the request has it; None where it names none.
        units_of: whether the request would read it or write it.
    """

    table: str
    attributes: Item | None
    units_of: UnitsOf


def subjects(operation: str, request: dict[str, Any]) -> list[Subject]:
    """What a request is about, in the request's order; empty if it is about no table."""
    try:
        return list(_subjects(operation, request))
    except (AttributeError, KeyError, TypeError, ValueError, ServiceError):
        return []


def _subjects(operation: str, request: dict[str, Any]) -> Iterator[Subject]:
    if operation == "BatchWriteItem":
        for name, requests in request["RequestItems"].items():
            for each in requests:
                put, delete = each.get("PutRequest"), each.get("DeleteRequest")
                attributes = put["Item"] if put else delete["Key"]
                yield Subject(plain_name(name), attributes, "Write")
    elif operation == "BatchGetItem":
        for name, of_table in request["RequestItems"].items():
            for key in of_table["Keys"]:
                yield Subject(plain_name(name), key, "Read")
    elif operation in ("TransactWriteItems", "TransactGetItems"):
        units_of: UnitsOf = "Read" if operation == "TransactGetItems" else "Write"
        for action in request["TransactItems"]:
            (named,) = action.values()
            yield Subject(plain_name(named["TableName"]), _attributes(named), units_of)
    elif operation in ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"):
        named = request.get("Statements") or request.get("TransactStatements") or [request]
        for statement in named:
            yield _of_statement(statement["Statement"], statement.get("Parameters") or [])
    else:
        yield from _of_plain_request(operation, request)


def _of_plain_request(operation: str, request: dict[str, Any]) -> Iterator[Subject]:
    units_of: UnitsOf = "Write" if operation in _WRITES else "Read"
    for member in _TABLE_MEMBERS:
        if member in request:
            name = plain_name(request[member])
            for part in _OF_A_TABLE:
                name = name.partition(part)[0]
            yield Subject(name, _attributes(request), units_of)
            return


def _attributes(named: dict[str, Any]) -> Item | None:
    attributes = named.get("Item") or named.get("Key")
    return attributes if isinstance(attributes, dict) else None


def _of_statement(text: str, parameters: list[Any]) -> Subject:
    prepared = parse_statement(text)
    statement = prepared.bind(deepcopy(parameters))  # which makes them canonical in place
    table = statement.select.table if isinstance(statement, Exists) else statement.table
    return Subject(plain_name(table), None, "Read" if prepared.is_read else "Write")
