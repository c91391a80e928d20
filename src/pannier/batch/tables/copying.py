"""Copy: the items of one table, read page by page, into another; between them a transform or none.

The report is that of a write, `read = written + superseded + skipped + failed + unresolved`: `read`
is every item that was to be written, and every item of the source of which none was: what a filter
or the transform left out is skipped, what the transform broke on has failed. Calls, latencies and
bytes are those of the writes; the read units are of the scan.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.calls import Schemas
from pannier.batch.journals.copy_journal import CopyJournal, CopyNotes, OpenPage
from pannier.batch.operation import Kind, Operation, Origin
from pannier.batch.options import Options
from pannier.batch.pace.budget import budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turn_end import end_turn
from pannier.batch.pages.page_job import Chain, Page
from pannier.batch.pages.scan import Scanning, segments, segments_for
from pannier.batch.report import Failure, OnFailure, Report
from pannier.batch.sessions import Session
from pannier.batch.tables.transform import Transform, TransformError, transformed
from pannier.batch.target import Target, late_effect_s
from pannier.batch.writes.write_batch import WriteBatch, direct_way
from pannier.batch.writes.write_job import WriteJob, WriteRules
from pannier.model.attribute_value import Item
from pannier.model.key_schema import KeySchema

_AT_ONCE: Final = 100  # items that are taken before others on the loop have their turn


@dataclass(frozen=True, slots=True)
class Copy:
    """What is copied where.

    Attributes:
        request: what all Scan requests say: table, filter, projection ...
        table: the destination.
        transform: what is done to each item; None for nothing.
        count: of the scan's segments; None for as many as the size of the table suggests.
        segments: what each scan request says of its segment, where only some of them are copied;
            None for all.
    """

    request: Mapping[str, Any]
    table: str
    transform: Transform | None = None
    count: int | None = None
    segments: Sequence[Mapping[str, Any]] | None = None


class Copying:
    """A copy under way. Make it on the event loop that it shall use.

    Items are taken no faster than they are written; beside the window of the writes there are some
    pages that wait, 32 MB at most.

    Args:
        source: where the items are.
        destination: where they go; may be the same.
        copy: what is copied.
        options: how to go about it; the read budget is the source's, the write budget the
            destination's, and each has up to `parallel` calls in flight.
        on_failure: told each item that was not written; with a journal that can go on, when the
            page that it comes from is done.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
        journal: notes what is done, so that the copy can go on after it was ended.

    Attributes:
        report: of the copy.
        found: the report of the scan in this run, once it has begun.
    """

    def __init__(
        self,
        source: Target,
        destination: Target,
        copy: Copy,
        options: Options,
        on_failure: OnFailure | None = None,
        chance: random.Random | None = None,
        journal: CopyJournal | None = None,
    ) -> None:
        self._notes = journal.journal if journal is not None else CopyNotes()
        self._notes.on_failure = on_failure
        self.report = Report("write", on_failure=self._notes.hold)
        self.found: Report | None = None
        self._source = source
        self._copy = copy
        self._options = options
        self._chance = chance or random.Random()
        self._journal = journal
        self._schemas = Schemas(source)
        self._schemas_there = Schemas(destination)
        self._known: dict[str, KeySchema] = {}
        self._pacing = Pacing(self._chance, options.give_up_after_s, options.parallel)
        rules = WriteRules(options.every_write, options.fail_fast, late_effect_s(destination))
        self._job = WriteJob(self._known, self.report, self._pacing, rules, self._notes)
        self._session: Session[WriteBatch] = Session(
            self._job, destination, direct=direct_way(destination, self._known)
        )
        self._scanning: Scanning | None = None
        self._grace_s = 0.0
        if journal is not None:
            journal.start(self.report, self._session.note_time, self._session.stop)
            self._grace_s = journal.grace_s(late_effect_s(destination))

    async def run(self) -> Report:
        """Do it; returns when every item that was read is accounted for.

        Raises:
            CallError: a table can't be described.
            UserError: a budget is a share of what is provisioned, and nothing is.
        """
        scanning = await self._begin()
        await asyncio.sleep(self._grace_s)
        while not scanning.done and not self.report.stopped:
            for page in await scanning.pages():
                await self._take(page)
            self._session.pump()
        if self.report.stopped and not scanning.done:
            await scanning.stop(self.report.stopped)
        await self._session.finish()
        if not self.report.stopped:
            await scanning.finish()
            await end_turn(self._options.write_allowance, self._pacing, self._session.now_s)
        return await self._ended()

    async def stop(self, reason: str) -> Report:
        """Send nothing more, wait for what is in flight; the rest is unresolved."""
        self._job.stop(reason)
        if self._scanning is not None:
            await self._scanning.stop(reason)
        await self._session.finish()
        return await self._ended()

    async def _begin(self) -> Scanning:
        copy, options = self._copy, self._options
        await self._schemas.load(copy.request["TableName"])
        self._known[copy.table] = await self._schemas_there.load(copy.table)
        if options.write_allowance is not None:
            described = await self._schemas_there.describe(copy.table)
            budget = budget_of(options.write_allowance, "write", described, self._session.now_s())
            self._pacing.set_budget(copy.table, budget)
        chains = await self._chains()
        self._notes.begin(chains)
        self._scanning = Scanning(
            self._source, self._schemas, options, "Scan", copy.request, chains, chance=self._chance
        )
        self.found = self._scanning.report
        self.found.units = self.report.units  # one account, so that the journal has the read units
        return self._scanning

    async def _chains(self) -> Sequence[Chain]:
        copy = self._copy
        if copy.segments is not None:
            return [Chain(number, members) for number, members in enumerate(copy.segments)]
        # A segment means the same items only among the same number of segments.
        count = self._notes.chains or copy.count
        if count is None:
            return await segments_for(self._schemas, copy.request, self._options)
        return segments(count)

    async def _take(self, page: Page) -> None:
        """Feed a page; one that is broken off is never done, so a run that goes on reads it."""
        opened = self._notes.opened(page)
        left_out = page.scanned - page.count
        for position, item in enumerate(page.items, start=1):
            if not position % _AT_ONCE:
                await asyncio.sleep(0)
            for each in self._made_of(item, opened):
                if not self._job.has_room:
                    await self._session.room()
                if self.report.stopped:
                    return
                self._feed(item, each, opened)
        self._skip(left_out, opened)
        self._notes.taken(opened)

    def _made_of(self, item: Item, opened: OpenPage) -> list[Item] | list[TransformError]:
        """The items that come of one, or why there are none."""
        if self._copy.transform is None:
            return [item]
        try:
            made = transformed(self._copy.transform, item)
        except TransformError as error:
            return [error]
        if not made:
            self._skip(1, opened)
        return made

    def _feed(self, item: Item, made: Item | TransformError, opened: OpenPage) -> None:
        number = self._notes.number(opened)
        # By its number the notes find the page of a failure.
        origin = Origin(f"table {self._copy.request['TableName']}", number)
        if isinstance(made, TransformError):
            table, key = self._copy.table, self._source_key(item)
            self._job.refuse(Failure(table, "transform", key, made.message, origin), number)
        else:
            self._job.feed(Operation(self._copy.table, Kind.PUT, made, origin, True), number)

    def _source_key(self, item: Item) -> Item:
        return self._schemas.known[self._copy.request["TableName"]].key_of(item)

    def _skip(self, count: int, opened: OpenPage) -> None:
        self.report.read += count
        self.report.skipped += count
        opened.counts["skipped"] += count

    async def _ended(self) -> Report:
        report = self.report
        if self.found is not None and self.found.stopped and not report.stopped:
            report.stopped = f"the scan: {self.found.stopped}"
        if self._journal is not None:
            await self._journal.end(source_ended=not report.stopped)
        # After the last record: a run that goes on cuts them off, and tries these items again.
        self._notes.release()
        return report
