"""Scan and query: requests in, pages out, and a report.

A scan is cut into segments by the size of the table, so that a small one is not read in many small
pieces, and a large one goes on side by side.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pannier.batch.calls import Schemas
from pannier.batch.journals.scan_journal import ScanJournal
from pannier.batch.options import Options
from pannier.batch.pace.budget import budget_of
from pannier.batch.pace.pacing import Pacing
from pannier.batch.pace.turn_end import end_turn
from pannier.batch.pages.extent import extent_of
from pannier.batch.pages.page_job import Chain, Page, PageJob, PageRequest
from pannier.batch.report import Report
from pannier.batch.sessions import Session
from pannier.batch.target import Target
from pannier.limits import MIB

_SEGMENT_BYTES: Final = 8 * MIB  # a few pages, so that the last ones do not take long
_SEGMENTS_OF_PARALLEL: Final = 4  # for each call in flight: segments differ in size


async def segments_for(
    schemas: Schemas, request: Mapping[str, Any], options: Options
) -> Sequence[Chain]:
    """The segments of a scan, by the size that the service says the table or index has.

    Raises:
        CallError: there is no such table, or it can't be described.
    """
    described = await schemas.describe(request["TableName"])
    extent = extent_of(described, request.get("IndexName"))
    return segments(segments_of_size(extent.size_bytes, options.parallel))


def segments_of_size(size_bytes: int, parallel: int) -> int:
    """How many segments suit a table or index of a size."""
    most = parallel * _SEGMENTS_OF_PARALLEL if parallel > 1 else 1
    return max(1, min(most, -(-size_bytes // _SEGMENT_BYTES)))


def segments(count: int) -> Sequence[Chain]:
    """A scan in so many segments."""
    if count == 1:
        return [Chain(0, {})]
    return [Chain(each, {"Segment": each, "TotalSegments": count}) for each in range(count)]


class Scanning:
    """A scan or query under way. Make it on the event loop that it shall use.

    Args:
        target: where to read.
        schemas: of the target's tables.
        options: how to go about it.
        operation: `Scan` or `Query`.
        request: what all requests say: table, filter, projection ...
        chains: what is read: `segments`, or one chain for each query.
        limit: how many items are wanted at most; None for all.
        chance: decides the jitter of backoff; a seeded one makes it reproducible.
        journal: notes which pages were taken, so that the job can go on after it was ended.
        read_max: about how many items are read, whatever the filter leaves of them; None for all.

    Raises:
        ValueError: the journal is of another number of chains.
    """

    def __init__(
        self,
        target: Target,
        schemas: Schemas,
        options: Options,
        operation: str,
        request: Mapping[str, Any],
        chains: Sequence[Chain],
        limit: int | None = None,
        chance: random.Random | None = None,
        journal: ScanJournal | None = None,
        read_max: int | None = None,
    ) -> None:
        self.report = Report("scan")
        self._schemas = schemas
        self._allowance = options.read_allowance
        self._request = request
        self._pacing = Pacing(chance or random.Random(), options.give_up_after_s, options.parallel)
        self._journal = journal
        self._handed: Sequence[Page] = ()
        if journal is not None:
            journal.journal.begin(chains, limit)
            limit = journal.journal.left
        self._job = PageJob(operation, request, chains, self.report, self._pacing, limit, read_max)
        self._session: Session[PageRequest] = Session(self._job, target)
        self._begun = False
        if journal is not None:
            journal.start(self.report, self._session.note_time, self._session.stop)

    @property
    def done(self) -> bool:
        """Whether all pages were taken."""
        return self._job.done and not self._job.pages

    async def pages(self, *, output_bytes: int | None = None) -> list[Page]:
        """The next pages, at least one unless it is `done`. Those of the last call are dealt with.

        Args:
            output_bytes: the size of the file that earlier pages were written to, if there is one;
                for the journal.

        Raises:
            CallError: the table can't be described, which a budget needs.
            UserError: the budget is a share of what is provisioned, and nothing is.
        """
        self._taken(output_bytes)
        if not self._begun:
            await self._set_budget()
            self._begun = True
        self._session.pump()
        while not self._job.pages and not self._job.done:
            await self._session.progress()
        pages = self._job.take_pages()
        self._handed = pages
        if self.done:
            self._session.close()
        return pages

    async def finish(self, *, output_bytes: int | None = None) -> None:
        """All pages have been taken; what a budget in turns is owed is waited for.

        Args:
            output_bytes: as for `pages`.
        """
        self._taken(output_bytes)
        if self._journal is not None:
            await self._journal.end(source_ended=not self.report.stopped)
        await end_turn(self._allowance, self._pacing, self._session.now_s)

    async def stop(self, reason: str, untaken: Iterable[Page] = ()) -> None:
        """Send nothing more, and wait for what is in flight.

        Args:
            reason: why.
            untaken: pages that `pages` gave and nobody wants; the report does not count them.
        """
        self._job.stop(reason)
        await self._session.finish()
        self._job.forget([*untaken, *self._job.take_pages()])
        if self._journal is not None:
            await self._journal.end(source_ended=False)

    def _taken(self, output_bytes: int | None) -> None:
        if self._journal is None:
            return
        if output_bytes is not None:
            self._journal.output_bytes = output_bytes
        for page in self._handed:
            self._journal.journal.taken(page)
        self._handed = ()

    async def _set_budget(self) -> None:
        if self._allowance is None:
            return
        table = self._request["TableName"]
        described = await self._schemas.describe(table)
        now_s = self._session.now_s()
        index = self._request.get("IndexName")
        budget = budget_of(self._allowance, "read", described, now_s, index)
        self._pacing.set_budget(table, budget)
