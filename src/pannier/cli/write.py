"""`pannier write`: puts and deletes from files, any number."""

import argparse
import sys
from itertools import chain
from typing import Final

from pannier.batch.calls import CallError
from pannier.batch.operation import Kind, Operation
from pannier.cli import options as shared
from pannier.cli.failures_file import FailuresFile
from pannier.cli.missing_table import FirstOfTable, explain
from pannier.cli.progress import progress
from pannier.cli.report_table import show
from pannier.cli.status import DONE, FAILED
from pannier.files.opening import opened
from pannier.files.write_source import read_writes

_EXAMPLES: Final = """  pannier write batch-products.json
  pannier write items.jsonl --table shop
  zcat items.jsonl.gz | pannier write - --table shop --report json
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="request JSON as `aws dynamodb batch-write-item` takes it, JSON lines or a JSON "
        "array of items; - for standard input",
    )
    parser.add_argument("--table", metavar="NAME", help="where items go that name no table")
    parser.add_argument(
        "--format",
        choices=("auto", "plain", "dynamodb"),
        default="auto",
        help="of items: plain JSON, DynamoDB JSON, or what the first one looks like",
    )
    shared.add_target(parser)
    shared.add_job(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the files."""
    shared.only_one_pipe(options.files)
    for name in options.files:
        if name != "-":
            with opened(name):  # all files are there before anything is written
                pass
    first = FirstOfTable(Operation)
    source = first.watch(
        chain.from_iterable(
            read_writes(name, options.table, options.format) for name in options.files
        )
    )
    with (
        shared.open_connection(options) as connection,
        FailuresFile(options.failures) as failures,
        progress("writing") as ticker,
    ):
        try:
            report = connection.write(
                ticker.watch(source),
                options=shared.job_options(options),
                on_failure=failures.add,
            )
        except CallError as error:
            operation = first.of_table[error.request["TableName"]]
            is_key = operation.kind is Kind.DELETE
            raise explain(error, operation.attributes, is_key=is_key) from None
    show(report, options.report)
    if failures.count:
        sys.stderr.write(f"pannier: {failures.count} not written, see {failures.path}\n")
    return DONE if report.ok else FAILED
