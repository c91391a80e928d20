"""`pannier tables`: the tables of a target, one a line."""

import argparse
import sys
from typing import Final

from pannier.cli import options as shared
from pannier.cli.status import DONE

_EXAMPLES: Final = """  pannier tables
  pannier tables --target aws
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the tables."""
    with shared.open_connection(options) as connection:
        names = connection.tables()
    sys.stdout.writelines(f"{name}\n" for name in names)
    if not names:
        sys.stderr.write("no tables yet; make one: pannier create-table NAME --key PK:S,SK:S\n")
    return DONE
