"""`pannier config`: which settings are in effect, and where they come from."""

import argparse
import json
import os
import sys
from typing import Final

from pannier.cli import options as shared
from pannier.cli.configuration import FILE, Setting, settings
from pannier.cli.status import DONE
from pannier.targets.resolve import target_name

_EXAMPLES: Final = """  pannier config
  pannier config --output json
  PANNIER_PARALLEL=16 pannier config
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("--output", choices=("text", "json"), default="text")
    parser.set_defaults(run=run, names=tuple(commands.choices))


def run(options: argparse.Namespace) -> int:
    """Show the settings."""
    known = settings(options.names)
    effective = _effective(known)
    target = next((each for each in known if each.name == "target"), None)
    if target is None:
        variables = ("PANNIER_TARGET", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL")
        origin = next((each for each in variables if os.environ.get(each)), "default")
        effective.insert(0, Setting("target", target_name(None), origin))
    if options.output == "json":
        rows = [
            {
                "name": each.name,
                "value": each.value,
                "origin": each.origin,
                "command": each.command,
            }
            for each in effective
        ]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return DONE
    for each in effective:
        command = f" (only {each.command})" if each.command else ""
        sys.stdout.write(f"{each.name} = {each.value}{command}  # {each.origin}\n")
    if not known:
        sys.stderr.write(f"everything else as `--help` says; {FILE} or PANNIER_... change that\n")
    return DONE


def _effective(known: list[Setting]) -> list[Setting]:
    """Of several settings of one option the strongest."""
    strongest = {(each.command, each.name): each for each in known}
    return list(strongest.values())
