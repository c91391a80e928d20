"""The jobs of the command on this machine: each leaves a file while it runs, which anybody reads.

`PID.json` in `job_folder`, replaced once a second. The last one, with how the job ended, stays for
an hour, for those who follow it; what is older is removed by whoever lists the jobs, or begins one.
A job whose process is gone without a word is listed as died.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from pannier.clock import Clock
from pannier.errors import UserError
from pannier.monitoring.job_folder import (
    check_folder,
    job_folder,
    open_folder,
    read_file,
    replace_file,
)
from pannier.monitoring.job_status import JobStatus

EVERY_S: Final = 1.0
_KEPT_S: Final = 3600
_LISTED_MAX: Final = 100
_DIGITS_MAX: Final = 10


def leave(status: JobStatus, folder: Path) -> None:
    """Leave word of a job.

    Raises:
        OSError: the folder can't be written.
        UserError: it is not ours.
    """
    open_folder(folder)
    replace_file(folder / f"{status.pid}.json", status.encoded())


def process_began(pid: int) -> str:
    """What the system says of a process's start; empty where it does not say."""
    try:
        content = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = content.rpartition(")")[2].split()  # a program's name may hold anything
    return fields[19] if len(fields) > 19 else ""  # the 22nd, see proc(5)


def running_jobs(folder: Path | None = None, clock: Clock = time.time) -> list[JobStatus]:
    """The jobs that run, and those that ended within the last hour; at most 100, the newest first.

    Raises:
        UserError: the folder is not ours.
    """
    folder = job_folder() if folder is None else folder
    if not check_folder(folder):
        return []
    sweep(folder, clock)
    files = sorted(folder.glob("*.json"), key=_written_s, reverse=True)
    found = [status for path in files[:_LISTED_MAX] if (status := _status(path)) is not None]
    return sorted(found, key=lambda each: (each.is_running, each.began_at_s), reverse=True)


def sweep(folder: Path, clock: Clock = time.time) -> None:
    """Remove what was last written more than an hour ago; a running job writes each second."""
    oldest_s = clock() - _KEPT_S
    for path in folder.iterdir():
        if path.suffix in (".json", ".tmp") and _written_s(path) < oldest_s:
            with suppress(OSError):
                path.unlink()


def job_of(which: str, folder: Path | None = None, clock: Clock = time.time) -> JobStatus:
    """A job by its process id; `last` for the one that began last, running before ended.

    Raises:
        UserError: there is none; the text says what to do.
    """
    folder = job_folder() if folder is None else folder
    if which == "last":
        jobs = running_jobs(folder, clock)
        if not jobs:
            raise UserError(
                "no job is running, and none has ended in the last hour",
                "Begin one, e.g. pannier write FILE --table NAME. Jobs with PANNIER_JOB_STATUS=off "
                "can't be followed.",
            )
        return jobs[0]
    is_id = which.isascii() and which.isdigit() and len(which) <= _DIGITS_MAX
    if not is_id:
        raise UserError(f"{which!r} is no process id", "Give a process id, or last.")
    status = _status(folder / f"{int(which)}.json") if check_folder(folder) else None
    if status is None:
        raise UserError(
            f"there is no job of the process {which}",
            "See which there are: pannier monitor --once",
        )
    return status


def follow(
    pid: int,
    folder: Path | None = None,
    *,
    every_s: float = EVERY_S,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[JobStatus]:
    """How a job does, again and again; the last says how it ended.

    Raises:
        UserError: there is no such job.
    """
    while True:
        status = job_of(str(pid), folder)
        yield status
        if not status.is_running:
            return
        sleep(every_s)


def _status(path: Path) -> JobStatus | None:
    """A job's status; None where there is none that can be read."""
    for _ in range(2):
        content = read_file(path)
        try:
            status = JobStatus.decoded(content) if content else None
        except ValueError:
            return None
        if status is None or not status.is_running or _is_alive(status):
            return status
        # It may have said how it ended between our reading and its end: look once more.
    return status.died() if status is not None else None


def _is_alive(status: JobStatus) -> bool:
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's: the id was given anew
        return False
    return process_began(status.pid) == status.process_began


def _written_s(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:  # it is gone
        return float("inf")
