"""`pannier restore`: a database's folder, made of a backup."""

import argparse
import sys
from pathlib import Path
from typing import Final

import orjson

from pannier.cli import options as shared
from pannier.cli.care import add_output, following
from pannier.cli.status import DONE
from pannier.storage.backup_files import restore_backup

_EXAMPLES: Final = """  pannier backup backups/monday
  pannier restore backups/monday restored
  pannier tables --target local:restored

Every file is compared with its sum first. Nothing is overwritten: to put a backup in the place of a
database, end its server, and move the folder that is there away. RestoreTableFromBackup of the API
is another thing: it makes a table of a copy within the database.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument("backup", type=Path, metavar="BACKUP", help="what `pannier backup` made")
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="a new folder for the database, or an empty one"
    )
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Restore the backup."""
    with following("restoring", "bytes") as progress:
        note = restore_backup(options.backup, options.folder, progress)
    if options.json:
        document = {"folder": str(options.folder), "created": note["created"]}
        document |= {"tables": note["tables"]}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
        return DONE
    sys.stdout.write(f"restored {options.folder}, as it was at {note['created']}\n")
    for name, table in sorted(note["tables"].items()):
        sys.stdout.write(f"  {name}: {table['items']:,} items\n")
    return DONE
