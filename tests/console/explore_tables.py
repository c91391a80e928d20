"""A small table for the tests of the page *Explore items*."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pannier.console.pages.explore.layout import Layout
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect_async

Result = TypeVar("Result")

CREATE: dict[str, Any] = {
    "TableName": "shop",
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "PK", "AttributeType": "S"},
        {"AttributeName": "SK", "AttributeType": "N"},
        {"AttributeName": "status", "AttributeType": "S"},
        {"AttributeName": "code", "AttributeType": "B"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "GSI",
            "KeySchema": [
                {"AttributeName": "status", "KeyType": "HASH"},
                {"AttributeName": "code", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
LAYOUT = Layout.of(CREATE)


def with_shop(
    count: int, use: Callable[[AsyncConnection], Awaitable[Result]], create: dict[str, Any] = CREATE
) -> Result:
    """Use a table in memory with so many items; every tenth is `open`."""

    async def run() -> Result:
        async with connect_async("memory") as db:
            await db.call("CreateTable", create)
            while True:
                found = await db.call("DescribeTable", {"TableName": "shop"})
                if found["Table"]["TableStatus"] == "ACTIVE":
                    break
            await db.write([shop_item(number) for number in range(count)], "shop")
            return await use(db)

    return asyncio.run(asyncio.wait_for(run(), 60))


def shop_item(number: int) -> dict[str, Any]:
    return {
        "PK": f"p{number // 50}",
        "SK": number,
        "status": "shipped" if number % 10 else "open",
        "code": bytes([number % 256]),
        "size": number,
    }
