"""What a database must hold, recomputed slowly and obviously from the items themselves.

Nothing here is shared with the engine: sizes from the Developer Guide's page on them, orders and
projections from what the words mean. A test compares the engine with this.
"""

import json
from base64 import b64decode
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pannier.engine.database import Database

Json = dict[str, Any]


def call(database: Database, operation: str, **request: Any) -> Json:
    """Call an operation that must succeed."""
    answer = database.submit(operation, json.dumps(request).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def refused(database: Database, operation: str, **request: Any) -> str:
    """Call an operation that must be refused: `Type: text`."""
    answer = database.submit(operation, json.dumps(request).encode())
    body = json.loads(answer.body)
    assert answer.status == 400, answer
    return f"{body['__type'].rpartition('#')[2]}: {body.get('message', body.get('Message'))}"


@dataclass(frozen=True)
class Attribute:
    """A key attribute: its name and its type."""

    name: str
    kind: str


@dataclass(frozen=True)
class Index:
    """A secondary index."""

    name: str
    key: tuple[Attribute, ...]
    projection: str | tuple[str, ...]  # ALL, KEYS_ONLY, or the names that are included
    is_local: bool

    def to_api(self) -> Json:
        included = isinstance(self.projection, tuple)
        projection: Json = {"ProjectionType": "INCLUDE" if included else self.projection}
        if included:
            projection["NonKeyAttributes"] = list(self.projection)
        return {"IndexName": self.name, "KeySchema": key_schema(self.key), "Projection": projection}


@dataclass(frozen=True)
class Definition:
    """A table."""

    name: str
    key: tuple[Attribute, ...]
    indexes: tuple[Index, ...]

    def to_api(self) -> Json:
        attributes = {*self.key, *(part for index in self.indexes for part in index.key)}
        request: Json = {
            "TableName": self.name,
            "KeySchema": key_schema(self.key),
            "AttributeDefinitions": [
                {"AttributeName": each.name, "AttributeType": each.kind} for each in attributes
            ],
            "BillingMode": "PAY_PER_REQUEST",
        }
        for index in self.indexes:
            member = "LocalSecondaryIndexes" if index.is_local else "GlobalSecondaryIndexes"
            request.setdefault(member, []).append(index.to_api())
        return request

    def entry(self, index: Index, item: Json) -> Json | None:
        """What an index holds of an item; None if it does not."""
        if any(part.name not in item for part in index.key):
            return None
        if index.projection == "ALL":
            return item
        names = {part.name for part in (*self.key, *index.key)}
        if isinstance(index.projection, tuple):
            names.update(index.projection)
        return {name: value for name, value in item.items() if name in names}

    def is_acceptable(self, item: Json) -> bool:
        """Whether an item's index attributes have the types that the indexes ask for."""
        parts = (part for index in self.indexes for part in index.key)
        return all(part.name not in item or part.kind in item[part.name] for part in parts)


def key_schema(key: tuple[Attribute, ...]) -> list[Json]:
    return [
        {"AttributeName": part.name, "KeyType": role}
        for part, role in zip(key, ("HASH", "RANGE"), strict=False)
    ]


def canonical(value: Json) -> Json:
    """An item, or any map of values, with its numbers as DynamoDB writes them."""
    return {name: _canonical(content) for name, content in value.items()}


def _canonical(value: Json) -> Json:
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return {"N": plain(content)}
        case "NS":
            return {"NS": [plain(member) for member in content]}
        case "M":
            return {"M": canonical(content)}
        case "L":
            return {"L": [_canonical(element) for element in content]}
    return value


def plain(text: str) -> str:
    """A number without exponent and without needless zeros."""
    number = Decimal(text)
    if not number:
        return "0"
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def comparable(value: Json) -> Any:
    """What Python compares as DynamoDB compares key values."""
    ((kind, content),) = value.items()
    if kind == "N":
        return Decimal(content)
    return b64decode(content) if kind == "B" else content.encode()


def item_size(item: Json) -> int:
    """An item's size in bytes."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Json) -> int:
    """A value's size in bytes, by the Developer Guide's rules."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            return len(content.encode())
        case "N":
            digits = "".join(map(str, Decimal(content).as_tuple().digits)).strip("0")
            # Digits are kept two to a byte, and the sign of a negative number takes one more.
            return (len(digits) + 1) // 2 + 1 + (Decimal(content) < 0)
        case "B":
            return len(b64decode(content))
        case "BOOL" | "NULL":
            return 1
        case "M":
            return 3 + sum(len(k.encode()) + value_size(v) + 1 for k, v in content.items())
        case "L":
            return 3 + sum(value_size(each) + 1 for each in content)
    return sum(value_size({kind[0]: member}) for member in content)


def units(size_bytes: int) -> int:
    """Write units of so many bytes."""
    return max(1, -(-size_bytes // 1024))


def index_units(old: Json | None, new: Json | None, key: tuple[Attribute, ...]) -> int:
    """Write units that the change of one index entry costs."""
    if old == new:
        return 0
    if old is None or new is None:
        return units(item_size(old or new or {}))
    moved = any(old[part.name] != new[part.name] for part in key)
    before, after = units(item_size(old)), units(item_size(new))
    return before + after if moved else max(before, after)
