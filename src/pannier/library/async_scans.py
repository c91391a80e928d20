"""Scans and queries of the asynchronous connection."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Final

from pannier.batch.calls import Schemas
from pannier.batch.journals.scan_journal import ScanJournal
from pannier.batch.options import Options
from pannier.batch.pages.page_job import Chain
from pannier.batch.pages.scan import Scanning, segments_for
from pannier.batch.pages.scan import segments as in_segments
from pannier.batch.reads.projection import Projection
from pannier.batch.report import OnFailure, Report
from pannier.batch.tables.acting import Acting
from pannier.batch.tables.conditional_action import ConditionalAction
from pannier.batch.target import Target
from pannier.library.outcomes import raise_for
from pannier.library.page_requests import page_request
from pannier.model.plain import from_item

_DEFAULTS: Final = Options()


class AsyncScans:
    """What a connection reads without knowing keys. Part of `AsyncConnection`."""

    target: Target
    _schemas: Schemas

    async def scanning(
        self,
        operation: str,
        request: Mapping[str, Any],
        *,
        count: int | None = 1,
        limit: int | None = None,
        options: Options = _DEFAULTS,
        chains: Sequence[Chain] | None = None,
        journal: ScanJournal | None = None,
        read_max: int | None = None,
    ) -> Scanning:
        """A scan or query under way, to be emptied.

        Args:
            operation: `Scan` or `Query`.
            request: what all requests say, in the API's JSON form.
            count: of segments; None for as many as the size of the table suggests.
            limit: how many items are wanted at most.
            options: parallelism and patience.
            chains: what is read, instead of `count` segments.
            journal: notes which pages were taken; with it, the job can go on after it was ended.
                One that goes on has its own number of segments.
            read_max: about how many items are read, whatever the filter leaves of them.
        """
        self._check_open()
        if journal is not None and journal.journal.chains:
            count = journal.journal.chains
        if chains is None and count is None:
            chains = await segments_for(self._schemas, request, options)
        elif chains is None:
            chains = in_segments(count or 1)
        return Scanning(
            self.target, self._schemas, options, operation, request, chains, limit,
            journal=journal, read_max=read_max,
        )  # fmt: skip

    def acting(
        self,
        action: ConditionalAction,
        *,
        consistent: bool = False,
        count: int | None = None,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
    ) -> Acting:
        """A delete or update by condition under way, to be run.

        Args:
            action: what is done to which items.
            consistent: whether the scan that finds them reads consistently.
            count: of the scan's segments; None for as many as the size of the table suggests.
            options: parallelism, patience, and both budgets.
            on_failure: told each item that the action could not be done to.
        """
        self._check_open()
        return Acting(
            self.target, self._schemas, options, action, consistent=consistent, count=count,
            on_failure=on_failure,
        )  # fmt: skip

    def scan(
        self,
        table: str,
        *,
        index: str | None = None,
        filter: str | None = None,  # noqa: A002  # the API's word
        values: Mapping[str, Any] | None = None,
        names: Mapping[str, str] | None = None,
        projection: str | Projection | None = None,
        consistent: bool = False,
        limit: int | None = None,
        segments: int | None = None,
        options: Options = _DEFAULTS,
        report: Callable[[Report], None] | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """All items of a table or index, in segments side by side.

        Args:
            table: the table's name.
            index: the index that is read instead.
            filter: a FilterExpression; what it leaves out was read, and costs units, all the same.
            values: plain Python values of its placeholders, `{":low": 5}`.
            names: names of its placeholders, `{"#n": "name"}`.
            projection: the attributes wanted; reserved words may be written as they are.
            consistent: consistent reads.
            limit: how many items are wanted at most.
            segments: how many; chosen by the size of the table if not given, 1 with a limit.
            options: parallelism, patience, and `read_units`.
            report: called once, before the first item, with the report as it grows.

        Yields:
            Items as plain Python, in no particular order if there is more than one segment.

        Raises:
            ScanError: it ended before its end.
        """
        request = page_request(
            table, index=index, filter=filter, values=values, names=names, projection=projection,
            consistent=consistent,
        )  # fmt: skip
        count = 1 if segments is None and limit is not None else segments
        return self._pages("Scan", request, count, limit, options, report)

    def query(
        self,
        table: str,
        key: str,
        values: Mapping[str, Any],
        *,
        index: str | None = None,
        filter: str | None = None,  # noqa: A002  # the API's word
        names: Mapping[str, str] | None = None,
        projection: str | Projection | None = None,
        consistent: bool = False,
        backward: bool = False,
        limit: int | None = None,
        options: Options = _DEFAULTS,
        report: Callable[[Report], None] | None = None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        """The items under one partition key, in the order of their sort keys.

        Args:
            table: the table's name.
            key: a KeyConditionExpression, `PK = :pk AND begins_with(SK, :day)`.
            values: plain Python values of its placeholders, and of the filter's.
            index: the index that is read instead.
            filter: a FilterExpression.
            names: names of placeholders, `{"#n": "name"}`.
            projection: the attributes wanted; reserved words may be written as they are.
            consistent: consistent reads.
            backward: from the last sort key to the first.
            limit: how many items are wanted at most.
            options: patience, and `read_units`.
            report: called once, before the first item, with the report as it grows.

        Yields:
            Items as plain Python.

        Raises:
            ScanError: it ended before its end.
        """
        request = page_request(
            table, index=index, key=key, filter=filter, values=values, names=names,
            projection=projection, consistent=consistent, backward=backward,
        )  # fmt: skip
        return self._pages("Query", request, 1, limit, options, report)

    async def _pages(
        self,
        operation: str,
        request: Mapping[str, Any],
        count: int | None,
        limit: int | None,
        options: Options,
        report: Callable[[Report], None] | None,
    ) -> AsyncGenerator[dict[str, Any], None]:
        scanning = await self.scanning(
            operation, request, count=count, limit=limit, options=options
        )
        if report is not None:
            report(scanning.report)
        try:
            while not scanning.done:
                for page in await scanning.pages():
                    for item in page.items:
                        yield from_item(item)
        except BaseException:  # the caller has enough
            await scanning.stop("interrupted")
            raise
        raise_for(scanning.report)

    def _check_open(self) -> None:
        raise NotImplementedError
