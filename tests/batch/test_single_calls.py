"""Single calls: repeated a few times when throttled or broken, errors as exceptions."""

import asyncio

import orjson
import pytest

from pannier.batch.calls import CallError, Schemas, call
from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from tests.batch.fake_service import BROKEN, GONE, TABLE, THROTTLED, FakeService
from tests.batch.virtual_time import run

GOOD = Reply(200, b'{"TableNames":[]}')
SLOW_DOWN = Reply(400, orjson.dumps(THROTTLED), retry_after_s=3.0)


class Scripted:
    """Gives its answers one after another; an exception among them is raised."""

    name = "scripted"

    def __init__(self, *answers: Reply | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, bytes]] = []

    async def send(self, operation: str, body: bytes) -> Reply:
        self.sent.append((operation, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass


def test_a_good_answer_is_decoded() -> None:
    target = Scripted(GOOD)
    assert run(call(target, "ListTables", {"Limit": 5})) == {"TableNames": []}
    assert target.sent == [("ListTables", b'{"Limit":5}')]


@pytest.mark.parametrize(
    "trouble",
    [SLOW_DOWN, Reply(500, orjson.dumps(BROKEN)), Reply(502, b"<html>"), OutcomeUnknownError("x")],
)
def test_trouble_is_repeated(trouble: Reply | Exception) -> None:
    target = Scripted(trouble, trouble, GOOD)
    assert run(call(target, "ListTables", {})) == {"TableNames": []}
    assert len(target.sent) == 3


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    async def timed() -> float:
        await call(Scripted(SLOW_DOWN, GOOD), "ListTables", {})
        return asyncio.get_running_loop().time()

    assert run(timed()) == pytest.approx(3.0)


def test_trouble_without_end_is_an_error() -> None:
    target = Scripted(SLOW_DOWN)
    with pytest.raises(CallError) as caught:
        run(call(target, "ListTables", {}))
    assert caught.value.code == "ProvisionedThroughputExceededException"
    assert 2 <= len(target.sent) <= 10
    with pytest.raises(OutcomeUnknownError):
        run(call(Scripted(OutcomeUnknownError("x")), "ListTables", {}))


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "ValidationException"])
def test_a_refusal_is_not_repeated(code: str) -> None:
    target = Scripted(Reply(400, orjson.dumps({"__type": f"a#{code}", "message": "No: never"})))
    with pytest.raises(CallError, match=f"{code}: No: never") as caught:
        run(call(target, "GetItem", {"TableName": "shop"}))
    error = caught.value
    assert (error.code, error.message, error.operation) == (code, "No: never", "GetItem")
    assert error.request == {"TableName": "shop"}
    assert len(target.sent) == 1


def test_nobody_there_is_told_at_once() -> None:
    target = Scripted(TargetUnreachableError("nobody"))
    with pytest.raises(TargetUnreachableError):
        run(call(target, "ListTables", {}))
    assert len(target.sent) == 1


def test_schemas_are_asked_for_once_until_they_are_forgotten() -> None:
    asked = []

    class Counting(FakeService):
        async def send(self, operation: str, body: bytes) -> Reply:
            asked.append(operation)
            return await super().send(operation, body)

    async def load() -> None:
        schemas = Schemas(Counting())
        first = await schemas.load(TABLE)
        assert await schemas.load(TABLE) is first
        assert first.names == ("PK",)
        assert len(asked) == 1
        schemas.forget(TABLE)
        await schemas.load(TABLE)
        assert len(asked) == 2
        schemas.forget("never known")

    run(load())


def test_a_table_that_does_not_exist_is_not_remembered() -> None:
    """It may be made a moment later."""

    async def load() -> None:
        target = Scripted(
            Reply(400, orjson.dumps(GONE)),
            await FakeService().send("DescribeTable", orjson.dumps({"TableName": TABLE})),
        )
        schemas = Schemas(target)
        with pytest.raises(CallError):
            await schemas.load(TABLE)
        assert (await schemas.load(TABLE)).names == ("PK",)

    run(load())


def test_with_patience_a_target_that_nobody_can_reach_is_waited_for() -> None:
    away = TargetUnreachableError("away")
    answers = [away] * 12 + [OutcomeUnknownError("lost"), SLOW_DOWN, GOOD]
    target = Scripted(*answers)
    assert run(call(target, "ListTables", {}, patience_s=600)) == {"TableNames": []}
    assert len(target.sent) == 15


def test_patience_ends() -> None:
    async def ask() -> float:
        with pytest.raises(TargetUnreachableError):
            await call(Scripted(TargetUnreachableError("away")), "ListTables", {}, patience_s=60)
        return asyncio.get_running_loop().time()

    assert 60 <= run(ask()) < 60 + 20  # the longest wait
