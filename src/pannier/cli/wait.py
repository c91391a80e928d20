"""`pannier wait`: until a table and its indexes can be used; or until it is gone."""

import argparse
import sys
import time
from typing import Any, Final

from pannier.batch.calls import CallError
from pannier.cli import options as shared
from pannier.cli.status import DONE, FAILED
from pannier.cli.table_name import add_table_name, table_name
from pannier.library.connection import Connection

_EXAMPLES: Final = """  pannier wait shop
  pannier wait shop --gone
  pannier wait shop --for 600 --target aws
"""
_PAUSE_S_MIN: Final = 0.2
_PAUSE_S_MAX: Final = 5.0
_NO_TABLE: Final = "ResourceNotFoundException"


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    add_table_name(parser)
    parser.add_argument("--gone", action="store_true", help="wait until there is no such table")
    parser.add_argument(
        "--for",
        dest="patience_s",
        type=shared.seconds,
        default=300.0,
        metavar="SECONDS",
        help="give up after this long (default %(default)g)",
    )
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Wait; the exit status is 0 if it has come to pass."""
    name = table_name(options)
    with shared.open_connection(options) as connection:
        lacking = until_ready(connection, name, options.patience_s, gone=options.gone)
    if not lacking:
        return DONE
    sys.stderr.write(
        f"pannier: after {options.patience_s:g} s {lacking}\n"
        f"Wait longer with --for SECONDS, or look: pannier describe-table {name}\n"
    )
    return FAILED


def until_ready(connection: Connection, name: str, patience_s: float, *, gone: bool = False) -> str:
    """Wait until a table and its indexes can be used, or until it is gone.

    Args:
        connection: where it is.
        name: the table's.
        patience_s: for how long, in seconds.
        gone: whether to wait until it is gone.

    Returns:
        What is still to come after that time, in words; empty if it has come to pass.
    """
    deadline_s = time.monotonic() + patience_s
    pause_s = _PAUSE_S_MIN
    while True:
        lacking = _lacking(connection, name, gone=gone)
        left_s = deadline_s - time.monotonic()
        if not lacking or left_s <= 0:
            return lacking
        time.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _PAUSE_S_MAX)


def _lacking(connection: Connection, name: str, *, gone: bool) -> str:
    """What is still to come; empty if nothing is."""
    try:
        description = connection.table(name).describe()
    except CallError as error:
        if error.code != _NO_TABLE:
            raise
        return "" if gone else f"there is no table {name}"
    if gone:
        return f"{name} is {description['TableStatus']}"
    return next(_not_active(description), "")


def _not_active(description: dict[str, Any]) -> Any:
    status = description["TableStatus"]
    if status != "ACTIVE":
        yield f"{description['TableName']} is {status}"
    for index in description.get("GlobalSecondaryIndexes") or ():
        if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
            yield f"index {index['IndexName']} is {index['IndexStatus']}"
