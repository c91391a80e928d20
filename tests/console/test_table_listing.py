"""The names of thousands of tables, and the descriptions of a few."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.console.pages.tables.settings import settings
from pannier.console.table_listing import described, description, table_names
from pannier.library.connecting import connect_async

MISSING = CallError("ResourceNotFoundException", "", "DescribeTable", {})


class Tables:
    """A target with many tables, of which it knows little."""

    def __init__(self, count: int) -> None:
        self.names = [f"t{number:04}" for number in range(count)]
        self.asked = 0
        self.at_once = 0
        self._now = 0

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked += 1
        if operation == "ListTables":
            start = request.get("ExclusiveStartTableName")
            first = 0 if start is None else self.names.index(start) + 1
            some = self.names[first : first + request["Limit"]]
            more = first + len(some) < len(self.names)
            return {"TableNames": some, **({"LastEvaluatedTableName": some[-1]} if more else {})}
        self._now += 1
        self.at_once = max(self.at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        if request["TableName"] == "gone":
            raise MISSING
        if request["TableName"] == "bad":
            raise CallError("AccessDeniedException", "", operation, request)
        return {"Table": {"TableName": request["TableName"]}}


def test_all_names_come_page_by_page() -> None:
    tables = Tables(2_345)

    async def names() -> list[list[str]]:
        return [some async for some in table_names(tables.call)]

    found = asyncio.run(names())
    assert [name for some in found for name in some] == tables.names
    assert tables.asked == 24


def test_tables_are_described_a_few_at_a_time() -> None:
    tables = Tables(0)
    found: dict[str, Any] = {}
    names = [*(f"t{number}" for number in range(40)), "gone"]
    asyncio.run(described(tables.call, names, found.__setitem__))
    assert set(found) == set(names)
    assert found["gone"] is None
    assert 1 < tables.at_once <= 8


def test_what_is_wrong_but_not_missing_is_said() -> None:
    tables = Tables(0)
    assert asyncio.run(description(tables.call, "gone")) is None
    with pytest.raises(CallError, match="AccessDenied"):
        asyncio.run(description(tables.call, "bad"))
    with pytest.raises(CallError, match="AccessDenied"):
        asyncio.run(described(tables.call, ["a", "bad", "b"], lambda *_: None))


def test_settings_that_the_target_does_not_know_are_said_to_be_unknown() -> None:
    async def without_tags(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "ListTagsOfResource":
            raise CallError("UnknownOperationException", "", operation, request)
        return await db.call(operation, request)

    async def use() -> list[tuple[str, str]]:
        key = [{"AttributeName": "PK", "KeyType": "HASH"}]
        kinds = [{"AttributeName": "PK", "AttributeType": "S"}]
        made = await db.call(
            "CreateTable",
            {
                "TableName": "shop",
                "KeySchema": key,
                "AttributeDefinitions": kinds,
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        while True:
            found = await db.call("DescribeTable", {"TableName": "shop"})
            if found["Table"]["TableStatus"] == "ACTIVE":
                break
        expiry = {"AttributeName": "until", "Enabled": True}
        request = {"TableName": "shop", "TimeToLiveSpecification": expiry}
        await db.call("UpdateTimeToLive", request)
        answer = await settings(without_tags, made["TableDescription"])
        await db.close()
        return answer

    async def all_of_it() -> list[tuple[str, str]]:
        nonlocal db
        db = connect_async("memory")
        return await use()

    db: Any = None
    found = dict(asyncio.run(all_of_it()))
    assert "attribute until" in found["Expiry (TTL)"]
    assert found["Point-in-time recovery"] == "off"
    assert found["Tags"] == "not known (UnknownOperationException)"
