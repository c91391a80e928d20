"""`pannier get`: items by key, any number."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pannier.batch.calls import CallError
from pannier.batch.projection import projection_of_names
from pannier.batch.read import Key, TableOptions
from pannier.cli import options as shared
from pannier.cli.format_options import (
    add_read_options,
    add_write_options,
    read_options,
    write_options,
)
from pannier.cli.job import Job
from pannier.cli.job_journals import add_journal
from pannier.cli.missing_table import FirstOfTable, explain
from pannier.cli.output_file import OutputFile
from pannier.errors import UserError
from pannier.files.json_sinks import to_dynamodb_json
from pannier.files.plain_json import to_plain_json
from pannier.files.read_requests import ReadSource, read_keys
from pannier.files.sink import WriteOptions
from pannier.files.writing import is_appendable, open_sink
from pannier.model.attribute_value import Item

Add = Callable[[Item, str], None]

_EXAMPLES: Final = """  pannier get batch-get.json
  pannier get batch-get.json --project "PK, name, price" --out found.jsonl
  pannier get keys.jsonl --table shop --consistent
  pannier get keys.csv --table shop --out found.parquet
  pannier get keys.jsonl --table shop --out found.jsonl --resume
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "file",
        metavar="FILE",
        help="request JSON as `aws dynamodb batch-get-item` takes it, or with --table keys in any "
        "format that `write` reads; - for standard input",
    )
    parser.add_argument("--table", metavar="NAME", help="the table of keys that name none")
    parser.add_argument(
        "--project",
        metavar="ATTRIBUTES",
        help='what to show of each item, e.g. "PK, price, tags[0]"; reserved words as they are',
    )
    parser.add_argument("--consistent", action="store_true", help="consistent reads")
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="where items go (default standard output); .gz and .zst compress it",
    )
    add_write_options(parser)
    add_read_options(parser, format_option="--input-format")
    shared.add_target(parser)
    shared.add_job(parser)
    shared.add_budget(parser, "read")
    add_journal(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the keys in the file."""
    wanted = write_options(options, options.table)
    lines = is_appendable(options.out, wanted)
    if not lines and (options.journal or options.resume):
        raise UserError(
            f"a job that writes {options.out} can't go on later: its format is written at the end",
            "Write lines (--out FILE.jsonl), or leave --journal and --resume out.",
        )
    source = read_keys(options.file, read_options(options))
    default, tables = _table_options(options, source)
    first = FirstOfTable(Key)
    with shared.open_connection(options) as connection:
        # Without a file of its own, nobody knows how much of the output has arrived.
        files = [options.file] if options.out and lines else None
        job = Job(options, files, connection.target, "reading")
        status = job.complete_before()
        if status is not None:
            return status
        output = _lines(options, job) if lines else _whole(options, wanted, job)
        with output as add, job:
            results = connection.find(
                first.watch(source.keys),
                tables,
                default=default,
                options=shared.job_options(options),
                on_failure=job.failures.add,
                report=job.follow,
                journal=job.journal,
            )
            try:
                for found in results:
                    if found.item is not None:
                        add(found.item, found.table)
            except CallError as error:
                key = first.of_table[error.request["TableName"]]
                raise explain(error, key.attributes, is_key=True) from None
            except KeyboardInterrupt:
                results.close()
                raise job.interruption() from None
    return job.end()


@contextmanager
def _lines(options: argparse.Namespace, job: Job) -> Iterator[Add]:
    """A file of lines, which a job that goes on later can add to."""
    encode = to_plain_json if options.format == "plain" else to_dynamodb_json
    with OutputFile(options.out, job.kept_output(options.out)) as out:
        if job.journal is not None:
            job.journal.output = out

        def add(item: Item, _: str) -> None:
            out.write(encode(item) + b"\n")

        yield add


@contextmanager
def _whole(options: argparse.Namespace, wanted: WriteOptions, job: Job) -> Iterator[Add]:
    """A file of any format, which is there when it is complete."""
    sink = open_sink(options.out, wanted)
    try:
        yield sink.add
        if not job.interrupted:
            sink.close()
    finally:
        sink.abort()  # does nothing to what is complete
    for note in sink.notes:
        sys.stderr.write(f"pannier: {options.out}: {note}\n")


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
