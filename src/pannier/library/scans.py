"""Scans and queries of the synchronous connection."""

from collections import deque
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pannier.batch.journals.scan_journal import ScanJournal
from pannier.batch.options import Options
from pannier.batch.pages.page_job import Chain, Page
from pannier.batch.reads.projection import Projection
from pannier.batch.report import OnFailure, Report
from pannier.batch.tables.acting import Acting
from pannier.batch.tables.conditional_action import ConditionalAction
from pannier.library.interruption import Interrupted
from pannier.library.outcomes import raise_for
from pannier.library.page_requests import page_request
from pannier.model.plain import from_item

if TYPE_CHECKING:
    from pannier.library.aio import AsyncConnection

_DEFAULTS: Final = Options()
_Result = TypeVar("_Result")


class Scans:
    """What a connection reads without knowing keys. Part of `Connection`."""

    _async: "AsyncConnection"
    _closed: bool

    def act(
        self,
        action: ConditionalAction,
        *,
        consistent: bool = False,
        count: int | None = None,
        options: Options = _DEFAULTS,
        on_failure: OnFailure | None = None,
        report: Callable[[Report], None] | None = None,
    ) -> Acting:
        """Delete or update every item that meets a condition; see `ConditionalAction`.

        Ctrl-C stops sending, waits for the calls in flight and raises `Interrupted`, which has the
        report.

        Args:
            action: what is done to which items.
            consistent: whether the scan that finds them reads consistently.
            count: of the scan's segments; None for as many as the size of the table suggests.
            options: parallelism, patience, and both budgets.
            on_failure: told each item that the action could not be done to.
            report: called once, before anything is sent, with the report as it grows.

        Returns:
            The action when it has ended, with its report and that of the scan.
        """

        async def made() -> Acting:
            return self._async.acting(
                action, consistent=consistent, count=count, options=options, on_failure=on_failure
            )

        acting = self._run(made())
        if report is not None:
            report(acting.report)
        try:
            self._run(acting.run())
        except KeyboardInterrupt:
            raise Interrupted(self._run(acting.stop("interrupted"))) from None
        return acting

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
    ) -> Generator[dict[str, Any], None, None]:
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
    ) -> Generator[dict[str, Any], None, None]:
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

    def pages(
        self,
        operation: str,
        request: Mapping[str, Any],
        *,
        count: int | None = 1,
        limit: int | None = None,
        options: Options = _DEFAULTS,
        report: Callable[[Report], None] | None = None,
        chains: Sequence[Chain] | None = None,
        journal: ScanJournal | None = None,
        read_max: int | None = None,
    ) -> Generator[Page, None, None]:
        """The pages of a scan or query, with items in the API's JSON form.

        Args:
            operation: `Scan` or `Query`.
            request: what all requests say, in the API's JSON form.
            count: of segments; None for as many as the size of the table suggests.
            limit: how many items are wanted at most.
            options: parallelism, patience, and `read_units`.
            report: called once, before the first page, with the report as it grows.
            chains: what is read, instead of `count` segments.
            journal: notes which pages were taken; with it, the job can go on after it was ended.
                One that goes on has its own number of segments.
            read_max: about how many items are read, whatever the filter leaves of them.

        Yields:
            Pages; those of one segment in their order. A page is taken when the next one is asked
            for.
        """
        scanning = self._run(
            self._async.scanning(
                operation, request, count=count, limit=limit, options=options, chains=chains,
                journal=journal, read_max=read_max,
            )
        )  # fmt: skip
        if report is not None:
            report(scanning.report)
        output = journal.output if journal is not None else None
        waiting: deque[Page] = deque()
        try:
            while not scanning.done:
                # Here, and not on the loop: whoever takes the pages writes them on this thread.
                size = output.flushed() if output is not None else None
                waiting.extend(self._run(scanning.pages(output_bytes=size)))
                while waiting:
                    yield waiting.popleft()
            size = output.flushed() if output is not None else None
            self._run(scanning.finish(output_bytes=size))
        except BaseException:  # the caller has enough
            if not self._closed:
                self._run(scanning.stop("interrupted", list(waiting)))
            raise

    def _pages(
        self,
        operation: str,
        request: Mapping[str, Any],
        count: int | None,
        limit: int | None,
        options: Options,
        report: Callable[[Report], None] | None,
    ) -> Generator[dict[str, Any], None, None]:
        reports: list[Report] = []

        def told(made: Report) -> None:
            reports.append(made)
            if report is not None:
                report(made)

        for page in self.pages(
            operation, request, count=count, limit=limit, options=options, report=told
        ):
            for item in page.items:
                yield from_item(item)
        raise_for(reports[0])

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        raise NotImplementedError
