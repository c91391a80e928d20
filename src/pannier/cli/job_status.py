"""A job leaves word of how it does, once a second, for `pannier monitor` and the console.

A thread of its own writes, so the job itself does nothing for it; that takes a millisecond of each
second. What can't be written is let be: the job goes first. `PANNIER_JOB_STATUS=off` turns it off.
"""

import argparse
import os
import re
import shlex
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Final

from pannier.batch.report import Report
from pannier.cli.progress import Pace
from pannier.errors import UserError
from pannier.library.interruption import Interrupted
from pannier.monitoring.job_folder import check_folder, job_folder
from pannier.monitoring.job_status import BROKEN, FINISHED, INTERRUPTED, RUNNING, JobStatus
from pannier.monitoring.running_jobs import EVERY_S, leave, process_began, sweep

_SWITCH: Final = "PANNIER_JOB_STATUS"
_OFF: Final = frozenset({"off", "0", "false", "no"})
_ERROR_LENGTH_MAX: Final = 1000
_TABLES: Final = ("table", "destination")
# What stands in front of an @ in an address, and behind its ?, may be a password or a signature.
_USER: Final = re.compile(r"(\w://)[^/\s@]*@")
_QUERY: Final = re.compile(r"(\w://[^\s?]*\?)\S+")
_WITH_DATA: Final = frozenset({"--values"})


def is_on(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether jobs leave word."""
    return environment.get(_SWITCH, "").strip().lower() not in _OFF


def plain_command_line(given: list[str]) -> str:
    """A command line without passwords and signatures in addresses, and without items' values."""
    shown: list[str] = []
    for word in given:
        option, equals, _ = word.partition("=")
        if shown and shown[-1] in _WITH_DATA:
            word = "***"
        elif equals and option in _WITH_DATA:
            word = f"{option}=***"
        shown.append(_QUERY.sub(r"\1***", _USER.sub(r"\1***@", word)))
    return shlex.join(["pannier", *shown])


class StatusFile:
    """The word that one job leaves.

    Args:
        options: the command line.
        target: the name of what it works on.
        label: what is being done.
        fraction: how much of it is done, from 0 to 1; None where nobody knows.
        folder: where it is left.
    """

    def __init__(
        self,
        options: argparse.Namespace,
        target: str,
        label: str,
        fraction: Callable[[], float | None] | None,
        folder: Path,
    ) -> None:
        self._folder = folder
        self._pace = Pace(fraction)
        self._report: Report | None = None
        self._over = Event()
        self._named = [getattr(options, name, None) for name in _TABLES]
        self._first = JobStatus(
            os.getpid(),
            RUNNING,
            options.command,
            label,
            plain_command_line(options.given),
            target,
            (),
            time.time(),
            0.0,
            Report("write"),
            write_units=getattr(options, "write_units", None),
            read_units=getattr(options, "read_units", None),
            process_began=process_began(os.getpid()),
        )
        self._thread = Thread(target=self._run, name="job status", daemon=True)

    def take(self, report: Report) -> None:
        """Take the report of the job as it begins."""
        self._report = report
        if self._thread.ident is None:
            self._thread.start()

    def end(self, state: str, error: str = "") -> None:
        """Leave the last word."""
        if self._thread.ident is None:
            return
        self._over.set()
        self._thread.join()
        self._leave(state, error)

    def _run(self) -> None:
        with suppress(OSError, UserError):  # there may be no folder yet, or not ours
            if check_folder(self._folder):
                sweep(self._folder)
        while self._leave(RUNNING) and not self._over.wait(EVERY_S):
            pass

    def _leave(self, state: str, error: str = "") -> bool:
        """Leave word; returns whether it is of any use to try again."""
        try:
            leave(self._status(state, error), self._folder)
        except RuntimeError:  # a table came to the report while it was read
            return True
        except (OSError, UserError, ValueError, TypeError):
            return False
        return True

    def _status(self, state: str, error: str) -> JobStatus:
        report = self._report
        assert report is not None  # nothing is left before there is one
        pace = self._pace
        pace.look(report)
        places = [*report.units.write, *report.units.read]
        tables = [*filter(None, self._named), *(place.partition("/")[0] for place in places)]
        is_running = state == RUNNING
        return replace(
            self._first,
            state=state,
            tables=tuple(dict.fromkeys(tables)),
            updated_at_s=time.time(),
            report=report,
            fraction=pace.part,
            items_per_s=pace.per_s,
            left_s=pace.left_s if is_running else None,
            error=error[:_ERROR_LENGTH_MAX],
        )


def status_file(
    options: argparse.Namespace,
    target: str,
    label: str,
    fraction: Callable[[], float | None] | None,
) -> StatusFile | None:
    """The word that a job leaves; None if it shall not."""
    if not is_on():
        return None
    return StatusFile(options, target, label, fraction, job_folder())


def state_of(error: object) -> tuple[str, str]:
    """How a job ended, by the exception that ended it, and the error's words."""
    if error is None:
        return FINISHED, ""
    if isinstance(error, (Interrupted, KeyboardInterrupt)):
        return INTERRUPTED, ""
    return BROKEN, str(error)
