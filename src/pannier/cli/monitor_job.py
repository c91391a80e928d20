"""`pannier monitor --job`: follow a job to its end; the exit status says how that was."""

import argparse
import sys
from typing import Final

import orjson
from rich.console import Console

from pannier.cli.job_text import figures, line, outcome
from pannier.cli.report_table import render
from pannier.cli.screen.opening import open_job
from pannier.cli.status import DONE, FAILED
from pannier.monitoring.job_history import JobHistory
from pannier.monitoring.job_status import FINISHED, JobStatus
from pannier.monitoring.running_jobs import EVERY_S, follow, job_of

_COMMAND_SHOWN: Final = 200


def follow_job(options: argparse.Namespace, *, is_screen: bool) -> int:
    """Follow the job that the command line names.

    Raises:
        UserError: there is none.
    """
    status = job_of(options.job)
    every_s = options.every or EVERY_S
    if is_screen:
        status = open_job(status, every_s)
    elif options.once:
        return _show_once(status, options.output)
    else:
        sys.stderr.write(f"{heading(status)}\n")
        for status in follow(status.pid, every_s=every_s):  # noqa: B020  # the last is kept
            _show_line(status, options.output)
    if status.is_running:  # the user has seen enough of it
        return DONE
    if options.output == "text":
        Console(highlight=False).print(render(status.report))
    return _end(status)


def heading(status: JobStatus) -> str:
    """Which job it is."""
    return f"job {status.pid}: {status.command_line[:_COMMAND_SHOWN]}"


def _show_once(status: JobStatus, output: str) -> int:
    if output == "json":
        _write_json(status)
    else:
        history = JobHistory()
        history.add(status)
        console = Console(highlight=False)
        console.print(f"{heading(status)}: {outcome(status)}", soft_wrap=True, markup=False)
        console.print(figures(status, history))
    return DONE if status.is_running else _end(status)


def _show_line(status: JobStatus, output: str) -> None:
    if output == "json":
        _write_json(status)
    else:
        sys.stdout.write(f"{line(status)}\n")
    sys.stdout.flush()


def _write_json(status: JobStatus) -> None:
    sys.stdout.write(orjson.dumps(status.to_json()).decode() + "\n")


def _end(status: JobStatus) -> int:
    if status.ok:
        return DONE
    why = f": {status.error}" if status.error else ""
    sys.stderr.write(f"pannier: job {status.pid}: {outcome(status)}{why}\n")
    if status.state != FINISHED:
        sys.stderr.write("If it has a journal, the same command goes on with --resume.\n")
    return FAILED
