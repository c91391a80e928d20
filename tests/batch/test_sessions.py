"""Jobs at work on an event loop: calls in flight, backpressure, and what happens when things break.

Time is virtual, so the waits of backoff cost nothing and a hang shows at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from pannier.batch.calls import CallError, Schemas
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.prepared import prepare_write
from pannier.batch.reads.read import Key, Reading, TableOptions
from pannier.batch.report import Failure, Report
from pannier.batch.sessions import Session
from pannier.batch.target import Reply, TargetUnreachableError
from pannier.batch.writes.write import Writing
from pannier.batch.writes.write_batch import WriteBatch
from tests.batch.fake_service import (
    HOPELESS,
    OTHER,
    SCHEMA,
    TABLE,
    THROTTLE,
    FakeService,
    item,
    leave,
    put,
)
from tests.batch.virtual_time import run


class Watched(FakeService):
    """Counts the calls in flight; `before` is awaited in each."""

    def __init__(self, *arguments: object, before: Callable[[], Awaitable[None]] | None = None):
        super().__init__(*arguments)
        self.now = 0
        self.most = 0
        self.before = before

    async def send(self, operation: str, body: bytes) -> Reply:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if self.before is not None and operation != "DescribeTable":
                await self.before()
            return await super().send(operation, body)
        finally:
            self.now -= 1


def numbered(count: int) -> list[Operation]:
    return [put(f"k{number}", str(number)) for number in range(count)]


def writing(service: FakeService, **options: float) -> Writing:
    return Writing(service, Schemas(service), Options(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("parallel", [1, 3, 8])
def test_as_many_calls_are_in_flight_as_allowed_and_no_more(parallel: int) -> None:
    service = Watched()

    async def write() -> None:
        under_way = writing(service, parallel=parallel)
        await under_way.feed(numbered(500))
        await under_way.finish()

    run(write())
    assert service.most == parallel
    assert len(service.items()) == 500


def test_feeding_waits_while_the_target_is_slow() -> None:
    """A source of millions must not end up in memory."""

    async def write() -> int:
        gate = asyncio.Event()
        service = Watched(before=gate.wait)
        under_way = writing(service)
        taken = 0

        def source() -> object:
            nonlocal taken
            for operation in numbered(10_000):
                taken += 1
                yield operation

        feeding = asyncio.create_task(under_way.feed(source()))  # type: ignore[arg-type]
        await asyncio.sleep(60)
        taken_by_then = taken
        gate.set()
        await feeding
        report = await under_way.finish()
        assert report.balanced
        assert report.written == 10_000
        return taken_by_then

    assert 200 <= run(write()) <= 2500


def test_backoff_is_slept_and_reported() -> None:
    async def write() -> None:
        service = FakeService([THROTTLE, leave(3), THROTTLE])
        under_way = writing(service)
        loop = asyncio.get_running_loop()
        await under_way.feed(numbered(25))
        began_s = loop.time()
        report = await under_way.finish()
        assert report.written == 25
        assert report.waited_s > 0
        took_s = loop.time() - began_s
        assert took_s == pytest.approx(report.waited_s + 0.01 * report.calls, abs=1e-6)
        assert report.elapsed_s == pytest.approx(took_s, abs=1e-6), "on the same clock"
        assert report.latency_s(99) == pytest.approx(0.01, rel=0.001)

    run(write())


def test_nothing_to_do_is_done_at_once() -> None:
    report = run(_finished(writing, []))
    assert (report.read, report.calls) == (0, 0)
    assert report.ok


async def _finished(make: Callable[..., Writing], operations: list[Operation]) -> object:
    under_way = make(FakeService())
    await under_way.feed(operations)
    return await under_way.finish()


def test_a_table_that_does_not_exist_is_told_when_it_is_met() -> None:
    """What came before it is taken; the operation itself and what follows is not."""

    async def write() -> None:
        service = FakeService()
        under_way = writing(service)
        with pytest.raises(CallError) as caught:
            await under_way.feed([put("a"), put("b", table="nowhere"), put("c")])
        assert caught.value.code == "ResourceNotFoundException"
        assert caught.value.request == {"TableName": "nowhere"}
        report = await under_way.finish()
        assert (report.read, report.written) == (1, 1)

    run(write())


class Away(FakeService):
    """Nobody can reach it when it is asked for the second table, for some time."""

    def __init__(self, *arguments: object, back_at_s: float) -> None:
        super().__init__(*arguments)
        self.back_at_s = back_at_s

    async def send(self, operation: str, body: bytes) -> Reply:
        is_late = operation == "DescribeTable" and OTHER.encode() in body
        if is_late and asyncio.get_running_loop().time() < self.back_at_s:
            raise TargetUnreachableError("away")
        return await super().send(operation, body)


def test_a_table_that_is_met_while_the_target_is_away_is_waited_for() -> None:
    """Not only batches are repeated: a job of hours must not end because of one description."""
    operations = [*numbered(60), put("k", "1", table=OTHER), *numbered(60)]
    service = Away(back_at_s=100.0)
    report = run(_finished(lambda _: writing(service, give_up_after_s=300.0), operations))
    assert report.ok
    assert (report.read, len(service.items()), len(service.items(OTHER))) == (121, 60, 1)

    service = Away(back_at_s=1e6)
    with pytest.raises(TargetUnreachableError):
        run(_finished(lambda _: writing(service, give_up_after_s=300.0), operations))


def test_keys_of_a_table_that_is_met_while_the_target_is_away_are_waited_for() -> None:
    async def read() -> Report:
        service = Away(back_at_s=100.0)
        options = Options(give_up_after_s=300.0)
        under_way = Reading(service, Schemas(service), options, {}, TableOptions())
        both = [*keys(5), Key(OTHER, {"PK": {"S": "k"}})]
        await under_way.exchange(both, last=False)
        while not under_way.done:
            await under_way.exchange((), last=True)
        return under_way.report

    report = run(read())
    assert (report.ok, report.missing) == (True, 6)


def test_a_table_is_described_once() -> None:
    described = []

    class Counting(FakeService):
        async def send(self, operation: str, body: bytes) -> Reply:
            described.extend([operation] if operation == "DescribeTable" else [])
            return await super().send(operation, body)

    async def write() -> None:
        service = Counting()
        schemas = Schemas(service)
        for _ in range(2):
            under_way = Writing(service, schemas, Options())
            await under_way.feed(numbered(60))
            await under_way.finish()

    run(write())
    assert described == ["DescribeTable"]


def test_a_table_that_is_forgotten_meanwhile_does_not_break_the_write() -> None:
    """Another thread of the connection may delete and make tables at any time."""

    async def write() -> None:
        service = FakeService([leave(5)])
        schemas = Schemas(service)
        under_way = Writing(service, schemas, Options())
        await under_way.feed(numbered(25))
        schemas.forget(TABLE)
        report = await under_way.finish()
        assert report.written == 25

    run(write())


def test_stopping_waits_for_what_is_in_flight() -> None:
    async def write() -> None:
        service = Watched()
        under_way = writing(service, parallel=2)
        await under_way.feed(numbered(100))
        await asyncio.sleep(0)
        report = await under_way.stop("interrupted")
        assert service.now == 0
        assert (report.written, report.unresolved) == (50, 50)
        assert report.balanced
        assert len(service.items()) == 50

    run(write())


def test_stopping_does_not_wait_for_backoff() -> None:
    async def write() -> None:
        service = FakeService([THROTTLE] * 1000)
        under_way = writing(service)
        await under_way.feed(numbered(25))
        await asyncio.sleep(5)
        before_s = asyncio.get_running_loop().time()
        report = await under_way.stop("interrupted")
        assert asyncio.get_running_loop().time() - before_s < 0.1
        assert report.unresolved == 25

    run(write())


# Defects: whatever breaks must fly to the caller, and nothing may hang


class BrokenTargetError(Exception):
    pass


class Broken(FakeService):
    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "DescribeTable":
            return await super().send(operation, body)
        await asyncio.sleep(0.01)
        raise BrokenTargetError


@pytest.mark.parametrize("count", [5, 25, 400])
def test_a_defect_of_the_target_flies_each_time_the_write_is_asked_for_its_end(count: int) -> None:
    async def write() -> None:
        under_way = writing(Broken())
        await under_way.feed(numbered(count))
        for _ in range(3):
            with pytest.raises(BrokenTargetError):
                await asyncio.wait_for(under_way.finish(), 1000)
        with pytest.raises(BrokenTargetError):
            await asyncio.wait_for(under_way.stop("interrupted"), 1000)

    run(write())


def test_a_defect_is_told_to_who_feeds() -> None:
    async def write() -> None:
        with pytest.raises(BrokenTargetError):
            await asyncio.wait_for(writing(Broken()).feed(numbered(10_000)), 1000)

    run(write())


def test_nothing_more_is_sent_after_a_defect() -> None:
    calls = 0

    class Counting(Broken):
        async def send(self, operation: str, body: bytes) -> Reply:
            nonlocal calls
            calls += operation != "DescribeTable"
            return await super().send(operation, body)

    async def write() -> None:
        under_way = writing(Counting(), parallel=2)
        await under_way.feed(numbered(400))
        with pytest.raises(BrokenTargetError):
            await asyncio.wait_for(under_way.finish(), 1000)
        await asyncio.sleep(10)

    run(write())
    assert calls == 2


def test_a_callback_that_raises_ends_the_write() -> None:
    """For example a failures file on a full disk."""

    def on_failure(failure: Failure) -> None:
        raise OSError("disk full")

    async def write() -> None:
        service = FakeService([HOPELESS])
        under_way = Writing(service, Schemas(service), Options(), on_failure)
        await under_way.feed(numbered(25))
        for _ in range(2):
            with pytest.raises(OSError, match="disk full"):
                await asyncio.wait_for(under_way.finish(), 1000)

    run(write())


def test_a_journal_and_a_failures_file_without_room_end_the_write(tmp_path: Path) -> None:
    """The journal's trouble stops the job from outside of any answer; what is left is listed then,
    and what goes wrong with that must fly to whoever waits, too."""

    def on_failure(failure: Failure) -> None:
        raise OSError("disk full")

    async def write() -> None:
        journal = JobJournal.begin(tmp_path / "the.journal")
        service = FakeService([leave(25)] * 10_000)
        under_way = Writing(service, Schemas(service), Options(), on_failure, journal=journal)
        await under_way.feed(numbered(25))
        journal.close()  # every write fails from now on
        with pytest.raises(OSError, match="disk full"):
            await asyncio.wait_for(under_way.finish(), 1000)

    run(write())


def test_a_cancelled_call_does_not_leave_the_write_waiting() -> None:
    """For example because the loop is shut down."""

    class Cancelled(Broken):
        async def send(self, operation: str, body: bytes) -> Reply:
            if operation == "DescribeTable":
                return await FakeService.send(self, operation, body)
            raise asyncio.CancelledError

    async def write() -> None:
        under_way = writing(Cancelled())
        await under_way.feed(numbered(25))
        with pytest.raises(asyncio.CancelledError):
            await under_way.finish()
        assert asyncio.get_running_loop().time() < 1

    run(write())


# Reading


def stocked(count: int, *fates: object) -> FakeService:
    service = FakeService(fates)  # type: ignore[arg-type]
    for number in range(count):
        content = item(f"k{number}", str(number))
        service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
    return service


def keys(count: int) -> list[Key]:
    return [Key(TABLE, {"PK": {"S": f"k{number}"}}) for number in range(count)]


def reading(service: FakeService) -> Reading:
    return Reading(service, Schemas(service), Options(), {}, TableOptions())


def test_results_are_taken_while_more_keys_come() -> None:
    async def read() -> None:
        under_way = reading(stocked(20_000))
        results, most = 0, 0
        for start in range(0, 20_000, 500):
            found = await under_way.exchange(keys(20_000)[start : start + 500], last=False)
            results += len(found)
            most = max(most, len(found))
        before_the_end = results
        while not under_way.done:
            results += len(await asyncio.wait_for(under_way.exchange((), last=True), 1000))
        assert results == 20_000
        assert before_the_end > 10_000, "results come while keys are fed"
        assert most <= 8500
        assert under_way.report.ok
        assert under_way.report.elapsed_s > 0

    run(read())


def test_a_read_that_was_stopped_by_the_service_takes_further_keys_without_waiting() -> None:
    """The source goes on; its keys are unresolved, and the call returns."""

    async def read() -> None:
        under_way = reading(stocked(1000, HOPELESS))
        for start in range(0, 1000, 100):
            chunk = keys(1000)[start : start + 100]
            await asyncio.wait_for(under_way.exchange(chunk, last=False), 1000)
            await asyncio.sleep(1)
        while not under_way.done:
            await asyncio.wait_for(under_way.exchange((), last=True), 1000)
        report = under_way.report
        assert report.balanced
        assert (report.failed, report.unresolved) == (100, 900)

    run(read())


def test_a_defect_of_the_target_flies_to_who_reads() -> None:
    async def read() -> None:
        under_way = reading(Broken())
        await under_way.exchange(keys(5), last=False)
        for _ in range(2):
            with pytest.raises(BrokenTargetError):
                await asyncio.wait_for(under_way.exchange((), last=True), 1000)
        with pytest.raises(BrokenTargetError):
            await asyncio.wait_for(under_way.stop("interrupted"), 1000)

    run(read())


def test_each_table_is_read_in_its_own_way() -> None:
    async def read() -> None:
        service = stocked(1)
        under_way = Reading(
            service,
            Schemas(service),
            Options(),
            {"stock": TableOptions(consistent=True)},
            TableOptions(),
        )
        await under_way.exchange(
            [*keys(1), Key("stock", {"PK": {"S": "k0"}})],
            last=True,
        )
        request = service.requests[0]["RequestItems"]
        assert "ConsistentRead" not in request[TABLE]
        assert request["stock"]["ConsistentRead"] is True

    run(read())


class Opens:
    """A job with one call, which may be sent from a certain moment on. `wake_s` says when."""

    operation = "BatchWriteItem"
    has_room = False

    def __init__(self, opens_s: float) -> None:
        self.report = Report("write")
        self.done = False
        self._opens_s = opens_s
        self._sent = False

    def end_input(self) -> None:
        """There is none."""

    def next_batch(self, now_s: float) -> WriteBatch | None:
        if self._sent or now_s < self._opens_s:
            return None
        self._sent = True
        return WriteBatch([prepare_write(put("a", "1"), SCHEMA)])

    def wake_s(self, now_s: float) -> float | None:
        return self._opens_s if now_s < self._opens_s else None

    def answered(self, *_: object) -> None:
        self.done = True


def test_a_moment_that_comes_while_the_job_is_asked_is_not_missed() -> None:
    """Between asking for a batch and asking when there will be one, time goes on."""
    now_s = 0.0

    def ticking() -> float:
        nonlocal now_s
        now_s += 0.001
        return now_s

    async def work() -> None:
        for opens_ms in range(1, 40):
            nonlocal now_s
            now_s = 0.0
            job = Opens(opens_ms / 1000 + 0.0005)
            session = Session(job, FakeService(), ticking)  # type: ignore[arg-type]
            await asyncio.wait_for(session.finish(), 60)

    run(work())


def test_a_table_is_described_once_with_a_budget_too() -> None:
    described = []

    class Asked(FakeService):
        async def send(self, operation: str, body: bytes) -> Reply:
            if operation == "DescribeTable":
                described.append(body)
            return await super().send(operation, body)

    async def work() -> None:
        job = writing(Asked(), write_units=100)
        await job.feed(numbered(30))
        assert (await job.finish()).written == 30

    run(work())
    assert len(described) == 1
