"""A table for the tests of the page Batch, and an engine in this process that has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pannier.cost.table_shape import TableShape
from pannier.engine.database import Database
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect_async
from pannier.targets.in_process import InProcessTarget

TABLE = "shop"
REQUEST: dict[str, Any] = {
    "TableName": TABLE,
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK", "brand")
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "brands",
            "KeySchema": [{"AttributeName": "brand", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
SHAPES = {TABLE: TableShape.of(REQUEST)}


def put(number: int, **more: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"PK": {"S": f"p{number}"}, "SK": {"S": "x"}, **more}}}


def key(number: int) -> dict[str, Any]:
    return {"PK": {"S": f"p{number}"}, "SK": {"S": "x"}}


@asynccontextmanager
async def shop(target: InProcessTarget | None = None) -> AsyncIterator[AsyncConnection]:
    """A connection to an engine that has the table."""
    made = target or InProcessTarget(Database.in_memory(), "memory")
    async with connect_async(made) as connection:
        await connection.call("CreateTable", REQUEST)
        yield connection
