"""`pannier delete`: items by key from files, or all of a table that meet a condition."""

import argparse
from collections.abc import Iterator
from typing import Final

from pannier.batch.operation import Kind, Operation
from pannier.batch.report import Failure
from pannier.cli import options as shared
from pannier.cli.format_options import add_read_options
from pannier.cli.job_journals import add_journal
from pannier.cli.where import act_where, add_where
from pannier.cli.write import write_sources
from pannier.errors import UserError
from pannier.files.opening import FileError
from pannier.files.source import Source
from pannier.library.connection import Connection

_EXAMPLES: Final = """  pannier delete keys.jsonl --table shop
  pannier delete items.jsonl --table shop --resume
  pannier delete keys.csv 'parts/*.parquet' --table shop
  pannier delete shop --where "price > :high" --values '{":high": 90}' --dry-run
  pannier delete shop --where "price > :high" --values '{":high": 90}' --yes
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="keys, or whole items whose keys are taken, in any format that `write` reads; - for "
        "standard input. With --where the name of a table instead",
    )
    parser.add_argument("--table", metavar="NAME", help="the table of items that name none")
    add_where(parser)
    add_read_options(parser)
    shared.add_target(parser)
    shared.add_job(parser)
    shared.add_budget(parser, "write")
    shared.add_budget(parser, "read")
    add_journal(parser)
    parser.set_defaults(run=run, every_write=False)


def run(options: argparse.Namespace) -> int:
    """Delete the items."""
    if options.where is None:
        for name in ("values", "names", "dry_run", "yes", "consistent", "read_units"):
            if getattr(options, name):
                raise UserError(
                    f"--{name.replace('_', '-')} goes with --where",
                    "Keys from files are deleted without a condition.",
                )
        try:
            return write_sources(options, "deleting", _deletes)
        except FileError as error:
            hint = "To delete what meets a condition: pannier delete TABLE --where EXPRESSION."
            raise UserError(error.message, f"{error.advice}\n{hint}".strip()) from None
    if len(options.files) != 1 or options.table:
        raise UserError("--where takes one table", "Write: pannier delete TABLE --where ...")
    if options.journal or options.resume:
        raise UserError(
            "a delete by condition has no journal, and needs none",
            "Give the command again: what is deleted does not meet the condition any more.",
        )
    (options.table,) = options.files
    return act_where(options, "")


def _deletes(source: Iterator[Operation | Failure], connection: Connection) -> Source:
    """Deletes of the keys that stand in operations of any kind."""
    for element in source:
        if isinstance(element, Failure) or element.kind is Kind.DELETE:
            yield element
            continue
        item = element.attributes
        names = connection.schema(element.table).names
        key = {name: item[name] for name in names if name in item}
        yield Operation.delete(element.table, key, element.origin)
