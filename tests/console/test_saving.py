"""Items put so that nothing is overwritten unseen."""

from collections.abc import Mapping
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.console.pages.explore.removal import removed
from pannier.console.pages.explore.saving import (
    ChangedError,
    ExistsError,
    current_item,
    put_changed,
    put_new,
    unchanged,
)
from pannier.library.aio import AsyncConnection
from pannier.library.outcomes import WriteError
from pannier.model.attribute_value import Item
from tests.console.explore_tables import LAYOUT, with_shop

KEY: Item = {"PK": {"S": "p0"}, "SK": {"N": "1"}}


async def read(db: AsyncConnection) -> Item:
    item = await current_item(db.call, "shop", KEY)
    assert item is not None
    return item


def test_a_changed_item_is_put_in_place_of_what_was_read() -> None:
    async def use(db: AsyncConnection) -> None:
        original = await read(db)
        item = {**KEY, "new": {"SS": ["a"]}}
        await put_changed(db.call, "shop", LAYOUT.schema, original, item)
        assert await read(db) == item

    with_shop(3, use)


@pytest.mark.parametrize("change", [{"size": {"N": "99"}}, {"extra": {"S": "came meanwhile"}}])
def test_what_somebody_else_changed_is_not_overwritten(change: Item) -> None:
    async def use(db: AsyncConnection) -> None:
        original = await read(db)
        theirs = {**original, **change}
        await db.call("PutItem", {"TableName": "shop", "Item": theirs})
        mine = {**original, "mine": {"S": "x"}}
        with pytest.raises(ChangedError) as error:
            await put_changed(db.call, "shop", LAYOUT.schema, original, mine)
        assert error.value.current == theirs
        assert await read(db) == theirs

    with_shop(3, use)


def test_what_changes_between_the_look_and_the_put_is_not_overwritten() -> None:
    async def use(db: AsyncConnection) -> None:
        original = await read(db)
        theirs = {**original, "size": {"N": "99"}}

        async def slow(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
            if operation == "PutItem":
                await db.call("PutItem", {"TableName": "shop", "Item": theirs})
            return await db.call(operation, request)

        with pytest.raises(ChangedError):
            await put_changed(slow, "shop", LAYOUT.schema, original, {**original, "a": {"S": "b"}})
        assert await read(db) == theirs

    with_shop(3, use)


def test_a_deleted_item_is_not_made_again() -> None:
    async def use(db: AsyncConnection) -> None:
        original = await read(db)
        await db.call("DeleteItem", {"TableName": "shop", "Key": KEY})
        with pytest.raises(ChangedError) as error:
            await put_changed(db.call, "shop", LAYOUT.schema, original, original)
        assert error.value.current is None

    with_shop(3, use)


def test_a_new_item_takes_nobodys_place() -> None:
    async def use(db: AsyncConnection) -> None:
        new = {"PK": {"S": "new"}, "SK": {"N": "0"}}
        await put_new(db.call, "shop", LAYOUT.schema, new)
        with pytest.raises(ExistsError):
            await put_new(db.call, "shop", LAYOUT.schema, {**new, "a": {"S": "b"}})
        # A put that is repeated because its answer was lost finds itself.
        await put_new(db.call, "shop", LAYOUT.schema, new)

    with_shop(1, use)


def test_other_errors_are_not_taken_for_a_change() -> None:
    async def use(db: AsyncConnection) -> None:
        with pytest.raises(CallError, match="ValidationException"):
            await put_new(db.call, "shop", LAYOUT.schema, {"PK": {"S": "x"}})

    with_shop(1, use)


def test_the_condition_of_a_large_item_stays_within_the_limits() -> None:
    original: Item = {f"a{number}": {"S": "x"} for number in range(500)}
    members = unchanged(original, {**original, **{f"b{n}": {"S": "x"} for n in range(500)}})
    assert members["ConditionExpression"].count(" AND ") == 199
    assert len(members["ConditionExpression"].encode()) <= 6000


def test_items_are_removed_by_their_keys_and_accounted_for() -> None:
    async def use(db: AsyncConnection) -> None:
        keys: list[Item] = [{"PK": {"S": "p0"}, "SK": {"N": str(n)}} for n in range(30)]
        report = await removed(db, "shop", keys)
        assert (report.deleted, report.calls, report.balanced) == (30, 2, True)
        with pytest.raises(WriteError):
            await removed(db, "shop", [{"PK": {"N": "1"}}])

    with_shop(40, use)
