"""Scan and query: requests in, pages out, and a report.

A scan is cut into segments by the size of the table, so that a small one is not read in many small
pieces, and a large one goes on side by side.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pannier.batch.budget import budget_of
from pannier.batch.calls import Schemas
from pannier.batch.options import Options
from pannier.batch.pacing import Pacing
from pannier.batch.page_job import Chain, Page, PageJob, PageRequest
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
    size_bytes = int(described.get("TableSizeBytes") or 0)
    for each in described.get("GlobalSecondaryIndexes") or ():
        if each["IndexName"] == request.get("IndexName"):
            size_bytes = int(each.get("IndexSizeBytes") or 0)
    most = options.parallel * _SEGMENTS_OF_PARALLEL if options.parallel > 1 else 1
    return segments(max(1, min(most, -(-size_bytes // _SEGMENT_BYTES))))


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
    ) -> None:
        self.report = Report("scan")
        self._schemas = schemas
        self._allowance = options.read_allowance
        self._request = request
        self._pacing = Pacing(chance or random.Random(), options.give_up_after_s, options.parallel)
        self._job = PageJob(operation, request, chains, self.report, self._pacing, limit)
        self._session: Session[PageRequest] = Session(self._job, target)
        self._begun = False

    @property
    def done(self) -> bool:
        """Whether all pages were taken."""
        return self._job.done and not self._job.pages

    async def pages(self) -> list[Page]:
        """The next pages, at least one unless it is `done`.

        Raises:
            CallError: the table can't be described, which a budget needs.
            UserError: the budget is a share of what is provisioned, and nothing is.
        """
        if not self._begun:
            await self._set_budget()
            self._begun = True
        self._session.pump()
        while not self._job.pages and not self._job.done:
            await self._session.progress()
        pages = self._job.take_pages()
        if self.done:
            self._session.close()
        return pages

    async def stop(self, reason: str) -> None:
        """Send nothing more, and wait for what is in flight."""
        self._job.stop(reason)
        await self._session.finish()

    async def _set_budget(self) -> None:
        if self._allowance is None:
            return
        table = self._request["TableName"]
        described = await self._schemas.describe(table)
        now_s = self._session.now_s()
        index = self._request.get("IndexName")
        budget = budget_of(self._allowance, "read", described, now_s, index)
        self._pacing.set_budget(table, budget)
