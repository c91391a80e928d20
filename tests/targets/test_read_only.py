"""A read-only target sends what changes nothing, and only that."""

import asyncio
import json
from pathlib import Path

import botocore.session
import pytest

from pannier.library.aio import AsyncConnection
from pannier.targets.read_only import ReadOnlyError, ReadOnlyTarget, is_read
from pannier.targets.resolve import resolve

OPERATIONS = botocore.session.get_session().get_service_model("dynamodb").operation_names
# By the service model, what these answer is all that they do.
READS = {
    *("BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"),
    *(name for name in OPERATIONS if name.startswith(("Describe", "List"))),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_of_the_api_is_one_or_the_other(operation: str):
    assert is_read(operation) == (operation in READS)


@pytest.mark.parametrize("operation", ["PutSomethingNew", "ReadAndForget", "", "getitem"])
def test_what_is_not_known_is_refused(operation: str):
    assert not is_read(operation)


def test_a_refused_operation_is_not_sent():
    async def run() -> None:
        target = ReadOnlyTarget(resolve("memory"), "Ask for it.")
        assert target.name == "memory (gone when this process ends)"
        with pytest.raises(ReadOnlyError, match="CreateTable was not sent") as refused:
            await target.send("CreateTable", json.dumps({"TableName": "tab"}).encode())
        assert refused.value.advice == "Ask for it."
        assert json.loads((await target.send("ListTables", b"{}")).body) == {"TableNames": []}
        await target.close()

    asyncio.run(run())


def test_a_batch_job_on_it_writes_nothing(tmp_path: Path):
    """The job meets the refusal as it would an unreachable target: no item is written."""

    async def run() -> None:
        place = f"local:{tmp_path / 'db'}"
        async with AsyncConnection(resolve(place)) as writable:
            await writable.call(
                "CreateTable",
                {
                    "TableName": "tab",
                    "BillingMode": "PAY_PER_REQUEST",
                    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                },
            )
        async with AsyncConnection(ReadOnlyTarget(resolve(place), "Ask for it.")) as connection:
            with pytest.raises(ReadOnlyError):
                await connection.write([{"k": "1"}], "tab")
            assert (await connection.call("Scan", {"TableName": "tab"}))["Count"] == 0

    asyncio.run(run())
