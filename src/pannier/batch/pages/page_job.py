"""The decisions of a scan or a query. No I/O, no clock, no threads: see `sessions` for those.

Pages of one *chain* (a segment of a scan, or one query) come one after another, because each says
where the next begins; chains go on side by side. A page is at most 1 MB of items read, before any
filter (Developer Guide, "Paginating table query results"); within a budget it is made as small as
the budget asks for, by `Limit`. A page is charged what its `Limit` allows it to cost, until it has
come. Were that all there is, queries that find little would go one after another; so where pages
turn out cheap, those that follow are allowed a few times as much only.

A page that got no answer is asked for again; reading twice does no harm. A page that is refused
stops the job: the request is at fault, and all pages have the same.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.batch.pace.pacing import Pacing, Permit
from pannier.batch.report import Report
from pannier.batch.retrying import Verdict, judge
from pannier.batch.target import Reply
from pannier.errors import PannierError
from pannier.limits import MIB, READ_UNIT_BYTES
from pannier.model.attribute_value import Item

_ANSWERS_BYTES: Final = 32 * MIB  # of unread pages, and those in flight
_PAGE_BYTES: Final = MIB
_ITEMS_OF_FIRST_PAGE: Final = 25  # of a job with a budget, which does not know yet what items cost
_MOST: Final = 1e12
_PAGE_UNITS_MAX: Final = MIB / READ_UNIT_BYTES  # half, if reads are eventually consistent
_PAGE_UNITS_MIN: Final = 2.0
_ALLOWED: Final = 4.0  # times what pages cost of late
_LEARNING: Final = 0.25  # how much the newest page counts


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one chain.

    Attributes:
        chain: the chain's number, from 0.
        items: in the API's JSON form; none if only counts were asked for.
        count: how many items passed the filter.
        scanned: how many were read.
        next_key: where the next page begins; None if this is the last one.
    """

    chain: int
    items: list[Item]
    count: int
    scanned: int
    next_key: Item | None


class Chain:
    """Pages one after another.

    Args:
        number: from 0.
        members: what its requests say beside those of the job, e.g. `Segment`.
        start_key: where it begins; None for its beginning.
        only_first: its first page is all that is wanted of it.
    """

    __slots__ = ("done", "in_flight", "members", "number", "only_first", "start_key")

    def __init__(
        self,
        number: int,
        members: Mapping[str, Any],
        start_key: Item | None = None,
        *,
        only_first: bool = False,
    ) -> None:
        self.number = number
        self.members = members
        self.start_key = start_key
        self.only_first = only_first
        self.in_flight = False
        self.done = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One Scan or Query call.

    Attributes:
        chain: whose page it asks for.
        body: the request as JSON.
        permit: under which it was sent.
    """

    chain: Chain
    body: bytes
    permit: Permit

    @property
    def size(self) -> int:
        """A page is one operation."""
        return 1


class PageJob:
    """Chains of pages, from request to report.

    Args:
        operation: `Scan` or `Query`.
        request: what all requests say: table, filter, projection ...
        chains: what is read.
        report: where everything is accounted for.
        pacing: says when something may be sent.
        limit: how many items are wanted at most; None for all.
        read_max: about how many items are read, whatever the filter leaves of them; None for all.

    Attributes:
        pages: those that have come and were not taken.
    """

    def __init__(
        self,
        operation: str,
        request: Mapping[str, Any],
        chains: Sequence[Chain],
        report: Report,
        pacing: Pacing,
        limit: int | None = None,
        read_max: int | None = None,
    ) -> None:
        self.report = report
        self.pages: deque[Page] = deque()
        self._operation = operation
        self._table: str = request["TableName"]
        self._request = {**request, "ReturnConsumedCapacity": "INDEXES"}
        self._is_filtered = "FilterExpression" in request
        self._chains = chains
        self._pacing = pacing
        self._wanted = limit
        self._read_max = read_max
        self._pages_answered = 0
        self._pages_bytes = 0
        self._in_turn = 0
        consistent = bool(request.get("ConsistentRead"))
        self._page_units_max = _PAGE_UNITS_MAX if consistent else _PAGE_UNITS_MAX / 2
        self._page_units: float | None = None  # of late

    @property
    def operation(self) -> str:
        """The operation of the API."""
        return self._operation

    @property
    def has_room(self) -> bool:
        """There is nothing to feed."""
        return False

    def end_input(self) -> None:
        """There is nothing to feed."""

    @property
    def done(self) -> bool:
        """Whether nothing is in flight, and nothing more will be sent."""
        if any(chain.in_flight for chain in self._chains):
            return False
        return self._is_over or all(chain.done for chain in self._chains)

    @property
    def _is_over(self) -> bool:
        is_enough = self._read_max is not None and self.report.read >= self._read_max
        return bool(self.report.stopped) or self._wanted == 0 or is_enough

    def take_pages(self) -> list[Page]:
        """The pages that are there; taking them makes room for more."""
        pages = list(self.pages)
        self.pages.clear()
        self._pages_bytes = 0
        return pages

    def forget(self, pages: Iterable[Page]) -> None:
        """Take pages that nobody has taken out of the report again."""
        for page in pages:
            self.report.read -= page.scanned
            self.report.found -= page.count
            self.report.skipped -= page.scanned - page.count

    # Sending

    def next_batch(self, now_s: float) -> PageRequest | None:
        """The next page to ask for, or None: nothing to send, or not yet (`wake_s`)."""
        if not self._pacing.shares:
            return self._decided(now_s)
        with self._pacing.deciding():
            return self._decided(now_s)

    def _decided(self, now_s: float) -> PageRequest | None:
        if self._is_over or not self._answer_has_room or not self._pacing.is_open(now_s):
            return None
        if self._comes_soon or not self._waits:
            return None
        need = self._need(now_s)
        if not self._pacing.admits(self._table, need, now_s):
            return None
        chain = self._next_chain()
        if chain is None:
            return None
        purse = self._pacing.purse(self._table, now_s)
        most = None if purse is None else max(1, int(min(purse.units, need, _MOST)))
        if self._wanted is not None and not self._is_filtered:
            most = self._wanted if most is None else min(most, self._wanted)
        members = {**self._request, **chain.members}
        if most is not None and most < members.get("Limit", most + 1):
            members["Limit"] = most
        if chain.start_key is not None:
            members["ExclusiveStartKey"] = chain.start_key
        chain.in_flight = True
        estimated = float(most) if purse is not None and most is not None else 1.0
        permit = self._pacing.send({self._table: estimated}, now_s, is_full=True)
        return PageRequest(chain, orjson.dumps(members), permit)

    def wake_s(self, now_s: float) -> float | None:
        """When time alone lets `next_batch` name a page; None if something has to happen first."""
        if self._is_over or not self._answer_has_room or not self._waits or self._comes_soon:
            return None
        opens_s = self._pacing.opens_s({self._table: self._need(now_s)}, now_s)
        return opens_s if opens_s is not None and opens_s > now_s else None

    def _need(self, now_s: float) -> float:
        """Items in a page, so that there are not more pages than the budget makes necessary."""
        purse = self._pacing.purse(self._table, now_s)
        if purse is None:
            return 0.0
        if self._pacing.is_learning(self._table, now_s):
            return _ITEMS_OF_FIRST_PAGE
        units = self._page_units_max
        if self._page_units is not None:
            units = min(units, max(_PAGE_UNITS_MIN, _ALLOWED * self._page_units))
        return units / purse.per_unit if purse.per_unit > 0 else _MOST

    @property
    def _waits(self) -> bool:
        return any(not (chain.done or chain.in_flight) for chain in self._chains)

    @property
    def _answer_has_room(self) -> bool:
        in_flight = self._pacing.in_flight
        if not in_flight and not self.pages:
            return True
        return self._pages_bytes + _PAGE_BYTES * (in_flight + 1) <= _ANSWERS_BYTES

    @property
    def _comes_soon(self) -> bool:
        """Whether pages like those before, now in flight, hold all that is still to be read."""
        in_flight = self._pacing.in_flight
        if self._read_max is None or not in_flight:
            return False
        of_page = self.report.read / self._pages_answered if self._pages_answered else 1.0
        return self.report.read + in_flight * max(1.0, of_page) >= self._read_max

    def _next_chain(self) -> Chain | None:
        """The next chain that waits, each in turn."""
        chains = self._chains
        for step in range(len(chains)):
            chain = chains[(self._in_turn + step) % len(chains)]
            if not (chain.done or chain.in_flight):
                self._in_turn = (self._in_turn + step + 1) % len(chains)
                return chain
        return None

    # Answers

    def answered(self, batch: PageRequest, reply: Reply, now_s: float) -> None:
        """Take an answer."""
        self.report.received_bytes += len(reply.body)
        batch.chain.in_flight = False
        judgement = judge(reply)
        if judgement.verdict is Verdict.DONE:
            self._done(batch, judgement.body, reply, now_s)
            return
        self.report.calls_failed += 1
        match judgement.verdict:
            case Verdict.THROTTLED:
                self.report.throttles += 1
                self._pacing.throttled(batch.permit, judgement.tables, now_s, reply.retry_after_s)
            case Verdict.AGAIN | Verdict.UNKNOWN:
                self._pacing.broke(batch.permit, now_s, reply.retry_after_s)
            case _:
                self._pacing.refused(batch.permit, now_s)
                self.stop(judgement.reason)
        self._note_waits(judgement.reason)

    def unanswered(self, batch: PageRequest, error: PannierError, now_s: float) -> None:
        """No answer came; reads are repeated."""
        batch.chain.in_flight = False
        self.report.calls_failed += 1
        self._pacing.broke(batch.permit, now_s)
        self._note_waits(str(error))

    def stop(self, reason: str) -> None:
        """Send nothing more."""
        if not self.report.stopped:
            self.report.stopped = reason

    def _done(self, batch: PageRequest, body: dict[str, Any], reply: Reply, now_s: float) -> None:
        consumed = body.get("ConsumedCapacity")
        entries = [consumed] if isinstance(consumed, dict) else []
        self.report.add_capacity(entries, "read")
        scanned = int(body.get("ScannedCount") or 0)
        batch.permit.units[self._table] = float(max(1, scanned))
        self._learn_page(sum(each.get("CapacityUnits") or 0.0 for each in entries))
        self._pages_answered += 1
        self._pacing.answered(batch.permit, {}, entries, now_s, reply.retry_after_s)
        self._note_waits("")
        items: list[Item] = body.get("Items") or []
        count = int(body.get("Count") or 0)
        chain = batch.chain
        chain.start_key = body.get("LastEvaluatedKey")
        chain.done = chain.start_key is None or chain.only_first
        if self._wanted is not None:
            count = min(count, self._wanted)
            items = items[:count]
            self._wanted -= count
        self.report.read += scanned
        self.report.found += count
        self.report.skipped += scanned - count
        self._pages_bytes += len(reply.body)
        self.pages.append(Page(chain.number, items, count, scanned, chain.start_key))

    def _learn_page(self, units: float) -> None:
        if self._page_units is None:
            self._page_units = units
        else:
            self._page_units += _LEARNING * (units - self._page_units)

    def _note_waits(self, reason: str) -> None:
        self.report.waited_s += self._pacing.take_waited_s()
        if self._pacing.gave_up and not self.report.stopped:
            self.stop(f"{self._pacing.deadline}: {reason}")
