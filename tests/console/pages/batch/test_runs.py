"""Runs: everything is accounted for, every call is kept, and a cancelled run loses nothing."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from pannier.batch.options import Options
from pannier.batch.target import Reply, TargetUnreachableError
from pannier.console.pages.batch import runs
from pannier.console.pages.batch.reading import read_draft
from pannier.console.pages.batch.runs import BatchRun, Phase, Run
from pannier.console.pages.batch.single_call import SingleCall
from pannier.library.aio import AsyncConnection
from tests.console.pages.batch.shop import REQUEST, TABLE, key, put, shop

_Result = TypeVar("_Result")


def _draft(request: Any, name: str = "editor", table: str | None = None) -> Any:
    text = request if isinstance(request, str) else json.dumps(request, indent=1)
    return read_draft(text, name, table)


def _on_shop(work: Callable[[AsyncConnection], Awaitable[_Result]]) -> _Result:
    async def use() -> _Result:
        async with shop() as connection:
            return await asyncio.wait_for(work(connection), 30)

    return asyncio.run(use())


async def _done(run: Run) -> Run:
    run.start()
    await run.ended()
    return run


def test_thirty_are_written_in_two_calls() -> None:
    async def work(connection: AsyncConnection) -> BatchRun:
        run = BatchRun(connection.target, _draft({TABLE: [put(n) for n in range(30)]}), Options())
        await _done(run)
        items = await connection.call("Scan", {"TableName": TABLE})
        assert items["Count"] == 30
        return run

    run = _on_shop(work)
    assert run.phase is Phase.ENDED
    assert run.report is not None
    assert run.report.balanced
    assert (run.report.written, run.report.calls) == (30, 2)
    assert sorted(call.operations for call in run.recording.calls) == [5, 25]
    assert sum(call.units for call in run.recording.calls) == 30


def test_what_fails_is_listed_with_its_line() -> None:
    requests = [put(1), put(2, n={"N": "x"}), {"PutRequest": 5}, {"DeleteRequest": {"Key": key(3)}}]

    async def work(connection: AsyncConnection) -> Run:
        return await _done(BatchRun(connection.target, _draft({TABLE: requests}), Options()))

    run = _on_shop(work)
    report = run.report
    assert report is not None
    assert report.balanced
    assert (report.read, report.written, report.deleted, report.failed) == (4, 1, 1, 2)
    assert {(each.kind, each.origin.position) for each in run.failures} == {
        ("put", 2),
        ("parse", 3),
    }
    assert all(each.origin.line for each in run.failures)


def test_a_read_finds_and_misses() -> None:
    async def work(connection: AsyncConnection) -> Run:
        await connection.call("PutItem", {"TableName": TABLE, "Item": put(1)["PutRequest"]["Item"]})
        keys = {TABLE: {"Keys": [key(1), key(2), 7], "ProjectionExpression": "SK"}}
        return await _done(BatchRun(connection.target, _draft(keys), Options()))

    run = _on_shop(work)
    assert run.found.items == [(TABLE, {"SK": {"S": "x"}})]
    assert [(table, attributes) for table, attributes, _ in run.found.missing] == [(TABLE, key(2))]
    assert [each.kind for each in run.failures] == ["parse"]
    assert run.report is not None
    assert run.report.balanced


def test_what_is_found_is_kept_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "ITEMS_KEPT_MAX", 2)

    async def work(connection: AsyncConnection) -> Run:
        await _done(
            BatchRun(connection.target, _draft({TABLE: [put(n) for n in range(5)]}), Options())
        )
        keys = {TABLE: {"Keys": [key(n) for n in range(5)]}}
        return await _done(BatchRun(connection.target, _draft(keys), Options()))

    run = _on_shop(work)
    assert (len(run.found.items), run.found.left_out) == (2, 3)


class _Held:
    """A target whose answers wait, and that says when the first call has come."""

    name = "held"
    late_effect_s = 0.0

    def __init__(self, connection: AsyncConnection) -> None:
        self._target = connection.target
        self.came = asyncio.Event()
        self.go = asyncio.Event()

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation.startswith("Batch"):
            self.came.set()
            await self.go.wait()
        return await self._target.send(operation, body)

    async def close(self) -> None:
        """Nothing."""


def test_a_cancelled_run_lists_what_was_not_sent() -> None:
    async def work(connection: AsyncConnection) -> Run:
        target = _Held(connection)
        draft = _draft({TABLE: [put(n) for n in range(60)]})
        run = BatchRun(target, draft, Options(parallel=1))
        run.start()
        await target.came.wait()
        run.cancel()
        await asyncio.sleep(0)
        target.go.set()
        await run.ended()
        return run

    run = _on_shop(work)
    report = run.report
    assert run.phase is Phase.CANCELLED
    assert report is not None
    assert report.balanced
    assert (report.written, report.unresolved, report.stopped) == (25, 35, "cancelled")
    assert len(run.failures) == 35
    assert {each.reason for each in run.failures} == {"cancelled"}


def test_a_cancelled_read_lists_the_keys_that_were_not_read() -> None:
    async def work(connection: AsyncConnection) -> Run:
        target = _Held(connection)
        draft = _draft({TABLE: {"Keys": [key(n) for n in range(150)]}})
        run = BatchRun(target, draft, Options(parallel=1))
        run.start()
        await target.came.wait()
        run.cancel()
        await asyncio.sleep(0)
        target.go.set()
        await run.ended()
        return run

    run = _on_shop(work)
    assert run.phase is Phase.CANCELLED
    assert run.report is not None
    assert len(run.failures) == 50
    assert run.report.unresolved == 50


def test_a_run_that_breaks_says_why() -> None:
    class Gone:
        name = "gone"

        async def send(self, operation: str, body: bytes) -> Reply:
            raise TargetUnreachableError("nobody answers")

        async def close(self) -> None:
            """Nothing."""

    run = asyncio.run(_done(BatchRun(Gone(), _draft({TABLE: [put(1)]}), Options())))
    assert run.phase is Phase.BROKEN
    assert isinstance(run.error, TargetUnreachableError)


def test_one_call_exactly_as_it_stands() -> None:
    async def work(connection: AsyncConnection) -> list[SingleCall]:
        large = SingleCall(connection.target, _draft({TABLE: [put(n) for n in range(30)]}))
        small = SingleCall(connection.target, _draft({TABLE: [put(1)]}))
        reading = SingleCall(connection.target, _draft({TABLE: {"Keys": [key(1)]}}))
        for run in (large, small, reading):
            await _done(run)
        return [large, small, reading]

    large, small, reading = _on_shop(work)
    assert large.judgement is not None
    assert large.judgement.reason.startswith("ValidationException: 1 validation error")
    assert large.recording.calls[0].operations == 30
    assert large.recording.calls[0].status == 400
    assert small.judgement is not None
    assert small.judgement.body["UnprocessedItems"] == {}
    assert small.recording.calls[0].request.startswith(b'{"RequestItems":{\n "shop": [\n')
    assert reading.found.items == [(TABLE, key(1))]


def test_items_are_made_into_one_call() -> None:
    async def work(connection: AsyncConnection) -> SingleCall:
        draft = _draft('{"PK": "a", "SK": "b"}\n{"PK": \n', "editor", TABLE)
        run = SingleCall(connection.target, draft)
        await _done(run)
        return run

    run = _on_shop(work)
    assert json.loads(run.recording.calls[0].request)["RequestItems"] == {
        TABLE: [{"PutRequest": {"Item": {"PK": {"S": "a"}, "SK": {"S": "b"}}}}]
    }


def test_the_table_of_these_tests_is_what_they_say() -> None:
    assert REQUEST["TableName"] == TABLE
