"""`pannier write`: puts and deletes from files, any number."""

import argparse
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.cli import options as shared
from pannier.cli.format_options import add_read_options, read_options
from pannier.cli.job import Job
from pannier.cli.job_journals import add_journal
from pannier.cli.missing_table import FirstOfTable, explain
from pannier.cli.spark_options import add_spark, check_spark
from pannier.files.opening import expand
from pannier.files.reading import check, read_all
from pannier.files.source import Source
from pannier.library.connection import Connection

Change: TypeAlias = Callable[[Iterator[Operation | Failure], Connection], Source]

_EXAMPLES: Final = """  pannier write batch-products.json
  pannier write items.jsonl --table shop
  pannier write items.jsonl --table shop --resume
  pannier write products.csv 'parts/*.parquet' --table shop --types price:N,tags:SS
  pannier write AWSDynamoDB/01693685827463-2d8752fd
  pannier write 'parts/*.parquet' --table shop --target aws --spark 'local[4]'
  zcat items.jsonl.gz | pannier write - --table shop --report json
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="request JSON as `aws dynamodb batch-write-item` takes it, JSON lines, JSON, CSV, "
        "Parquet, Arrow, Ion, compressed or not, or the folder of an export; - for standard input, "
        "patterns such as 'data/*.parquet', and s3:// addresses",
    )
    parser.add_argument("--table", metavar="NAME", help="where items go that name no table")
    add_read_options(parser)
    shared.add_target(parser)
    shared.add_job(parser)
    shared.add_budget(parser, "write")
    parser.add_argument(
        "--every-write",
        action="store_true",
        help="send every write of a key, one after another, instead of only the last of those "
        "that wait",
    )
    add_journal(parser)
    add_spark(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the files."""
    check_spark(options)
    if options.spark:
        from pannier.cli.write_on_spark import write_on_spark  # PySpark is an extra

        return write_on_spark(options)
    return write_sources(options, "writing", lambda source, _: source)


def write_sources(options: argparse.Namespace, label: str, change: Change) -> int:
    """Send what the files hold, in batches.

    Args:
        options: the command line.
        label: what is being done, for the progress line.
        change: makes of the elements of the files what is sent, one for one.

    Returns:
        The exit status.

    Raises:
        UserError: a file or table is not there, or the job can't go on.
    """
    shared.only_one_pipe(options.files)
    files = expand(options.files)
    wanted = read_options(options)
    for name in files:  # all of them are there before anything is written
        check(name)
    first = FirstOfTable(Operation)
    with shared.open_connection(options) as connection:
        job = Job(options, files, connection.target, label)
        status = job.complete_before()
        if status is not None:
            return status
        wanted.skipping.left = job.pass_by()
        source = change(first.watch(read_all(files, wanted)), connection)
        with job:
            try:
                connection.write(
                    source,
                    options=shared.job_options(options),
                    on_failure=job.failures.add,
                    journal=job.journal,
                    report=job.follow,
                )
            except CallError as error:
                operation = first.of_table[error.request["TableName"]]
                is_key = operation.kind is Kind.DELETE
                raise explain(error, operation.attributes, is_key=is_key) from None
    return job.end()
