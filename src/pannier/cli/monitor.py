"""`pannier monitor`: a target's metrics and this machine's jobs, in the terminal."""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import orjson
from rich.console import Console

from pannier.cli import options as shared
from pannier.cli.job_text import jobs_table
from pannier.cli.metrics_text import reading_lines, show_reading
from pannier.cli.monitor_job import follow_job
from pannier.cli.screen.opening import open_metrics
from pannier.cli.status import DONE
from pannier.errors import UserError
from pannier.monitoring.cloudwatch_source import CloudWatchSource
from pannier.monitoring.job_status import JobStatus
from pannier.monitoring.reading import Reading
from pannier.monitoring.running_jobs import running_jobs
from pannier.monitoring.span import range_s
from pannier.monitoring.watching import DEFAULT_RANGE, Sight, Watch

_EXAMPLES: Final = """  pannier monitor
  pannier monitor --table shop --range 3h
  pannier monitor --once
  pannier monitor --once --output json
  pannier monitor --start 2026-11-24T14:00:00Z --end 2026-11-24T16:00:00Z --once
  pannier monitor --job last
"""
_EVERY_S_MIN: Final = 0.1
_ENDED_JOBS_MAX: Final = 10


def register(commands: shared.Subparsers, name: str, summary: str) -> None:
    """Add the command."""
    parser = shared.add_command(commands, name, summary, _EXAMPLES)
    parser.add_argument(
        "--table", nargs="+", default=[], metavar="NAME",
        help="of which tables (default: all that have metrics)",
    )  # fmt: skip
    parser.add_argument(
        "--range", type=_range, default=DEFAULT_RANGE, metavar="TIME",
        help="how far back, e.g. 15m, 1h, 3h, 1d, 7d (default %(default)s)",
    )  # fmt: skip
    for name, what in (("--start", "from this time on"), ("--end", "up to this time")):
        parser.add_argument(
            name, type=_moment_s, metavar="TIME",
            help=f"{what}, instead of --range: 2026-11-24T14:00 in this machine's time zone, with "
            "a Z in UTC, or seconds since 1970",
        )  # fmt: skip
    parser.add_argument(
        "--every", type=_every_s, metavar="SECONDS",
        help="how often to look (default: 5 on this machine, 60 elsewhere; a job 1)",
    )  # fmt: skip
    parser.add_argument(
        "--once", action="store_true", help="print what there is, and end; so it is in a pipe"
    )
    parser.add_argument(
        "--output", choices=("text", "json"), default="text",
        help="json prints what there is, once, or a line --every so often (default %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--job", nargs="?", const="last", metavar="PID",
        help="follow a job on this machine to its end: its process id, or last (default: last)",
    )  # fmt: skip
    shared.add_target(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show the metrics, or follow a job."""
    is_screen = sys.stdout.isatty() and not options.once and options.output == "text"
    if options.job is not None:
        return follow_job(options, is_screen=is_screen)
    sight = _sight(options)
    watch = Watch(lambda: CloudWatchSource.of_target(options.target))
    if is_screen:
        return open_metrics(watch, sight, options.every)
    if options.once or options.every is None:
        _show(watch.look(sight), recent_jobs(), options.output)
        return DONE
    return repeat(lambda: _line(watch.look(sight), options.output), options.every)


def repeat(
    look: Callable[[], object], every_s: float, sleep: Callable[[float], None] = time.sleep
) -> int:
    """Look again and again until interrupted; what goes wrong is said, and may be well again."""
    while True:
        try:
            look()
            sys.stdout.flush()
        except UserError as error:
            sys.stderr.write(f"pannier: {error.message}\n{error.advice}\n")
        sleep(every_s)


def recent_jobs() -> list[JobStatus]:
    """The jobs that run, and the last ten that have ended; none where that can't be told."""
    try:
        jobs = running_jobs()
    except UserError as error:
        sys.stderr.write(f"pannier: {error.message}\n{error.advice}\n")
        return []
    running = [each for each in jobs if each.is_running]
    return running + [each for each in jobs if not each.is_running][:_ENDED_JOBS_MAX]


def _show(reading: Reading, jobs: list[JobStatus], output: str) -> None:
    if output == "json":
        _write_json(reading, jobs)
        return
    console = Console(highlight=False)
    show_reading(console, reading)
    if jobs:
        console.print(jobs_table(jobs))


def _line(reading: Reading, output: str) -> None:
    if output == "json":
        _write_json(reading, recent_jobs())
    else:
        sys.stdout.writelines(f"{each}\n" for each in reading_lines(reading))


def _write_json(reading: Reading, jobs: list[JobStatus]) -> None:
    answer: dict[str, Any] = {**reading.to_json(), "jobs": [each.to_json() for each in jobs]}
    sys.stdout.write(orjson.dumps(answer).decode() + "\n")


def _sight(options: argparse.Namespace) -> Sight:
    tables = tuple(dict.fromkeys(options.table))
    if options.start is None:
        if options.end is not None:
            raise UserError("--end goes with --start", "Say from when on: --start TIME")
        return Sight(tables, options.range)
    end_s = time.time() if options.end is None else options.end
    return Sight(tables, options.range, (options.start, end_s))


def _range(text: str) -> str:
    try:
        range_s(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(f"{error.message}; {error.advice}") from None
    return text


def _moment_s(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp() if "-" in text else shared.seconds(text)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no moment, e.g. 2026-11-24T14:00") from None


def _every_s(text: str) -> float:
    every_s = shared.seconds(text)
    if every_s < _EVERY_S_MIN:
        raise argparse.ArgumentTypeError(f"{text!r} is too often: {_EVERY_S_MIN} at least")
    return every_s
