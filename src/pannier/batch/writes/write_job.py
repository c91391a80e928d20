"""The decisions of a batch write. No I/O, no clock, no threads: see `sessions` for those.

A job is fed prepared writes, names the next batch to send, and is told each answer. Whatever
happens, each write ends in exactly one place of the report.

A batch that the service refuses is *suspect*: one of its writes is at fault, and no one knows
which. Its halves are sent apart, and each stays a group of its own, whatever else happens to it,
until the service accepts it or a single write is left.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, Final, Protocol

from pannier.batch.journals.journal_parts import WriteNotes
from pannier.batch.operation import Operation
from pannier.batch.pace.leftovers import left_by_table
from pannier.batch.pace.pacing import Pacing, Permit
from pannier.batch.prepared import (
    Lane,
    PreparedWrite,
    Preparing,
    lane_of_request,
)
from pannier.batch.report import Failure, Report
from pannier.batch.retrying import Judgement, Verdict, judge
from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.batch.writes.ordering import Lanes
from pannier.batch.writes.packing import (
    affordable,
    fill,
    fits,
    halves,
    units_by_table,
)
from pannier.batch.writes.write_batch import WriteBatch
from pannier.errors import PannierError, ServiceError
from pannier.limits import BATCH_WRITE_OPERATIONS_MAX, MIB
from pannier.model.key_schema import KeySchema

# Writes kept at a time; what comes later in the input waits there. Those of a table that is held
# back may be more, so that the others go on.
_WINDOW: Final = 2000
_WINDOW_BEHIND_SLOW_TABLES: Final = 8000
_TAKEN_AT_ONCE: Final = 5  # operations; more would make the window wider than it says
_WINDOW_BYTES: Final = 64 * MIB  # encoded, those in flight included: four of the largest calls


class Fed(Enum):
    """Why a job takes no more of what it is fed."""

    ENDED = "there is no more"
    FULL = "it has no room"


class Numbers(Protocol):
    """Numbers the elements of an input."""

    def take(self) -> int:
        """The number of the next element; 0 if it is done, and not to be taken again."""


@dataclass(frozen=True)
class WriteRules:
    """How a write goes about its work.

    Attributes:
        every_write: send all writes of a key, instead of the last only.
        fail_fast: stop at the first failure.
        late_effect_s: for how long a call of unknown outcome may still take effect.
    """

    every_write: bool = False
    fail_fast: bool = False
    late_effect_s: float = 0.0


class WriteJob:
    """Puts and deletes, from feed to report.

    Args:
        schemas: the key schema of every table in the input.
        report: where everything is accounted for.
        pacing: says when something may be sent.
        rules: how to go about it.
        journal: is told what is done for good, in the order in which it is; None for no journal.
    """

    operation: Final = "BatchWriteItem"

    def __init__(
        self,
        schemas: Mapping[str, KeySchema],
        report: Report,
        pacing: Pacing,
        rules: WriteRules = WriteRules(),  # a frozen value
        journal: WriteNotes | None = None,
    ) -> None:
        self.report = report
        self._journal = journal
        self._schemas = schemas
        self._pacing = pacing
        self._rules = rules
        self._lanes = Lanes(every_write=rules.every_write, late_effect_s=rules.late_effect_s)
        self._preparing: dict[str, Preparing] = {}
        self._suspects: list[list[PreparedWrite]] = []
        self._input_ended = False
        self._ended_for_now = False

    # Feeding

    @property
    def has_room(self) -> bool:
        """Whether more input may be fed."""
        return not self.report.stopped and self._window_is_open()

    def feed(self, operation: Operation, number: int = 0) -> None:
        """Take an operation; one that the service would refuse is accounted for at once.

        Args:
            operation: the next one.
            number: its place in the whole input, as the journal counts.
        """
        self.report.read += 1
        if self._ended_for_now:
            self._input_ended = self._ended_for_now = False
        if self.report.stopped:
            self._unresolved(operation, self.report.stopped)
            return
        try:
            preparing = self._preparing.get(operation.table)
            if preparing is None:
                preparing = Preparing(self._schemas[operation.table])
                self._preparing[operation.table] = preparing
            write = preparing.write(operation, number)
        except ServiceError as error:
            self._failed(operation, f"{error.code}: {error.message}", number)
            return
        if self._lanes.add(write):
            self.report.superseded += 1

    def feed_from(
        self, elements: Iterator[Operation | Failure], numbers: Numbers | None
    ) -> Fed | tuple[Operation, int]:
        """Take as many elements as there is room for.

        Args:
            elements: the next is asked for only when there is room for it.
            numbers: gives each its place in the whole input, or says that it is done; None for no
                numbers.

        Returns:
            Why it takes no more, which is also said once when the job stops; or an operation on a
            table whose schema is not known, which was taken out and not fed, with its number.
        """
        number = 0
        unasked = 0
        was_stopped = bool(self.report.stopped)
        while True:
            if self.report.stopped and not was_stopped:
                return Fed.FULL
            if not unasked:  # a few at a time: asking costs as much as taking one
                if not self.report.stopped and not self._window_is_open():
                    return Fed.FULL
                unasked = _TAKEN_AT_ONCE
            unasked -= 1
            element = next(elements, None)
            if element is None:
                return Fed.ENDED
            if numbers is not None:
                number = numbers.take()
                if not number:
                    continue
            if isinstance(element, Failure):
                self.refuse(element, number)
            elif element.table not in self._schemas:
                return element, number
            else:
                self.feed(element, number)

    def refuse(self, failure: Failure, number: int = 0) -> None:
        """Account for something in the source that is no operation."""
        self.report.read += 1
        self._fail(failure, number)

    def end_input(self, *, for_now: bool = False) -> None:
        """Nothing more will be fed: what is there may go in a batch that is not full.

        Args:
            for_now: until it is done; then more will be fed.
        """
        self._input_ended = True
        self._ended_for_now = for_now

    def _window_is_open(self) -> bool:
        lanes = self._lanes
        kept = lanes.kept
        if kept >= _WINDOW:
            slow = self._pacing.slow_tables
            if all(
                table in slow and lanes.ready_in(table) >= BATCH_WRITE_OPERATIONS_MAX
                for table in lanes.tables
            ):  # nobody would gain from more
                return False
            if kept - min(lanes.kept_in(slow), _WINDOW_BEHIND_SLOW_TABLES) >= _WINDOW:
                return False
        return lanes.held_bytes < _WINDOW_BYTES and not lanes.is_crowded

    # Sending

    @property
    def done(self) -> bool:
        """Whether every write that was fed is accounted for."""
        return self._lanes.empty

    def next_batch(self, now_s: float) -> WriteBatch | None:
        """The next batch to send, or None: nothing to send, or not yet (`wake_s`)."""
        if not self._pacing.shares:
            return self._decided(now_s)
        with self._pacing.deciding():
            return self._decided(now_s)

    def _decided(self, now_s: float) -> WriteBatch | None:
        if self.report.stopped or not self._pacing.is_open(now_s):
            return None
        self._lanes.release(now_s)
        for position, group in enumerate(self._suspects):
            units = units_by_table(group)
            if all(self._pacing.admits(table, cost, now_s) for table, cost in units.items()):
                del self._suspects[position]
                self.report.retries += len(group)
                return WriteBatch(group, self._permit(group, now_s), is_suspect=True)
        tables = [
            table
            for table in self._lanes.tables
            if self._lanes.ready_in(table) and self._pacing.admits(table, self._need(table), now_s)
        ]
        ready = sum(map(self._lanes.ready_in, tables))
        # Else something is on its way to fill the batch.
        if ready < BATCH_WRITE_OPERATIONS_MAX and not (ready and self._no_more_comes):
            return None
        purses = {table: self._pacing.purse(table, now_s) for table in tables}
        limited = {table: purse for table, purse in purses.items() if purse is not None}
        writes: list[PreparedWrite] = []
        if len(tables) == 1 and not limited:  # as nearly always
            writes = self._lanes.front(tables[0], BATCH_WRITE_OPERATIONS_MAX)
        if not writes or not fits(writes):
            candidates = self._lanes.peek(tables)
            if limited:
                candidates = affordable(candidates, limited)
            writes = fill(candidates, BATCH_WRITE_OPERATIONS_MAX)
        self.report.retries += self._lanes.depart(writes)
        return WriteBatch(writes, self._permit(writes, now_s))

    def wake_s(self, now_s: float) -> float | None:
        """When time alone lets `next_batch` name a batch; None if something has to happen first."""
        if self.report.stopped:
            return None
        moments = [self._pacing.opens_s(units_by_table(group), now_s) for group in self._suspects]
        if self._no_more_comes or self._lanes.ready >= BATCH_WRITE_OPERATIONS_MAX:
            moments += [
                self._pacing.opens_s({table: self._need(table)}, now_s)
                for table in self._lanes.tables
                if self._lanes.ready_in(table)
            ]
        moments.append(self._lanes.wake_s())
        return min((each for each in moments if each is not None and each > now_s), default=None)

    @property
    def _no_more_comes(self) -> bool:
        return self._input_ended or not self._window_is_open()

    def _need(self, table: str) -> float:
        """What a full batch of a table would cost, or all that is ready; 0 without a budget."""
        if not self._pacing.has_budget(table):
            return 0.0
        front = islice(self._lanes.peek([table]), BATCH_WRITE_OPERATIONS_MAX)
        return sum(write.units for write in front)

    def _permit(self, writes: Sequence[PreparedWrite], now_s: float) -> Permit:
        is_full = 2 * len(writes) >= BATCH_WRITE_OPERATIONS_MAX
        return self._pacing.send(units_by_table(writes), now_s, is_full=is_full)

    # Answers

    def answered(self, batch: WriteBatch, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self.report.received_bytes += len(reply.body)
        judgement = judge(reply)
        permit = _permit_of(batch)
        if judgement.verdict is Verdict.DONE:
            self._done(batch, permit, judgement, reply, now_s)
            return
        self.report.calls_failed += 1
        match judgement.verdict:
            case Verdict.THROTTLED:
                self.report.throttles += 1
                self._pacing.throttled(permit, judgement.tables, now_s, reply.retry_after_s)
                self._again(batch, judgement.reason)
            case Verdict.AGAIN | Verdict.UNKNOWN:
                self._pacing.broke(permit, now_s, reply.retry_after_s)
                if judgement.verdict is Verdict.UNKNOWN:
                    self._doubt(batch)
                self._again(batch, judgement.reason)
            case Verdict.REFUSED:
                self._pacing.refused(permit, now_s)
                self._refused(batch, judgement.reason, now_s, reply.request_id)
            case Verdict.HOPELESS:
                self._pacing.refused(permit, now_s)
                self._hopeless(batch, judgement.reason, reply.request_id)
        self._note_waits(judgement.reason)

    def unanswered(self, batch: WriteBatch, error: PannierError, now_s: float) -> None:
        """No answer came. Puts and deletes are safe to repeat, so they are sent again."""
        self.report.calls_failed += 1
        self._pacing.broke(_permit_of(batch), now_s)
        if isinstance(error, OutcomeUnknownError):
            self._doubt(batch)
        self._again(batch, str(error))
        self._note_waits(str(error))

    def stop(self, reason: str) -> None:
        """Send nothing more; what is not in flight is unresolved."""
        if not self.report.stopped:
            self.report.stopped = reason
        suspects, self._suspects = self._suspects, []
        for group in suspects:
            for write in group:
                self._lanes.settle(write)
                self._unresolved(write.operation, reason)
        for write in self._lanes.drain():
            self._unresolved(write.operation, reason)

    def _done(
        self, batch: WriteBatch, permit: Permit, judgement: Judgement, reply: Reply, now_s: float
    ) -> None:
        consumed = judgement.body.get("ConsumedCapacity")
        self.report.add_capacity(consumed, "write")
        left = self._left_over(judgement.body.get("UnprocessedItems"))
        again = [write for write in batch.writes if write.lane in left] if left else []
        self._pacing.answered(
            permit, left_by_table(batch.writes, again), consumed, now_s, reply.retry_after_s
        )
        done = batch.writes
        if left:
            done = [write for write in done if write.lane not in left]
        if self._journal is not None or not self._lanes.settle_all(done):
            for write in done:
                stack = self._lanes.settle(write, now_s)
                if self._journal is not None:
                    self._journal.applied(stack)
        puts = sum([write.is_put for write in done])
        self.report.written += puts
        self.report.deleted += len(done) - puts
        if again:
            self.report.leftovers += len(again)
            reason = "left unprocessed by the service"
            self._give_back(again, reason)
            self._note_waits(reason)

    def _left_over(self, unprocessed: object) -> set[Lane]:
        tables: dict[str, list[dict[str, Any]]] = (
            unprocessed if isinstance(unprocessed, dict) else {}
        )
        return {
            lane_of_request(table, request, self._schemas[table])
            for table, requests in tables.items()
            for request in requests
        }

    def _again(self, batch: WriteBatch, reason: str) -> None:
        """Nothing is known of the writes of a batch but that they must be sent again."""
        if batch.is_suspect and not self.report.stopped:
            self._suspects.append(list(batch.writes))
        else:
            self._give_back(batch.writes, reason)

    def _give_back(self, writes: Sequence[PreparedWrite], reason: str) -> None:
        for write in writes:
            if self.report.stopped:
                self._lanes.settle(write)
                self._unresolved(write.operation, reason)
            elif not self._lanes.give_back(write):
                self.report.superseded += 1

    def _doubt(self, batch: WriteBatch) -> None:
        self.report.calls_unknown += 1
        for write in batch.writes:
            self._lanes.doubt(write)

    def _note_waits(self, reason: str) -> None:
        self.report.waited_s += self._pacing.take_waited_s()
        if self._pacing.gave_up and not self.report.stopped:
            self.stop(f"{self._pacing.deadline}: {reason}")

    def _refused(self, batch: WriteBatch, reason: str, now_s: float, request_id: str) -> None:
        if len(batch.writes) == 1:
            (write,) = batch.writes
            if self._lanes.drop(write, now_s):
                self.report.superseded -= 1
            self._failed(write.operation, reason, write.number, request_id)
            if self.report.stopped:  # what stands again is not sent any more
                self.stop(self.report.stopped)
        elif self.report.stopped:
            self._give_back(batch.writes, reason)
        else:
            self._suspects += halves(batch.writes)

    def _hopeless(self, batch: WriteBatch, reason: str, request_id: str) -> None:
        for write in batch.writes:
            self._lanes.settle(write)
            if self._journal is None:
                self._failed(write.operation, reason, 0, request_id)
            else:  # whoever goes on later sends it again
                self._unresolved(write.operation, reason, request_id)
        self.stop(reason)

    def _failed(
        self, operation: Operation, reason: str, number: int = 0, request_id: str = ""
    ) -> None:
        self._fail(_failure(operation, reason, request_id), number)

    def _fail(self, failure: Failure, number: int) -> None:
        self.report.fail(failure)
        if self._journal is not None:
            self._journal.failed(number)
        if self._rules.fail_fast and not self.report.stopped:
            self.stop(f"stopped at the first failure: {failure.reason}")

    def _unresolved(self, operation: Operation, reason: str, request_id: str = "") -> None:
        self.report.fail(_failure(operation, reason, request_id), resolved=False)


def _permit_of(batch: WriteBatch) -> Permit:
    assert batch.permit is not None  # every batch that a job names has one
    return batch.permit


def _failure(operation: Operation, reason: str, request_id: str) -> Failure:
    return Failure(
        operation.table,
        operation.kind.value,
        operation.attributes,
        reason,
        operation.origin,
        request_id,
    )
