"""The decisions of a batch read. No I/O, no clock, no threads: see `sessions` for those.

A key that is asked for several times is fetched once while it waits or is in flight, and answered
as often as asked. Keys left over because of their size are asked again at once; keys left over in
a call that brought nothing wait, as do throttled ones.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.batch.operation import Lane, Origin, PreparedKey, prepare_key
from pannier.batch.packing import fill, halves
from pannier.batch.projection import Projection, without
from pannier.batch.report import Failure, Report
from pannier.batch.retrying import Patience, Verdict, judge
from pannier.batch.target import Reply
from pannier.errors import PannierError, ServiceError
from pannier.limits import BATCH_GET_KEYS_MAX
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema

_WINDOW: Final = 2000  # keys and unread results kept at a time


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one key.

    Attributes:
        table: the table's name.
        key: the key, as it was asked for.
        item: the item in the API's JSON form, projected; None if it does not exist.
        origin: the key's place in its source.
    """

    table: str
    key: Item
    item: Item | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """How a table is read."""

    schema: KeySchema
    projection: Projection
    consistent: bool = False


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """One BatchGetItem call."""

    keys: list[PreparedKey]
    body: bytes

    @property
    def size(self) -> int:
        """How many keys it holds."""
        return len(self.keys)


class ReadJob:
    """Keys, from feed to report.

    Args:
        requests: how each table is read.
        report: where everything is accounted for.
        chance: decides the jitter of backoff.
        give_up_after_s: seconds of nothing but trouble after which the rest is given up.
    """

    operation: Final = "BatchGetItem"

    def __init__(
        self,
        requests: Mapping[str, ReadRequest],
        report: Report,
        chance: random.Random,
        give_up_after_s: float,
    ) -> None:
        self.report = report
        self.results: deque[Found] = deque()
        self._requests = requests
        self._ready: deque[PreparedKey] = deque()
        self._asked: dict[Lane, list[PreparedKey]] = {}
        self._askers = 0
        self._given_back = 0  # how many at the front of `_ready` were sent before
        self._halved: deque[list[PreparedKey]] = deque()
        self._patience = Patience(chance, give_up_after_s)
        self._input_ended = False

    # Feeding

    @property
    def has_room(self) -> bool:
        """Whether more keys may be fed."""
        return self._askers + len(self.results) < _WINDOW and not self.report.stopped

    def feed(self, table: str, key: Item, origin: Origin) -> None:
        """Take a key; one that the service would refuse is accounted for at once."""
        self.report.read += 1
        if self.report.stopped:
            failure = Failure(table, "get", key, self.report.stopped, origin)
            self.report.fail(failure, resolved=False)
            return
        try:
            prepared = prepare_key(table, key, self._requests[table].schema, origin)
        except ServiceError as error:
            reason = f"{error.code}: {error.message}"
            self.report.fail(Failure(table, "get", key, reason, origin))
            return
        self._askers += 1
        askers = self._asked.get(prepared.lane)
        if askers is not None:
            askers.append(prepared)
            return
        self._asked[prepared.lane] = [prepared]
        self._ready.append(prepared)

    def refuse(self, failure: Failure) -> None:
        """Account for something in the source that is no key."""
        self.report.read += 1
        self.report.fail(failure)

    def end_input(self) -> None:
        """Nothing more will be fed: what is there may go in a batch that is not full."""
        self._input_ended = True

    # Sending

    @property
    def done(self) -> bool:
        """Whether every key that was fed is accounted for."""
        return not self._asked

    def next_batch(self, now_s: float) -> ReadBatch | None:
        """The next batch to send, or None: nothing to send, or not yet (`wake_s`)."""
        if self.report.stopped or now_s < self._patience.not_before_s:
            return None
        if self._halved:
            keys = self._halved.popleft()
            self.report.retries += len(keys)
            return self._batch(keys)
        # Nothing more is on its way to fill the batch, or there would be no room for it.
        no_more = self._input_ended or self._askers >= _WINDOW
        if len(self._ready) >= BATCH_GET_KEYS_MAX or (no_more and self._ready):
            keys = fill(self._ready, BATCH_GET_KEYS_MAX)
            for _ in keys:
                self._ready.popleft()
            again = min(self._given_back, len(keys))
            self._given_back -= again
            self.report.retries += again
            return self._batch(keys)
        return None

    def wake_s(self) -> float:
        """The time before which `next_batch` names nothing."""
        return self._patience.not_before_s

    def _batch(self, keys: list[PreparedKey]) -> ReadBatch:
        by_table: dict[str, list[bytes]] = {}
        for key in keys:
            by_table.setdefault(key.table, []).append(key.payload)
        tables = {table: self._table_request(table, each) for table, each in by_table.items()}
        body = orjson.dumps({"RequestItems": tables, "ReturnConsumedCapacity": "INDEXES"})
        return ReadBatch(keys, body)

    def _table_request(self, table: str, payloads: list[bytes]) -> dict[str, Any]:
        request = self._requests[table]
        members, _ = request.projection.widened(request.schema.names)
        if request.consistent:
            members["ConsistentRead"] = True
        return {"Keys": [orjson.Fragment(payload) for payload in payloads], **members}

    # Answers

    def answered(self, batch: ReadBatch, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self.report.received_bytes += len(reply.body)
        judgement = judge(reply)
        if judgement.verdict is Verdict.DONE:
            self._done(batch, judgement.body, reply, now_s)
            return
        self.report.calls_failed += 1
        match judgement.verdict:
            case Verdict.THROTTLED | Verdict.AGAIN:
                self.report.throttles += judgement.verdict is Verdict.THROTTLED
                self._again(batch.keys, judgement.reason, now_s, reply.retry_after_s)
            case Verdict.REFUSED if len(batch.keys) > 1:
                self._patience.progress()
                if self.report.stopped:  # too late to find out which of them is at fault
                    self._again(batch.keys, judgement.reason, now_s, None)
                else:
                    self._halved.extend(halves(batch.keys))
            case _:
                for key in batch.keys:
                    self._fail(key, judgement.reason, resolved=True)
                if judgement.verdict is Verdict.HOPELESS:
                    self.stop(judgement.reason)

    def unanswered(self, batch: ReadBatch, error: PannierError, now_s: float) -> None:
        """No answer came; reads are repeated."""
        self.report.calls_failed += 1
        self._again(batch.keys, str(error), now_s, None)

    def stop(self, reason: str) -> None:
        """Send nothing more; what is not in flight is unresolved."""
        if not self.report.stopped:
            self.report.stopped = reason
        for key in [*self._ready, *(key for batch in self._halved for key in batch)]:
            self._fail(key, reason, resolved=False)
        self._ready.clear()
        self._given_back = 0
        self._halved.clear()

    def _done(self, batch: ReadBatch, body: dict[str, Any], reply: Reply, now_s: float) -> None:
        self.report.add_capacity(body.get("ConsumedCapacity"), "read")
        items = self._items_by_lane(body.get("Responses") or {})
        left = {
            prepare_key(table, key, self._requests[table].schema).lane
            for table, request in (body.get("UnprocessedKeys") or {}).items()
            for key in request["Keys"]
        }
        again = []
        for key in batch.keys:
            if key.lane in left:
                again.append(key)
            else:
                self._deliver(key, items.get(key.lane))
        if len(again) < len(batch.keys):
            self._patience.progress()
        if not again:
            self._patience.success()
            return
        self.report.leftovers += len(again)
        # A matter of size, where progress was made.
        if len(again) < len(batch.keys) and not self.report.stopped:
            self._give_back(again)
        else:
            self._again(again, "left unprocessed by the service", now_s, reply.retry_after_s)

    def _items_by_lane(self, responses: Mapping[str, list[Item]]) -> dict[Lane, Item]:
        items: dict[Lane, Item] = {}
        for table, answered in responses.items():
            schema = self._requests[table].schema
            _, added = self._requests[table].projection.widened(schema.names)
            for item in answered:
                lane = Lane(table, b"".join(schema.item_key(item)))
                items[lane] = without(item, added)
        return items

    def _deliver(self, key: PreparedKey, item: Item | None) -> None:
        for asker in self._answer(key):
            if item is None:
                self.report.missing += 1
            else:
                self.report.found += 1
            self.results.append(Found(asker.table, asker.key, item, asker.origin))

    def _answer(self, key: PreparedKey) -> list[PreparedKey]:
        askers = self._asked.pop(key.lane)
        self._askers -= len(askers)
        return askers

    def _give_back(self, keys: list[PreparedKey]) -> None:
        self._ready.extendleft(reversed(keys))
        self._given_back += len(keys)

    def _again(
        self, keys: list[PreparedKey], reason: str, now_s: float, retry_after_s: float | None
    ) -> None:
        if self.report.stopped:
            for key in keys:
                self._fail(key, self.report.stopped, resolved=False)
            return
        self._give_back(keys)
        delay_s = self._patience.trouble(now_s, retry_after_s)
        if delay_s is None:
            self.stop(f"{self._patience.exhausted}: {reason}")
        else:
            self.report.waited_s += delay_s

    def _fail(self, key: PreparedKey, reason: str, *, resolved: bool) -> None:
        for asker in self._answer(key):
            self.report.fail(
                Failure(asker.table, "get", asker.key, reason, asker.origin), resolved=resolved
            )
