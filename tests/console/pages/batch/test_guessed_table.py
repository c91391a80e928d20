"""A table that is not there can be made from what should go into it."""

import asyncio

from pannier.console.pages.batch.examples import TABLE
from pannier.console.pages.batch.guessed_table import guessed_table, words_of
from pannier.library.connecting import connect_async


def _made(request: dict[str, object] | None) -> dict[str, object]:
    assert request is not None

    async def make() -> dict[str, object]:
        async with connect_async("memory") as connection:
            answer = await connection.call("CreateTable", request)
            return dict(answer["TableDescription"])

    return asyncio.run(make())


def test_keys_and_index_by_their_names() -> None:
    item = {name: {"S": "a"} for name in ("PK", "SK", "GSI1PK", "GSI1SK", "name")}
    request = guessed_table("shop", item, is_key=False)
    assert "GlobalSecondaryIndexes" in _made(request)
    assert request is not None
    assert words_of(request) == "key PK, SK, index GSI1 (GSI1PK, GSI1SK), on demand"


def test_the_workshop_s_table_has_its_index_whatever_is_written() -> None:
    key = {"PK": {"S": "a"}, "SK": {"S": "b"}}
    request = guessed_table(TABLE, key, is_key=True)
    assert request is not None
    assert "GlobalSecondaryIndexes" in request
    assert "GlobalSecondaryIndexes" not in (guessed_table("shop", key, is_key=True) or {})


def test_the_first_attribute_that_can_be_a_key() -> None:
    item = {"tags": {"SS": ["a"]}, "id": {"N": "1"}, "name": {"S": "a"}}
    request = guessed_table("shop", item, is_key=False)
    assert _made(request)["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_nothing_can_be_a_key() -> None:
    assert guessed_table("shop", {"tags": {"SS": ["a"]}}, is_key=False) is None
