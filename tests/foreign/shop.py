"""The table that all servers get, and what goes into it."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pannier import Connection, Key, Operation
from pannier.model.plain import to_item

TABLE = "foreign"
INDEX = "by-group"
PROVISIONED_UNITS = 1000
_TABLE_S_MAX = 20.0


@contextmanager
def create(db: Connection, *, on_demand: bool = False) -> Iterator[None]:
    """The table, with an index, while the block runs."""
    throughput = {
        "ProvisionedThroughput": {
            "ReadCapacityUnits": PROVISIONED_UNITS,
            "WriteCapacityUnits": PROVISIONED_UNITS,
        }
    }
    own = {} if on_demand else throughput
    billing = {"BillingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED"}
    index = {
        "IndexName": INDEX,
        "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        **own,
    }
    request = {
        "TableName": TABLE,
        "KeySchema": [
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ],
        "AttributeDefinitions": [
            {"AttributeName": "PK", "AttributeType": "S"},
            {"AttributeName": "SK", "AttributeType": "N"},
            {"AttributeName": "group", "AttributeType": "S"},
        ],
        "GlobalSecondaryIndexes": [index],
        **billing,
        **own,
    }
    db.call("CreateTable", request)
    try:
        _wait(lambda: db.table(TABLE).describe()["TableStatus"] == "ACTIVE")
        yield
    finally:
        db.call("DeleteTable", {"TableName": TABLE})
        _wait(lambda: TABLE not in db.tables())


def _wait(is_so: Callable[[], bool]) -> None:
    """Servers may make and delete tables behind their answers, as AWS does."""
    deadline_s = time.monotonic() + _TABLE_S_MAX
    while not is_so():
        assert time.monotonic() < deadline_s, "the table does not become what it should"
        time.sleep(0.005)


def key(number: int) -> dict[str, Any]:
    return {"PK": f"p{number % 10}", "SK": number}


def item(number: int, version: int = 1, **more: object) -> dict[str, Any]:
    """`name` and `group` are reserved words."""
    words = {"name": f"item {number}", "group": f"g{number % 3}", "version": version}
    return {**key(number), **words, **more}


def keys(numbers: Iterable[int]) -> list[Key]:
    return [Key(TABLE, to_item(key(number))) for number in numbers]


def mixed(count: int, numbers: int) -> list[Operation]:
    """Puts and deletes on few keys in a random order; each put tells its place in it."""
    chance = random.Random(5)
    made = []
    for version in range(count):
        number = chance.randrange(numbers)
        if chance.random() < 0.2:
            made.append(Operation.delete(TABLE, to_item(key(number))))
        else:
            made.append(Operation.put(TABLE, to_item(item(number, version))))
    return made


def applied(operations: Iterable[Operation]) -> dict[int, int]:
    """The state after applying operations in order: the version of each item, by its number."""
    state: dict[int, int] = {}
    for operation in operations:
        number = int(operation.attributes["SK"]["N"])
        if operation.kind == "put":
            state[number] = int(operation.attributes["version"]["N"])
        else:
            state.pop(number, None)
    return state


def state_of(db: Connection) -> dict[int, int]:
    """The same, as the server has it."""
    found: Iterable[Mapping[str, Any]] = db.scan(TABLE, projection="SK, version", consistent=True)
    return {each["SK"]: each["version"] for each in found}
