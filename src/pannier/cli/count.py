"""`pannier count`: how many items a table or index has, or how many pass a filter."""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Final

from pannier.batch.pages.count_estimate import CountEstimate, estimate, segments_to_count
from pannier.batch.pages.extent import AGE, Extent
from pannier.batch.pages.page_job import Chain
from pannier.batch.pages.scan import segments, segments_of_size
from pannier.batch.report import Report
from pannier.cli import options as shared
from pannier.cli.described import described
from pannier.cli.job import ScanJob
from pannier.cli.page_options import add_condition, extent, request_of
from pannier.cli.page_reading import fraction_read, raise_if_refused
from pannier.cli.scan_plan import ScanPlan, show_plan
from pannier.cli.status import DONE

_EXAMPLES: Final = """  pannier count shop
  pannier count shop --filter "price > :low" --values '{":low": 5}'
  pannier count shop --index GSI1 --read-units 500
  pannier count shop --estimate
  pannier count shop --output json --report none
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE", help="the table's name")
    parser.add_argument("--index", metavar="NAME", help="count this index instead of the table")
    add_condition(parser)
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument(
        "--segments",
        type=shared.positive,
        metavar="N",
        help="in how many segments it is counted, side by side (default: by the table's size)",
    )
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="count some segments only, drawn at random, and say how far off that may be",
    )
    parser.add_argument(
        "--output",
        choices=("table", "json"),
        default="table",
        help="how the answer is written (default %(default)s)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="count nothing; say what would be read, and what that would cost",
    )
    shared.add_target(parser)
    shared.add_run(parser)
    shared.add_budget(parser, "read")
    parser.set_defaults(run=run, journal=None, resume=False)


def run(options: argparse.Namespace) -> int:
    """Count the table."""
    request = request_of(options)
    with shared.open_connection(options) as connection:
        found = extent(options, described(connection, options.table))
        total, chains = _cut(options, found)
        if options.dry_run:
            share = len(chains) / total
            part = Extent(found.items, int(found.size_bytes * share), found.is_global)
            drawn = f"drawn at random out of {total:,}" if share < 1 else ""
            plan = ScanPlan(request, part, len(chains), None, options.consistent, drawn)
            show_plan(options, plan)
            return DONE
        job = ScanJob(
            options, None, connection.target, "counting", fraction_read(found.items, None)
        )
        counts: Counter[int] = Counter()
        with job:
            pages = connection.pages(
                "Scan",
                request | {"Select": "COUNT"},
                options=shared.job_options(options),
                report=job.follow,
                chains=chains,
            )
            with closing(pages):
                try:
                    for page in pages:
                        counts[page.chain] += page.count
                except KeyboardInterrupt:
                    pages.close()
                    raise job.interruption() from None
    raise_if_refused(job.report)
    if not (job.interrupted or job.report.stopped):
        counted = estimate(total, [counts[chain.number] for chain in chains])
        _show(options, counted, found, job.report)
    return job.end()


def _cut(options: argparse.Namespace, found: Extent) -> tuple[int, Sequence[Chain]]:
    if options.estimate:
        return segments_to_count(found.size_bytes, random.Random())
    count = options.segments or segments_of_size(found.size_bytes, options.parallel)
    return count, segments(count)


def _show(
    options: argparse.Namespace, counted: CountEstimate, found: Extent, report: Report
) -> None:
    answer = _document(options, counted, found, report)
    if options.output == "json":
        sys.stdout.write(json.dumps(answer, indent=2, ensure_ascii=False) + "\n")
        return
    for name, text in _rows(answer, found):
        sys.stdout.write(f"{name:15}{text}\n")


def _document(
    options: argparse.Namespace, counted: CountEstimate, found: Extent, report: Report
) -> dict[str, Any]:
    """The answer as plain values."""
    return {
        "table": options.table,
        "index": options.index,
        "filter": options.filter,
        "count": counted.value,
        "exact": counted.is_exact,
        "interval_95": [counted.low, counted.high],
        "method": counted.method,
        "segments": counted.total,
        "segments_counted": counted.drawn,
        "read": report.read,
        "described": {"items": found.items, "size_bytes": found.size_bytes, "note": AGE},
    }


def _rows(answer: Mapping[str, Any], found: Extent) -> list[tuple[str, str]]:
    """The answer in words."""
    what = "items that pass the filter" if answer["filter"] else "items"
    low, high = answer["interval_95"]
    if answer["exact"]:
        rows = [("counted", f"{answer['count']:,} {what}")]
    else:
        rows = [
            ("estimated", f"{answer['count']:,} {what}, with 95 % between {low:,} and {high:,}"),
            ("how", answer["method"]),
        ]
    return [*rows, ("DescribeTable", f"{found.items:,} items; {AGE}")]
