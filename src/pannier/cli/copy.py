"""`pannier copy`: a table into another, here or on another target, with a transform or none."""

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from pannier.batch.journals.copy_journal import CopyJournal
from pannier.batch.pages.extent import extent_of
from pannier.batch.pages.scan import segments_of_size
from pannier.batch.reads.projection import Projection
from pannier.batch.report import Report
from pannier.batch.tables.copying import Copy
from pannier.batch.tables.transform import Transform
from pannier.cli import options as shared
from pannier.cli.copy_plan import CopyPlan, show_copy_plan
from pannier.cli.described import described
from pannier.cli.job import JobOf
from pannier.cli.job_journals import add_journal
from pannier.cli.page_options import add_condition, request_of
from pannier.cli.page_reading import fraction_read, raise_if_refused
from pannier.cli.scan_plan import ScanPlan
from pannier.cli.spark_options import add_spark, check_spark
from pannier.cli.status import DONE
from pannier.cli.table_like import create_request, create_there
from pannier.cli.two_targets import add_targets, described_there, is_same_table, open_two
from pannier.errors import UserError
from pannier.generating.own_code import load_maker
from pannier.library.two_targets import TwoTargets
from pannier.model.key_schema import KeySchema
from pannier.targets.resolve import target_name

_EXAMPLES: Final = """  pannier copy shop shop-2 --create
  pannier copy shop shop-2 --dry-run
  pannier copy shop shop --to-target local:backup --create
  pannier copy shop shop-2 --filter "price > :low" --values '{":low": 5}' --project "PK, SK, price"
  pannier copy shop shop-2 --transform prices:in_cents --failures failed.jsonl
  pannier copy shop shop-2 --read-units 500 --write-units 200 --segments 8 --report report.json
  pannier copy shop shop-2 --resume
  pannier copy shop shop-2 --target aws --spark yarn --spark-conf spark.executor.instances=8
"""


class CopyJob(JobOf[CopyJournal]):
    """One run of a copy."""

    def __init__(
        self,
        options: argparse.Namespace,
        sources: list[str] | None,
        connection: TwoTargets,
        fraction: Callable[[Report], float | None],
    ) -> None:
        super().__init__(options, sources, connection.target, "copying", fraction)
        # The one that the report names, and whose late calls are waited for.
        self._target = connection.other

    @property
    def _kind(self) -> type[CopyJournal]:
        return CopyJournal


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="SOURCE", help="the table that is read")
    parser.add_argument("destination", metavar="DESTINATION", help="the table that is written to")
    add_targets(parser, "DESTINATION")
    parser.add_argument(
        "--create",
        action="store_true",
        help="make DESTINATION if it is not there, with the keys, indexes and billing of SOURCE",
    )
    parser.add_argument(
        "--transform",
        metavar="MODULE:FUNCTION",
        help="what is done to each item: the function gets it as plain Python and returns an item, "
        "a list of items, or None to leave it out",
    )
    add_condition(parser)
    parser.add_argument(
        "--project",
        metavar="ATTRIBUTES",
        help='what is copied of each item, beside its key, e.g. "price, tags"',
    )
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument(
        "--segments",
        type=shared.positive,
        metavar="N",
        help="in how many segments SOURCE is read, side by side (default: by its size)",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="copy nothing; say what would be read and written, and what that would cost",
    )
    parser.add_argument(
        "--yes", action="store_true", help="transform a table in its place, without being asked"
    )
    shared.add_job(parser)
    shared.add_budget(parser, "read")
    shared.add_budget(parser, "write")
    add_journal(parser)
    add_spark(parser)
    parser.set_defaults(run=run, index=None)


def run(options: argparse.Namespace) -> int:
    """Copy a table."""
    check_spark(options)
    transform = _transform_of(options)
    request = request_of(options)
    with open_two(options) as connection:
        places = None
        if options.spark and not options.dry_run:
            from pannier.cli.copy_on_spark import Places, copy_on_spark  # PySpark is an extra

            places = Places.of(options, connection)
        source = described(connection, options.table)
        destination = described_there(connection, options.destination)
        _check(options, connection, source, destination)
        if options.dry_run:
            show_copy_plan(options, _plan(options, request, source, destination))
            return DONE
        if destination is None:
            destination = create_there(connection, create_request(source, options.destination))
            sys.stderr.write(f"pannier: made the table {options.destination}\n")
        if places is not None:
            whole = _with_keys(request, source, destination)
            return copy_on_spark(options, whole, source, connection, places)
        fraction = fraction_read(extent_of(source).items, None)
        job = CopyJob(options, _sources(options, transform), connection, fraction)
        status = job.complete_before()
        if status is not None:
            return status
        copy = Copy(
            _with_keys(request, source, destination),
            options.destination,
            transform,
            options.segments,
        )
        with job:
            copying = connection.copy(
                copy,
                options=shared.job_options(options),
                on_failure=job.failures.add,
                journal=job.journal,
                report=job.follow,
            )
            if copying.found is not None:
                raise_if_refused(copying.found)
                sys.stderr.write(
                    f"pannier: {copying.found.read:,} items of {options.table} were read in "
                    f"{copying.found.calls:,} pages\n"
                )
    return job.end()


def _transform_of(options: argparse.Namespace) -> Transform | None:
    if options.transform is None:
        return None
    try:
        transform: Any = load_maker(options.transform)
    except UserError as error:
        raise UserError(f"--transform: {error.message}", error.advice) from error
    made: Transform = transform
    return made


def _check(
    options: argparse.Namespace,
    connection: TwoTargets,
    source: Mapping[str, Any],
    destination: Mapping[str, Any] | None,
) -> None:
    """Refuse what can't be meant.

    Raises:
        UserError: it can't.
    """
    if destination is None:
        if not options.create:
            raise UserError(
                f"there is no table {options.destination} at {connection.other.name}",
                f"Add --create to make it with the keys, indexes and billing of {options.table}.",
            )
        return
    if not is_same_table(connection, source, destination):
        return
    if options.transform is None:
        raise UserError(
            f"{options.table} would be copied onto itself",
            "Name another table or --to-target; or a --transform, to change it in its place.",
        )
    if not (options.yes or options.dry_run):
        raise UserError(
            f"{options.table} would be changed in its place, by {options.transform}",
            "Add --yes to do it. After an interruption some items are transformed a second time, "
            "and items that come under a new key may be met again: the transform must bear that.",
        )


def _sources(options: argparse.Namespace, transform: Transform | None) -> list[str] | None:
    """The files that decide what the copy does; None if it can't go on later.

    Raises:
        UserError: it shall go on, and can't.
    """
    names = [target_name(options.target), options.to_target or ""]
    if any(name.partition("?")[0] == "memory" for name in names):
        if options.journal or options.resume:
            raise UserError(
                "a copy from or to memory can't go on later: its target is gone with it",
                "Leave --journal and --resume out, or use another target.",
            )
        return None
    if transform is None:
        return []
    # A job that goes on must have the same code.
    module = sys.modules.get(options.transform.partition(":")[0])
    file = getattr(module, "__file__", None)
    return [file] if file else []


def _with_keys(
    request: dict[str, Any], source: Mapping[str, Any], destination: Mapping[str, Any]
) -> dict[str, Any]:
    """A request whose projection brings the keys of both tables, too."""
    expression = request.get("ProjectionExpression")
    if expression is None:
        return request
    schemas = [
        KeySchema.from_api(each["KeySchema"], each["AttributeDefinitions"])
        for each in (source, destination)
    ]
    keys = dict.fromkeys(name for schema in schemas for name in schema.names)
    projection = Projection(expression, request.get("ExpressionAttributeNames"))
    return {**request, **projection.widened(tuple(keys))[0]}


def _plan(
    options: argparse.Namespace,
    request: dict[str, Any],
    source: Mapping[str, Any],
    destination: Mapping[str, Any] | None,
) -> CopyPlan:
    extent = extent_of(source)
    count = options.segments or segments_of_size(extent.size_bytes, options.parallel)
    scan = ScanPlan(request, extent, count, consistent=options.consistent)
    shape = source if destination is None else destination
    indexes = len(shape.get("GlobalSecondaryIndexes") or ())
    has_transform = options.transform is not None
    return CopyPlan(scan, options.destination, destination is None, indexes, has_transform)
