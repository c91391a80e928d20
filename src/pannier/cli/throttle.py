"""`pannier throttle`: what a running server throttles."""

import argparse
from typing import Any, Final

from pannier.cli import options as shared
from pannier.cli.running_server import add_server, columns, open_server, show
from pannier.cli.status import DONE

_EXAMPLES: Final = """\
  pannier throttle                        what is throttled, and what is left to spend
  pannier throttle on --burst 0
  pannier throttle off --target http://127.0.0.1:8000
  pannier throttle --output json
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "mode",
        nargs="?",
        choices=("on", "tables", "off"),
        help="on: tables, indexes and partitions; tables: not the partitions (default: only show)",
    )
    parser.add_argument(
        "--burst",
        type=shared.seconds,
        metavar="SECONDS",
        help="how many seconds of unused provisioned capacity are kept, 0 to 300",
    )
    add_server(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or switch."""
    server = open_server(options)
    wanted = {"mode": options.mode, "burst_s": options.burst}
    wanted = {member: value for member, value in wanted.items() if value is not None}
    if wanted:
        answer = server.put("throttle", wanted)
        show(options, answer, [_setting(answer)])
    else:
        answer = server.get("throttle/state")
        show(options, answer, [_setting(answer), *_spending(answer)])
    return DONE


def _setting(answer: dict[str, Any]) -> str:
    return f"throttling: {answer['mode']}, {answer['burst_s']:g} s of burst"


def _spending(answer: dict[str, Any]) -> list[str]:
    rows = [("TABLE", "INDEX", "UNITS", "LIMIT", "PER SECOND", "LEFT", "OF", "PARTITIONS")]
    for resource in answer["resources"]:
        rows += [
            (
                resource["table"],
                resource["index"] or "-",
                kind,
                bucket["limit"],
                f"{bucket['units_per_s']:g}",
                f"{bucket['units']:.1f}",
                f"{bucket['units_max']:g}",
                str(len(resource["partitions"])),
            )
            for kind in ("read", "write")
            for bucket in resource[kind]
        ]
    return columns(rows) if len(rows) > 1 else ["no tables yet"]
