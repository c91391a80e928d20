"""What the tests of table operations share: asking a database, a clock, and requests to vary."""

import json
from typing import Any

from pannier.engine.database import Database

Json = dict[str, Any]


class ManualClock:
    """A clock that goes on when a test says so. It begins on 2026-11-23, 08:00 UTC."""

    def __init__(self) -> None:
        self.now_s = 1_795_420_800.0

    def __call__(self) -> float:
        return self.now_s


def call(database: Database, operation: str, **request: Any) -> Any:
    """Call an operation that must succeed."""
    answer = database.execute(operation, json.dumps(request).encode())
    assert answer.status == 200, answer.body
    return json.loads(answer.body) if answer.body else None


def refused(database: Database, operation: str, **request: Any) -> str:
    """Call an operation that must be refused: `Type: text`."""
    answer = database.execute(operation, json.dumps(request).encode())
    assert answer.status == 400, answer
    body = json.loads(answer.body)
    return f"{body['__type'].rpartition('#')[2]}: {body.get('message', body.get('Message'))}"


def definitions(*names: str) -> list[Json]:
    """`AttributeDefinitions`; `n:N` is a number, `b:B` a binary, else a text."""
    return [
        {"AttributeName": name.partition(":")[0], "AttributeType": name.partition(":")[2] or "S"}
        for name in names
    ]


def keys(partition: str, sort: str | None = None) -> list[Json]:
    """A `KeySchema`."""
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    if sort is not None:
        schema.append({"AttributeName": sort, "KeyType": "RANGE"})
    return schema


def index(name: str, schema: list[Json], kind: str = "ALL", **more: Any) -> Json:
    """A secondary index."""
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": kind}, **more}


def units(read: int, write: int) -> Json:
    """A `ProvisionedThroughput`."""
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def on_demand(name: str = "abc", **more: Any) -> Json:
    """A good CreateTable request: on demand, partition key `a`."""
    return {
        "TableName": name,
        "AttributeDefinitions": definitions("a"),
        "KeySchema": keys("a"),
        "BillingMode": "PAY_PER_REQUEST",
        **more,
    }


def provisioned(name: str = "abc", **more: Any) -> Json:
    """A good CreateTable request: 5 and 5 units, partition key `a`."""
    request = on_demand(name, **{"ProvisionedThroughput": units(5, 5), **more})
    del request["BillingMode"]
    return request


def described(database: Database, name: str = "abc") -> Json:
    """The table as DescribeTable shows it."""
    table: Json = call(database, "DescribeTable", TableName=name)["Table"]
    return table


def fill(database: Database, count: int, name: str = "abc") -> None:
    """Put items with key `a`, a text `g` and a number `n`."""
    for start in range(0, count, 25):
        puts = [
            {"PutRequest": {"Item": thing(number)}}
            for number in range(start, min(start + 25, count))
        ]
        call(database, "BatchWriteItem", RequestItems={name: puts})


def thing(number: int) -> Json:
    """One of the items that `fill` puts."""
    return {
        "a": {"S": f"item-{number:05d}"},
        "g": {"S": f"group-{number % 7}"},
        "n": {"N": str(number)},
    }
