"""`pannier get`: items by key, any number."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final

import orjson

from pannier.batch.calls import CallError
from pannier.batch.projection import projection_of_names
from pannier.batch.read import Key, TableOptions
from pannier.batch.report import Report
from pannier.cli import options as shared
from pannier.cli.failures_file import FailuresFile
from pannier.cli.missing_table import FirstOfTable, explain
from pannier.cli.progress import progress
from pannier.cli.report_table import show
from pannier.cli.status import DONE, FAILED
from pannier.errors import UserError
from pannier.files.plain_json import to_plain_json
from pannier.files.read_source import ReadSource, read_keys
from pannier.model.attribute_value import Item

_EXAMPLES: Final = """  pannier get batch-get.json
  pannier get batch-get.json --project "PK, name, price" --out found.jsonl
  pannier get keys.jsonl --table shop --consistent
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="request JSON as `aws dynamodb batch-get-item` takes it, or with --table keys, one "
        "a line; - for standard input",
    )
    parser.add_argument("--table", metavar="NAME", help="the table of keys that name none")
    parser.add_argument(
        "--project",
        metavar="ATTRIBUTES",
        help='what to show of each item, e.g. "PK, price, tags[0]"; reserved words as they are',
    )
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument("--out", metavar="FILE", help="where items go (default standard output)")
    parser.add_argument(
        "--format",
        choices=("dynamodb", "plain"),
        default="dynamodb",
        help="of the items shown (default %(default)s)",
    )
    shared.add_target(parser)
    shared.add_job(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the keys in the file."""
    source = read_keys(options.file, options.table)
    default, tables = _table_options(options, source)
    first = FirstOfTable(Key)
    reports: list[Report] = []
    with ExitStack() as stack:
        connection = stack.enter_context(shared.open_connection(options))
        failures = stack.enter_context(FailuresFile(options.failures))
        ticker = stack.enter_context(progress("reading"))
        out = stack.enter_context(_output(options.out))
        results = connection.find(
            ticker.watch(first.watch(source.keys)),
            tables,
            default=default,
            options=shared.job_options(options),
            on_failure=failures.add,
            report=reports.append,
        )
        try:
            for found in results:
                if found.item is not None:
                    out.write(_line(found.item, options.format))
        except CallError as error:
            key = first.of_table[error.request["TableName"]]
            raise explain(error, key.attributes, is_key=True) from None
    (report,) = reports
    show(report, options.report)
    if failures.count:
        sys.stderr.write(f"pannier: {failures.count} not read, see {failures.path}\n")
    return DONE if report.ok else FAILED


def _table_options(
    options: argparse.Namespace, source: ReadSource
) -> tuple[TableOptions, dict[str, TableOptions]]:
    """How tables are read: what the command line says comes before what the file says."""
    default = TableOptions(consistent=options.consistent)
    if options.project:
        default = TableOptions(projection_of_names(options.project), options.consistent)
    tables = {
        name: TableOptions(
            default.projection if options.project else given.projection,
            given.consistent or options.consistent,
        )
        for name, given in source.tables.items()
    }
    return default, tables


@contextmanager
def _output(name: str | None) -> Iterator[IO[bytes]]:
    if name is None:
        yield sys.stdout.buffer
        return
    try:
        file = Path(name).open("wb")  # noqa: SIM115  # closed below
    except OSError as error:
        raise UserError(f"{name} can't be written: {error.strerror}") from None
    with file:
        yield file


def _line(item: Item, form: str) -> bytes:
    return (orjson.dumps(item) if form == "dynamodb" else to_plain_json(item)) + b"\n"
