"""The asynchronous connection: the same, with `await`, on the caller's own loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.report import Report
from pannier.batch.target import Reply
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect_async
from pannier.library.outcomes import ReadError
from tests.batch.fake_service import HOPELESS, TABLE, FakeService
from tests.batch.virtual_time import run
from tests.library.shop import CREATE, item, key


def with_shop(work: Callable[[AsyncConnection], Coroutine[Any, Any, None]]) -> None:
    """Run on a connection to a database in memory with the table `shop`."""

    async def use() -> None:
        async with connect_async("memory") as db:
            await db.call("CreateTable", CREATE)
            await work(db)

    asyncio.run(asyncio.wait_for(use(), 30))


async def numbers(found: AsyncIterator[dict[str, Any]]) -> list[int]:
    return sorted([each["SK"] async for each in found])


async def counted(count: int, *, broken: bool = False) -> AsyncIterator[dict[str, Any]]:
    for number in range(count):
        if number % 100 == 0:
            await asyncio.sleep(0)
        yield item(number)
    if broken:
        raise RuntimeError("the source broke")


def test_items_from_asynchronous_sources_are_written_and_read() -> None:
    async def work(db: AsyncConnection) -> None:
        report = await db.write(counted(777), "shop")
        assert (report.written, report.calls) == (777, 32)
        keys = (key(each["SK"]) async for each in counted(800))
        assert await numbers(db.read(keys, "shop")) == list(range(777))

    with_shop(work)


def test_a_report_is_told_before_anything_is_sent() -> None:
    async def work(db: AsyncConnection) -> None:
        for job in (db.write, db.delete):
            told: list[Report] = []
            calls: list[int] = []

            def tell(made: Report, told: list[Report] = told, calls: list[int] = calls) -> None:
                told.append(made)
                calls.append(made.calls)

            report = await job(map(key, range(30)), "shop", report=tell)
            assert told == [report]
            assert calls == [0]
            assert report.calls == 2

    with_shop(work)


def test_items_from_ordinary_sources_are_written_and_read() -> None:
    async def work(db: AsyncConnection) -> None:
        assert (await db.write(map(item, range(60)), "shop")).written == 60
        found = [each async for each in db.read([key(5)], "shop", projection="name")]
        assert found == [{"name": "item 5"}]
        deletes = [Operation.delete("shop", {"PK": {"S": "p5"}, "SK": {"N": "5"}})]
        assert (await db.write(deletes)).deleted == 1
        assert await numbers(db.read([key(5)], "shop", consistent=True)) == []
        assert (await db.schema("shop")).names == ("PK", "SK")

    with_shop(work)


def test_several_tasks_share_a_connection() -> None:
    async def work(db: AsyncConnection) -> None:
        async def one(first: int) -> None:
            mine = range(first, first + 100)
            assert (await db.write(map(item, mine), "shop")).written == 100
            assert await numbers(db.read(map(key, mine), "shop")) == list(mine)

        await asyncio.gather(*(one(first) for first in range(0, 1000, 100)))

    with_shop(work)


def test_a_source_that_breaks_loses_nothing_that_it_gave() -> None:
    async def work(db: AsyncConnection) -> None:
        with pytest.raises(RuntimeError, match="the source broke"):
            await db.write(counted(777, broken=True), "shop")
        assert await numbers(db.read(map(key, range(777)), "shop")) == list(range(777))

    with_shop(work)


def test_a_source_of_keys_that_breaks_is_told_to_the_reader() -> None:
    async def work(db: AsyncConnection) -> None:
        keys = (key(each["SK"]) async for each in counted(10, broken=True))
        with pytest.raises(RuntimeError, match="the source broke"):
            await numbers(db.read(keys, "shop"))

    with_shop(work)


def test_failures_reach_the_caller() -> None:
    async def work(db: AsyncConnection) -> None:
        with pytest.raises(CallError, match="ResourceNotFoundException"):
            await db.write([item(1)], "nowhere")
        with pytest.raises(CallError, match="ResourceNotFoundException"):
            await numbers(db.read([key(1)], "nowhere"))
        with pytest.raises(UserError, match="plain items need a table"):
            await db.write([item(1)])
        with pytest.raises(ReadError, match="1 of 1 keys could not be read"):
            await numbers(db.read([{"PK": "a"}], "shop"))
        report = await db.write([{"PK": "a"}], "shop")
        assert report.failed == 1

    with_shop(work)


def test_a_closed_connection_says_so() -> None:
    async def use() -> None:
        db = connect_async("memory")
        await db.call("CreateTable", CREATE)
        await db.close()
        await db.close()
        with pytest.raises(UserError, match="the connection is closed"):
            await db.write([item(1)], "shop")
        with pytest.raises(UserError, match="the connection is closed"):
            await numbers(db.read([key(1)], "shop"))
        with pytest.raises(UserError, match="the connection is closed"):
            await db.call("ListTables", {})
        with pytest.raises(UserError, match="the connection is closed"):
            await db.schema("shop")

    asyncio.run(use())


# Cancelling; on virtual time


class Gated(FakeService):
    """Counts the calls under way."""

    under_way = 0

    async def send(self, operation: str, body: bytes) -> Reply:
        self.under_way += 1
        try:
            return await super().send(operation, body)
        finally:
            self.under_way -= 1

    def _latency_s(self) -> float:
        return 10.0


def plain(count: int) -> Iterator[dict[str, Any]]:
    return ({"PK": str(number), "v": "1"} for number in range(count))


def test_a_cancelled_write_waits_for_its_calls_and_sends_no_more() -> None:
    """`asyncio.timeout` around a write must not wait until the whole window is written."""

    async def use() -> None:
        target = Gated()
        async with connect_async(target) as db:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(5):
                    await db.write(plain(2000), TABLE, options=Options(parallel=2))
            assert asyncio.get_running_loop().time() == pytest.approx(10.0)
            assert target.under_way == 0
            assert len(target.calls) == 2
            assert len(target.items()) == 50

    run(use())


def test_a_read_that_is_left_half_way_asks_for_nothing_more() -> None:
    async def use() -> None:
        target = Gated()
        async with connect_async(target) as db:
            await db.write(plain(900), TABLE)
            before = len(target.calls)
            found = db.read(
                ({"PK": str(number)} for number in range(900)), TABLE, options=Options(parallel=2)
            )
            async for _ in found:
                break
            await found.aclose()  # type: ignore[attr-defined]
            assert target.under_way == 0
            assert len(target.calls) - before <= 4
            await asyncio.sleep(1000)
            assert len(target.calls) - before <= 4

    run(use())


def test_a_read_that_is_stopped_by_the_service_ends_although_the_source_goes_on() -> None:
    async def use() -> None:
        async with connect_async(FakeService([HOPELESS])) as db:
            with pytest.raises(ReadError, match="gone"):
                async for _ in db.read(({"PK": str(number)} for number in range(3000)), TABLE):
                    pass

    run(use())
