"""The decisions of a batch write. No I/O, no clock, no threads: see `sessions` for those.

A job is fed prepared writes, names the next batch to send, and is told each answer. Whatever
happens, each write ends in exactly one place of the report.
"""

import random
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.operation import (
    Kind,
    Lane,
    Operation,
    PreparedWrite,
    lane_of_request,
    prepare_write,
)
from pannier.batch.ordering import Lanes
from pannier.batch.packing import encode_by_table, fill, halves
from pannier.batch.report import Failure, Report
from pannier.batch.retrying import Judgement, Patience, Verdict, judge
from pannier.batch.target import Reply
from pannier.errors import PannierError, ServiceError
from pannier.limits import BATCH_WRITE_OPERATIONS_MAX
from pannier.model.key_schema import KeySchema

_WINDOW: Final = 2000  # writes kept at a time; what comes later in the input waits there


@dataclass(frozen=True, slots=True)
class WriteBatch:
    """One BatchWriteItem call."""

    writes: list[PreparedWrite]

    @property
    def size(self) -> int:
        """How many operations it holds."""
        return len(self.writes)

    @property
    def body(self) -> bytes:
        """The request as JSON. It always asks for the units, which costs nothing."""
        tables = encode_by_table((each.operation.table, each.payload) for each in self.writes)
        return b'{"RequestItems":' + tables + b',"ReturnConsumedCapacity":"INDEXES"}'


class WriteJob:
    """Puts and deletes, from feed to report.

    Args:
        schemas: the key schema of every table in the input.
        report: where everything is accounted for.
        chance: decides the jitter of backoff.
        give_up_after_s: seconds of nothing but trouble after which the rest is given up.
    """

    operation: Final = "BatchWriteItem"

    def __init__(
        self,
        schemas: Mapping[str, KeySchema],
        report: Report,
        chance: random.Random,
        give_up_after_s: float,
    ) -> None:
        self.report = report
        self._schemas = schemas
        self._lanes = Lanes()
        self._halved: deque[list[PreparedWrite]] = deque()
        self._patience = Patience(chance, give_up_after_s)
        self._input_ended = False

    # Feeding

    @property
    def has_room(self) -> bool:
        """Whether more input may be fed."""
        return self._lanes.kept < _WINDOW and not self.report.stopped

    def feed(self, operation: Operation) -> None:
        """Take an operation; one that the service would refuse is accounted for at once."""
        self.report.read += 1
        if self.report.stopped:
            self._unresolved(operation, self.report.stopped)
            return
        try:
            write = prepare_write(operation, self._schemas[operation.table])
        except ServiceError as error:
            self._failed(operation, f"{error.code}: {error.message}")
            return
        if self._lanes.add(write):
            self.report.superseded += 1

    def refuse(self, failure: Failure) -> None:
        """Account for something in the source that is no operation."""
        self.report.read += 1
        self.report.fail(failure)

    def end_input(self) -> None:
        """Nothing more will be fed: what is there may go in a batch that is not full."""
        self._input_ended = True

    # Sending

    @property
    def done(self) -> bool:
        """Whether every write that was fed is accounted for."""
        return self._lanes.empty

    def next_batch(self, now_s: float) -> WriteBatch | None:
        """The next batch to send, or None: nothing to send, or not yet (`wake_s`)."""
        if self.report.stopped or now_s < self._patience.not_before_s:
            return None
        if self._halved:
            writes = self._halved.popleft()
            self.report.retries += len(writes)
            return WriteBatch(writes)
        # Nothing more is on its way to fill the batch, or there would be no room for it.
        no_more = self._input_ended or self._lanes.kept >= _WINDOW
        if self._lanes.ready >= BATCH_WRITE_OPERATIONS_MAX or (no_more and self._lanes.ready):
            writes = fill(self._lanes.peek(), BATCH_WRITE_OPERATIONS_MAX)
            self.report.retries += self._lanes.depart(writes)
            return WriteBatch(writes)
        return None

    def wake_s(self) -> float:
        """The time before which `next_batch` names nothing."""
        return self._patience.not_before_s

    # Answers

    def answered(self, batch: WriteBatch, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self.report.received_bytes += len(reply.body)
        judgement = judge(reply)
        match judgement.verdict:
            case Verdict.DONE:
                self._done(batch, judgement, reply, now_s)
            case Verdict.THROTTLED:
                self.report.calls_failed += 1
                self.report.throttles += 1
                self._again(batch.writes, judgement.reason, now_s, reply.retry_after_s)
            case Verdict.AGAIN:
                self.report.calls_failed += 1
                self._again(batch.writes, judgement.reason, now_s, reply.retry_after_s)
            case Verdict.REFUSED:
                self.report.calls_failed += 1
                self._refused(batch, judgement.reason, now_s)
            case Verdict.HOPELESS:
                self.report.calls_failed += 1
                for write in batch.writes:
                    self._lanes.settle(write)
                    self._failed(write.operation, judgement.reason)
                self.stop(judgement.reason)

    def unanswered(self, batch: WriteBatch, error: PannierError, now_s: float) -> None:
        """No answer came. Puts and deletes are safe to repeat, so they are sent again."""
        self.report.calls_failed += 1
        self._again(batch.writes, str(error), now_s, None)

    def stop(self, reason: str) -> None:
        """Send nothing more; what is not in flight is unresolved."""
        if not self.report.stopped:
            self.report.stopped = reason
        for batch in self._halved:
            for write in batch:
                self._lanes.settle(write)
                self._unresolved(write.operation, reason)
        self._halved.clear()
        for write in self._lanes.drain():
            self._unresolved(write.operation, reason)

    def _done(self, batch: WriteBatch, judgement: Judgement, reply: Reply, now_s: float) -> None:
        self.report.add_capacity(judgement.body.get("ConsumedCapacity"), "write")
        left = self._left_over(judgement.body.get("UnprocessedItems"))
        again = []
        for write in batch.writes:
            if write.lane in left:
                again.append(write)
                continue
            self._lanes.settle(write)
            if write.operation.kind is Kind.PUT:
                self.report.written += 1
            else:
                self.report.deleted += 1
        if len(again) < len(batch.writes):
            self._patience.progress()
        if again:
            self.report.leftovers += len(again)
            self._again(again, "left unprocessed by the service", now_s, reply.retry_after_s)
        else:
            self._patience.success()

    def _left_over(self, unprocessed: object) -> set[Lane]:
        tables: dict[str, list[dict[str, Any]]] = (
            unprocessed if isinstance(unprocessed, dict) else {}
        )
        return {
            lane_of_request(table, request, self._schemas[table])
            for table, requests in tables.items()
            for request in requests
        }

    def _again(
        self, writes: list[PreparedWrite], reason: str, now_s: float, retry_after_s: float | None
    ) -> None:
        for write in writes:
            if self.report.stopped:
                self._lanes.settle(write)
                self._unresolved(write.operation, reason)
            elif not self._lanes.give_back(write):
                self.report.superseded += 1
        delay_s = self._patience.trouble(now_s, retry_after_s)
        if delay_s is None:
            self.stop(f"{self._patience.exhausted}: {reason}")
        else:
            self.report.waited_s += delay_s

    def _refused(self, batch: WriteBatch, reason: str, now_s: float) -> None:
        self._patience.progress()
        if len(batch.writes) == 1:
            (write,) = batch.writes
            if self._lanes.drop(write):
                self.report.superseded -= 1
            self._failed(write.operation, reason)
            if self.report.stopped:  # what stands again is not sent any more
                self.stop(self.report.stopped)
        elif self.report.stopped:
            self._again(batch.writes, reason, now_s, None)
        else:
            self._halved.extend(halves(batch.writes))

    def _failed(self, operation: Operation, reason: str) -> None:
        self.report.fail(_failure(operation, reason))

    def _unresolved(self, operation: Operation, reason: str) -> None:
        self.report.fail(_failure(operation, reason), resolved=False)


def _failure(operation: Operation, reason: str) -> Failure:
    return Failure(
        operation.table, operation.kind.value, operation.attributes, reason, operation.origin
    )
