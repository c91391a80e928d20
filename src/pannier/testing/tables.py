"""Tables for tests: made in a line, filled and looked at past throttling, faults and metrics.

What a test arranges must not spend the capacity that it tests, and what it looks at must not meet
the faults that it tests against.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from pannier.engine.answers import Answer
from pannier.engine.database import Database
from pannier.errors import UserError
from pannier.model.plain import from_item, to_item

DEFAULT_KEY: Final = "PK,SK"
_ROLES: Final = ("HASH", "RANGE")
_KINDS: Final = ("S", "N", "B")
_PLENTY: Final = 10_000
_OK: Final = 200
_KEY_HELP: Final = 'Write it as "PK", "PK,SK" or "PK:S,SK:N"; the types are S, N and B.'


class Table:
    """A table of a test.

    Attributes:
        name: its name.
    """

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self.name = name

    def __repr__(self) -> str:
        return f"Table({self.name!r})"

    def __len__(self) -> int:
        """How many items there are now."""
        return sum(1 for _ in self._items())

    def put(self, *items: Mapping[str, Any]) -> None:
        """Put items, of plain Python values, in their order.

        Raises:
            ConversionError: a value has no DynamoDB form.
            UserError: the engine refuses an item; those before it are there.
        """
        for item in items:
            request = {"TableName": self.name, "Item": to_item(item)}
            _checked(self._database.execute_aside("PutItem", request))

    def items(self) -> list[dict[str, Any]]:
        """All items, as plain Python values; those of one partition in the order of sort keys."""
        return [from_item(item) for item in self._items()]

    def get(self, **key: Any) -> dict[str, Any] | None:
        """An item by its key, e.g. `get(PK="a", SK="b")`; None if there is none."""
        request = {"TableName": self.name, "Key": to_item(key), "ConsistentRead": True}
        found = _checked(self._database.execute_aside("GetItem", request)).get("Item")
        return from_item(found) if found is not None else None

    def _items(self) -> Iterator[Any]:
        request: dict[str, Any] = {"TableName": self.name, "ConsistentRead": True}
        while True:
            page = _checked(self._database.execute_aside("Scan", dict(request)))
            yield from page["Items"]
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def create(database: Database, request: Mapping[str, Any]) -> Table:
    """Make a table.

    Raises:
        UserError: the engine refuses it.
    """
    answer = database.execute("CreateTable", orjson.dumps(dict(request)))
    _checked(answer)
    return Table(database, request["TableName"])


def request_of(
    name: str,
    key: str,
    indexes: Mapping[str, str],
    units: tuple[int | None, int | None],
    index_units: tuple[int | None, int | None],
) -> dict[str, Any]:
    """A CreateTable request.

    Args:
        name: the table's name.
        key: names and types of its key, e.g. `PK:S,SK:N`; the type S may be left out.
        indexes: keys of global indexes by their names; everything is projected.
        units: the table's read and write units a second; None for plenty.
        index_units: those of each index; None for as many as the table has. If all four are None,
            the table is on demand.

    Raises:
        UserError: a key can't be read.
    """
    kinds: dict[str, str] = {}
    provisioned = any(each is not None for each in (*units, *index_units))
    request: dict[str, Any] = {
        "TableName": name,
        "KeySchema": _schema(key, kinds),
        **(_throughput(units) if provisioned else {"BillingMode": "PAY_PER_REQUEST"}),
    }
    for index, index_key in indexes.items():
        of_index = {
            "IndexName": index,
            "KeySchema": _schema(index_key, kinds),
            "Projection": {"ProjectionType": "ALL"},
            **(_throughput(_or(index_units, units)) if provisioned else {}),
        }
        request.setdefault("GlobalSecondaryIndexes", []).append(of_index)
    request["AttributeDefinitions"] = [
        {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in kinds.items()
    ]
    return request


def _throughput(units: tuple[int | None, int | None]) -> dict[str, Any]:
    read, write = units
    return {
        "ProvisionedThroughput": {
            "ReadCapacityUnits": _PLENTY if read is None else read,
            "WriteCapacityUnits": _PLENTY if write is None else write,
        }
    }


def _or(
    units: tuple[int | None, int | None], others: tuple[int | None, int | None]
) -> tuple[int | None, int | None]:
    read, write = (other if own is None else own for own, other in zip(units, others, strict=True))
    return read, write


def _schema(key: str, kinds: dict[str, str]) -> Sequence[dict[str, str]]:
    """A key schema; the types of its attributes are added to `kinds`."""
    parts = [part.strip() for part in key.split(",")]
    if len(parts) > len(_ROLES):
        raise UserError(f"the key {key!r} has too many parts", _KEY_HELP)
    schema = []
    for part, role in zip(parts, _ROLES, strict=False):
        attribute, _, kind = part.rpartition(":") if ":" in part else (part, "", "S")
        if not attribute or kind not in _KINDS:
            raise UserError(f"the key {key!r} can't be read", _KEY_HELP)
        if kinds.setdefault(attribute, kind) != kind:
            raise UserError(f"the key {key!r} gives {attribute} another type", _KEY_HELP)
        schema.append({"AttributeName": attribute, "KeyType": role})
    return schema


def _checked(answer: Answer) -> Any:
    content = orjson.loads(answer.body)
    if answer.status != _OK:
        kind = content["__type"].rpartition("#")[2]
        text = content.get("message") or content.get("Message") or ""
        raise UserError(f"{kind}: {text}".rstrip(": "))
    return content
