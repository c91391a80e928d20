"""How `scan` and `query` run: from the command line to the last item and the report."""

import argparse
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.batch.pages.extent import Extent
from pannier.batch.pages.sampling import Sample
from pannier.batch.pages.scan import segments_of_size
from pannier.batch.report import Report
from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.format_options import write_options
from pannier.cli.items_output import check_resumable, item_output
from pannier.cli.job import ScanJob
from pannier.cli.page_options import extent, refused, request_of
from pannier.cli.scan_plan import ScanPlan, show_plan
from pannier.cli.status import DONE
from pannier.errors import UserError
from pannier.library.connection import Connection

_REFUSED: Final = "ValidationException"


@dataclass(frozen=True, slots=True)
class Cut:
    """How what is read is cut into chains of pages.

    Attributes:
        segments: how many; None for as many as the size suggests.
        sample: what is read instead.
    """

    segments: int | None = None
    sample: Sample | None = None

    def count(self, found: Extent, parallel: int) -> int:
        """How many chains there are."""
        if self.sample is not None:
            return self.sample.segments
        return self.segments or segments_of_size(found.size_bytes, parallel)


def read_items(options: argparse.Namespace, operation: str, cut: Callable[[Extent], Cut]) -> int:
    """Read what the command line says, and write it where it says.

    Args:
        options: the command line.
        operation: `Scan` or `Query`.
        cut: decides how it is cut, when the extent is known.

    Returns:
        The exit status.

    Raises:
        UserError: the request can't be made, or the service refuses it.
    """
    request = request_of(options)
    wanted = write_options(options, options.table)
    lines = check_resumable(options, wanted)
    with shared.open_connection(options) as connection:
        found = extent(options, described(connection, options.table))
        pieces = cut(found)
        if options.dry_run:
            plan = ScanPlan(
                request,
                found,
                pieces.count(found, options.parallel),
                options.limit if pieces.sample is None else pieces.sample.items,
                options.consistent,
                "" if pieces.sample is None else pieces.sample.told,
                operation == "Query",
            )
            show_plan(options, plan)
            return DONE
        # Without a file of its own, nobody knows how much of the output has arrived.
        can_go_on = bool(options.out) and lines and pieces.sample is None
        job = ScanJob(
            options,
            [] if can_go_on else None,
            connection.target,
            "scanning" if operation == "Scan" else "querying",
            None if operation == "Query" else fraction_read(found.items, options.limit),
        )
        status = job.complete_before()
        if status is not None:
            return status
        with item_output(options, wanted, job) as add, job:
            pages = connection.pages(
                operation,
                request,
                count=pieces.segments,
                limit=options.limit if pieces.sample is None else pieces.sample.items,
                options=shared.job_options(options),
                report=job.follow,
                chains=None if pieces.sample is None else pieces.sample.chains,
                journal=job.journal,
                read_max=None if pieces.sample is None else pieces.sample.items,
            )
            with closing(pages):
                try:
                    for page in pages:
                        for item in page.items:
                            add(item, options.table)
                except KeyboardInterrupt:
                    pages.close()
                    raise job.interruption() from None
    raise_if_refused(job.report)
    return job.end()


def check_request(connection: Connection, request: Mapping[str, Any]) -> None:
    """See to it that the service does not refuse a scan, by reading one item of it.

    Raises:
        UserError: it does; or the table can't be read.
    """
    try:
        connection.call("Scan", {**request, "Limit": 1})
    except CallError as error:
        if error.code == _REFUSED:
            raise refused(str(error)) from None
        raise UserError(str(error), f"The table is {request['TableName']}.") from None


def raise_if_refused(report: Report) -> None:
    """Say what to do about a request that the service refused before anything was read.

    Raises:
        UserError: it was.
    """
    if report.stopped.startswith(_REFUSED) and not report.read:
        raise refused(report.stopped)


def fraction_read(items: int, limit: int | None) -> Callable[[Report], float | None]:
    """How much of a scan is done, by the number of items that DescribeTable says."""

    def fraction(report: Report) -> float | None:
        parts = [report.read / items] if items else []
        parts += [report.found / limit] if limit else []
        return min(1.0, max(parts)) if parts else None

    return fraction
