"""Comparisons run on the reader's own items, and leave nothing behind."""

import asyncio
import json
from typing import Any

import pytest

from pannier.comparing.comparison import BATCH, SIDE_BY_SIDE, SINGLE
from pannier.console.pages.batch.comparisons import SideBySide, compare, rounds_for, side_by_side
from pannier.console.pages.batch.reading import read_draft
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from tests.console.pages.batch.shop import TABLE, key, put, shop


def _draft(requests: Any) -> Any:
    return read_draft(json.dumps({TABLE: requests}), "editor", None)


async def _descriptions(connection: AsyncConnection) -> dict[str, dict[str, Any]]:
    answer = await connection.call("DescribeTable", {"TableName": TABLE})
    return {TABLE: answer["Table"]}


def test_writes_and_reads_in_a_table_of_their_own() -> None:
    draft = _draft([*(put(n) for n in range(30)), put(0, n={"N": "1"})])

    async def work() -> None:
        async with shop() as connection:
            found = await compare(connection, draft, await _descriptions(connection))
            assert list(found.writes) == [SINGLE, BATCH, SIDE_BY_SIDE]
            assert (found.items, found.rounds) == (30, rounds_for(30))
            assert [each.calls for each in found.writes.values()] == [30, 2, 2]
            assert [each.units for each in found.writes.values()] == [30, 30, 30]
            assert [each.calls for each in found.reads.values()] == [30, 1, 1]
            assert (await connection.call("ListTables", {}))["TableNames"] == [TABLE]
            assert (await connection.call("Scan", {"TableName": TABLE}))["Count"] == 0

    asyncio.run(work())


def test_reads_of_the_reader_s_own_keys() -> None:
    async def work() -> None:
        async with shop() as connection:
            draft = _draft({"Keys": [key(n) for n in range(3)]})
            found = await compare(connection, draft, await _descriptions(connection))
            assert not found.writes
            assert [each.calls for each in found.reads.values()] == [3, 1, 1]

    asyncio.run(work())


def test_a_projection_saves_bytes_and_no_units() -> None:
    async def work() -> SideBySide:
        async with shop() as connection:
            for number in range(3):
                item = put(number, text={"S": "x" * 5000})["PutRequest"]["Item"]
                await connection.call("PutItem", {"TableName": TABLE, "Item": item})
            draft = _draft({"Keys": [key(2), key(0), key(1)]})
            about = await _descriptions(connection)
            return await side_by_side(connection, draft, about, "PK, SK")

    found = asyncio.run(work())
    assert found.projected.received_bytes < found.full.received_bytes - 14_000
    assert found.projected.units == found.full.units == 3
    assert found.projected_items == [key(2), key(0), key(1)]
    assert [len(each["text"]["S"]) for each in found.full_items] == [5000] * 3
    assert (found.keys, found.projection) == (3, "PK, SK")


@pytest.mark.parametrize(
    ("requests", "words"),
    [
        ({"Keys": [key(1)]}, "no attributes are named"),
        ({"Keys": [key(1)], "ProjectionExpression": "a b"}, "was refused"),
        ({"Keys": [{"PK": {"S": "a"}}], "ProjectionExpression": "a"}, "line 1"),
        ([put(1)], "no attributes are named"),
    ],
)
def test_what_can_t_be_read_both_ways(requests: Any, words: str) -> None:
    async def work() -> None:
        async with shop() as connection:
            about = await _descriptions(connection)
            await side_by_side(connection, _draft(requests), about, "")

    with pytest.raises(UserError, match=words):
        asyncio.run(work())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ({TABLE: [{"DeleteRequest": {"Key": key(1)}}]}, "there are no items to put here"),
        ({TABLE: [put(1, n={"N": "x"})]}, "line 1: The parameter"),
        ({TABLE: [put(1)], "other": [put(1)]}, "names 2 tables"),
        ({"other": [put(1)]}, "there is no table other here"),
    ],
)
def test_what_can_t_be_compared(text: Any, words: str) -> None:
    async def work() -> None:
        async with shop() as connection:
            draft = read_draft(json.dumps(text), "editor", None)
            await compare(connection, draft, await _descriptions(connection))

    with pytest.raises(UserError, match=words):
        asyncio.run(work())


def test_few_items_are_measured_more_often():
    assert [rounds_for(count) for count in (0, 1, 3, 10, 30, 500)] == [15, 15, 15, 6, 3, 3]
