"""When a call may be sent, and which tables may be in it.

Two kinds of trouble, kept apart. What concerns the *way* to the target (no connection, no answer,
HTTP 500, growing latency) holds every call back. What concerns a *table* (throttling, its budget)
holds back that table, and the others go on.

A table that is throttled has its calls in flight halved, down to one, and waits; each full round
of clean answers allows one more. It is additive increase and multiplicative decrease, as TCP does
it, and for the same reason: of all simple rules only this one makes several clients that know
nothing of each other share fairly (Chiu and Jain, 1989).
"""

import random
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any

from pannier.batch.pace.backoff import Deadline, SharedBackoff, Trouble
from pannier.batch.pace.budget import Budget, Charge, Purse, consumed_by_resource
from pannier.batch.pace.concurrency import Concurrency
from pannier.batch.pace.leftovers import Left
from pannier.batch.pace.refill import Refill


@dataclass
class Permit:
    """A call that was allowed: what it was based on, to judge the answer by.

    Attributes:
        sent_s: when it was sent.
        number: the call's, for `Concurrency`.
        round: of the way to the target, when it was sent.
        tables: of each table in the call the round when it was sent.
        units: of each table what was estimated.
        charges: of each table with a budget, what was charged.
        is_full: whether the call did about as much as others do, so that its latency counts.
    """

    sent_s: float
    number: int
    round: int
    tables: dict[str, int]
    is_full: bool
    units: dict[str, float] = field(default_factory=dict)
    charges: dict[str, Charge] = field(default_factory=dict)


class _TablePace:
    __slots__ = ("backoff", "budget", "clean", "in_flight", "limit", "refill")

    def __init__(self) -> None:
        self.backoff = SharedBackoff()
        self.budget: Budget | None = None
        self.in_flight = 0
        self.limit: int | None = None
        self.clean = 0
        self.refill = Refill()

    def is_free(self, now_s: float) -> bool:
        limit = self.limit
        if self.in_flight and self.budget is not None and self.budget.is_learning(now_s):
            limit = 1
        return limit is None or self.in_flight < limit


class Pacing:
    """The pace of one job.

    Args:
        chance: decides the jitter of backoff.
        give_up_after_s: seconds of nothing but trouble after which the rest is given up.
        parallel: calls in flight at most.

    Attributes:
        deadline: what is said when the job gives up.
        gave_up: whether there was nothing but trouble for too long.
    """

    def __init__(self, chance: random.Random, give_up_after_s: float, parallel: int) -> None:
        self.deadline = Deadline(give_up_after_s)
        self.gave_up = False
        self._waited_s = 0.0
        self._waiting_until_s = 0.0
        self._chance = chance
        self._parallel = parallel
        self._concurrency = Concurrency(parallel)
        self._way = SharedBackoff()
        self._tables: dict[str, _TablePace] = {}
        self._slow: set[str] = set()
        self._budgets: list[Budget] = []
        self._shares = False

    # What may be sent

    @property
    def in_flight(self) -> int:
        """Calls that have not come back."""
        return self._concurrency.in_flight

    @property
    def slow_tables(self) -> Collection[str]:
        """Tables that can't be written to or read from as fast as others."""
        return self._slow

    def take_waited_s(self) -> float:
        """For how long something was held back because of trouble, since the last time asked."""
        waited_s, self._waited_s = self._waited_s, 0.0
        return waited_s

    def set_budget(self, table: str, budget: Budget) -> None:
        """Keep a table's calls within a budget, from now on."""
        self._pace(table).budget = budget
        self._budgets.append(budget)
        self._shares = self._shares or budget.is_shared
        self._slow.add(table)

    @property
    def shares(self) -> bool:
        """Whether others spend a budget too, so that there is something for `deciding`."""
        return self._shares

    def deciding(self) -> AbstractContextManager[object]:
        """What may be sent is decided: what budgets have at its beginning, they have at its end."""
        stack = ExitStack()
        for budget in self._budgets:
            stack.enter_context(budget.held())
        return stack

    def is_open(self, now_s: float) -> bool:
        """Whether any call may be sent now."""
        return self._concurrency.free and now_s >= self._not_before_s(self._way)

    def admits(self, table: str, units: float, now_s: float) -> bool:
        """Whether operations of a table may be in a call that is sent now.

        Args:
            table: the table's name.
            units: what they are estimated to cost; only counts where there is a budget.
            now_s: the time.
        """
        pace = self._tables.get(table)
        if pace is None:
            return True
        if not pace.is_free(now_s) or now_s < self._not_before_s(pace.backoff):
            return False
        return pace.budget is None or pace.budget.wait_s(units, now_s) <= 0

    def has_budget(self, table: str) -> bool:
        """Whether a table has a budget."""
        pace = self._tables.get(table)
        return pace is not None and pace.budget is not None

    def is_learning(self, table: str, now_s: float) -> bool:
        """Whether it is not known yet what calls on a table with a budget really cost."""
        pace = self._tables.get(table)
        return pace is not None and pace.budget is not None and pace.budget.is_learning(now_s)

    def purse(self, table: str, now_s: float) -> Purse | None:
        """What may be spent on a table now; None if it has no budget."""
        pace = self._tables.get(table)
        return None if pace is None or pace.budget is None else pace.budget.purse(now_s)

    def empty_s(self, now_s: float) -> float | None:
        """When there was nothing in the budgets that is there now; a time to come, if they owe.

        None if there is no budget.
        """
        return max((budget.empty_s(now_s) for budget in self._budgets), default=None)

    def opens_s(self, needs: Mapping[str, float], now_s: float) -> float | None:
        """When time alone lets a call through that has operations of all the tables named.

        Args:
            needs: by table what its operations are estimated to cost.
            now_s: the time.

        Returns:
            The time, which may be past; None if an answer has to come first.
        """
        if not self._concurrency.free:
            return None
        opens_s = self._not_before_s(self._way)
        for table, units in needs.items():
            pace = self._pace(table)
            if not pace.is_free(now_s):
                return None
            opens_s = max(opens_s, self._not_before_s(pace.backoff))
            if pace.budget is not None:
                wait_s = pace.budget.wait_s(units, now_s)
                opens_s = max(opens_s, now_s + wait_s if wait_s > 0 else 0.0)
        return opens_s

    def send(self, units: Mapping[str, float], now_s: float, *, is_full: bool) -> Permit:
        """Note a call.

        Args:
            units: by table what it is estimated to cost.
            now_s: the time.
            is_full: whether it does about as much as others do.
        """
        permit = Permit(now_s, self._concurrency.sent(), self._way.round, {}, is_full)
        for table, estimated in units.items():
            pace = self._pace(table)
            pace.in_flight += 1
            permit.tables[table] = pace.backoff.round
            permit.units[table] = estimated
            if pace.budget is not None:
                permit.charges[table] = pace.budget.charge(estimated, now_s)
        return permit

    # What came back. Each call ends with exactly one of these

    def answered(
        self,
        permit: Permit,
        left: Mapping[str, Left],
        consumed: object,
        now_s: float,
        retry_after_s: float | None,
    ) -> None:
        """A call was answered; some of it may be left over for lack of capacity.

        Args:
            permit: the call's.
            left: what is left over, of each table of which something is for lack of capacity.
            consumed: the `ConsumedCapacity` of the answer.
            now_s: the time.
            retry_after_s: how long the service asks to wait.
        """
        self._returned(permit)
        self._way.success(permit.round)
        if len(left) < len(permit.tables) or any(each.passed for each in left.values()):
            self.deadline.progress()
        if permit.is_full and not left:
            self._concurrency.took(permit.number, now_s - permit.sent_s, now_s)
        spent = _by_table(consumed) if permit.charges else {}
        trouble = self._trouble(now_s, retry_after_s) if left else None
        for table in permit.tables:
            rest = left.get(table)
            self._correct(permit, table, rest.units if rest else 0.0, spent.get(table), now_s)
            if rest is None or trouble is None:
                self._clean(permit, table, now_s)
            else:
                self._throttled(permit, table, trouble, rest)

    def throttled(
        self, permit: Permit, tables: Collection[str], now_s: float, retry_after_s: float | None
    ) -> None:
        """Nothing of a call was done, because certain tables have no capacity left.

        Args:
            permit: the call's.
            tables: which tables, as far as the service says; none if it does not.
            now_s: the time.
            retry_after_s: how long the service asks to wait.
        """
        self._returned(permit)
        self._way.success(permit.round)
        trouble = self._trouble(now_s, retry_after_s)
        known = [table for table in tables if table in permit.tables] or permit.tables
        for table in permit.tables:
            self._give_back(permit, table, now_s)
            if table in known:
                self._throttled(permit, table, trouble, None)

    def refused(self, permit: Permit, now_s: float) -> None:
        """A call was refused, and nothing of it was done."""
        self._returned(permit)
        self._way.success(permit.round)
        self.deadline.progress()
        for table in permit.tables:
            self._give_back(permit, table, now_s)

    def broke(self, permit: Permit, now_s: float, retry_after_s: float | None = None) -> None:
        """A call brought no usable answer. What it was charged stays spent: it may have been."""
        self._returned(permit)
        if self._way.trouble(permit.round, self._trouble(now_s, retry_after_s)):
            self._concurrency.broke(permit.number)
        self._note_wait(self._way, now_s)

    def _returned(self, permit: Permit) -> None:
        self._concurrency.returned()
        for table in permit.tables:
            self._tables[table].in_flight -= 1

    def _throttled(self, permit: Permit, table: str, trouble: Trouble, rest: Left | None) -> None:
        pace = self._tables[table]
        sent_in = permit.tables[table]
        gathers_s = None
        if rest is not None and sent_in == pace.backoff.round:
            whole = permit.units[table]
            one = whole / (rest.passed + rest.left)
            gathers_s = pace.refill.left_over(whole - rest.units, whole, one, trouble.now_s)
        if pace.backoff.trouble(sent_in, trouble, gathers_s):
            there_were = pace.in_flight + 1
            pace.limit = max(1, min(pace.limit or there_were, there_were) // 2)
            pace.clean = 0
            self._slow.add(table)
        self._note_wait(pace.backoff, trouble.now_s)

    def _clean(self, permit: Permit, table: str, now_s: float) -> None:
        pace = self._tables[table]
        sent_in = permit.tables[table]
        pace.backoff.ease(sent_in)
        gathers_s = pace.refill.clean(permit.units[table], now_s)
        if pace.limit is not None and sent_in == pace.backoff.round:
            wait_s = gathers_s - (now_s - permit.sent_s)  # another call takes as long
            if pace.limit == 1 and wait_s > 0:  # more calls at a time would gain nothing
                pace.backoff.hold(now_s + wait_s)
                self._note_wait(pace.backoff, now_s)
                return
            pace.clean += 1
            if pace.clean >= pace.limit:
                pace.clean = 0
                pace.limit = pace.limit + 1 if pace.limit < self._parallel else None
        if pace.limit is None and pace.budget is None and not pace.backoff.level:
            self._slow.discard(table)

    def _correct(
        self, permit: Permit, table: str, left_units: float, spent: Charge | None, now_s: float
    ) -> None:
        budget = self._tables[table].budget
        if budget is not None and table in permit.charges:
            units = permit.units[table]
            budget.correct(permit.charges[table], units, units - left_units, spent, now_s)

    def _give_back(self, permit: Permit, table: str, now_s: float) -> None:
        budget = self._tables[table].budget
        if budget is not None and table in permit.charges:
            budget.correct(permit.charges[table], permit.units[table], 0.0, None, now_s)

    def _trouble(self, now_s: float, retry_after_s: float | None) -> Trouble:
        """Note that there is trouble; its jitter is one for all tables, so they go on together."""
        self.gave_up = self.deadline.trouble(now_s) or self.gave_up
        return Trouble(now_s, retry_after_s, self._chance.random())

    def _note_wait(self, backoff: SharedBackoff, now_s: float) -> None:
        until_s = self._not_before_s(backoff)
        self._waited_s += max(0.0, until_s - max(now_s, self._waiting_until_s))
        self._waiting_until_s = max(self._waiting_until_s, until_s)

    def _not_before_s(self, backoff: SharedBackoff) -> float:
        """The end of a wait; never later than the time at which the job would give up."""
        return min(backoff.not_before_s, self.deadline.at_s)

    def _pace(self, table: str) -> _TablePace:
        pace = self._tables.get(table)
        if pace is None:
            pace = self._tables[table] = _TablePace()
        return pace


def _by_table(consumed: object) -> dict[str, Charge]:
    """`ConsumedCapacity` by table and resource. Endpoints that answer none are taken as such."""
    entries: list[Any] = consumed if isinstance(consumed, list) else []
    return {
        str(entry.get("TableName")): consumed_by_resource(entry)
        for entry in entries
        if isinstance(entry, dict)
    }
