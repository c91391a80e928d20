"""The embedded engine as a target: answers leave when they are durable."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from pannier.batch.target import Reply
from pannier.engine.database import Database
from pannier.errors import StorageError
from pannier.targets.in_process import InProcessTarget

CREATE = {
    "TableName": "shop",
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


async def send(target: InProcessTarget, operation: str, request: dict[str, Any]) -> Reply:
    return await asyncio.wait_for(target.send(operation, orjson.dumps(request)), 20)


def put(number: int) -> dict[str, Any]:
    return {"TableName": "shop", "Item": {"PK": {"S": str(number)}}}


@pytest.fixture(params=["memory", "folder"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    return Database.in_memory() if request.param == "memory" else Database.open(tmp_path / "db")


def test_requests_are_answered(database: Database) -> None:
    async def use() -> None:
        target = InProcessTarget(database, "here")
        assert (await send(target, "CreateTable", CREATE)).status == 200
        assert (await send(target, "PutItem", put(1))).status == 200
        reply = await send(target, "GetItem", {"TableName": "shop", "Key": {"PK": {"S": "1"}}})
        assert orjson.loads(reply.body)["Item"] == {"PK": {"S": "1"}}
        await target.close()

    asyncio.run(use())


def test_an_error_is_an_answer(database: Database) -> None:
    async def use() -> None:
        target = InProcessTarget(database, "here")
        reply = await send(target, "DescribeTable", {"TableName": "nowhere"})
        assert reply.status == 400
        assert b"ResourceNotFoundException" in reply.body
        await target.close()

    asyncio.run(use())


def test_many_writes_at_once_are_all_answered(database: Database) -> None:
    """They share syncs; each must be told of the one that holds it."""

    async def use() -> None:
        target = InProcessTarget(database, "here")
        await send(target, "CreateTable", CREATE)
        replies = await asyncio.gather(*(send(target, "PutItem", put(n)) for n in range(300)))
        assert {reply.status for reply in replies} == {200}
        await target.close()

    asyncio.run(use())


def test_what_was_answered_is_there_after_the_end(tmp_path: Path) -> None:
    async def use() -> None:
        target = InProcessTarget(Database.open(tmp_path / "db"), "here")
        await send(target, "CreateTable", CREATE)
        await send(target, "PutItem", put(1))
        await target.close()

    asyncio.run(use())
    with Database.open(tmp_path / "db") as database:
        answer = database.execute("Scan", b'{"TableName":"shop"}')
    assert orjson.loads(answer.body)["Items"] == [{"PK": {"S": "1"}}]


def test_a_write_that_cannot_be_made_durable_is_not_answered_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def use() -> Reply:
        database = Database.open(tmp_path / "db")
        target = InProcessTarget(database, "here")
        await send(target, "CreateTable", CREATE)

        def broken() -> None:
            raise StorageError("disk full")

        assert database.commits is not None
        monkeypatch.setattr(database.commits, "_sync", broken)
        try:
            return await send(target, "PutItem", put(1))
        finally:
            monkeypatch.undo()
            await target.close()

    reply = asyncio.run(use())
    assert reply.status == 500
    assert b"InternalServerError" in reply.body


@pytest.mark.parametrize("owned", [True, False])
def test_a_database_is_closed_by_who_owns_it(database: Database, owned: bool) -> None:
    async def use() -> None:
        target = InProcessTarget(database, "here", owned=owned)
        await send(target, "CreateTable", CREATE)
        await target.close()

    asyncio.run(use())
    answer = database.execute("ListTables", b"{}")
    assert answer.status == (500 if owned else 200)
    database.close()
