"""Jobs of the command leave word of how they do, say nothing secret, and are never disturbed."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pannier.cli.job_status import StatusFile, is_on, plain_command_line, state_of
from pannier.errors import UserError
from pannier.library.interruption import Interrupted
from pannier.monitoring.job_folder import job_folder, open_folder
from pannier.monitoring.job_status import BROKEN, FINISHED, INTERRUPTED, JobStatus
from pannier.monitoring.running_jobs import job_of, running_jobs
from tests.cli.running import good, run
from tests.publishing.a_report import a_report


@pytest.fixture(autouse=True)
def _runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runtime").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good(tmp_path, "create-table", "shop", "--key", "PK:S,SK:N")
    lines = (json.dumps({"PK": f"p{number % 7}", "SK": number}) for number in range(200))
    (tmp_path / "items.jsonl").write_text("\n".join(lines))
    (tmp_path / "keys.jsonl").write_text('{"PK": "p1", "SK": 1}')
    return tmp_path


JOBS = [
    ("write", "items.jsonl", "--table", "shop"),
    ("get", "keys.jsonl", "--table", "shop"),
    ("scan", "shop"),
    ("query", "shop", "--key", "PK = :p", "--values", '{":p": "p1"}'),
    ("count", "shop"),
    ("copy", "shop", "shop-2", "--create"),
    ("fill", "shop", "--count", "30"),
    ("update", "shop", "--where", "SK < :n", "--remove", "seen", "--values", '{":n": 9}', "--yes"),
    ("delete", "keys.jsonl", "--table", "shop"),
]


@pytest.mark.parametrize("words", JOBS, ids=lambda words: words[0])
def test_every_job_leaves_word_of_its_end(folder: Path, words: tuple[str, ...]) -> None:
    good(folder, *words, "--report", "report.json")
    status = job_of("last")
    assert status.ok
    assert (status.pid, status.command) == (os.getpid(), words[0])
    assert status.tables[0].startswith("shop")
    assert status.target.startswith("local")
    written = json.loads((folder / "report.json").read_text())
    left = status.report.to_json()
    assert {name: written[name] for name in left} == left


def test_what_fails_and_what_is_wrong_is_told(folder: Path) -> None:
    (folder / "bad.jsonl").write_text('{"PK": 5}\n')
    assert run(folder, "write", "bad.jsonl", "--table", "shop").status == 1
    status = job_of("last")
    assert (status.state, status.ok, status.success_rate) == (FINISHED, False, 0.0)
    assert run(folder, "write", "items.jsonl", "--table", "nowhere").status == 1
    assert not job_of("last").ok


def test_a_job_leaves_word_while_it_runs_and_when_it_is_interrupted(folder: Path) -> None:
    job = subprocess.Popen(
        [
            sys.executable, "-m", "pannier", "write", "items.jsonl", "--table", "shop",
            "--write-units", "20", "--journal", "job.journal",
        ],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        found: list[JobStatus] = []
        while not (found and found[0].is_running and found[0].report.written):
            assert job.poll() is None, job.communicate()[1]
            time.sleep(0.05)
            found = running_jobs()
        assert found[0].pid == job.pid
        assert found[0].write_units == "20"
        assert found[0].command_line.startswith("pannier write items.jsonl --table shop")
        assert 0 < (found[0].fraction or 0) <= 1
        job.send_signal(signal.SIGINT)
        job.communicate(timeout=30)
    finally:
        if job.poll() is None:
            job.kill()
            job.communicate()
    assert job.returncode == 130
    assert job_of(str(job.pid)).state == INTERRUPTED


def test_it_can_be_turned_off(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANNIER_JOB_STATUS", "off")
    good(folder, "scan", "shop")
    assert running_jobs() == []
    assert is_on({})
    assert is_on({"PANNIER_JOB_STATUS": "on"})
    assert not is_on({"PANNIER_JOB_STATUS": "OFF"})


def test_a_folder_that_is_not_ours_does_not_disturb_a_job(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "runtime" / "pannier").symlink_to(tmp_path)
    assert good(folder, "scan", "shop").status == 0
    (tmp_path / "runtime" / "pannier").unlink()
    (tmp_path / "runtime" / "pannier").write_text("no folder")
    assert good(folder, "scan", "shop").status == 0
    assert (tmp_path / "runtime" / "pannier").read_text() == "no folder"


def test_a_disk_that_is_full_does_not_disturb_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_folder(job_folder())
    (job_folder() / f"{os.getpid()}.tmp").mkdir()  # so that it can't be written
    options = argparse.Namespace(command="write", given=["write"], table="shop")
    status = StatusFile(options, "a target", "writing", None, job_folder())
    status.take(a_report())
    status.end(FINISHED)
    assert running_jobs() == []


def test_a_job_that_never_began_leaves_nothing(tmp_path: Path) -> None:
    options = argparse.Namespace(command="write", given=["write"])
    StatusFile(options, "a target", "writing", None, job_folder()).end(BROKEN, "why")
    assert running_jobs() == []


def test_how_it_ended() -> None:
    assert state_of(None) == (FINISHED, "")
    assert state_of(KeyboardInterrupt()) == (INTERRUPTED, "")
    assert state_of(Interrupted(a_report())) == (INTERRUPTED, "")
    assert state_of(UserError("no", "do")) == (BROKEN, "no\ndo")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (["write", "a b.jsonl"], "pannier write 'a b.jsonl'"),
        (["scan", "t", "--target", "http://me:secret@host:1"], "http://***@host:1"),
        (["write", "https://host/a.jsonl?X-Amz-Signature=secret"], "https://host/a.jsonl?***"),
        (["scan", "t", "--values", '{":a": "secret"}', "--out", "f"], "--values '***' --out f"),
        (["scan", "t", '--values={":a": "secret"}'], "--values=***"),
        (["write", "f", "--publish=prometheus:http://u:secret@h"], "prometheus:http://***@h"),
        (["scan", "t", "--pk", "a?b"], "--pk 'a?b'"),
    ],
)
def test_secrets_are_not_left(given: list[str], shown: str) -> None:
    line = plain_command_line(given)
    assert shown.replace("'", "") in line.replace("'", "")
    assert "secret" not in line
