"""`pannier repair`: what can be read of a damaged database, in a new folder."""

import argparse
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.cli import options as shared
from pannier.cli.care import add_output, following
from pannier.cli.status import DONE, FAILED
from pannier.engine.keeping.repairing import Repaired, repair

_EXAMPLES: Final = """  pannier repair .pannier
  pannier repair .pannier --into saved --json

The damaged folder is only read. Every item that can be read is taken over; indexes, counts and
expiry times are made anew, and what was lost is listed. A backup, where there is one, is better.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the damaged database's folder")
    parser.add_argument(
        "--into", type=Path, metavar="FOLDER", help="the new folder (default: FOLDER.repaired)"
    )
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Repair the folder."""
    folder: Path = options.folder
    target = options.into or folder.with_name(f"{folder.absolute().name}.repaired")
    with following(f"reading {folder}", "rows") as progress:
        repaired = repair(folder, target, progress)
    if options.json:
        document = _document(target, repaired)
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(folder, target, repaired))
    return DONE if repaired.findings.sound else FAILED


def _document(target: Path, repaired: Repaired) -> dict[str, Any]:
    return {
        "folder": str(target),
        "tables": repaired.rebuilt.tables,
        "lost": repaired.rebuilt.lost,
        "lost_count": repaired.rebuilt.lost_count,
        "check": repaired.findings.to_document(),
    }


def _lines(folder: Path, target: Path, repaired: Repaired) -> Iterator[str]:
    rebuilt = repaired.rebuilt
    yield f"saved into {target}:"
    for name, items in sorted(rebuilt.tables.items()):
        yield f"  {name}: {items:,} items"
    if rebuilt.lost_count:
        yield f"damaged or lost ({rebuilt.lost_count:,}):"
        yield from (f"  {each}" for each in rebuilt.lost)
        if rebuilt.lost_count > len(rebuilt.lost):
            yield f"  and {rebuilt.lost_count - len(rebuilt.lost):,} more"
    else:
        yield "nothing was lost"
    if not repaired.findings.sound:
        yield f"the new folder is not sound: pannier check {shlex.quote(str(target))}"
        return
    old, new = shlex.quote(str(folder)), shlex.quote(str(target))
    aside = shlex.quote(f"{folder}.damaged")
    yield "the new folder was checked, all is well. To use it in the place of the old one:"
    yield f"  mv {old} {aside} && mv {new} {old}"
