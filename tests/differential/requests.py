"""Random requests of all kinds."""

import random
from collections.abc import Iterator
from typing import Any

from tests.differential.expressions import Expressions
from tests.differential.values import Values

Request = tuple[str, dict[str, Any]]

TABLES: dict[str, dict[str, str]] = {
    "diff-hash": {"PK": "S"},
    "diff-range": {"PK": "S", "SK": "N"},
    "diff-binary": {"PK": "B", "SK": "S"},
}


def creations() -> Iterator[Request]:
    """The tables: one plain, one with both kinds of index, one with binary keys."""
    for name, key in TABLES.items():
        request: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _schema(*key),
            "AttributeDefinitions": [_definition(*each) for each in key.items()],
        }
        if name == "diff-range":
            kinds = {"GK": "S", "GS": "N", "LS": "S"}
            request["AttributeDefinitions"] += [_definition(*each) for each in kinds.items()]
            request["GlobalSecondaryIndexes"] = [
                _index("GSI", "KEYS_ONLY", "GK", "GS"),
                _index("GALL", "ALL", "GK"),
            ]
            request["LocalSecondaryIndexes"] = [_index("LSI", "INCLUDE", "PK", "LS")]
        yield "CreateTable", request


def _schema(*names: str) -> list[dict[str, str]]:
    roles = ("HASH", "RANGE")
    return [
        {"AttributeName": name, "KeyType": role} for name, role in zip(names, roles, strict=False)
    ]


def _definition(name: str, kind: str) -> dict[str, str]:
    return {"AttributeName": name, "AttributeType": kind}


def _index(name: str, projection: str, *keys: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"ProjectionType": projection}
    if projection == "INCLUDE":
        shown["NonKeyAttributes"] = ["a"]
    return {"IndexName": name, "KeySchema": _schema(*keys), "Projection": shown}


class Requests:
    """An endless stream of requests from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.values = Values(self.chance)

    def __iter__(self) -> Iterator[Request]:
        kinds = [
            (self.put, 20), (self.update, 20), (self.delete, 6), (self.get, 8), (self.query, 14),
            (self.scan, 8), (self.batch_write, 8), (self.batch_get, 8), (self.transact_write, 6),
            (self.transact_get, 3),
        ]  # fmt: skip
        makers, weights = zip(*kinds, strict=True)
        while True:
            (maker,) = self.chance.choices(makers, weights)
            yield maker()

    def table(self) -> tuple[str, dict[str, str]]:
        """A table's name and key; now and then one that is not there."""
        name = self.chance.choice(list(TABLES))
        return ("missing-table" if self.chance.random() < 0.01 else name), TABLES[name]

    def _expressions(self) -> Expressions:
        return Expressions(self.chance, self.values)

    def _capacity(self, request: dict[str, Any]) -> None:
        if self.chance.random() < 0.3:
            request["ReturnConsumedCapacity"] = self.chance.choice(["TOTAL", "INDEXES", "NONE"])

    def _condition(self, request: dict[str, Any], expressions: Expressions) -> None:
        if self.chance.random() < 0.4:
            request["ConditionExpression"] = expressions.condition()
            if self.chance.random() < 0.3:
                request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    def put(self) -> Request:
        """PutItem."""
        name, key = self.table()
        request: dict[str, Any] = {"TableName": name, "Item": self.values.item(key)}
        expressions = self._expressions()
        self._condition(request, expressions)
        expressions.add_to(request)
        if self.chance.random() < 0.3:
            request["ReturnValues"] = self.chance.choice(["ALL_OLD", "NONE", "ALL_NEW"])
        self._capacity(request)
        return "PutItem", request

    def update(self) -> Request:
        """UpdateItem."""
        name, key = self.table()
        request: dict[str, Any] = {"TableName": name, "Key": self.values.key(key)}
        expressions = self._expressions()
        if self.chance.random() < 0.95:
            request["UpdateExpression"] = expressions.update()
        self._condition(request, expressions)
        expressions.add_to(request)
        choices = ["NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"]
        request["ReturnValues"] = self.chance.choice(choices)
        self._capacity(request)
        return "UpdateItem", request

    def delete(self) -> Request:
        """DeleteItem."""
        name, key = self.table()
        request: dict[str, Any] = {"TableName": name, "Key": self.values.key(key)}
        expressions = self._expressions()
        self._condition(request, expressions)
        expressions.add_to(request)
        if self.chance.random() < 0.3:
            request["ReturnValues"] = self.chance.choice(["ALL_OLD", "UPDATED_NEW"])
        self._capacity(request)
        return "DeleteItem", request

    def get(self) -> Request:
        """GetItem."""
        name, key = self.table()
        request: dict[str, Any] = {"TableName": name, "Key": self.values.key(key)}
        self._read_options(request)
        self._capacity(request)
        return "GetItem", request

    def _read_options(self, request: dict[str, Any]) -> None:
        expressions = self._expressions()
        if self.chance.random() < 0.4:
            request["ProjectionExpression"] = expressions.projection()
        if self.chance.random() < 0.2:
            request["ConsistentRead"] = True
        if expressions.names:
            request["ExpressionAttributeNames"] = expressions.names

    def query(self) -> Request:
        """Query, on the table or an index."""
        c = self.chance
        name, key = self.table()
        expressions = self._expressions()
        request: dict[str, Any] = {"TableName": name}
        keys = list(key.items())
        if name == "diff-range" and c.random() < 0.5:
            index = c.choice(["GSI", "GALL", "LSI", "NOPE"])
            request["IndexName"] = index
            keys = {
                "GSI": [("GK", "S"), ("GS", "N")], "GALL": [("GK", "S")],
                "LSI": [("PK", "S"), ("LS", "S")], "NOPE": keys,
            }[index]  # fmt: skip
        request["KeyConditionExpression"] = self._key_condition(expressions, keys)
        if c.random() < 0.3:
            request["FilterExpression"] = expressions.condition()
        self._page_options(request, expressions)
        if c.random() < 0.4:
            request["ScanIndexForward"] = c.random() < 0.5
        expressions.add_to(request)
        self._capacity(request)
        return "Query", request

    def _key_condition(self, expressions: Expressions, keys: list[tuple[str, str]]) -> str:
        c = self.chance
        partition, kind = keys[0]
        text = f"{partition} = {expressions.placeholder(self.values.key_value(kind))}"
        if c.random() < 0.03:
            text = text.replace("=", c.choice(["<", "<>", ">="]))
        if len(keys) == 1 or c.random() < 0.4:
            return text
        sort, kind = keys[1]
        value = expressions.placeholder(self.values.key_value(kind))
        roll = c.random()
        if roll < 0.6:
            return f"{text} AND {sort} {c.choice(['=', '<', '<=', '>', '>=', '<>'])} {value}"
        if roll < 0.8:
            other = expressions.placeholder(self.values.key_value(kind))
            return f"{text} AND {sort} BETWEEN {value} AND {other}"
        return f"begins_with({sort}, {value}) AND {text}"

    def _page_options(self, request: dict[str, Any], expressions: Expressions) -> None:
        c = self.chance
        if c.random() < 0.25:
            request["ProjectionExpression"] = expressions.projection()
        if c.random() < 0.3:
            request["Limit"] = c.choice([1, 2, 3, 100, 0])
        if c.random() < 0.15:
            choices = ["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"]
            request["Select"] = c.choice(choices)
        if c.random() < 0.2:
            request["ConsistentRead"] = True

    def scan(self) -> Request:
        """Scan; without Limit, since the order of partitions is each server's own."""
        c = self.chance
        name, _ = self.table()
        expressions = self._expressions()
        request: dict[str, Any] = {"TableName": name}
        if name == "diff-range" and c.random() < 0.4:
            request["IndexName"] = c.choice(["GSI", "GALL", "LSI"])
        if c.random() < 0.6:
            request["FilterExpression"] = expressions.condition()
        self._page_options(request, expressions)
        request.pop("Limit", None)
        expressions.add_to(request)
        self._capacity(request)
        return "Scan", request

    def batch_write(self) -> Request:
        """BatchWriteItem."""
        c = self.chance
        tables: dict[str, list[Any]] = {}
        for _ in range(c.choice([1, 2, 3, 5, 8])):
            name, key = self.table()
            if c.random() < 0.7:
                write: dict[str, Any] = {"PutRequest": {"Item": self.values.item(key)}}
            else:
                write = {"DeleteRequest": {"Key": self.values.key(key)}}
            if c.random() < 0.01:
                write = {}
            tables.setdefault(name, []).append(write)
        request: dict[str, Any] = {"RequestItems": tables}
        self._capacity(request)
        return "BatchWriteItem", request

    def batch_get(self) -> Request:
        """BatchGetItem."""
        tables: dict[str, dict[str, Any]] = {}
        for _ in range(self.chance.choice([1, 2, 3, 5])):
            name, key = self.table()
            tables.setdefault(name, {"Keys": []})["Keys"].append(self.values.key(key))
        for request in tables.values():
            self._read_options(request)
        whole: dict[str, Any] = {"RequestItems": tables}
        self._capacity(whole)
        return "BatchGetItem", whole

    def transact_write(self) -> Request:
        """TransactWriteItems."""
        actions = []
        for _ in range(self.chance.choice([1, 2, 3])):
            maker, member = self.chance.choice(
                [(self.put, "Put"), (self.update, "Update"), (self.delete, "Delete")]
            )
            _, action = maker()
            for needless in ("ReturnValues", "ReturnConsumedCapacity"):
                action.pop(needless, None)
            if member == "Delete" and "ConditionExpression" in action:
                member = self.chance.choice(["Delete", "ConditionCheck"])
            actions.append({member: action})
        request: dict[str, Any] = {"TransactItems": actions}
        self._capacity(request)
        return "TransactWriteItems", request

    def transact_get(self) -> Request:
        """TransactGetItems."""
        gets = []
        for _ in range(self.chance.choice([1, 2, 3])):
            _, get = self.get()
            for needless in ("ConsistentRead", "ReturnConsumedCapacity"):
                get.pop(needless, None)
            gets.append({"Get": get})
        request: dict[str, Any] = {"TransactItems": gets}
        self._capacity(request)
        return "TransactGetItems", request
