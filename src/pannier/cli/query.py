"""`pannier query`: the items under one partition key, into any format."""

import argparse
from typing import Final

from pannier.cli import options as shared
from pannier.cli.format_options import add_write_options
from pannier.cli.job_journals import add_journal
from pannier.cli.page_options import add_reading
from pannier.cli.page_reading import Cut, read_items

_EXAMPLES: Final = """  pannier query shop --key "PK = :pk" --values '{":pk": "USER#1"}'
  pannier query shop --key "PK = :pk AND begins_with(SK, :d)" \\
      --values '{":pk": "USER#1", ":d": "ORDER#"}' --backward --limit 10
  pannier query shop --index GSI1 --key "GSI1PK = :pk" --values '{":pk": "BOOKS"}' --out books.csv
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE", help="the table's name")
    parser.add_argument(
        "--key",
        required=True,
        metavar="EXPRESSION",
        help="which items: the partition key with =, and the sort key with =, <, <=, >, >=, "
        "BETWEEN or begins_with",
    )
    add_reading(parser)
    parser.add_argument(
        "--backward", action="store_true", help="from the last sort key to the first"
    )
    add_write_options(parser)
    shared.add_target(parser)
    shared.add_run(parser)
    shared.add_budget(parser, "read")
    add_journal(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Query the table."""
    return read_items(options, "Query", lambda _: Cut(1))
