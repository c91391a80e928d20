"""`pannier monitor --job`: a job is followed to its end, and the exit status says how that was."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pannier.monitoring.job_folder import job_folder
from pannier.monitoring.job_status import BROKEN, INTERRUPTED
from pannier.monitoring.running_jobs import leave, running_jobs
from tests.cli.running import good, refused, run
from tests.monitoring.job_statuses import a_good_end, a_status, dead_pid

BUDGET = ("--write-units", "60")
LEFT_OVER = '[[rules]]\noperations = "BatchWriteItem"\nleave = 0.3\n'
REFUSED = '[[rules]]\nskip = 2\noperations = "BatchWriteItem"\nerror = "AccessDeniedException"\n'


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good(tmp_path, "create-table", "shop", "--key", "PK:S")
    lines = (json.dumps({"PK": f"p{number}"}) for number in range(200))
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    return tmp_path


@contextmanager
def writing(folder: Path, faults: str, *more: str) -> Iterator["subprocess.Popen[str]"]:
    """A write that is under way."""
    (folder / "faults.toml").write_text(faults)
    job = subprocess.Popen(
        [
            sys.executable, "-m", "pannier", "write", "items.jsonl", "--table", "shop",
            "--target", "local?faults=faults.toml", "--journal", "job.journal", *more,
        ],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        while not any(each.pid == job.pid for each in running_jobs()):
            assert job.poll() is None, job.communicate()[1]
            time.sleep(0.02)
        yield job
    finally:
        if job.poll() is None:
            job.kill()
        job.communicate(timeout=30)


def test_a_job_is_followed_to_its_good_end(folder: Path) -> None:
    with writing(folder, LEFT_OVER, *BUDGET) as job:
        done = run(folder, "monitor", "--job", "--every", "0.2")
    assert done.status == 0, done.err
    assert f"job {job.pid}: pannier write items.jsonl --table shop" in done.err
    lines = done.out.splitlines()
    assert lines[0].startswith("writing ")
    assert "left over" in done.out
    assert "200 read: 200 written" in done.out
    assert "100 % got through" in done.out


def test_a_job_that_fails_is_told_by_the_status(folder: Path) -> None:
    with writing(folder, REFUSED, *BUDGET) as job:
        done = run(folder, "monitor", "--job", str(job.pid), "--every", "0.2")
    assert done.status == 1
    assert "with failures" in done.err
    assert "200 read: " in done.out


def test_a_job_that_is_killed_has_died(folder: Path) -> None:
    with writing(folder, LEFT_OVER, *BUDGET) as job:
        job.kill()
        job.wait()
        done = run(folder, "monitor", "--job")
    assert done.status == 1
    assert "died" in done.err
    assert "--resume" in done.err


@pytest.mark.parametrize(
    ("state", "words"), [(INTERRUPTED, "interrupted"), (BROKEN, "error: it broke")]
)
def test_how_a_job_ended_is_told(folder: Path, state: str, words: str) -> None:
    leave(a_status(dead_pid(), state, error="it broke" * (state == BROKEN)), job_folder())
    for more in ((), ("--once",), ("--output", "json")):
        done = run(folder, "monitor", "--job", *more)
        assert done.status == 1
        assert words in done.err


def test_once_is_how_it_is_at_the_moment(folder: Path) -> None:
    leave(a_status(write_units="500"), job_folder())
    done = good(folder, "monitor", "--job", "--once")
    for words in ("p99", "left over", "throttled", "of 500 on shop", "success"):
        assert words in done.out
    leave(a_good_end(dead_pid()), job_folder())
    answer = json.loads(good(folder, "monitor", "--job", "--once", "--output", "json").out)
    assert (answer["state"], answer["fraction"]) == ("running", 0.5)


def test_json_is_a_line_a_look(folder: Path) -> None:
    with writing(folder, "rules = []", *BUDGET):
        done = good(folder, "monitor", "--job", "--every", "0.3", "--output", "json")
    states = [json.loads(line)["state"] for line in done.out.splitlines()]
    assert set(states[:-1]) == {"running"}
    assert states[-1] == "finished"


@pytest.mark.parametrize("which", [(), ("last",), ("12345678",), ("x",)])
def test_without_a_job_it_is_said_what_to_do(tmp_path: Path, which: tuple[str, ...]) -> None:
    said = refused(tmp_path, "monitor", "--job", *which)
    assert "process" in said or "pannier write" in said
