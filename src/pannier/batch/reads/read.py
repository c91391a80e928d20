"""Read: keys in, items out, and a report."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pannier.batch.calls import Schemas
from pannier.batch.input_order import numbered
from pannier.batch.journals.job_journal import JobJournal
from pannier.batch.journals.read_notes import ReadNotes
from pannier.batch.operation import NOWHERE, Origin
from pannier.batch.options import Options
from pannier.batch.pace.budget import budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turn_end import end_turn
from pannier.batch.reads.projection import Projection
from pannier.batch.reads.read_job import ReadBatch, ReadJob
from pannier.batch.reads.read_request import ReadRequest
from pannier.batch.reads.read_results import Found
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.target import Target
from pannier.model.attribute_value import Item

_WHOLE: Final = Projection()


@dataclass(frozen=True, slots=True)
class Key:
    """A key to read.

    Attributes:
        table: the table's name.
        attributes: the key in the API's JSON form.
        origin: its place in the source.
    """

    table: str
    attributes: Item
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How the items of one table are read."""

    projection: Projection = _WHOLE
    consistent: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """For pickles: compiled, a frozen class has no other way."""
        return TableOptions, (self.projection, self.consistent)


class Reading:
    """A batch read under way. Make it on the event loop that it shall use.

    Args:
        target: where to read.
        schemas: the key schemas of the target's tables.
        options: how to go about it.
        tables: how certain tables are read.
        default: how the others are read.
        on_failure: called for every key that could not be read, as soon as that is known.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
        journal: notes what is done, so that the job can go on after it was ended.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        tables: Mapping[str, TableOptions],
        default: TableOptions,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
        journal: JobJournal | None = None,
    ) -> None:
        self.report = Report("read", on_failure=on_failure)
        self._schemas = schemas
        self._tables = tables
        self._default = default
        self._requests: dict[str, ReadRequest] = {}
        self._allowance = options.read_allowance
        self._give_up_after_s = options.give_up_after_s
        self._pacing = Pacing(chance or random.Random(), options.give_up_after_s, options.parallel)
        self._job = ReadJob(
            self._requests,
            self.report,
            self._pacing,
            fail_fast=options.fail_fast,
            goes_on=journal is not None,
            ordered=options.ordered,
        )
        self._ordered = options.ordered
        self._count = 0  # of keys, where no journal numbers them
        self._session: Session[ReadBatch] = Session(self._job, target)
        self._journal = journal
        self._notes: ReadNotes | None = None
        if journal is not None:
            journal.start(self.report, self._session.note_time, self._session.stop)
            self._notes = ReadNotes(journal, self.report)

    @property
    def wants_more(self) -> bool:
        """Whether there is a point in feeding more: not, if a later run goes on with the rest."""
        return self._notes is None or self._notes.wants_more

    @property
    def done(self) -> bool:
        """Whether every key that was fed is accounted for and its result taken."""
        return self._job.done and not self._job.results

    async def exchange(
        self, keys: Iterable[Key | Failure], *, last: bool, output_bytes: int | None = None
    ) -> list[Found]:
        """Feed keys and take the results that are there. Those of the last call are dealt with.

        Args:
            keys: the next keys, or what the source could not read; none if there are no more.
            last: nothing follows. Then the call waits for results, and is repeated until `done`.
            output_bytes: the size of the file that earlier results were written to, if there is
                one; for the journal.

        Raises:
            CallError: a table does not exist, or can't be described.
            UserError: the budget is a share of what is provisioned, and nothing is.
        """
        if self._notes is not None:
            self._notes.taken(output_bytes)
        for key in keys:
            origin = key.origin
            if self._notes is not None:
                if not self.wants_more:
                    break
                place = self._notes.number(origin)
                if place is None:
                    continue
                origin = place
            elif self._ordered:
                self._count += 1
                origin = numbered(origin, self._count)
            if isinstance(key, Failure):
                self._job.refuse(replace(key, origin=origin))
                continue
            if key.table not in self._requests:
                await self._load(key.table)
            self._job.feed(key.table, key.attributes, origin)
        if last:
            self._job.end_input()
        self._session.pump()
        while not self._job.results and not self._job.done and (last or not self._job.has_room):
            await self._session.progress()
        results = self._job.take_results()
        if self._notes is not None:
            self._notes.handed(results)
        if last and self.done:
            self._session.close()
        return results

    async def finish(self, *, output_bytes: int | None = None, complete: bool = True) -> None:
        """All results have been taken; what a budget in turns is owed is waited for.

        Args:
            output_bytes: as for `exchange`.
            complete: whether those were the keys of the whole source.

        Raises:
            JournalError: the source ended before the place that an earlier run had reached.
        """
        if self._journal is not None and self._notes is not None:
            self._notes.taken(output_bytes)
            await self._journal.end(source_ended=complete)
        await end_turn(self._allowance, self._pacing, self._session.now_s)

    async def stop(self, reason: str) -> None:
        """Send nothing more, and wait for what is in flight."""
        self._job.stop(reason)
        await self._session.finish()
        if self._journal is not None:
            await self._journal.end(source_ended=False)

    async def _load(self, table: str) -> None:
        patience_s = self._give_up_after_s if self._requests else 0.0  # as in `write`
        options = self._tables.get(table, self._default)
        if self._allowance is not None:
            description = await self._schemas.describe(table, patience_s=patience_s)
            now_s = self._session.now_s()
            self._pacing.set_budget(table, budget_of(self._allowance, "read", description, now_s))
        schema = await self._schemas.load(table, patience_s=patience_s)
        self._requests[table] = ReadRequest(schema, options.projection, options.consistent)
