"""`pannier clock`: the manual clock of a running server."""

import argparse
from typing import Final

from pannier.cli import options as shared
from pannier.cli.running_server import add_server, open_server, show
from pannier.cli.status import DONE
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier serve --clock manual
  pannier clock                             what it shows
  pannier clock advance 60                  a minute later
  pannier clock advance 2h                  s, m, h or d
"""
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "action", nargs="?", choices=("show", "advance"), default="show", help="what to do"
    )
    parser.add_argument("by", nargs="?", type=_duration_s, metavar="TIME", help="e.g. 60, 90s, 2h")
    add_server(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or advance."""
    if (options.action == "advance") != (options.by is not None):
        raise UserError("advance takes a time", "Use: pannier clock advance 60")
    server = open_server(options)
    if options.by is None:
        answer = server.get("clock")
    else:
        answer = server.post("clock", {"advance_s": options.by})
    kind = "manual" if answer["manual"] else "the machine's"
    show(options, answer, [f"clock: {answer['now']} ({answer['now_s']:.3f}), {kind}"])
    return DONE


def _duration_s(text: str) -> float:
    unit_s = _UNITS_S.get(text[-1:])
    return shared.seconds(text if unit_s is None else text[:-1]) * (unit_s or 1)
