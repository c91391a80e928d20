"""`pannier serve`: the embedded engine for every SDK."""

import argparse
import logging
import os
import sys
import time
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pannier._version import __version__
from pannier.cli import options as shared
from pannier.cli.serve_console import add_console, console_lines
from pannier.cli.serve_doors import add_doors, check_doors, entrance, exports
from pannier.cli.sight import add_sight, sight_of
from pannier.cli.status import DONE
from pannier.clock import Clock, ManualClock
from pannier.engine.throttle import BURST_S
from pannier.errors import UserError
from pannier.service.access.server_access import ServerAccess
from pannier.service.observing.events import told
from pannier.service.observing.sight import Sight
from pannier.service.server import serve
from pannier.service.stopping import Stopping
from pannier.service.telemetry.opentelemetry import exporting
from pannier.targets.local_options import local_options
from pannier.targets.resolve import DEFAULT_FOLDER

_LOG: Final = logging.getLogger(__name__)

_DEFAULT_PORT: Final = 8000
_EXAMPLES: Final = """  pannier serve
  pannier serve --port 0 --path /tmp/database
  pannier serve --throttle --burst 0         as if its burst were spent
  pannier serve --faults faults.toml --fault-seed 7
  pannier serve --memory --throttle --clock manual
  pannier serve --tls-self-signed
  pannier serve --log requests.jsonl --log-requests --debug-slow 100
  AWS_ENDPOINT_URL=http://127.0.0.1:8000 aws dynamodb list-tables
"""


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "--port",
        type=shared.port,
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
    add_console(parser)
    add_doors(parser)
    add_sight(parser)
    _add_pressure(parser)
    _add_access(parser)
    parser.set_defaults(run=run)


def _add_access(parser: argparse.ArgumentParser) -> None:
    """Who may ask."""
    parser.add_argument(
        "--credentials",
        type=Path,
        metavar="FILE",
        help="answer only requests that are signed by a credential in FILE, as far as its rights "
        "go (pannier credentials new NAME; default: whoever can reach the server may do all)",
    )


def _add_pressure(parser: argparse.ArgumentParser) -> None:
    """What makes the engine as unfriendly as the service can be."""
    parser.add_argument(
        "--throttle",
        nargs="?",
        choices=("on", "tables", "off"),
        const="on",
        default="off",
        help="hold tables, indexes and partitions to their throughput; tables: not the partitions "
        "(default off; while it runs: pannier throttle)",
    )
    parser.add_argument(
        "--burst",
        type=shared.seconds,
        default=BURST_S,
        metavar="SECONDS",
        help="how much unused provisioned capacity is kept, 0 to 300 (default %(default)g)",
    )
    parser.add_argument(
        "--faults",
        type=Path,
        metavar="FILE",
        help="inject faults by the rules in a file, TOML or JSON (while it runs: pannier faults)",
    )
    parser.add_argument(
        "--fault-seed",
        type=shared.whole,
        metavar="N",
        help="the seed of the chance of faults (default: the file's, else 0)",
    )
    parser.add_argument(
        "--clock",
        choices=("machine", "manual"),
        default="machine",
        help="manual: time stands still until `pannier clock advance` (default %(default)s)",
    )
    parser.add_argument(
        "--clock-start",
        type=_moment_s,
        metavar="TIME",
        help="where a manual clock begins: a moment, e.g. 2026-07-01T12:00:00Z, or seconds since "
        "1970 (default 2023-11-14T22:13:20Z)",
    )


def run(options: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM."""
    with Stopping() as stopping, closing(sight_of(options)) as sight:
        try:
            return _serve(options, sight, stopping)
        except UserError as error:
            _LOG.info("not started: %s", error.message)  # who started it is told, too
            raise


def _serve(options: argparse.Namespace, sight: Sight, stopping: Stopping) -> int:
    check_doors(options)
    clock = _clock(options)
    access = None if options.credentials is None else ServerAccess(options.credentials)
    pressure = local_options(options.throttle, options.burst, options.faults, options.fault_seed)
    words = pressure.words + (["manual clock"] if isinstance(clock, ManualClock) else [])
    if options.memory:
        database = sight.database_kind.in_memory(clock=clock, table_delay_s=options.table_delay)
        place = "memory"
    else:
        database = sight.database_kind.open(
            options.path,
            clock=clock,
            durability=options.durability,
            table_delay_s=options.table_delay,
        )
        place = str(options.path)
    if words:
        place += f" ({', '.join(words)})"
    pressure.put_in_force(database)

    with ExitStack() as held:

        def ready(url: str) -> None:
            if database.folder is not None:
                database.folder.announce(url)
            lines = [
                f"pannier serves {place} at {url}",
                *_known(access),
                *exports(url, ways.bundle, signed=access is not None),
                *ways.lines,
                *console_lines(options, url, held, access, ways.bundle),
                "  Ctrl-C ends it.",
            ]
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()
            fields = told(version=__version__, url=url, place=place, process=os.getpid())
            _LOG.info("started", extra=fields)

        held.enter_context(database)
        held.enter_context(exporting(database, os.environ))
        folder = None if options.memory else options.path
        ways = entrance(options, folder, held)
        serve(
            database,
            options.port,
            ready,
            access=access,
            doors=ways.doors,
            sight=sight,
            stopping=stopping,
        )
    _LOG.info("stopped")
    return DONE


def _known(access: ServerAccess | None) -> list[str]:
    """Which credentials are demanded."""
    if access is None:
        return []
    return [f"  credentials: {len(access.credentials)} of {access.path}"]


def _clock(options: argparse.Namespace) -> Clock:
    if options.clock == "manual":
        return ManualClock() if options.clock_start is None else ManualClock(options.clock_start)
    if options.clock_start is not None:
        raise UserError("--clock-start goes with a manual clock", "Add: --clock manual")
    return time.time


def _moment_s(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text) if "-" in text else None
    except ValueError:
        moment = None
    if moment is None:
        return shared.seconds(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds
