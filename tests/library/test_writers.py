"""Writing one by one: nothing is lost when an exception flies, and a writer can be shared."""

import asyncio
import gc
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pannier.batch.calls import CallError
from pannier.batch.options import Options
from pannier.batch.report import Failure
from pannier.batch.target import Reply
from pannier.errors import UserError
from pannier.library.aio import AsyncConnection
from pannier.library.connecting import connect, connect_async
from pannier.library.connection import Connection
from pannier.library.outcomes import WriteError
from pannier.model.plain import ConversionError
from tests.batch.fake_service import DONE, HOPELESS, TABLE, FakeService, leave
from tests.library.shop import CREATE, item, key, shop


@contextmanager
def faked(service: FakeService) -> Iterator[Connection]:
    with connect(service) as db:
        yield db


def numbers(db: Connection) -> list[int]:
    return sorted(each["SK"] for each in db.scan("shop"))


def test_items_go_in_full_batches_and_the_rest_at_the_end() -> None:
    with shop() as db:
        with db.writer("shop") as writer:
            for number in range(333):
                writer.put(item(number))
            writer.delete(key(7))
        assert numbers(db) == [each for each in range(333) if each != 7]
        report = writer.report
        assert report.balanced
        assert (report.read, report.deleted, report.calls) == (334, 1, 14)


def test_a_flush_sends_what_is_there_and_the_writer_goes_on() -> None:
    with shop() as db, db.writer("shop") as writer:
        for count in (3, 40, 230):
            for number in range(count):
                writer.put(item(number))
            writer.flush()
            assert numbers(db) == list(range(count))


def test_what_was_put_before_an_exception_is_written() -> None:
    with shop() as db:
        with pytest.raises(ZeroDivisionError) as caught, db.writer("shop") as writer:
            for number in range(157):
                writer.put(item(number))
            raise ZeroDivisionError
        assert numbers(db) == list(range(157))
        assert not hasattr(caught.value, "__notes__")


def test_an_exception_in_one_put_leaves_the_others() -> None:
    with shop() as db:
        with db.writer("shop") as writer:
            for number in range(10):
                writer.put(item(number))
            with pytest.raises(ConversionError):
                writer.put({"PK": "a", "SK": 1, "bad": object()})
            writer.put(item(10))
        assert numbers(db) == list(range(11))


def test_what_can_not_be_written_is_raised_at_the_end() -> None:
    service = FakeService()
    with faked(service) as db:
        with pytest.raises(WriteError, match="1 of 61 writes did not get through") as caught:
            with db.writer(TABLE) as writer:
                for number in range(60):
                    writer.put({"PK": str(number), "v": "1"})
                writer.put({"PK": "bad", "poison": True})
        assert len(service.items()) == 60
        (failure,) = caught.value.report.failures
        assert failure.attributes["PK"] == {"S": "bad"}
        assert str(failure.origin) == "input, item 61"


def test_beside_a_flying_exception_it_is_a_note() -> None:
    with faked(FakeService([HOPELESS])) as db:
        with pytest.raises(ZeroDivisionError) as caught, db.writer(TABLE) as writer:
            writer.put({"PK": "a", "v": "1"})
            raise ZeroDivisionError
    (note,) = caught.value.__notes__
    assert "1 of 1 writes did not get through" in note


def test_whoever_is_told_of_failures_gets_no_exception() -> None:
    told: list[Failure] = []
    with faked(FakeService([HOPELESS])) as db:
        with db.writer(TABLE, on_failure=told.append) as writer:
            writer.put({"PK": "a", "v": "1"})
    assert len(told) == 1
    assert not writer.report.ok


def test_leftovers_are_sent_again() -> None:
    service = FakeService([leave(20), DONE, leave(3)])
    with faked(service) as db, db.writer(TABLE) as writer:
        for number in range(100):
            writer.put({"PK": str(number), "v": "1"})
    assert len(service.items()) == 100
    assert writer.report.leftovers == 23


def test_threads_may_share_a_writer() -> None:
    with shop() as db:
        with db.writer("shop") as writer:

            def work(begin: int) -> None:
                for number in range(begin, begin + 500):
                    writer.put(item(number))

            threads = [threading.Thread(target=work, args=(each * 500,)) for each in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert numbers(db) == list(range(2000))
        assert writer.report.read == 2000


def test_a_closed_writer_says_so() -> None:
    with shop() as db:
        with db.writer("shop") as writer:
            writer.put(item(1))
        with pytest.raises(UserError, match="the writer is closed"):
            writer.put(item(2))
        writer.close()


def test_a_table_that_is_not_there_is_an_error() -> None:
    with connect("memory") as db, pytest.raises(CallError, match="ResourceNotFoundException"):
        with db.writer("nowhere") as writer:
            writer.put(item(1))


class Slow(FakeService):
    """Answers after a moment of real time."""

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "BatchWriteItem":
            await asyncio.sleep(0.02)
        return await super().send(operation, body)


def test_an_interrupt_loses_nothing_that_was_put(request: pytest.FixtureRequest) -> None:
    """Ctrl-C, most likely while a put waits for room."""
    service = Slow()
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.15, signal.pthread_kill, (main, signal.SIGINT))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    # An exception that flies in a callback of the garbage collector (Hypothesis has one) is lost.
    gc.disable()
    request.addfinalizer(gc.enable)
    begun = put = 0
    with faked(service) as db:
        timer.start()
        with pytest.raises(KeyboardInterrupt), db.writer(TABLE) as writer:
            for begun in range(1, 50_000):
                writer.put({"PK": str(begun), "v": "1"})
                put = begun
    timer.join()
    assert put <= len(service.items()) <= begun
    assert 0 < begun < 49_999
    assert writer.report.ok


def with_shop(work: Callable[[AsyncConnection], object]) -> None:
    async def use() -> None:
        async with connect_async("memory") as db:
            await db.call("CreateTable", CREATE)
            await work(db)  # type: ignore[misc]

    asyncio.run(asyncio.wait_for(use(), 30))


def test_tasks_may_share_a_writer() -> None:
    async def work(db: AsyncConnection) -> None:
        async with db.writer("shop") as writer:

            async def put(begin: int) -> None:
                for number in range(begin, begin + 300):
                    await writer.put(item(number))

            await asyncio.gather(*(put(each * 300) for each in range(5)))
            await writer.flush()
            await writer.delete(key(0))
        assert sorted([each["SK"] async for each in db.scan("shop")]) == list(range(1, 1500))
        assert (writer.report.written, writer.report.deleted) == (1500, 1)

    with_shop(work)


def test_a_cancelled_block_writes_what_was_put() -> None:
    async def work(db: AsyncConnection) -> None:
        async def fill() -> None:
            async with db.writer("shop") as writer:
                for number in range(130):
                    await writer.put(item(number))
                await asyncio.sleep(3600)

        task = asyncio.create_task(fill())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len([each async for each in db.scan("shop")]) == 130

    with_shop(work)


def test_the_options_are_those_of_any_job() -> None:
    service = FakeService([leave(25)] * 100)
    with faked(service) as db, pytest.raises(WriteError, match="no progress"):
        with db.writer(TABLE, options=Options(give_up_after_s=0.0)) as writer:
            for number in range(30):
                writer.put({"PK": str(number), "v": "1"})
    assert writer.report.unresolved == 30
