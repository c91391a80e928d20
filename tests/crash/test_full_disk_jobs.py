"""A job whose files find no room: it says so and stops, and goes on once there is some.

The operating system refuses to make any file of the command larger than so many bytes. What is
checked is what counts with `kill -9` too: nothing is left out, nothing is there twice.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import serving

ITEMS = 3000
BAD = [n for n in range(ITEMS) if n % 3 == 0]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--memory", "--no-console") as (url, _):
        yield url


class Shell:
    """Runs `pannier` in a folder, on a disk that takes files of so many bytes."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._url = url

    def run(self, *arguments: str, room_bytes: int | None = None) -> tuple[int, str]:
        """The exit status, and what was said."""

        def limit() -> None:
            if room_bytes is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, resource.RLIM_INFINITY))

        done = subprocess.run(
            [sys.executable, "-m", "pannier", *arguments, "--target", self._url],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=limit,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stderr

    def report(self) -> dict[str, int]:
        """The report that the last run wrote."""
        report: dict[str, int] = json.loads((self.folder / "report.json").read_text())
        return report

    def lines(self, name: str) -> list[dict[str, Any]]:
        """The lines of a file."""
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@pytest.fixture
def shell(tmp_path: Path, url: str) -> Shell:
    made = Shell(tmp_path, url)
    lines = [{"p": str(n) if n not in BAD else "", "fill": "x" * 60} for n in range(ITEMS)]
    (tmp_path / "input.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    name = tmp_path.name
    assert made.run("create-table", name, "--key", "p:S")[0] == 0
    return made


def write(shell: Shell) -> list[str]:
    return [
        *("write", "input.jsonl", "--table", shell.folder.name, "--journal", "the.journal"),
        *("--failures", "failed.jsonl", "--report", "report.json"),
    ]


def test_a_write_whose_failures_find_no_room(shell: Shell) -> None:
    status, words = shell.run(*write(shell), room_bytes=40_000)
    assert status == 1
    assert "the failures file failed.jsonl can't be written: File too large" in words
    status, words = shell.run(*write(shell), "--resume")
    assert status == 1, words  # some failed
    report = shell.report()
    counts = [report[name] for name in ("read", "written", "failed")]
    assert counts == [ITEMS, ITEMS - len(BAD), len(BAD)]
    assert report["balanced"]
    assert sorted(each["line"] - 1 for each in shell.lines("failed.jsonl")) == BAD


def test_a_write_whose_journal_finds_no_room(shell: Shell) -> None:
    count = 10 * ITEMS  # enough that the journal is written before the end
    rows = [json.dumps({"p": str(n), "fill": "x" * 60}) + "\n" for n in range(count)]
    (shell.folder / "input.jsonl").write_text("".join(rows))
    status, words = shell.run(*write(shell), "--parallel", "1", room_bytes=600)
    assert status == 1
    # The journal is what stops it; what is left then finds no room in the failures file either.
    assert "can't be written: File too large" in words
    status, words = shell.run(*write(shell), "--resume")
    assert status == 0, words
    report = shell.report()
    assert (report["read"], report["written"]) == (count, count)


def test_a_scan_goes_on_when_there_is_room_again(shell: Shell) -> None:
    assert shell.run(*write(shell))[0] == 1
    scan = ["scan", shell.folder.name, "--out", "found.jsonl", "--journal", "scan.journal"]
    scan += ["--report", "none", "--segments", "4"]
    status, words = shell.run(*scan, room_bytes=60_000)
    assert status == 1
    assert "found.jsonl can't be written: File too large" in words
    status, words = shell.run(*scan, "--resume")
    assert status == 0, words
    found = sorted(int(each["p"]["S"]) for each in shell.lines("found.jsonl"))
    assert found == [n for n in range(ITEMS) if n not in BAD]


def test_a_report_without_room_does_not_touch_the_job(shell: Shell) -> None:
    status, words = shell.run(*write(shell), room_bytes=0)
    assert status == 1
    assert "can't be written" in words
    command = [each for each in write(shell) if each not in ("--journal", "the.journal")]
    good = [each for each in command if each not in ("--failures", "failed.jsonl")]
    rows = [json.dumps({"p": str(n)}) + "\n" for n in range(20)]
    (shell.folder / "input.jsonl").write_text("".join(rows))
    status, words = shell.run(*good, room_bytes=100)
    assert status == 1
    assert "the report can't be written to report.json: File too large" in words
    status, words = shell.run("scan", shell.folder.name, "--out", "found.jsonl", "--report", "none")
    assert len(shell.lines("found.jsonl")) == 20, words
