"""A target that remembers the batch calls that went through it: what was sent, and what came back.

Memory is bounded: the last calls are kept, and as much of their texts as there is room for.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import Reply, Target, late_effect_s
from pannier.errors import PannierError
from pannier.limits import MIB

CALLS_MAX: Final = 500
_BYTES_MAX: Final = 16 * MIB
_RECORDED: Final = frozenset({"BatchWriteItem", "BatchGetItem"})


@dataclass(slots=True)
class Call:
    """One call.

    Attributes:
        number: counted from 1.
        operation: its name in the API.
        operations: how many writes or keys it holds.
        status: of HTTP; 0 if no answer came.
        outcome: `done`, or the error in the service's words.
        leftovers: how many came back unprocessed.
        units: what it consumed.
        latency_s: from the request to the answer.
        request: what was sent; empty once there is no room for it.
        answer: what came back; likewise.
        sent_bytes: the size of the request.
        received_bytes: the size of the answer.
    """

    number: int
    operation: str
    operations: int
    status: int
    outcome: str
    leftovers: int
    units: float
    latency_s: float
    request: bytes
    answer: bytes
    sent_bytes: int
    received_bytes: int


class RecordingTarget:
    """Another target, with a memory.

    Args:
        target: where calls go; not closed with this one.
        clock: seconds since any moment.

    Attributes:
        calls: the last of them.
        count: how many there were.
    """

    def __init__(self, target: Target, clock: Callable[[], float] = time.perf_counter) -> None:
        self._target = target
        self._clock = clock
        self.late_effect_s = late_effect_s(target)
        self.calls: deque[Call] = deque(maxlen=CALLS_MAX)
        self.count = 0
        self._kept_bytes = 0

    @property
    def name(self) -> str:
        """How the target is shown to the user."""
        return self._target.name

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send a request; what becomes of it is noted.

        Raises:
            PannierError: whatever the other target raises.
        """
        if operation not in _RECORDED:
            return await self._target.send(operation, body)
        started_s = self._clock()
        try:
            reply = await self._target.send(operation, body)
        except PannierError as error:
            self._note(operation, body, None, str(error), self._clock() - started_s)
            raise
        self._note(operation, body, reply, "", self._clock() - started_s)
        return reply

    async def close(self) -> None:
        """Nothing: the other target is somebody else's."""

    def _note(
        self, operation: str, body: bytes, reply: Reply | None, error: str, latency_s: float
    ) -> None:
        self.count += 1
        answer: dict[str, Any] = {}
        if reply is not None:
            judgement = judge(reply)
            answer = judgement.body
            error = "done" if judgement.verdict is Verdict.DONE else judgement.reason
        content = reply.body if reply is not None else b""
        if len(self.calls) == self.calls.maxlen:
            self._forget(self.calls[0])
        call = Call(
            number=self.count,
            operation=operation,
            operations=_count(_request_items(body)),
            status=reply.status if reply is not None else 0,
            outcome=error,
            leftovers=_count(answer.get("UnprocessedItems") or answer.get("UnprocessedKeys")),
            units=_units(answer.get("ConsumedCapacity")),
            latency_s=latency_s,
            request=body,
            answer=content,
            sent_bytes=len(body),
            received_bytes=len(content),
        )
        self.calls.append(call)
        self._kept_bytes += len(body) + len(content)
        for old in self.calls:  # the oldest texts go first
            if self._kept_bytes <= _BYTES_MAX or old is call:
                break
            self._forget(old)

    def _forget(self, call: Call) -> None:
        self._kept_bytes -= len(call.request) + len(call.answer)
        call.request = call.answer = b""


def _request_items(body: bytes) -> object:
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return request.get("RequestItems") if isinstance(request, dict) else None


def _count(requests: object) -> int:
    """How many writes or keys a map of tables holds."""
    if not isinstance(requests, dict):
        return 0
    count = 0
    for each in requests.values():
        elements = each.get("Keys") if isinstance(each, dict) else each
        count += len(elements) if isinstance(elements, list) else 0
    return count


def _units(consumed: object) -> float:
    entries = consumed if isinstance(consumed, list) else []
    return sum(float(each.get("CapacityUnits") or 0) for each in entries if isinstance(each, dict))
