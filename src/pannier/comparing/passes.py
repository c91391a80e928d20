"""One pass over all items or keys, in one of several ways, measured call by call.

Every way sends through the same target, and is measured at the same place: from a request's JSON
to its answer. Bytes are those of the JSON; what HTTP and the signature add to each call is not in
them, so single calls come off better here than on the wire.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import orjson

from pannier.batch.calls import CallError
from pannier.batch.operation import Operation
from pannier.batch.pace.backoff import Backoff
from pannier.batch.prepared import PreparedWrite, prepare_write
from pannier.batch.reads.projection import Projection
from pannier.batch.report import Report
from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import OutcomeUnknownError, Target
from pannier.batch.writes.packing import encode_by_table, fill
from pannier.limits import BATCH_GET_KEYS_MAX, BATCH_WRITE_OPERATIONS_MAX
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
_ATTEMPTS_MAX: Final = 20


class Pass:
    """Calls of one pass, and their report.

    Args:
        target: where they go.
        operation: `write` or `read`.
        clock: seconds since any moment.
        sleep: waits, after a throttled call.
    """

    def __init__(
        self,
        target: Target,
        operation: str,
        clock: Clock = time.perf_counter,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.report = Report(operation)
        self._target = target
        self._clock = clock
        self._sleep = sleep
        self._began_s = clock()

    async def call(self, operation: str, body: bytes, items: int) -> dict[str, Any]:
        """Send one request; throttled ones are sent again, and count as calls too.

        Raises:
            CallError: the service refuses, or stays throttled.
        """
        backoff = Backoff(random.Random())
        for attempt in range(1, _ATTEMPTS_MAX + 1):
            sent_s = self._clock()
            try:
                reply = await self._target.send(operation, body)
            except OutcomeUnknownError:
                if attempt == _ATTEMPTS_MAX:
                    raise
                await self._wait(items, backoff, None)
                continue
            report = self.report
            report.add_call(items, len(body), self._clock() - sent_s)
            report.received_bytes += len(reply.body)
            judgement = judge(reply)
            if judgement.verdict is Verdict.DONE:
                consumed = judgement.body.get("ConsumedCapacity")
                listed = consumed if isinstance(consumed, list) else [consumed]
                report.add_capacity(listed, report.operation)
                return judgement.body
            hopeless = judgement.verdict in (Verdict.REFUSED, Verdict.HOPELESS)
            if hopeless or attempt == _ATTEMPTS_MAX:
                code, _, message = judgement.reason.partition(": ")
                raise CallError(code, message, operation, {}, reply.request_id)
            report.throttles += judgement.verdict is Verdict.THROTTLED
            await self._wait(items, backoff, reply.retry_after_s)
        raise AssertionError("unreachable")

    async def left_over(self, count: int, backoff: Backoff, *, progress: bool) -> None:
        """Note items that came back; waits if none of the call got through."""
        self.report.leftovers += count
        if not progress:
            await self._wait(count, backoff, None)

    def end(self) -> Report:
        """The report, with the time of the whole pass."""
        self.report.elapsed_s = self._clock() - self._began_s
        return self.report

    async def _wait(self, items: int, backoff: Backoff, retry_after_s: float | None) -> None:
        delay_s = backoff.trouble(retry_after_s)
        self.report.retries += items
        self.report.waited_s += delay_s
        await self._sleep(delay_s)


async def single_puts(run: Pass, table: str, items: Sequence[Item]) -> Report:
    """Each item by a PutItem of its own, one after another."""
    for item in items:
        request = {"TableName": table, "Item": item, "ReturnConsumedCapacity": "INDEXES"}
        await run.call("PutItem", orjson.dumps(request), 1)
        run.report.written += 1
    return run.end()


async def batch_puts(run: Pass, table: str, schema: KeySchema, items: Sequence[Item]) -> Report:
    """All items by BatchWriteItem, 25 a call, one call after another."""
    waiting = [prepare_write(Operation.put(table, item), schema) for item in items]
    backoff = Backoff(random.Random())
    while waiting:
        batch = fill(waiting, BATCH_WRITE_OPERATIONS_MAX)
        chosen = {id(each) for each in batch}
        waiting = [each for each in waiting if id(each) not in chosen]
        tables = encode_by_table((table, each.payload) for each in batch)
        body = b'{"RequestItems":' + tables + b',"ReturnConsumedCapacity":"INDEXES"}'
        answer = await run.call("BatchWriteItem", body, len(batch))
        left = _left_puts(answer, batch, schema)
        run.report.written += len(batch) - len(left)
        if left:
            await run.left_over(len(left), backoff, progress=len(left) < len(batch))
            waiting = left + waiting
    return run.end()


async def single_gets(
    run: Pass, table: str, keys: Sequence[Item], *, consistent: bool, projection: Projection
) -> Report:
    """Each key by a GetItem of its own, one after another."""
    members = _members(projection, consistent=consistent)
    for key in keys:
        request = {"TableName": table, "Key": key, "ReturnConsumedCapacity": "TOTAL", **members}
        answer = await run.call("GetItem", orjson.dumps(request), 1)
        _count(run.report, 1 if answer.get("Item") is not None else 0, 1)
    return run.end()


async def batch_gets(
    run: Pass, table: str, keys: Sequence[Item], *, consistent: bool, projection: Projection
) -> Report:
    """All keys by BatchGetItem, 100 a call, one call after another."""
    members = _members(projection, consistent=consistent)
    waiting = list(keys)
    backoff = Backoff(random.Random())
    while waiting:
        batch, waiting = waiting[:BATCH_GET_KEYS_MAX], waiting[BATCH_GET_KEYS_MAX:]
        tables = {table: {"Keys": batch, **members}}
        request = {"RequestItems": tables, "ReturnConsumedCapacity": "TOTAL"}
        answer = await run.call("BatchGetItem", orjson.dumps(request), len(batch))
        left = ((answer.get("UnprocessedKeys") or {}).get(table) or {}).get("Keys") or []
        _count(run.report, len(answer["Responses"].get(table, ())), len(batch) - len(left))
        if left:
            await run.left_over(len(left), backoff, progress=len(left) < len(batch))
            waiting = left + waiting
    return run.end()


def _count(report: Report, found: int, asked: int) -> None:
    report.found += found
    report.missing += asked - found


def _members(projection: Projection, *, consistent: bool) -> dict[str, Any]:
    members, _ = projection.widened(())
    return {**members, "ConsistentRead": True} if consistent else members


def _left_puts(
    answer: Mapping[str, Any], batch: Sequence[PreparedWrite], schema: KeySchema
) -> list[PreparedWrite]:
    unprocessed = answer.get("UnprocessedItems") or {}
    lanes = {
        b"".join(schema.item_key(request["PutRequest"]["Item"]))
        for requests in unprocessed.values()
        for request in requests
    }
    return [each for each in batch if each.key in lanes] if lanes else []
