"""Faults in the embedded engine reach the batch engine as those of a network do."""

import asyncio
from typing import Any

import orjson
import pytest

from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.engine.database import Database
from pannier.engine.faults import Drop, Rule
from pannier.targets.in_process import InProcessTarget

CREATE = {
    "TableName": "shop",
    "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
PUT = {"TableName": "shop", "Item": {"PK": {"S": "1"}}}


def send(database: Database, operation: str, request: dict[str, Any]) -> Reply:
    async def use() -> Reply:
        target = InProcessTarget(database, "here", owned=False)
        try:
            return await target.send(operation, orjson.dumps(request))
        finally:
            await target.close()

    return asyncio.run(asyncio.wait_for(use(), 20))


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_lost_answer_is_an_unknown_outcome(when: Any, stored: int) -> None:
    """A client can't tell the two apart, so both are the same error; only the table knows."""
    with Database.in_memory() as database:
        send(database, "CreateTable", CREATE)
        with (
            database.faults.during(Rule(effect=Drop(when))),
            pytest.raises(OutcomeUnknownError, match="fault"),
        ):
            send(database, "PutItem", PUT)
        scanned = orjson.loads(send(database, "Scan", {"TableName": "shop"}).body)
    assert scanned["Count"] == stored


def test_a_delay_is_waited_for_and_holds_up_nobody_else() -> None:
    async def use(database: Database) -> list[str]:
        target = InProcessTarget(database, "here", owned=False)
        order: list[str] = []

        async def ask(operation: str, request: dict[str, Any]) -> None:
            reply = await target.send(operation, orjson.dumps(request))
            assert reply.status == 200
            order.append(operation)

        await asyncio.gather(ask("PutItem", PUT), ask("ListTables", {}))
        return order

    with Database.in_memory() as database:
        send(database, "CreateTable", CREATE)
        slow = {"slow": {"delay_ms": 20}, "operations": "PutItem"}
        with database.faults.during(slow):
            assert asyncio.run(use(database)) == ["ListTables", "PutItem"]
