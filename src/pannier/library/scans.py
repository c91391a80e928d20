"""Scans and queries of the synchronous connection."""

from collections.abc import Callable, Coroutine, Generator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pannier.batch.options import Options
from pannier.batch.page_job import Page
from pannier.batch.projection import Projection
from pannier.batch.report import Report
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
    ) -> Generator[Page, None, None]:
        """The pages of a scan or query, with items in the API's JSON form.

        Args:
            operation: `Scan` or `Query`.
            request: what all requests say, in the API's JSON form.
            count: of segments; None for as many as the size of the table suggests.
            limit: how many items are wanted at most.
            options: parallelism, patience, and `read_units`.
            report: called once, before the first page, with the report as it grows.

        Yields:
            Pages; those of one segment in their order.
        """
        scanning = self._run(
            self._async.scanning(operation, request, count=count, limit=limit, options=options)
        )
        if report is not None:
            report(scanning.report)
        try:
            while not scanning.done:
                yield from self._run(scanning.pages())
        except BaseException:  # the caller has enough
            if not self._closed:
                self._run(scanning.stop("interrupted"))
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
