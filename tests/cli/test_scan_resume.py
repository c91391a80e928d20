"""A scan that is interrupted says how to go on, and going on gives each item once."""

import json
import random
import shlex
import signal
from pathlib import Path

import pytest

from tests.batch.fake_pages import FakePages
from tests.batch.fake_server import fake_server
from tests.batch.fake_service import TABLE
from tests.cli.test_job_resume import interrupted
from tests.conftest import run_pannier

COUNT = 3000


def numbers(path: Path) -> list[int]:
    return sorted(int(json.loads(line)["n"]["N"]) for line in path.read_text().splitlines())


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_scan_goes_on_with_the_command_that_it_shows(
    tmp_path: Path, by: signal.Signals
) -> None:
    service = FakePages(COUNT, random.Random(by))
    with fake_server(service, random.Random(1), 0.02) as server:
        options = ("--target", server.url, "--out", "found.jsonl", "--segments", "8")
        options += ("--report", "report.json")
        done = interrupted(tmp_path, server, "scan", TABLE, *options, by=by)
        assert done.returncode == 130, done.stderr
        assert "Traceback" not in done.stderr
        report = json.loads((tmp_path / "report.json").read_text())
        assert report["balanced"]
        assert 0 < report["found"] < COUNT
        assert "items are written. To go on:" in done.stderr
        line = shlex.split(done.stderr.strip().splitlines()[-1])
        server.delay_s_max = 0.0
        again = run_pannier(*line[1:], cwd=tmp_path)
        assert again.returncode == 0, again.stderr
    assert numbers(tmp_path / "found.jsonl") == list(range(COUNT))
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["found"], report["runs"], report["balanced"]) == (COUNT, 2, True)
    assert not (tmp_path / ".pannier-jobs").exists()


def test_what_was_interrupted_and_cant_go_on_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    service = FakePages(COUNT, random.Random(1))
    with fake_server(service, random.Random(1), 0.02) as server:
        options = ("--target", server.url, "--out", "found.csv")
        done = interrupted(tmp_path, server, "scan", TABLE, *options)
    assert done.returncode == 130
    assert "found.csv was not written: not all items were read" in done.stderr
    assert "it has no journal, so it can't go on later" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_count_gives_no_number(tmp_path: Path) -> None:
    service = FakePages(COUNT, random.Random(1))
    with fake_server(service, random.Random(1), 0.02) as server:
        done = interrupted(tmp_path, server, "count", TABLE, "--target", server.url)
    assert (done.returncode, done.stdout) == (130, "")


def test_a_journal_that_was_named_tells_that_nothing_is_left(tmp_path: Path) -> None:
    service = FakePages(50, random.Random(1))
    with fake_server(service, random.Random(1), 0.0) as server:
        scan = ("scan", TABLE, "--target", server.url, "--out", "found.jsonl")
        scan += ("--journal", "the.journal")
        assert run_pannier(*scan, cwd=tmp_path).returncode == 0
        again = run_pannier(*scan, "--resume", cwd=tmp_path)
        assert again.returncode == 0
        assert "is complete; nothing is left" in again.stderr
        other = run_pannier(*scan, "--filter", "third", "--resume", cwd=tmp_path)
        assert other.returncode == 1
        assert "was begun with no --filter, not with --filter third" in other.stderr
        (tmp_path / "found.jsonl").unlink()
        assert run_pannier(*scan, cwd=tmp_path).returncode == 0, "a new job may begin"
    assert numbers(tmp_path / "found.jsonl") == list(range(50))
