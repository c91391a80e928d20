"""`pannier describe-table`: a table as the API describes it."""

import argparse
import json
import sys
from typing import Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.status import DONE
from pannier.cli.table_name import add_table_name, table_name
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier describe-table shop
  pannier describe-table --table-name shop --target aws
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    add_table_name(parser)
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Describe a table."""
    name = table_name(options)
    with shared.open_connection(options) as connection:
        try:
            description = connection.table(name).describe()
        except CallError as error:
            raise UserError(str(error), "List what there is with: pannier tables") from None
    sys.stdout.write(json.dumps({"Table": description}, indent=4, ensure_ascii=False) + "\n")
    return DONE
