"""Tables for the tests that read them."""

from collections.abc import Iterable
from typing import Any

from pannier.library.connection import Connection


def made(connection: Connection, table: str, key: str, items: Iterable[dict[str, Any]]) -> None:
    """A table with some items.

    Args:
        connection: where.
        table: its name.
        key: its attributes, `pk:S sk:N`; the first is the partition's.
        items: plain Python.
    """
    attributes = [each.split(":") for each in key.split()]
    roles = ("HASH", "RANGE")
    connection.call(
        "CreateTable",
        {
            "TableName": table,
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in attributes
            ],
            "KeySchema": [
                {"AttributeName": name, "KeyType": role}
                for (name, _), role in zip(attributes, roles, strict=False)
            ],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    loaded(connection, table, items)


def loaded(connection: Connection, table: str, items: Iterable[dict[str, Any]]) -> None:
    """Items in a table that is there."""
    assert connection.write(items, table).ok
