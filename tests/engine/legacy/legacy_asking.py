"""What the tests of the older parameters share: a table, its item, and short ways to ask.

The table `things` has the key `h` (S), `r` (N), a local index `by_l` on `l` (S) that carries `a`,
and a global one `by_g` on `g` (S), `l` that carries `a`. A request that ends in a status above 499
fails the test that sent it.
"""

from typing import Any

import orjson

from pannier.engine.database import Database

Json = dict[str, Any]

TABLE = "things"
KEY: Json = {"h": {"S": "p"}, "r": {"N": "1"}}
INVALID = "One or more parameter values were invalid: "
BOUNDS = (
    "The BETWEEN condition was provided a range where the lower bound is greater than "
    "the upper bound"
)
OPERATORS = (
    "EQ", "NE", "IN", "LE", "LT", "GE", "GT", "BETWEEN", "NOT_NULL", "NULL",
    "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH",
)  # fmt: skip


def s(text: str) -> Json:
    return {"S": text}


def n(number: float | str) -> Json:
    return {"N": str(number)}


def is_(operator: str, *values: Json) -> Json:
    """A condition, as in filters, key conditions and Expected."""
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


def mixed(older: str, newer: str) -> str:
    return (
        "Can not use both expression and non-expression parameters in the same request: "
        f"Non-expression parameters: {{{older}}} Expression parameters: {{{newer}}}"
    )


class Things:
    """A database with the table, and the item that a test gave it."""

    def __init__(self, **attributes: Json) -> None:
        self.database = Database.in_memory()
        index = {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]}}
        self.ask(
            "CreateTable",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in (("h", "S"), ("r", "N"), ("g", "S"), ("l", "S"))
            ],
            KeySchema=_key_schema("h", "r"),
            LocalSecondaryIndexes=[
                {"IndexName": "by_l", "KeySchema": _key_schema("h", "l"), **index}
            ],
            GlobalSecondaryIndexes=[
                {"IndexName": "by_g", "KeySchema": _key_schema("g", "l"), **index}
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        if attributes:
            self.put(**attributes)

    def ask(self, operation: str, **request: Any) -> Json:
        if operation != "BatchGetItem":
            request = {"TableName": TABLE, **request}
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status < 500, answer.body
        decoded: Json = orjson.loads(answer.body)
        return decoded

    def complaint(self, operation: str, **request: Any) -> str:
        """The text of a ValidationException, which the answer must be."""
        answer = self.ask(operation, **request)
        assert answer.get("__type", "").endswith("#ValidationException"), answer
        text: str = answer["message"]
        return text

    def put(self, **attributes: Json) -> None:
        assert self.ask("PutItem", Item={**KEY, **attributes}) == {}

    def stored(self) -> Json | None:
        """The item without its key; None if there is none."""
        item: Json | None = self.ask("GetItem", Key=KEY).get("Item")
        if item is not None:
            del item["h"], item["r"]
        return item


def _key_schema(partition: str, sort: str) -> list[Json]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
