"""The decisions of conditional deletes and updates, one call an item. No I/O, no clock, no threads.

What becomes of an item:

| answer | earlier calls of the item | end |
|---|---|---|
| done | | deleted, or written |
| the condition is false | all answered | skipped: it was changed meanwhile. If only its guard is false, it is sent again as it is now |
| the condition is false, and the item is as the action leaves it | one got no answer | deleted, or written: by that call, or by someone who did the same |
| the condition is false, and it is not | one got no answer | a delete: skipped, it is there; an update: unresolved |
| refused | | failed |

The law: `read = written + deleted + skipped + failed + unresolved`.
"""  # noqa: E501  # a table

from collections import deque
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.batch.operation import Origin
from pannier.batch.pace.pacing import Pacing, Permit
from pannier.batch.report import Failure, Report
from pannier.batch.retrying import Judgement, Verdict, judge
from pannier.batch.tables.conditional_action import ConditionalAction
from pannier.batch.target import OutcomeUnknownError, Reply
from pannier.errors import PannierError, ServiceError
from pannier.model.attribute_value import Item

_WINDOW: Final = 2000
_SENT_AGAIN_MAX: Final = 20  # as the item is now: others change it all the time
_FALSE: Final = "ConditionalCheckFailedException"
# Another transaction or region is at work on the item; nothing was done.
_BUSY: Final = ("TransactionConflictException", "ReplicatedWriteConflictException")


@dataclass(slots=True)
class Match:
    """An item that met the condition when it was read.

    Attributes:
        item: as it was read; only its key, where no more is needed.
        number: which it is, from 1.
        sent: how often it was sent.
        in_doubt: whether one of these calls may have had its effect.
    """

    item: Item
    number: int
    sent: int = 0
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One DeleteItem or UpdateItem call."""

    match: Match
    body: bytes
    permit: Permit

    @property
    def size(self) -> int:
        """An item."""
        return 1


class ActionJob:
    """Items that meet a condition, from feed to report.

    Args:
        action: what is done to them.
        report: where everything is accounted for.
        pacing: says when something may be sent.
        fail_fast: stop at the first failure.
    """

    def __init__(
        self, action: ConditionalAction, report: Report, pacing: Pacing, *, fail_fast: bool = False
    ) -> None:
        self.report = report
        self._action = action
        self._pacing = pacing
        self._fail_fast = fail_fast
        self._waiting: deque[Match] = deque()
        self._in_flight = 0

    @property
    def operation(self) -> str:
        """The operation of the API."""
        return self._action.operation

    @property
    def has_room(self) -> bool:
        """Whether more items may be fed."""
        return not self.report.stopped and len(self._waiting) < _WINDOW

    @property
    def done(self) -> bool:
        """Whether every item that was fed is accounted for."""
        return not self._waiting and not self._in_flight

    def feed(self, item: Item) -> None:
        """Take an item that met the condition when it was read."""
        self.report.read += 1
        match = Match(item, self.report.read)
        if self.report.stopped:
            self._unresolved(match, self.report.stopped)
        else:
            self._waiting.append(match)

    def end_input(self) -> None:
        """Nothing waits for more."""

    def next_batch(self, now_s: float) -> ActionCall | None:
        """The next call, or None: nothing to send, or not yet (`wake_s`)."""
        table = self._action.table
        if self.report.stopped or not self._waiting or not self._pacing.is_open(now_s):
            return None
        if not self._pacing.admits(table, 1.0, now_s):
            return None
        match = self._waiting.popleft()
        self.report.retries += bool(match.sent)
        match.sent += 1
        self._in_flight += 1
        body = orjson.dumps(self._action.request(match.item))
        return ActionCall(match, body, self._pacing.send({table: 1.0}, now_s, is_full=True))

    def wake_s(self, now_s: float) -> float | None:
        """When time alone lets `next_batch` name a call; None if something has to happen first."""
        if self.report.stopped or not self._waiting:
            return None
        opens_s = self._pacing.opens_s({self._action.table: 1.0}, now_s)
        return opens_s if opens_s is not None and opens_s > now_s else None

    # Answers

    def answered(self, batch: ActionCall, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self._in_flight -= 1
        self.report.received_bytes += len(reply.body)
        judgement = judge(reply)
        code = judgement.reason.partition(":")[0]
        if judgement.verdict is Verdict.DONE:
            self._done(batch, judgement, reply, now_s)
        elif code == _FALSE:
            self._pacing.answered(batch.permit, {}, None, now_s, reply.retry_after_s)
            self._is_false(batch.match, judgement.body.get("Item"))
        else:
            self.report.calls_failed += 1
            self._troubled(batch, judgement, code in _BUSY, reply, now_s)
        self._note_waits(judgement.reason)

    def unanswered(self, batch: ActionCall, error: PannierError, now_s: float) -> None:
        """No answer came."""
        self._in_flight -= 1
        self.report.calls_failed += 1
        self._pacing.broke(batch.permit, now_s)
        self._again(batch.match, str(error), in_doubt=isinstance(error, OutcomeUnknownError))
        self._note_waits(str(error))

    def stop(self, reason: str) -> None:
        """Send nothing more; what is not in flight is unresolved."""
        if not self.report.stopped:
            self.report.stopped = reason
        while self._waiting:
            self._unresolved(self._waiting.popleft(), reason)

    def _done(self, batch: ActionCall, judgement: Judgement, reply: Reply, now_s: float) -> None:
        consumed = judgement.body.get("ConsumedCapacity")
        entries = [consumed] if isinstance(consumed, dict) else []
        self.report.add_capacity(entries, "write")
        self._pacing.answered(batch.permit, {}, entries, now_s, reply.retry_after_s)
        self._had_effect()

    def _had_effect(self) -> None:
        if self._action.kind == "delete":
            self.report.deleted += 1
        else:
            self.report.written += 1

    def _troubled(
        self, batch: ActionCall, judgement: Judgement, is_busy: bool, reply: Reply, now_s: float
    ) -> None:
        match, reason = batch.match, judgement.reason
        verdict = Verdict.AGAIN if is_busy else judgement.verdict
        if verdict is Verdict.THROTTLED:
            self.report.throttles += 1
            self._pacing.throttled(batch.permit, judgement.tables, now_s, reply.retry_after_s)
            self._again(match, reason)
        elif verdict in (Verdict.AGAIN, Verdict.UNKNOWN):
            self._pacing.broke(batch.permit, now_s, reply.retry_after_s)
            self._again(match, reason, in_doubt=verdict is Verdict.UNKNOWN)
        elif verdict is Verdict.REFUSED:
            self._pacing.refused(batch.permit, now_s)
            self._failed(match, reason, reply.request_id)
        else:
            self._pacing.refused(batch.permit, now_s)
            self._unresolved(match, reason, reply.request_id)
            self.stop(reason)

    def _is_false(self, match: Match, item: Any) -> None:
        """The condition was false: for what reason, and what does that say of earlier calls?"""
        item = item if isinstance(item, dict) else None
        if match.in_doubt:
            self._resolve(match, item)
        elif self._action.is_guarded and item is not None and self._action.matches(item):
            if match.sent > _SENT_AGAIN_MAX:
                self._failed(match, f"it was changed by others {match.sent} times meanwhile")
            else:
                match.item = item
                self._again(match, "it was changed meanwhile")
        else:
            self.report.skipped += 1

    def _resolve(self, match: Match, item: Item | None) -> None:
        if self._action.kind == "delete":
            if item is None:
                self._had_effect()
            else:
                self.report.skipped += 1
            return
        try:
            is_done = item is not None and self._action.is_done_to(item, match.item)
        except ServiceError:  # what is there now does not even fit the update
            is_done = False
        if is_done:
            self._had_effect()
        else:
            self._unresolved(
                match, "a call got no answer, and the item was changed since: look at it by hand"
            )

    def _again(self, match: Match, reason: str, *, in_doubt: bool = False) -> None:
        if in_doubt:
            match.in_doubt = True
            self.report.calls_unknown += 1
        if self.report.stopped:
            self._unresolved(match, reason)
        else:
            self._waiting.appendleft(match)

    def _failed(self, match: Match, reason: str, request_id: str = "") -> None:
        self.report.fail(self._failure(match, reason, request_id))
        if self._fail_fast:
            self.stop(f"stopped at the first failure: {reason}")

    def _unresolved(self, match: Match, reason: str, request_id: str = "") -> None:
        self.report.fail(self._failure(match, reason, request_id), resolved=False)

    def _failure(self, match: Match, reason: str, request_id: str) -> Failure:
        action = self._action
        origin = Origin(f"table {action.table}", match.number, "match")
        key = action.schema.key_of(match.item)
        return Failure(action.table, action.kind, key, reason, origin, request_id)

    def _note_waits(self, reason: str) -> None:
        self.report.waited_s += self._pacing.take_waited_s()
        if self._pacing.gave_up and not self.report.stopped:
            self.stop(f"{self._pacing.deadline}: {reason}")
