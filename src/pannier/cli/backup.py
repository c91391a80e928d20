"""`pannier backup`: a copy of a whole database, of one moment."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import orjson

from pannier.cli import options as shared
from pannier.cli.care import add_output, following, local_folder, size
from pannier.cli.status import DONE
from pannier.engine.database import Database
from pannier.engine.keeping.backing_up import back_up
from pannier.errors import UserError
from pannier.storage.backup_files import check_vacant
from pannier.storage.folder import FolderHeldError, check_format
from pannier.targets.admin import AdminClient

_EXAMPLES: Final = """  pannier backup backups/monday
  pannier backup backups/tuesday --json

The backup is read back from the disk and compared before it gets its name. `pannier check BACKUP`
looks at all of it, `pannier restore BACKUP FOLDER` makes a database of it. CreateBackup of the API
is another thing: it keeps a copy of one table within the database, and is lost with it.
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "destination", type=Path, metavar="DESTINATION", help="a new folder for the backup"
    )
    parser.add_argument(
        "--target",
        metavar="TARGET",
        help="local or local:PATH (default: $PANNIER_TARGET, else local); a server that holds the "
        "folder goes on meanwhile",
    )
    add_output(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the backup."""
    folder = local_folder(options.target)
    check_vacant(options.destination)
    check_format(folder)
    with _moment(folder) as store, following("copying", "bytes") as progress:
        note = back_up(store, options.destination, time.time(), progress)
    if options.json:
        document = {"backup": str(options.destination), **note}
        sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() + "\n")
        return DONE
    sys.stdout.write(f"backup {options.destination}: {note['rows']:,} rows, {_size(note)}\n")
    for name, table in sorted(note["tables"].items()):
        sys.stdout.write(f"  {name}: {table['items']:,} items\n")
    return DONE


@contextmanager
def _moment(folder: Path) -> Iterator[Path]:
    """The folder of a store that stands still: a checkpoint, made by whoever holds the database."""
    try:
        database = Database.open(folder)
    except FolderHeldError as held:
        if held.url is None:
            raise
        with _moment_of_server(folder, AdminClient(held.url)) as store:
            yield store
        return
    with database:
        name = database.checkpoint()
        try:
            assert database.folder is not None
            yield database.folder.checkpoints / name
        finally:
            database.checkpoints.remove(name)


@contextmanager
def _moment_of_server(folder: Path, server: AdminClient) -> Iterator[Path]:
    """A checkpoint in the folder, made by the server that holds it: it is told no path."""
    made = server.post("checkpoints", {})
    try:
        yield folder / "checkpoints" / made["name"]
    finally:
        with suppress(UserError):  # a server that has ended removes it when it is started again
            server.delete("checkpoints", made["name"])


def _size(note: dict[str, Any]) -> str:
    return size(sum(file["size_bytes"] for file in note["files"].values()))
