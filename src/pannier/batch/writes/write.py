"""Write: operations in, report out."""

import asyncio
import random
from collections.abc import Iterable

from pannier.batch.calls import Schemas
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.pace.budget import budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turn_end import end_turn
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.target import Target, late_effect_s
from pannier.batch.writes.write_batch import WriteBatch, direct_way
from pannier.batch.writes.write_job import Fed, WriteJob, WriteRules
from pannier.model.key_schema import KeySchema


class Writing:
    """A batch write under way. Make it on the event loop that it shall use.

    Args:
        target: where to write.
        schemas: the key schemas of the target's tables.
        options: how to go about it.
        on_failure: called for every operation that was not applied, as soon as that is known.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
        journal: notes what is done, so that the job can go on after it was ended.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
        journal: JobJournal | None = None,
    ) -> None:
        self.report = Report("write", on_failure=on_failure)
        self._schemas = schemas
        # Its own: a schema that the connection forgets is still needed for what was sent with it.
        self._known: dict[str, KeySchema] = {}
        self._journal = journal
        self._allowance = options.write_allowance
        self._give_up_after_s = options.give_up_after_s
        self._pacing = Pacing(chance or random.Random(), options.give_up_after_s, options.parallel)
        self._job = WriteJob(
            self._known,
            self.report,
            self._pacing,
            WriteRules(options.every_write, options.fail_fast, late_effect_s(target)),
            journal.journal if journal is not None else None,
        )
        self._session: Session[WriteBatch] = Session(
            self._job, target, direct=direct_way(target, self._known)
        )
        self._grace_s = 0.0
        if journal is not None:
            journal.start(self.report, self._session.note_time, self._session.stop)
            self._grace_s = journal.grace_s(late_effect_s(target))

    @property
    def wants_more(self) -> bool:
        """Whether there is a point in feeding more: not, if a later run goes on with the rest."""
        return not (self.report.stopped and self._journal is not None and self._journal.usable)

    async def feed(self, operations: Iterable[Operation | Failure]) -> None:
        """Take operations; returns when there is room for more.

        A `Failure` among them is what the source could not read; it is accounted for.

        Raises:
            CallError: a table does not exist, or can't be described; the operations from the
                first one on that table were not taken.
            UserError: the budget is a share of what is provisioned, and nothing is; likewise.
        """
        if self._grace_s:
            await asyncio.sleep(self._grace_s)
            self._grace_s = 0.0
        journal = self._journal.journal if self._journal is not None else None
        elements = iter(operations)
        while self.wants_more:
            end = self._job.feed_from(elements, journal)
            if end is Fed.ENDED:
                break
            if end is Fed.FULL:
                await self._session.room()
                continue
            operation, number = end
            await self._load(operation.table)
            self._job.feed(operation, number)
        self._session.pump()

    async def flush(self) -> None:
        """Send what was fed, in batches that may not be full; returns when it is accounted for."""
        self._job.end_input(for_now=True)
        await self._session.drained()

    async def finish(self, *, complete: bool = True) -> Report:
        """Send the rest; returns when every operation is accounted for.

        Args:
            complete: whether that was the whole source, and not only what could be read of it.

        Raises:
            JournalError: the source ended before the place that an earlier run had reached.
        """
        await self._session.finish()
        if self._journal is not None:
            await self._journal.end(source_ended=complete)
        if await end_turn(self._allowance, self._pacing, self._session.now_s):
            self._session.note_time()
        return self.report

    async def stop(self, reason: str) -> Report:
        """Send nothing more, wait for what is in flight; the rest is unresolved."""
        self._job.stop(reason)
        await self._session.finish()
        if self._journal is not None:
            await self._journal.end(source_ended=False)
        return self.report

    async def _load(self, table: str) -> None:
        # A target that nobody can reach when the job begins is told at once; later it is trouble
        # like any other.
        patience_s = self._give_up_after_s if self._known else 0.0
        if self._allowance is not None:
            description = await self._schemas.describe(table, patience_s=patience_s)
            now_s = self._session.now_s()
            self._pacing.set_budget(table, budget_of(self._allowance, "write", description, now_s))
        self._known[table] = await self._schemas.load(table, patience_s=patience_s)
