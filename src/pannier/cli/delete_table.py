"""`pannier delete-table`: a table and everything in it, after asking."""

import argparse
import sys
from typing import Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.status import DONE, FAILED
from pannier.cli.table_name import add_table_name, table_name
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier delete-table shop
  pannier delete-table shop --yes
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    add_table_name(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Delete a table."""
    name = table_name(options)
    with shared.open_connection(options) as connection:
        try:
            if not options.yes:
                description = connection.table(name).describe()
                if not _confirmed(name, description.get("ItemCount", 0), connection.target.name):
                    sys.stderr.write("nothing was deleted\n")
                    return FAILED
            connection.call("DeleteTable", {"TableName": name})
        except CallError as error:
            raise UserError(str(error), "List what there is with: pannier tables") from None
    sys.stderr.write(f"deleted {name}\n")
    return DONE


def _confirmed(name: str, items: int, target: str) -> bool:
    if not sys.stdin.isatty():
        raise UserError(f"{name} is not deleted without being asked", "Add --yes to delete it.")
    sys.stderr.write(f"Delete {name} and its {items:,} items on {target}? Type its name: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == name
