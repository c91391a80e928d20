"""A small table, and items for it, as the tests of the library use them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pannier.library.connecting import connect
from pannier.library.connection import Connection

CREATE = {
    "TableName": "shop",
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "PK", "AttributeType": "S"},
        {"AttributeName": "SK", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(number: int, **more: Any) -> dict[str, Any]:
    """A plain item."""
    return {"PK": f"p{number % 7}", "SK": number, "name": f"item {number}", **more}


def key(number: int) -> dict[str, Any]:
    """The plain key of `item(number)`."""
    return {"PK": f"p{number % 7}", "SK": number}


@contextmanager
def shop() -> Iterator[Connection]:
    """A connection to a database in memory with the table `shop`."""
    with connect("memory") as db:
        db.call("CreateTable", CREATE)
        yield db
