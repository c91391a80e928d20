"""Statuses of jobs, as tests leave them."""

import os
import subprocess
import sys
import time
from typing import Any

from pannier.batch.report import Report
from pannier.monitoring.job_status import FINISHED, RUNNING, JobStatus
from pannier.monitoring.running_jobs import process_began
from tests.publishing.a_report import a_report


def a_status(pid: int | None = None, state: str = RUNNING, **more: Any) -> JobStatus:
    """A write under way, of this process."""
    pid = os.getpid() if pid is None else pid
    known = {
        "command": "write",
        "label": "writing",
        "command_line": "pannier write items.jsonl --table shop",
        "target": "local (.pannier)",
        "tables": ("shop",),
        "began_at_s": time.time() - 5,
        "updated_at_s": time.time(),
        "report": a_report(),
        "fraction": 0.5,
        "items_per_s": 20.0,
        "left_s": 5.0,
        "process_began": process_began(pid),
    }
    return JobStatus(pid, state, **{**known, **more})


def a_good_end(pid: int | None = None) -> JobStatus:
    """A write of ten items that went well."""
    return a_status(pid, FINISHED, report=Report("write", read=10, written=10), left_s=None)


def dead_pid() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    return ended.pid
