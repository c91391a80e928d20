"""`pannier serve`: the embedded engine for every SDK, on loopback."""

import argparse
import logging
import sys
from pathlib import Path
from typing import Final

from pannier.cli import options as shared
from pannier.cli.status import DONE
from pannier.engine.database import Database
from pannier.service.server import serve
from pannier.targets.resolve import DEFAULT_FOLDER

_DEFAULT_PORT: Final = 8000
_EXAMPLES: Final = """  pannier serve
  pannier serve --port 0 --path /tmp/database
  AWS_ENDPOINT_URL=http://127.0.0.1:8000 aws dynamodb list-tables
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "--port",
        type=_port,
        default=_DEFAULT_PORT,
        help="0 for any free one (default %(default)s)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--path",
        type=Path,
        default=Path(DEFAULT_FOLDER),
        metavar="FOLDER",
        help="the database's folder (default %(default)s)",
    )
    where.add_argument("--memory", action="store_true", help="keep nothing on disk")
    parser.add_argument(
        "--durability",
        choices=("synced", "relaxed"),
        default="synced",
        help="answer a write once it is on disk, or once it is with the operating system, which "
        "survives kill -9 but not a power cut (default %(default)s)",
    )
    parser.add_argument(
        "--table-delay",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="how long tables and indexes are CREATING, UPDATING and DELETING, as on AWS "
        "(default: not at all)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    logging.basicConfig(level=logging.WARNING, format="pannier: %(message)s", stream=sys.stderr)
    if options.memory:
        database, place = Database.in_memory(table_delay_s=options.table_delay), "memory"
    else:
        database = Database.open(
            options.path, durability=options.durability, table_delay_s=options.table_delay
        )
        place = str(options.path)

    def ready(url: str) -> None:
        if database.folder is not None:
            database.folder.announce(url)
        sys.stderr.write(
            f"pannier serves {place} at {url}\n"
            f"  export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1 "
            "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n"
            "  Ctrl-C ends it.\n"
        )
        sys.stderr.flush()

    with database:
        serve(database, options.port, ready)
    return DONE


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port number")
    return int(text)
