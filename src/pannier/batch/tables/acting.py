"""Delete or update where a condition holds: a scan that finds the items, and a call for each."""

import random

from pannier.batch.calls import Schemas
from pannier.batch.options import Options
from pannier.batch.pace.budget import budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pages.scan import Scanning, segments, segments_for
from pannier.batch.report import OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.tables.action_job import ActionCall, ActionJob
from pannier.batch.tables.conditional_action import ConditionalAction
from pannier.batch.target import Target


class Acting:
    """A conditional action under way. Make it on the event loop that it shall use.

    The scan reads ahead of the calls by so much as waits for them, and no more.

    Args:
        target: where.
        schemas: of the target's tables.
        options: how to go about it; both budgets count.
        action: what is done to which items.
        consistent: whether the scan reads consistently.
        count: of the scan's segments; None for as many as the size of the table suggests.
        on_failure: told each item that the action could not be done to.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.

    Attributes:
        report: of the items found.
        found: the report of the scan, once it has begun.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        action: ConditionalAction,
        *,
        consistent: bool = False,
        count: int | None = None,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self.report = Report("act", on_failure=on_failure)
        self.found: Report | None = None
        self._target = target
        self._schemas = schemas
        self._options = options
        self._action = action
        self._request = action.scan_request(consistent=consistent)
        self._count = count
        self._chance = chance or random.Random()
        self._pacing = Pacing(self._chance, options.give_up_after_s, options.parallel)
        self._job = ActionJob(action, self.report, self._pacing, fail_fast=options.fail_fast)
        self._session: Session[ActionCall] = Session(self._job, target)
        self._scanning: Scanning | None = None

    async def run(self) -> Report:
        """Do it; returns when every item that was found is accounted for.

        Raises:
            CallError: the table can't be described.
            UserError: a budget is a share of what is provisioned, and nothing is.
        """
        scanning = await self._begin()
        while not scanning.done and not self.report.stopped:
            for page in await scanning.pages():
                for item in page.items:
                    if not self._job.has_room:
                        await self._session.room()
                    self._job.feed(item)
            self._session.pump()
        if self.report.stopped and not scanning.done:
            await scanning.stop(self.report.stopped)
        await self._session.finish()
        return self._ended()

    async def stop(self, reason: str) -> Report:
        """Send nothing more, wait for what is in flight; the rest is unresolved."""
        self._job.stop(reason)
        if self._scanning is not None:
            await self._scanning.stop(reason)
        await self._session.finish()
        return self._ended()

    async def _begin(self) -> Scanning:
        table, allowance = self._action.table, self._options.write_allowance
        if allowance is not None:
            described = await self._schemas.describe(table)
            budget = budget_of(allowance, "write", described, self._session.now_s())
            self._pacing.set_budget(table, budget)
        if self._count is None:
            chains = await segments_for(self._schemas, self._request, self._options)
        else:
            chains = segments(self._count)
        self._scanning = Scanning(
            self._target, self._schemas, self._options, "Scan", self._request, chains,
            chance=self._chance,
        )  # fmt: skip
        self.found = self._scanning.report
        return self._scanning

    def _ended(self) -> Report:
        report, found = self.report, self.found
        if found is not None:
            report.units.add({"read": found.units.read, "write": {}})
            if found.stopped and not report.stopped:
                report.stopped = f"the scan: {found.stopped}"
        return report
