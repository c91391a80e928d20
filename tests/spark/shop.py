"""The table that data frames are written to, on a server of its own."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pannier.library.connecting import connect
from pannier.library.connection import Connection
from tests.conftest import serving

TABLE = "shop"


@contextmanager
def shop(*options: str, units: int | None = None) -> Iterator[tuple[str, Connection]]:
    """A server with an empty table, its URL and a connection."""
    with (
        serving("--memory", "--no-console", "--fault-seed", "7", *options) as (url, _),
        connect(url) as connection,
    ):
        throughput: dict[str, Any] = {"BillingMode": "PAY_PER_REQUEST"}
        if units is not None:
            provisioned = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
            throughput = {"ProvisionedThroughput": provisioned}
        connection.call(
            "CreateTable",
            {
                "TableName": TABLE,
                "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
                **throughput,
            },
        )
        yield url, connection


def items(connection: Connection) -> dict[str, dict[str, Any]]:
    """What is in the table, by key."""
    return {item["PK"]: item for item in connection.table(TABLE).scan()}


def named(items: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Items by their key."""
    return {item["PK"]: item for item in items}
