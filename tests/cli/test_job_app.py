"""The screen of `pannier monitor --job`."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import pytest

from pannier.cli.screen.job_app import JobApp
from pannier.monitoring.job_folder import job_folder
from pannier.monitoring.job_status import DIED, JobStatus
from pannier.monitoring.running_jobs import leave
from tests.cli.piloting import screen_text, until
from tests.monitoring.job_statuses import a_good_end, a_status
from tests.publishing.a_report import a_report


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def follow(status: JobStatus, act: Any) -> JobStatus | None:
    """Open the screen on a job, do something, and return what it ends with."""
    app = JobApp(status, 0.1)

    async def run() -> None:
        async with app.run_test(size=(80, 24)) as pilot:
            await act(pilot, app)
            await until(pilot, lambda: not app.is_running)

    asyncio.run(run())
    return app.return_value


def test_a_job_is_followed_to_its_end() -> None:
    leave(a_status(write_units="50%"), job_folder())

    async def act(pilot: Any, app: JobApp) -> None:
        await until(pilot, lambda: "50%" in screen_text(app))
        report = a_report()
        report.units.write["shop"] += 40
        later = a_status(
            updated_at_s=time.time() + 5, fraction=0.75, report=report, write_units="50%"
        )
        leave(later, job_folder())
        await until(pilot, lambda: "75%" in screen_text(app))
        text = screen_text(app)
        for words in (
            f"job {os.getpid()}: pannier write items.jsonl --table shop",
            "Items a second",
            "success",
            "left over",
            "throttled",
            "latency",
            "p99",
            "/s of 50% on shop",
            "q Quit (the job goes on)",
        ):
            assert words in text, text
        leave(a_good_end(), job_folder())

    last = follow(a_status(), act)
    assert last is not None
    assert last.ok
    assert last.report.written == 10


def test_the_screen_may_be_left() -> None:
    leave(a_status(fraction=None), job_folder())

    async def act(pilot: Any, app: JobApp) -> None:
        await until(pilot, lambda: "writing" in screen_text(app))
        await pilot.press("q")

    last = follow(a_status(), act)
    assert last is not None
    assert last.is_running


def test_a_job_whose_file_is_gone_has_died() -> None:
    async def act(pilot: Any, app: JobApp) -> None:
        await until(pilot, lambda: not app.is_running)

    last = follow(a_status(), act)
    assert last is not None
    assert last.state == DIED


def test_a_job_that_has_ended_needs_no_screen() -> None:
    async def act(pilot: Any, app: JobApp) -> None:
        return

    last = follow(a_good_end(), act)
    assert last is not None
    assert last.ok
