"""Pages forward and back, filled whatever the service answers at once."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import FilterRow, Question
from pannier.console.pages.explore.requests import read_request
from pannier.console.pages.explore.walk import Page, Walk
from pannier.library.aio import AsyncConnection
from tests.console.explore_tables import LAYOUT, with_shop

RARE = FilterRow("status", "=", "S", "open")


def walk_of(db: AsyncConnection, question: Question, layout: Layout = LAYOUT) -> Walk:
    operation, request = read_request(question, layout)
    return Walk(db.call, operation, request, layout.key_names(question.index), question.size)


def numbers(page: Page) -> list[int]:
    return [int(item["SK"]["N"]) for item in page.items]


def all_pages(count: int, question: Question) -> list[list[int]]:
    async def use(db: AsyncConnection) -> list[list[int]]:
        walk = walk_of(db, question)
        pages = [numbers(await walk.show())]
        while walk.has_next:
            pages.append(numbers(await walk.next()))
        # Backward the same pages are there again.
        for page in reversed(pages[:-1]):
            assert numbers(await walk.previous()) == page
        assert not walk.has_previous
        return pages

    return with_shop(count, use)


@pytest.mark.parametrize(
    "question",
    [
        Question("shop", size=25),
        Question("shop", size=25, filters=(RARE,)),
        Question("shop", index="GSI", size=25),
        Question("shop", index="GSI", size=25, is_query=True, partition=("shipped",)),
        Question(
            "shop", index="GSI", size=25, is_query=True, partition=("shipped",), backward=True,
            filters=(FilterRow("SK", "<", "N", "400"),),
        ),
        Question("shop", size=25, is_query=True, partition=("p1",)),
        Question("shop", size=25, projection="size", filters=(RARE,)),
    ],
)  # fmt: skip
def test_all_pages_hold_every_item_once(question: Question) -> None:
    pages = all_pages(700, question)
    assert all(len(page) == 25 for page in pages[:-1])
    found = [number for page in pages for number in page]
    assert len(found) == len(set(found))

    async def use(db: AsyncConnection) -> list[int]:
        operation, request = read_request(question, LAYOUT)
        answer = await db.call(operation, request)
        assert "LastEvaluatedKey" not in answer
        return [int(item["SK"]["N"]) for item in answer["Items"]]

    assert found == with_shop(700, use)


def test_a_filtered_page_takes_few_calls() -> None:
    async def use(db: AsyncConnection) -> Page:
        return await walk_of(db, Question("shop", size=25, filters=(RARE,))).show()

    page = with_shop(700, use)
    assert len(page.items) == 25
    assert page.calls <= 4
    assert page.scanned < 400  # ten times as many as are shown, and a little more
    assert page.units > 0


class Endless:
    """A table whose items never meet the filter."""

    def __init__(self, time_s: float = 0.0) -> None:
        self.calls = 0
        self.now_s = 0.0
        self._time_s = time_s

    async def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        self.calls += 1
        self.now_s += self._time_s
        key = {"PK": {"S": str(self.calls)}}
        return {"Items": [], "ScannedCount": 1000, "LastEvaluatedKey": key}


def endless(use: Callable[[Walk, Endless], Awaitable[None]], time_s: float = 0.0) -> None:
    async def run(_: AsyncConnection) -> None:
        table = Endless(time_s)
        request = {"TableName": "t", "FilterExpression": "a = :a"}
        await use(Walk(table.call, "Scan", request, ("PK",), 50, lambda: table.now_s), table)

    with_shop(0, run)


def test_a_page_that_is_not_found_ends_after_some_calls_and_goes_on_when_told() -> None:
    async def use(walk: Walk, table: Endless) -> None:
        page = await walk.show()
        assert (page.items, page.ended, walk.full, walk.has_next) == ([], False, False, False)
        assert table.calls == page.calls == 25
        page = await walk.go_on()
        assert page.scanned == 50_000
        assert page.number == 1

    endless(use)


def test_a_page_that_takes_long_ends_after_some_seconds() -> None:
    async def use(walk: Walk, table: Endless) -> None:
        assert (await walk.show()).calls == 5
        assert walk.page.elapsed_s == 5.0

    endless(use, time_s=1.0)


def test_a_page_that_can_not_be_read_leaves_the_one_that_is_shown() -> None:
    async def use(db: AsyncConnection) -> None:
        walk = walk_of(db, Question("shop", size=25))
        await walk.show()
        await db.call("DeleteTable", {"TableName": "shop"})
        with pytest.raises(CallError):
            await walk.next()
        assert walk.page.number == 1
        assert len(walk.page.items) == 25

    with_shop(100, use)
