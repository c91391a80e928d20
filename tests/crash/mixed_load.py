"""What four clients ask of a server all at once, and what must come of it.

Each client has keys of its own in three tables, and sends one request after the other, so what its
items are after any number of requests is known: `after` says it. Requests are drawn out of a seed
and of the state they meet; half of the conditions hold, half do not.

`orders` has a local and two global indexes, `notes` lets items expire, and `growing` gets and loses
an index meanwhile (`table_work`); all have a stream. An item that has expired (`mayfly`) may be
there or not, until a sweep has come by.
"""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

Json: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str, str]
"""A table, and the key of an item in it: see `place`."""
State: TypeAlias = Mapping[Place, Json]

CLIENTS: Final = 4
ORDERS: Final = "orders"
NOTES: Final = "notes"
GROWING: Final = "growing"
MAYFLY: Final = "mayfly"
_PARTITIONS: Final = 5
_SORTS: Final = 6
_NOTES: Final = 12
_COUNT_MAX: Final = 6
_AN_HOUR_AGO_S: Final = int(time.time()) - 3600
_STREAM: Final = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
_GIVEN: Final = {"BillingMode": "PAY_PER_REQUEST", "StreamSpecification": _STREAM}

TABLES: Final[tuple[Json, ...]] = (
    {
        "TableName": ORDERS,
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind}
            for name, kind in (("p", "S"), ("s", "N"), ("n", "N"), ("color", "S"), ("maker", "S"))
        ],
        "KeySchema": [
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by-count",
                "KeySchema": [
                    {"AttributeName": "p", "KeyType": "HASH"},
                    {"AttributeName": "n", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["maker"]},
            }
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-color",
                "KeySchema": [
                    {"AttributeName": "color", "KeyType": "HASH"},
                    {"AttributeName": "s", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            },
            {
                "IndexName": "by-maker",
                "KeySchema": [{"AttributeName": "maker", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            },
        ],
        **_GIVEN,
    },
    {
        "TableName": NOTES,
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        **_GIVEN,
    },
    {
        "TableName": GROWING,
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        **_GIVEN,
    },
)


@dataclass(frozen=True)
class Request:
    """One request of a client.

    Attributes:
        operation: the operation's name in the API.
        body: the request.
        changes: the items that it makes, None where it deletes; nothing if it is refused.
        status: of its answer.
        writes: how many items it touches.
    """

    operation: str
    body: Json
    changes: Mapping[Place, Json | None] = field(default_factory=dict)
    status: int = 200
    writes: int = 1


def after(state: State, request: Request) -> State:
    """A client's items after a request."""
    items = dict(state)
    for where, item in request.changes.items():
        if item is None:
            items.pop(where, None)
        else:
            items[where] = item
    return items


def place(table: str, item: Json) -> Place:
    """Where an item lies, by its key or itself."""
    sort = f"/{item['s']['N']}" if table == ORDERS else ""
    return table, item["p"]["S"] + sort


def owner(where: Place) -> int:
    """The client whose item it is."""
    return int(where[1].partition("-")[0])


def is_mayfly(where: Place) -> bool:
    """Whether an item there has expired from the beginning."""
    return MAYFLY in where[1]


def request(seed: str, client: int, number: int, state: State) -> Request:
    """A client's n-th request, in the state that it meets."""
    name = f"{seed}-{client}-{number}"
    draw = _Draw(random.Random(name), client, name, state)
    kinds = (draw.batch, draw.put, draw.count, draw.delete, draw.transaction)
    return draw.chance.choices(kinds, (8, 2, 4, 2, 4))[0]()


class _Draw:
    """Draws one request."""

    def __init__(self, chance: random.Random, client: int, name: str, state: State) -> None:
        self.chance = chance
        self._client = client
        self._name = name
        self._state = state

    def batch(self) -> Request:
        """Puts and deletes in all tables, and now and then a mayfly."""
        changes: dict[Place, Json | None] = {}
        for _ in range(self.chance.randint(1, 24)):
            table, key = self._key()
            gone = self.chance.random() < 0.3
            changes[place(table, key)] = None if gone else self._item(table, key)
        by_table: dict[str, list[Json]] = {}
        for (table, text), item in changes.items():
            write = (
                {"DeleteRequest": {"Key": _key_of(table, text)}}
                if item is None
                else {"PutRequest": {"Item": item}}
            )
            by_table.setdefault(table, []).append(write)
        if self.chance.random() < 0.2:
            fly = {"p": {"S": f"{self._client}-{MAYFLY}-{self.chance.randrange(9)}"}}
            fly |= {"expires": {"N": str(_AN_HOUR_AGO_S)}, "maker": {"S": self._name}}
            by_table.setdefault(NOTES, []).append({"PutRequest": {"Item": fly}})
        return Request(
            "BatchWriteItem", {"RequestItems": by_table}, changes, writes=len(changes) + 1
        )

    def put(self) -> Request:
        """A put that wants nothing to be there."""
        table, key = self._key()
        item = self._item(table, key)
        body = {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(p)"}
        if place(table, key) in self._state:
            return Request("PutItem", body, status=400)
        return Request("PutItem", body, {place(table, key): item})

    def count(self) -> Request:
        """A counter that goes up to a bound."""
        key = self._order_key()
        body = {"TableName": ORDERS, **self._counting(key)}
        before = self._state.get(place(ORDERS, key))
        if _counted(before) >= _COUNT_MAX:
            return Request("UpdateItem", body, status=400)
        return Request("UpdateItem", body, {place(ORDERS, key): self._counted(key, before)})

    def delete(self) -> Request:
        """A delete that wants a color."""
        key = self._order_key()
        body = {
            "TableName": ORDERS,
            "Key": key,
            "ConditionExpression": "attribute_exists(color)",
        }
        if "color" not in self._state.get(place(ORDERS, key), {}):
            return Request("DeleteItem", body, status=400)
        return Request("DeleteItem", body, {place(ORDERS, key): None})

    def transaction(self) -> Request:
        """A put, a count, a delete and a check over two tables, with a token."""
        first, second = self.chance.sample(range(_PARTITIONS * _SORTS), 2)
        counted, deleted = self._order_key(first), self._order_key(second)
        put, looked_at = self.chance.sample(range(_NOTES), 2)
        note = self._item(NOTES, self._note_key(put))
        check = self._note_key(looked_at)
        actions: list[Json] = [
            {"Put": {"TableName": NOTES, "Item": note}},
            {"Update": {"TableName": ORDERS, **self._counting(counted)}},
            {"Delete": {"TableName": ORDERS, "Key": deleted}},
            {
                "ConditionCheck": {
                    "TableName": NOTES,
                    "Key": check,
                    "ConditionExpression": "attribute_exists(p)",
                }
            },
        ]
        body = {"TransactItems": actions, "ClientRequestToken": self._name[-36:]}
        before = self._state.get(place(ORDERS, counted))
        if place(NOTES, check) not in self._state or _counted(before) >= _COUNT_MAX:
            return Request("TransactWriteItems", body, status=400, writes=8)
        changes: dict[Place, Json | None] = {
            place(NOTES, note): note,
            place(ORDERS, counted): self._counted(counted, before),
            place(ORDERS, deleted): None,
        }
        return Request("TransactWriteItems", body, changes, writes=8)

    def _key(self) -> tuple[str, Json]:
        table = self.chance.choices((ORDERS, NOTES, GROWING), (12, 5, 3))[0]
        if table == ORDERS:
            return ORDERS, self._order_key()
        return table, self._note_key(self.chance.randrange(_NOTES))

    def _order_key(self, number: int | None = None) -> Json:
        if number is None:
            number = self.chance.randrange(_PARTITIONS * _SORTS)
        partition, sort = divmod(number, _SORTS)
        return {"p": {"S": f"{self._client}-{partition}"}, "s": {"N": str(sort)}}

    def _note_key(self, number: int) -> Json:
        return {"p": {"S": f"{self._client}-{number}"}}

    def _item(self, table: str, key: Json) -> Json:
        item = {**key, "maker": {"S": self._name}}
        item["fill"] = {"S": "x" * self.chance.choice((0, 30, 400, 1500))}
        if table != NOTES and self.chance.random() < 0.7:
            item["color"] = {"S": self.chance.choice(("red", "green", "blue"))}
        if table == ORDERS and self.chance.random() < 0.5:
            item["n"] = {"N": str(self.chance.randrange(_COUNT_MAX))}
        return item

    def _counting(self, key: Json) -> Json:
        return {
            "Key": key,
            "UpdateExpression": "SET n = if_not_exists(n, :zero) + :one, maker = :name",
            "ConditionExpression": "attribute_not_exists(n) OR n < :most",
            "ExpressionAttributeValues": {
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
                ":most": {"N": str(_COUNT_MAX)},
                ":name": {"S": self._name},
            },
        }

    def _counted(self, key: Json, before: Json | None) -> Json:
        count = {"n": {"N": str(_counted(before) + 1)}, "maker": {"S": self._name}}
        return {**(before or key), **count}


def _counted(item: Json | None) -> int:
    return int((item or {}).get("n", {"N": "0"})["N"])


def _key_of(table: str, text: str) -> Json:
    partition, _, sort = text.partition("/")
    key: Json = {"p": {"S": partition}}
    if table == ORDERS:
        key["s"] = {"N": sort}
    return key
