"""Options of `serve` about what the server tells of itself: its log, traces of slow requests."""

import argparse
import os
import sys
from pathlib import Path

from pannier.cli import options as shared
from pannier.service.observing.events import LEVELS
from pannier.service.observing.log_lines import LINES, Form
from pannier.service.observing.log_writer import LogWriter
from pannier.service.observing.sight import Sight


def add_sight(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--log",
        type=Path,
        metavar="FILE|-",
        help="where the server's log goes, - for standard output; SIGHUP opens the file anew "
        "(default standard error, and without the following options only warnings)",
    )
    parser.add_argument(
        "--log-requests", action="store_true", help="a line of the log for each request"
    )
    parser.add_argument(
        "--log-level",
        choices=LEVELS,
        help="what is logged: requests are info, those answered 5xx warning (default info)",
    )
    parser.add_argument(
        "--log-format",
        choices=LINES,
        help="the form of lines (default text on a terminal, else json)",
    )
    parser.add_argument(
        "--debug-slow",
        type=_milliseconds,
        metavar="MS",
        help="trace in the log, and at /_pannier/slow, the stages of requests that take so long",
    )


def sight_of(options: argparse.Namespace) -> Sight:
    """What the options ask for.

    Raises:
        UserError: the log can't be written.
    """
    slow_s: float | None = None if options.debug_slow is None else options.debug_slow / 1000
    asked = (options.log, options.log_level, options.log_format, slow_s)
    if not options.log_requests and all(each is None for each in asked):
        return Sight()
    form: Form = options.log_format or ("text" if _is_terminal(options.log) else "json")
    return Sight(
        LogWriter(options.log, LINES[form]),
        options.log_level or "info",
        requests=options.log_requests,
        slow_s=slow_s,
    )


def _milliseconds(text: str) -> float:
    try:
        return shared.seconds(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of milliseconds") from None


def _is_terminal(log: Path | None) -> bool:
    stream = sys.stderr if log is None else sys.stdout
    try:
        return (log is None or str(log) == "-") and os.isatty(stream.fileno())
    except (OSError, ValueError):  # closed, or none of the system's
        return False
