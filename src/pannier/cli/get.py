"""`pannier get`: items by key, any number."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pannier.batch.calls import CallError
from pannier.batch.reads.projection import projection_of_names
from pannier.batch.reads.read import Key, TableOptions
from pannier.cli import options as shared
from pannier.cli.format_options import (
    add_read_options,
    add_write_options,
    read_options,
    write_options,
)
from pannier.cli.items_output import check_resumable, item_output
from pannier.cli.job import Job
from pannier.cli.job_journals import add_journal
from pannier.cli.missing_file import MissingFile, check_missing
from pannier.cli.missing_table import FirstOfTable, explain
from pannier.files.read_requests import ReadSource, read_keys

_EXAMPLES: Final = """  pannier get batch-get.json
  pannier get batch-get.json --project "PK, name, price" --out found.jsonl
  pannier get keys.jsonl --table shop --consistent
  pannier get keys.csv --table shop --out found.parquet
  pannier get keys.jsonl --table shop --ordered --out found.jsonl --missing missing.jsonl
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
    parser.add_argument(
        "--missing",
        metavar="FILE",
        help="where keys go that have no item, one a line; `get` and `delete` can read them again",
    )
    parser.add_argument(
        "--ordered",
        action="store_true",
        help="items in the order of the keys; a result waits until all before it are there",
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
    lines = check_resumable(options, wanted)
    if options.missing:
        check_missing(options.missing, options.out)
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
        with (
            _missing(options, job) as missing,
            item_output(options, wanted, job, missing) as add,
            job,
        ):
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
                    elif missing is not None:
                        missing.add(found.key, found.table)
            except CallError as error:
                key = first.of_table[error.request["TableName"]]
                raise explain(error, key.attributes, is_key=True) from None
            except KeyboardInterrupt:
                results.close()
                raise job.interruption() from None
    return job.end()


@contextmanager
def _missing(options: argparse.Namespace, job: Job) -> Iterator[MissingFile | None]:
    """The file of missing keys, if there is to be one; it goes on where an earlier run ended."""
    if not options.missing:
        yield None
        return
    # A job that begins again begins its files again, too.
    keep = job.journal.journal.counts["missing"] if job.journal and options.resume else None
    with MissingFile(options.missing, options.table, keep) as file:
        yield file


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
