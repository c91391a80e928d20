"""What went through is remembered, as much of it as there is room for."""

import asyncio
from typing import Any

import orjson
import pytest

from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.targets import recording
from pannier.targets.recording import CALLS_MAX, RecordingTarget


class _Scripted:
    """Answers what it is told to."""

    name = "scripted"
    late_effect_s = 3.0

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.closed = False

    async def send(self, operation: str, body: bytes) -> Reply:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return Reply(200 if "__type" not in answer else 400, orjson.dumps(answer))

    async def close(self) -> None:
        self.closed = True


def _sent(target: RecordingTarget, *bodies: Any, operation: str = "BatchWriteItem") -> None:
    async def send() -> None:
        for body in bodies:
            await target.send(operation, orjson.dumps(body))

    asyncio.run(send())


def test_a_call_with_leftovers() -> None:
    times = iter((1.0, 1.25))
    answer = {
        "UnprocessedItems": {"T": [{}, {}]},
        "ConsumedCapacity": [{"CapacityUnits": 2.0}, {"CapacityUnits": 0.5}],
    }
    target = RecordingTarget(_Scripted(answer), lambda: next(times))
    _sent(target, {"RequestItems": {"T": [{}, {}, {}], "U": [{}]}})
    (call,) = target.calls
    assert (call.number, call.operation, call.operations, call.status) == (
        1,
        "BatchWriteItem",
        4,
        200,
    )
    assert (call.outcome, call.leftovers, call.units, call.latency_s) == ("done", 2, 2.5, 0.25)
    assert orjson.loads(call.answer) == answer
    assert (call.sent_bytes, call.received_bytes) == (len(call.request), len(call.answer))
    assert (target.name, target.late_effect_s) == ("scripted", 3.0)


def test_a_read_that_was_refused_and_one_that_is_left_over() -> None:
    left = {"Responses": {}, "UnprocessedKeys": {"T": {"Keys": [{}]}}}
    target = RecordingTarget(_Scripted({"__type": "a#Odd", "message": "why"}, left))
    _sent(target, {"RequestItems": {"T": {"Keys": [{}, {}]}}}, {}, operation="BatchGetItem")
    refused, answered = target.calls
    assert (refused.outcome, refused.status, refused.operations) == ("Odd: why", 400, 2)
    assert (answered.leftovers, answered.operations) == (1, 0)


def test_a_call_without_an_answer() -> None:
    target = RecordingTarget(_Scripted(OutcomeUnknownError("silence")))
    with pytest.raises(OutcomeUnknownError):
        _sent(target, {"RequestItems": {}})
    (call,) = target.calls
    assert (call.outcome, call.status, call.answer) == ("silence", 0, b"")


def test_other_operations_pass_unseen_and_the_target_stays_open() -> None:
    inner = _Scripted({})
    target = RecordingTarget(inner)
    _sent(target, {}, operation="DescribeTable")
    asyncio.run(target.close())
    assert not target.calls
    assert not inner.closed


def test_what_is_no_json_is_recorded_all_the_same() -> None:
    target = RecordingTarget(_Scripted({}))
    asyncio.run(target.send("BatchWriteItem", b"{"))
    asyncio.run(target.send("BatchWriteItem", b"[]"))
    assert [call.operations for call in target.calls] == [0, 0]


def test_only_the_last_calls_are_kept() -> None:
    target = RecordingTarget(_Scripted({}))
    _sent(target, *({"n": number} for number in range(CALLS_MAX + 3)))
    assert (target.count, len(target.calls), target.calls[0].number) == (
        CALLS_MAX + 3,
        CALLS_MAX,
        4,
    )


def test_texts_are_kept_as_long_as_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_BYTES_MAX", 250)
    target = RecordingTarget(_Scripted({}))
    _sent(target, *({"text": "x" * 80} for _ in range(4)))
    assert [bool(call.request) for call in target.calls] == [False, False, True, True]
    assert all(call.sent_bytes > 80 for call in target.calls)
