"""The decisions of a batch read. No I/O, no clock, no threads: see `sessions` for those.

A key that is asked for several times is fetched once while it waits or is in flight, and answered
as often as asked. Keys left over because of their items' size are asked for again at once; keys
left over for lack of capacity wait, as do throttled ones (`leftovers` tells them apart). A refused
batch is taken apart until the bad key is alone; a refused *request* stops the job (`control`).

Where results come in the order of the input (`input_order`), those that wait for an earlier key
count as unread. When they fill the memory, only the call that brings the oldest key is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from pannier.batch.operation import Origin
from pannier.batch.pace.leftovers import left_by_table, may_be_for_size
from pannier.batch.pace.pacing import Pacing, Permit
from pannier.batch.prepared import PreparedKey, prepare_key
from pannier.batch.reads.asked_keys import AskedKeys
from pannier.batch.reads.control import Control, made_up_key
from pannier.batch.reads.read_request import ReadRequest, encode_read, items_by_lane
from pannier.batch.reads.read_results import Found, ReadResults
from pannier.batch.report import Failure, Report
from pannier.batch.retrying import Judgement, Verdict, judge
from pannier.batch.target import Reply
from pannier.batch.writes.packing import affordable, fill, halves, units_by_table
from pannier.errors import PannierError, ServiceError
from pannier.limits import BATCH_GET_KEYS_MAX, MIB
from pannier.model.attribute_value import Item

_WINDOW: Final = 8000  # keys and unread results kept at a time: more than twice what 32 calls hold
_ANSWERS_BYTES: Final = 32 * MIB  # of unread results, and what calls in flight will probably bring
_LEARNING: Final = 0.25  # how much the newest answer counts


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """One BatchGetItem call.

    Attributes:
        keys: what it asks for.
        body: the request as JSON.
        permit: under which it was sent.
        is_suspect: whether it is part of a batch that was refused.
        is_control: whether its keys are made up.
    """

    keys: Sequence[PreparedKey]
    body: bytes
    permit: Permit
    is_suspect: bool = False
    is_control: bool = False

    @property
    def size(self) -> int:
        """How many keys it holds."""
        return len(self.keys)


class ReadJob:
    """Keys, from feed to report.

    Args:
        requests: how each table is read.
        report: where everything is accounted for.
        pacing: says when something may be sent.
        fail_fast: stop at the first failure.
        goes_on: whether a later run can go on with what this one could not read.
        ordered: results in the order of the keys, whose origins must then be numbered.
    """

    operation: Final = "BatchGetItem"

    def __init__(
        self,
        requests: Mapping[str, ReadRequest],
        report: Report,
        pacing: Pacing,
        *,
        fail_fast: bool = False,
        goes_on: bool = False,
        ordered: bool = False,
    ) -> None:
        self.report = report
        self._results = ReadResults(report, ordered=ordered)
        self.results = self._results.there
        self._requests = requests
        self._pacing = pacing
        self._fail_fast = fail_fast
        self._goes_on = goes_on
        self._keys = AskedKeys()
        self._order = self._results.order
        self._control = Control()
        self._suspects: list[Sequence[PreparedKey]] = []
        self._answer_bytes = 0.0  # what a call brings, on average
        self._results_bytes = 0
        self._input_ended = False

    # Feeding

    @property
    def has_room(self) -> bool:
        """Whether more keys may be fed."""
        return self._window_is_open and not self.report.stopped

    def feed(self, table: str, key: Item, origin: Origin) -> None:
        """Take a key; one that the service would refuse is accounted for at once."""
        self.report.read += 1
        if self.report.stopped:
            failure = Failure(table, "get", key, self.report.stopped, origin)
            self.report.fail(failure, resolved=False)
            return
        self._results.expect(origin)
        try:
            prepared = prepare_key(table, key, self._requests[table].schema, origin)
        except ServiceError as error:
            self._failed(Failure(table, "get", key, f"{error.code}: {error.message}", origin))
        else:
            self._keys.add(prepared)

    def refuse(self, failure: Failure) -> None:
        """Account for something in the source that is no key."""
        self.report.read += 1
        self._results.expect(failure.origin)
        self._failed(failure)

    def end_input(self) -> None:
        """Nothing more will be fed: what is there may go in a batch that is not full."""
        self._input_ended = True

    def take_results(self) -> list[Found]:
        """The results that are there; taking them makes room for more."""
        self._results_bytes = self._results.waiting_bytes
        return self._results.take()

    @property
    def _window_is_open(self) -> bool:
        # In order, what waits for the oldest key counts too: so far the source is read ahead of it.
        asked = self._keys.count if self._order is None else len(self._order)
        return asked + len(self.results) < _WINDOW

    # Sending

    @property
    def done(self) -> bool:
        """Whether every key that was fed is accounted for."""
        return self._keys.empty

    def next_batch(self, now_s: float) -> ReadBatch | None:
        """The next batch to send, or None: nothing to send, or not yet (`wake_s`)."""
        if not self._pacing.shares:
            return self._decided(now_s)
        with self._pacing.deciding():
            return self._decided(now_s)

    def _decided(self, now_s: float) -> ReadBatch | None:
        if self.report.stopped or not self._pacing.is_open(now_s) or self._is_full:
            return None
        if self._control.unproven:
            return self._control_batch(now_s)
        suspects, waiting = self._to_send()
        for group in suspects:
            units = units_by_table(group)
            if all(self._pacing.admits(table, cost, now_s) for table, cost in units.items()):
                self._suspects.remove(group)
                self.report.retries += len(group)
                return self._batch(group, now_s, is_suspect=True)
        tables = [
            table for table in waiting if self._pacing.admits(table, self._need(table), now_s)
        ]
        ready = sum(map(self._keys.ready_in, tables))
        # Else something is on its way to fill the batch.
        if ready < BATCH_GET_KEYS_MAX and not (ready and self._no_more_comes):
            return None
        purses = {table: self._pacing.purse(table, now_s) for table in tables}
        limited = {table: purse for table, purse in purses.items() if purse is not None}
        candidates = self._keys.peek(tables)
        if limited:
            candidates = affordable(candidates, limited)
        keys = fill(candidates, BATCH_GET_KEYS_MAX)
        self.report.retries += self._keys.depart(keys)
        return self._batch(keys, now_s)

    def wake_s(self, now_s: float) -> float | None:
        """When time alone lets `next_batch` name a batch; None if something has to happen first."""
        if self.report.stopped or self._is_full:
            return None
        if self._control.unproven:
            needs = [] if self._control.in_flight else [dict.fromkeys(self._control.unproven, 0.0)]
        else:
            suspects, tables = self._to_send()
            needs = [units_by_table(group) for group in suspects]
            if self._no_more_comes or self._keys.ready >= BATCH_GET_KEYS_MAX:
                needs += [{table: self._need(table)} for table in tables]
        moments = [self._pacing.opens_s(each, now_s) for each in needs]
        return min((each for each in moments if each is not None and each > now_s), default=None)

    @property
    def _no_more_comes(self) -> bool:
        return self._input_ended or not self._window_is_open or not self._answer_has_room

    @property
    def _is_full(self) -> bool:
        """Whether nothing may be sent until results are taken."""
        return not self._answer_has_room and (self._order is None or bool(self.results))

    def _to_send(self) -> tuple[Sequence[Sequence[PreparedKey]], Iterable[str]]:
        """Suspects and tables that may be sent; when it is full, those with the oldest key."""
        if self._answer_has_room or self._order is None:
            return self._suspects, self._keys.tables
        oldest = self._order.oldest
        suspects = [
            group for group in self._suspects if any(key.origin.number == oldest for key in group)
        ]
        tables = [
            table
            for table in self._keys.tables
            if next(self._keys.peek([table])).origin.number == oldest
        ]
        return suspects, tables

    @property
    def _answer_has_room(self) -> bool:
        """Whether another answer fits into memory; if there is nothing else there, it has to."""
        in_flight = self._pacing.in_flight
        if not in_flight and not self._results_bytes:
            return True
        return self._results_bytes + self._answer_bytes * (in_flight + 1) <= _ANSWERS_BYTES

    def _need(self, table: str) -> float:
        """What a full batch of a table would cost, or all that is ready; 0 without a budget."""
        if not self._pacing.has_budget(table):
            return 0.0
        return sum(key.units for key in islice(self._keys.peek([table]), BATCH_GET_KEYS_MAX))

    def _batch(
        self, keys: Sequence[PreparedKey], now_s: float, *, is_suspect: bool = False
    ) -> ReadBatch:
        is_full = 2 * len(keys) >= BATCH_GET_KEYS_MAX
        permit = self._pacing.send(units_by_table(keys), now_s, is_full=is_full)
        return ReadBatch(keys, encode_read(keys, self._requests), permit, is_suspect)

    def _control_batch(self, now_s: float) -> ReadBatch | None:
        tables = sorted(self._control.unproven)
        if self._control.in_flight or not all(
            self._pacing.admits(table, 0.0, now_s) for table in tables
        ):
            return None
        self._control.in_flight = True
        keys = [made_up_key(table, self._requests[table].schema) for table in tables]
        permit = self._pacing.send(units_by_table(keys), now_s, is_full=False)
        return ReadBatch(keys, encode_read(keys, self._requests), permit, is_control=True)

    # Answers

    def answered(self, batch: ReadBatch, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self.report.received_bytes += len(reply.body)
        judgement = judge(reply)
        if judgement.verdict is not Verdict.DONE:
            self.report.calls_failed += 1
        match judgement.verdict:
            case Verdict.DONE if batch.is_control:
                self._control_accepted(batch, judgement.body, now_s)
            case Verdict.DONE:
                self._done(batch, judgement.body, reply, now_s)
            case Verdict.THROTTLED:
                self.report.throttles += 1
                self._pacing.throttled(batch.permit, judgement.tables, now_s, reply.retry_after_s)
                self._again(batch)
            case Verdict.AGAIN | Verdict.UNKNOWN:
                self._pacing.broke(batch.permit, now_s, reply.retry_after_s)
                self._again(batch)
            case Verdict.REFUSED:
                self._pacing.refused(batch.permit, now_s)
                self._refused(batch, judgement.reason, reply.request_id)
            case Verdict.HOPELESS:
                self._pacing.refused(batch.permit, now_s)
                self._hopeless(batch, judgement, reply.request_id)
        self._note_waits(judgement.reason or "left unprocessed by the service")

    def unanswered(self, batch: ReadBatch, error: PannierError, now_s: float) -> None:
        """No answer came; reads are repeated."""
        self.report.calls_failed += 1
        self._pacing.broke(batch.permit, now_s)
        self._again(batch)
        self._note_waits(str(error))

    def stop(self, reason: str) -> None:
        """Send nothing more; what is not in flight is unresolved."""
        if not self.report.stopped:
            self.report.stopped = reason
        groups = [*self._suspects, *(keys for keys, _ in self._control.resolve())]
        self._suspects = []
        for key in [*self._keys.drain(), *(key for group in groups for key in group)]:
            self._fail(key, reason, resolved=False)

    def _done(self, batch: ReadBatch, body: dict[str, Any], reply: Reply, now_s: float) -> None:
        consumed = body.get("ConsumedCapacity")
        self.report.add_capacity(consumed, "read")
        self._control.accepted(batch.permit.tables)
        self._answer_bytes += _LEARNING * (len(reply.body) - self._answer_bytes)
        self._results_bytes += len(reply.body)
        items = items_by_lane(body.get("Responses") or {}, self._requests)
        left = {
            prepare_key(table, key, self._requests[table].schema).lane
            for table, request in (body.get("UnprocessedKeys") or {}).items()
            for key in request["Keys"]
        }
        again = [key for key in batch.keys if key.lane in left] if left else []
        throttled = {
            table: each
            for table, each in left_by_table(batch.keys, again).items()
            if not each.passed or not self._may_be_for_size(table, consumed, reply)
        }
        self._pacing.answered(batch.permit, throttled, consumed, now_s, reply.retry_after_s)
        size_bytes = len(reply.body) // max(1, len(items))
        for key in batch.keys:
            if key.lane not in left:
                self._results.add(self._keys.answer(key), items.get(key.lane), size_bytes)
        self._results.come_forward()
        self.report.leftovers += len(again)
        self._give_back(again)

    def _may_be_for_size(self, table: str, consumed: object, reply: Reply) -> bool:
        consistent = self._requests[table].consistent
        return may_be_for_size(consumed, table, len(reply.body), consistent=consistent)

    def _control_accepted(self, batch: ReadBatch, body: dict[str, Any], now_s: float) -> None:
        consumed = body.get("ConsumedCapacity")
        self.report.add_capacity(consumed, "read")
        self._pacing.answered(batch.permit, {}, consumed, now_s, None)
        for keys, reason in self._control.resolve():
            self._take_apart(keys, reason)

    def _again(self, batch: ReadBatch) -> None:
        """Nothing is known of the keys of a batch but that they must be asked for again."""
        if batch.is_control:
            self._control.in_flight = False
        elif batch.is_suspect and not self.report.stopped:
            self._suspects.append(batch.keys)
        else:
            self._give_back(batch.keys)

    def _give_back(self, keys: Sequence[PreparedKey]) -> None:
        if not self.report.stopped:
            self._keys.give_back(keys)
            if self._order is not None:
                self._keys.sort_returned(lambda key: key.origin.number)
            return
        for key in keys:
            self._fail(key, self.report.stopped, resolved=False)

    def _refused(self, batch: ReadBatch, reason: str, request_id: str) -> None:
        if batch.is_control:  # whatever the key, the request is refused: so it is the request
            for keys, _ in self._control.resolve():
                for key in keys:
                    self._fail(key, reason, resolved=True, request_id=request_id)
            self.stop(reason)
        elif self.report.stopped and not batch.is_suspect:
            self._give_back(batch.keys)  # too late to find out what is at fault
        elif not self._control.suspects(batch.permit.tables, batch.keys, reason):
            self._take_apart(batch.keys, reason, request_id)

    def _take_apart(self, keys: Sequence[PreparedKey], reason: str, request_id: str = "") -> None:
        if len(keys) == 1:
            self._fail(keys[0], reason, resolved=True, request_id=request_id)
        elif self.report.stopped:
            self._give_back(keys)
        else:
            self._suspects += halves(keys)

    def _hopeless(self, batch: ReadBatch, judgement: Judgement, request_id: str) -> None:
        if batch.is_control:  # of the made-up key, perhaps; so nothing is known
            for keys, reason in self._control.resolve():
                self._take_apart(keys, reason)
            return
        for key in batch.keys:
            reason, resolved = judgement.reason, not self._goes_on
            self._fail(key, reason, resolved=resolved, request_id=request_id)
        self.stop(judgement.reason)

    def _note_waits(self, reason: str) -> None:
        self.report.waited_s += self._pacing.take_waited_s()
        if self._pacing.gave_up and not self.report.stopped:
            self.stop(f"{self._pacing.deadline}: {reason}")

    def _fail(self, key: PreparedKey, reason: str, *, resolved: bool, request_id: str = "") -> None:
        for asker in self._keys.answer(key):
            failure = Failure(
                asker.table, "get", asker.attributes, reason, asker.origin, request_id
            )
            if resolved:
                self._failed(failure)
            else:
                self._results.fail(failure, resolved=False)

    def _failed(self, failure: Failure) -> None:
        self._results.fail(failure, resolved=True)
        if self._fail_fast and not self.report.stopped:
            self.stop(f"stopped at the first failure: {failure.reason}")
