"""`pannier check`: whether a database keeps its own laws, file by file and row by row."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import orjson

from pannier.cli import options as shared
from pannier.cli.care import add_output, following, local_folder
from pannier.cli.status import DONE, FAILED
from pannier.engine.checking import Findings
from pannier.engine.checking.findings import KINDS
from pannier.engine.keeping.checked import check_folder
from pannier.errors import UserError

_EXAMPLES: Final = """  pannier check
  pannier check --json
  pannier check .pannier

Nothing is written. It ends with status 0 if all is well, with 1 if something is wrong.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="FOLDER", help="a database's folder, or a backup"
    )
    parser.add_argument(
        "--target", metavar="TARGET", help="local or local:PATH, instead of a folder"
    )
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the folder."""
    if options.folder is not None and options.target:
        raise UserError("a folder and --target are two", "Name one of them.")
    folder = options.folder or local_folder(options.target)
    with following(f"checking {folder}", "rows") as progress:
        findings = check_folder(folder, progress)
    if options.json:
        document = {"folder": str(folder), **findings.to_document()}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(folder, findings))
    return DONE if findings.sound else FAILED


def _lines(folder: Path, findings: Findings) -> Iterator[str]:
    yield f"checked {folder}: {findings.rows:,} rows in {len(findings.tables):,} tables"
    for name, (items, _) in sorted(findings.tables.items()):
        yield f"  {name}: {items:,} items"
    yield from findings.notes
    if findings.sound:
        yield "all is well"
        return
    for kind, count in findings.counts.items():
        yield f"{count:,} {KINDS[kind]}:"
        listed = [each for each in findings.listed if each.kind == kind]
        for finding in listed:
            yield f"  {finding.place}: {finding.what}"
        if count > len(listed):
            yield f"  and {count - len(listed):,} more"
    yield "Restore a backup: pannier restore BACKUP FOLDER"
    yield f"or save what can be read: pannier repair {folder}"
