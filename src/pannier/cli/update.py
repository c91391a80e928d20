"""`pannier update`: a change to all items of a table that meet a condition."""

import argparse
from typing import Final

from pannier.cli import options as shared
from pannier.cli.where import act_where, add_where
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier update shop --where "price > :high" --set "sale = :yes" \\
      --values '{":high": 90, ":yes": true}' --dry-run
  pannier update shop --where "attribute_exists(sale)" --remove "sale" --yes
  pannier update shop --where "price > :high" --set "price = price - :off" \\
      --values '{":high": 90, ":off": 5}' --write-units 500 --yes
"""
_CLAUSES: Final = ("set", "remove", "add")


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("table", metavar="TABLE", help="the table's name")
    parser.add_argument(
        "--set", metavar="EXPRESSION", help="what is set, e.g. 'status = :done, n = n + :one'"
    )
    parser.add_argument("--remove", metavar="EXPRESSION", help="attributes that are removed")
    parser.add_argument(
        "--add", metavar="EXPRESSION", help="numbers and elements of sets that are added: 'tags :t'"
    )
    add_where(parser)
    shared.add_target(parser)
    shared.add_job(parser)
    shared.add_budget(parser, "write")
    shared.add_budget(parser, "read")
    parser.set_defaults(run=run, journal=None, resume=False)


def run(options: argparse.Namespace) -> int:
    """Update the items."""
    given = {clause: getattr(options, clause) for clause in _CLAUSES if getattr(options, clause)}
    if not given:
        raise UserError("nothing is to be changed", "Say what, with --set, --remove or --add.")
    if options.where is None:
        raise UserError(
            "it is not said which items are to be changed",
            'Say it with --where; for all of them: --where "attribute_exists(PK)", with the name '
            "of the partition key.",
        )
    return act_where(options, " ".join(f"{name.upper()} {text}" for name, text in given.items()))
