"""`pannier serve`: the embedded engine for every SDK, on loopback."""

import argparse
import logging
import os
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pannier.cli import options as shared
from pannier.cli.status import DONE
from pannier.clock import Clock, ManualClock
from pannier.console.on_demand import ConsoleOnDemand, available
from pannier.engine.database import Database
from pannier.engine.throttle import BURST_S
from pannier.errors import UserError
from pannier.service.server import serve
from pannier.service.stopping import Stopping
from pannier.service.telemetry.opentelemetry import exporting
from pannier.targets.local_options import local_options
from pannier.targets.resolve import DEFAULT_FOLDER

_DEFAULT_PORT: Final = 8000
_EXAMPLES: Final = """  pannier serve
  pannier serve --port 0 --path /tmp/database
  pannier serve --throttle --burst 0         as if its burst were spent
  pannier serve --faults faults.toml --fault-seed 7
  pannier serve --memory --throttle --clock manual
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
    parser.add_argument("--no-console", action="store_true", help="leave out the web console")
    parser.add_argument(
        "--console-port",
        type=shared.port,
        metavar="PORT",
        help="the console's port (default the next after the server's, or any free one)",
    )
    parser.add_argument(
        "--console-folder",
        type=shared.folder,
        default=Path(),
        metavar="FOLDER",
        help="where the console's shell has its files (default: where the server is started)",
    )
    _add_pressure(parser)
    parser.set_defaults(run=run)


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
    with Stopping() as stopping:
        return _run(options, stopping)


def _run(options: argparse.Namespace, stopping: Stopping) -> int:
    logging.basicConfig(level=logging.WARNING, format="pannier: %(message)s", stream=sys.stderr)
    clock = _clock(options)
    pressure = local_options(options.throttle, options.burst, options.faults, options.fault_seed)
    words = pressure.words + (["manual clock"] if isinstance(clock, ManualClock) else [])
    if options.memory:
        database = Database.in_memory(clock=clock, table_delay_s=options.table_delay)
        place = "memory"
    else:
        database = Database.open(
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
                (
                    f"  export AWS_ENDPOINT_URL={url} AWS_DEFAULT_REGION=us-east-1 "
                    "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local"
                ),
                *_console(options, url, held),
                "  Ctrl-C ends it.",
            ]
            sys.stderr.write("\n".join(lines) + "\n")
            sys.stderr.flush()

        held.enter_context(database)
        held.enter_context(exporting(database, os.environ))
        serve(database, options.port, ready, stopping)
    return DONE


def _console(options: argparse.Namespace, url: str, held: ExitStack) -> list[str]:
    """Have a console, unless there is none to be, and say where it is."""
    if options.no_console:
        return []
    if not available():
        return ["  console: not installed (pip install 'pannier[console]')"]
    port = options.console_port
    after = int(url.rpartition(":")[2]) + 1 if options.port else 0
    wanted = min(after, shared.PORT_MAX) if port is None else port
    console = ConsoleOnDemand(url, wanted, or_any=port is None, folder=options.console_folder)
    held.callback(console.close)
    return [f"  console: {console.url}"]


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
