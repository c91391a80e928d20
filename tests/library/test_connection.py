"""The synchronous connection: a few lines of Python, any number of items, from anywhere.

It runs an event loop on a thread of its own. So the tests ask above all: does what breaks reach the
caller, is what was accepted written, and is everything gone when the connection is closed?
"""

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read import Key, TableOptions
from pannier.batch.report import Failure, Report
from pannier.batch.target import Reply
from pannier.errors import UserError
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from pannier.library.outcomes import ReadError
from pannier.model.plain import ConversionError
from tests.batch.fake_service import HOPELESS, TABLE, THROTTLE, FakeService, put
from tests.batch.virtual_time import VirtualTimeLoop
from tests.library.shop import CREATE, item, key, shop


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [each for each in threading.enumerate() if each not in before]
    assert [each for each in left if each.name.startswith("pannier")] == []


@pytest.fixture
def db() -> Iterator[Connection]:
    with shop() as connection:
        yield connection


def numbers(items: Any) -> list[int]:
    return sorted(each["SK"] for each in items)


# Writing and reading


def test_items_are_written_and_read_in_plain_python(db: Connection) -> None:
    rich = item(1, price=Decimal("9.50"), raw=b"\0\1", tags={"a", "b"}, nested={"list": [1, None]})
    report = db.write([rich], "shop")
    assert (report.read, report.written, report.calls) == (1, 1, 1)
    assert report.ok
    assert report.elapsed_s > 0
    assert list(db.read([key(1)], "shop")) == [rich]


def test_any_number_of_items_takes_few_calls(db: Connection) -> None:
    report = db.write((item(number) for number in range(1310)), "shop")
    assert (report.written, report.calls) == (1310, 53)
    found = db.read((key(number) for number in range(1400)), "shop")
    assert numbers(found) == list(range(1310))


def test_operations_name_their_own_tables(db: Connection) -> None:
    db.call("CreateTable", {**CREATE, "TableName": "stock"})
    report = db.write(
        [
            Operation.put("shop", {"PK": {"S": "a"}, "SK": {"N": "1"}}),
            Operation.put("stock", {"PK": {"S": "a"}, "SK": {"N": "1"}}),
            Operation.delete("shop", {"PK": {"S": "a"}, "SK": {"N": "1"}}),
        ]
    )
    assert (report.written, report.deleted, report.superseded) == (1, 1, 1)
    keys = [Key(name, {"PK": {"S": "a"}, "SK": {"N": "1"}}) for name in ("shop", "stock")]
    assert len(list(db.read(keys))) == 1


def test_a_projection_brings_what_was_asked_for_and_nothing_else(db: Connection) -> None:
    db.write([item(1, tags=["red", "blue"], size={"width": 3})], "shop")
    (found,) = db.read([key(1)], "shop", projection="name, tags[1], size.width")
    assert found == {"name": "item 1", "tags": ["blue"], "size": {"width": 3}}
    (found,) = db.read([key(1)], "shop", projection=Projection("#n", {"#n": "name"}))
    assert found == {"name": "item 1"}


def test_find_says_what_became_of_every_key(db: Connection) -> None:
    db.write([item(1)], "shop")
    wanted = [Key("shop", {"PK": {"S": "p1"}, "SK": {"N": str(number)}}) for number in (1, 8)]
    reports: list[Report] = []
    options = {"shop": TableOptions(Projection("SK"), consistent=True)}
    found = {
        each.key["SK"]["N"]: each.item for each in db.find(wanted, options, report=reports.append)
    }
    assert found == {"1": {"SK": {"N": "1"}}, "8": None}
    (report,) = reports
    assert (report.found, report.missing) == (1, 1)
    assert report.units.read == {"shop": 2.0}, "consistent reads, one unit each"


def test_find_takes_plain_keys_too(db: Connection) -> None:
    db.write(map(item, range(5)), "shop")
    found = list(db.find(map(key, range(8)), table="shop"))
    assert [each.origin.position for each in found] == [0] * 8
    assert sum(each.item is None for each in found) == 3
    with pytest.raises(UserError, match="plain keys need a table"):
        list(db.find([key(1)]))


def test_a_table_has_the_same_verbs(db: Connection) -> None:
    table = db.table("shop")
    assert table.write(item(number) for number in range(10)).written == 10
    assert table.get(key(3)) == item(3)
    assert table.get(key(3), consistent=True) == item(3)
    assert table.get(key(99)) is None
    report = table.delete([key(3), key(4)])
    assert (report.deleted, report.written) == (2, 0)
    assert numbers(table.read(map(key, range(10)))) == [0, 1, 2, 5, 6, 7, 8, 9]
    assert numbers(table.read([key(1)], projection="SK", consistent=True)) == [1]
    assert table.describe()["TableName"] == "shop"


def test_tables_are_listed_over_all_pages(db: Connection) -> None:
    for number in range(120):
        db.call("CreateTable", {**CREATE, "TableName": f"t{number:03}"})
    assert db.tables() == ["shop", *(f"t{number:03}" for number in range(120))]


def test_a_schema_is_forgotten_with_its_table(db: Connection) -> None:
    assert db.schema("shop").names == ("PK", "SK")
    db.call("DeleteTable", {"TableName": "shop"})
    hash_only = {
        **CREATE,
        "KeySchema": CREATE["KeySchema"][:1],
        "AttributeDefinitions": CREATE["AttributeDefinitions"][:1],
    }
    db.call("CreateTable", hash_only)
    assert db.write([{"PK": "a"}], "shop").written == 1


# Failures


def test_a_bad_item_does_not_stop_the_others(db: Connection) -> None:
    failures: list[Failure] = []
    items = [item(1), {"PK": "no sort key"}, item(2), {"PK": "a", "SK": "no number"}]
    report = db.write(items, "shop", on_failure=failures.append)
    assert (report.written, report.failed) == (2, 2)
    assert [str(each.origin) for each in failures] == ["input, item 2", "input, item 4"]
    assert not report.ok
    assert report.balanced


def test_half_of_a_surrogate_pair_is_one_bad_item(db: Connection) -> None:
    """Text that was decoded carelessly holds such halves; UTF-8 has no form for them."""
    report = db.write([item(1), item(2, note="\udcff"), item(3)], "shop")
    assert (report.written, report.failed) == (2, 1)


def test_an_unknown_table_is_an_error_and_what_came_before_is_written(db: Connection) -> None:
    with pytest.raises(CallError) as caught:
        db.write([put("a", table="shop"), put("b", table="nowhere")])
    assert caught.value.code == "ResourceNotFoundException"
    with pytest.raises(CallError):
        db.write([item(1)], "nowhere")
    with pytest.raises(CallError):
        list(db.read([key(1)], "nowhere"))
    with pytest.raises(CallError):
        db.table("nowhere").get(key(1))
    with pytest.raises(CallError):
        db.schema("nowhere")


def test_a_source_that_breaks_loses_nothing_that_it_gave(db: Connection) -> None:
    def source() -> Iterator[dict[str, Any]]:
        for number in range(777):
            yield item(number)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        db.write(source(), "shop")
    assert numbers(db.read(map(key, range(777)), "shop")) == list(range(777))


def test_an_item_without_a_dynamodb_form_ends_the_write_after_what_came_before(
    db: Connection,
) -> None:
    with pytest.raises(ConversionError, match="attribute 'price'"):
        db.write([item(1), item(2, price=float("nan")), item(3)], "shop")
    assert numbers(db.read(map(key, range(5)), "shop")) == [1]


def test_a_source_of_keys_that_breaks_is_told_to_the_reader(db: Connection) -> None:
    def source() -> Iterator[dict[str, Any]]:
        yield key(1)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError, match="the source broke"):
        list(db.read(source(), "shop"))


def test_plain_items_need_a_table(db: Connection) -> None:
    with pytest.raises(UserError, match="plain items need a table"):
        db.write([item(1)])
    with pytest.raises(UserError, match="plain keys need a table"):
        list(db.read([key(1)]))


def test_keys_that_cannot_be_read_are_an_error_after_everything_else(db: Connection) -> None:
    db.write([item(1)], "shop")
    found = db.read([key(1), {"PK": "p1"}], "shop")
    assert numbers([next(found)]) == [1]
    with pytest.raises(ReadError, match="1 of 2 keys could not be read: ValidationEx") as caught:
        next(found)
    assert (caught.value.report.found, caught.value.report.failed) == (1, 1)
    assert caught.value.report.balanced


def test_a_projection_that_the_service_refuses_is_an_error(db: Connection) -> None:
    db.write([item(1)], "shop")
    with pytest.raises(ReadError, match="Invalid ProjectionExpression"):
        list(db.read([key(1)], "shop", projection="two words"))


def test_a_target_that_gives_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pannier.library.connection.new_loop", VirtualTimeLoop)
    with connect(FakeService([THROTTLE] * 1000)) as db:
        report = db.write([{"PK": "a", "v": "1"}], TABLE, options=Options(give_up_after_s=60))
    assert (report.read, report.unresolved) == (1, 1)
    assert report.stopped.startswith("no progress for 60 s")


def test_a_read_that_is_stopped_by_the_service_ends_although_the_source_goes_on() -> None:
    with connect(FakeService([HOPELESS])) as db, pytest.raises(ReadError, match="gone"):
        list(db.read(({"PK": str(number)} for number in range(3000)), TABLE))


# Callbacks


def test_a_callback_that_raises_ends_the_write(db: Connection) -> None:
    def on_failure(failure: Failure) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        db.write([item(1), {"PK": "a"}], "shop", on_failure=on_failure)
    poisoned = FakeService()
    with connect(poisoned) as other, pytest.raises(OSError, match="disk full"):
        other.write([put("a", poison=True), put("b")], on_failure=on_failure)


def test_a_callback_that_uses_the_connection_is_told_so_instead_of_hanging(
    db: Connection,
) -> None:
    """It runs on the connection's own thread, which would wait for itself for ever."""
    with pytest.raises(UserError, match="by its own callbacks"):
        db.write([{"PK": "a"}], "shop", on_failure=lambda _: print(db.tables()))


# Threads and loops


def test_several_threads_share_a_connection(db: Connection) -> None:
    failures: list[BaseException] = []

    def work(first: int) -> None:
        try:
            mine = range(first, first + 300)
            assert db.write(map(item, mine), "shop").written == 300
            assert numbers(db.read(map(key, mine), "shop")) == list(mine)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 2400, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failures == []
    assert len(list(db.read(map(key, range(2400)), "shop"))) == 2400


def test_it_works_inside_a_running_loop_as_in_a_notebook(db: Connection) -> None:
    async def cell() -> list[dict[str, Any]]:
        db.write([item(1)], "shop")
        return list(db.read([key(1)], "shop"))

    assert asyncio.run(cell()) == [item(1)]


def test_sources_are_read_in_the_thread_of_the_caller(db: Connection) -> None:
    """They may hold a cursor of sqlite3, which belongs to one thread."""
    threads = set()

    def source() -> Iterator[dict[str, Any]]:
        for number in range(1000):
            threads.add(threading.current_thread())
            yield item(number)

    db.write(source(), "shop")
    list(db.read((key(each["SK"]) for each in source()), "shop"))
    assert threads == {threading.current_thread()}


# The end


class Slow(FakeService):
    """Answers after a moment of real time."""

    delay_s = 0.05

    def __init__(self) -> None:
        super().__init__()
        self.under_way = 0

    async def send(self, operation: str, body: bytes) -> Reply:
        self.under_way += 1
        try:
            if operation != "DescribeTable":
                await asyncio.sleep(self.delay_s)
            return await super().send(operation, body)
        finally:
            self.under_way -= 1


def test_an_interrupt_stops_sending_and_waits_for_what_is_in_flight(
    request: pytest.FixtureRequest,
) -> None:
    """Ctrl-C while the target works: the calls in flight end, nothing more is sent."""
    target = Slow()
    target.delay_s = 0.3
    main = threading.main_thread().ident
    assert main is not None
    timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
    # A shell that starts the tests in the background has SIGINT ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    request.addfinalizer(lambda: signal.signal(signal.SIGINT, before))
    # An exception that flies in a callback of the garbage collector (Hypothesis has one) is lost.
    gc.disable()
    request.addfinalizer(gc.enable)
    with connect(target) as db:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            db.write(({"PK": str(number), "v": "1"} for number in range(5000)), TABLE)
        assert target.under_way == 0
        assert len(target.calls) == 2, "those that were in flight: as many as a job begins with"
        assert db.write([{"PK": "after", "v": "1"}], TABLE).written == 1
    timer.join()


def test_an_interrupt_in_the_source_flies() -> None:
    def source() -> Iterator[dict[str, Any]]:
        for number in range(1200):
            yield {"PK": str(number), "v": "1"}
        raise KeyboardInterrupt

    target = Slow()
    with connect(target) as db:
        with pytest.raises(KeyboardInterrupt):
            db.write(source(), TABLE)
        assert target.under_way == 0
        assert 0 < len(target.items()) < 1200


def test_a_read_that_is_left_half_way_asks_for_nothing_more() -> None:
    target = Slow()
    with connect(target) as db:
        db.write([{"PK": str(number), "v": "1"} for number in range(900)], TABLE)
        writes = len(target.calls)
        found = db.read(
            [{"PK": str(number)} for number in range(900)], TABLE, options=Options(parallel=2)
        )
        next(found)
        found.close()  # type: ignore[attr-defined]
        assert target.under_way == 0
        asked = len(target.calls)
        assert asked - writes < 9
        time.sleep(3 * target.delay_s)
        assert len(target.calls) == asked


def test_a_closed_connection_says_so(db: Connection) -> None:
    unread = db.read([key(1)], "shop")
    db.close()
    db.close()
    for use in (
        lambda: db.write([item(1)], "shop"),
        lambda: list(db.read([key(1)], "shop")),
        lambda: next(unread),
        lambda: db.tables(),
        lambda: db.table("shop").get(key(1)),
        lambda: db.schema("shop"),
    ):
        with pytest.raises(UserError, match="the connection is closed"):
            use()


def test_a_read_may_be_dropped_after_its_connection() -> None:
    """Garbage collection closes the generator then; there is nothing left to stop."""
    with shop() as db:
        db.write(map(item, range(300)), "shop")
        found = db.read(map(key, range(300)), "shop")
        next(found)
    found.close()  # type: ignore[attr-defined]


def test_closing_ends_what_other_threads_have_under_way() -> None:
    target = Slow()
    target.delay_s = 30.0
    db = connect(target)
    ends: list[BaseException] = []

    def work() -> None:
        try:
            db.write([{"PK": str(number), "v": "1"} for number in range(500)], TABLE)
        except BaseException as error:
            ends.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    while not target.under_way:
        time.sleep(0.01)
    db.close()
    thread.join(10)
    assert not thread.is_alive()
    assert [str(end).partition("\n")[0] for end in ends] == ["the connection is closed"]
    assert target.under_way == 0


def test_a_target_that_cannot_be_closed_does_not_keep_the_thread() -> None:
    class Stuck(FakeService):
        async def close(self) -> None:
            raise OSError("stuck")

    db = connect(Stuck())
    with pytest.raises(OSError, match="stuck"):
        db.close()
    db.close()
