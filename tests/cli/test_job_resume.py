"""A job that is interrupted says how to go on, and going on brings it to its end.

Everything through the command, as a user meets it: Ctrl-C, SIGTERM, `--journal`, `--resume`, and
the words with which `--resume` refuses what would go wrong.
"""

import json
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.batch.fake_server import FakeServer, fake_server
from tests.batch.fake_service import SCHEMA, TABLE, FakeService, item
from tests.conftest import run_pannier

COUNT = 800


def write_items(path: Path, count: int = COUNT) -> None:
    path.write_text("".join(json.dumps({"PK": f"k{n}", "v": str(n)}) + "\n" for n in range(count)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file of items."""
    write_items(tmp_path / "items.jsonl")
    return tmp_path


@contextmanager
def slow_service(delay_s_max: float = 0.03) -> Iterator[FakeServer]:
    with fake_server(FakeService(), random.Random(1), delay_s_max) as server:
        yield server


def interrupted(
    folder: Path,
    server: FakeServer,
    *command: str,
    by: signal.Signals = signal.SIGINT,
    after_calls: int = 5,
) -> "subprocess.CompletedProcess[str]":
    """Start a command, and interrupt it when the service has answered a few calls."""
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", *command, "--parallel", "2"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline_s = time.monotonic() + 30
        while len(server.service.calls) < after_calls and program.poll() is None:
            assert time.monotonic() < deadline_s
            time.sleep(0.005)
        program.send_signal(by)
        out, err = program.communicate(timeout=30)
    finally:
        if program.poll() is None:
            program.kill()
            program.communicate()
    return subprocess.CompletedProcess(program.args, program.returncode, out, err)


def report_in(folder: Path) -> dict[str, object]:
    report: dict[str, object] = json.loads((folder / "report.json").read_text())
    return report


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_write_goes_on_with_the_command_that_it_shows(
    folder: Path, by: signal.Signals
) -> None:
    """Exit status 130, a report that accounts for everything, no failures file, and one line."""
    with slow_service() as server:
        options = ("--table", TABLE, "--target", server.url, "--report", "report.json")
        done = interrupted(folder, server, "write", "items.jsonl", *options, by=by)
        assert done.returncode == 130, done.stderr
        assert "Traceback" not in done.stderr
        assert "finishing the calls in flight" in done.stderr
        report = report_in(folder)
        assert report["balanced"]
        assert report["stopped"] == "interrupted"
        assert 0 < report["written"] < COUNT
        assert report["written"] == len(server.service.items())
        assert not list(folder.glob("pannier-failures-*"))
        line = shlex.split(done.stderr.strip().splitlines()[-1])
        assert line[0] == "pannier"
        assert line[-1] == "--resume"
        again = run_pannier(*line[1:], cwd=folder)
        assert again.returncode == 0, again.stderr
        assert len(server.service.items()) == COUNT
    report = report_in(folder)
    assert (report["read"], report["written"], report["runs"]) == (COUNT, COUNT, 2)
    assert report["balanced"]
    assert not (folder / ".pannier-jobs").exists(), "what is not needed any more is gone"


def test_the_second_signal_ends_at_once(folder: Path) -> None:
    """The calls in flight would take half a minute."""
    with slow_service(delay_s_max=60.0) as server:
        program = subprocess.Popen(
            [
                *(sys.executable, "-m", "pannier", "write", "items.jsonl", "--table", TABLE),
                *("--target", server.url, "--journal", "the.journal"),
            ],
            cwd=folder,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stderr is not None
        assert program.stderr.readline().startswith("target: ")
        while not (folder / "the.journal").exists():
            time.sleep(0.005)
        time.sleep(0.1)
        program.send_signal(signal.SIGINT)
        assert "once more ends at once" in program.stderr.readline()
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=15)
    assert program.returncode == 130
    assert "Traceback" not in err
    assert "interrupted" in err


def test_a_named_journal_stays_and_tells_a_second_resume_that_nothing_is_left(
    folder: Path,
) -> None:
    with slow_service(0.0) as server:
        command = ("write", "items.jsonl", "--table", TABLE, "--target", server.url)
        command += ("--journal", "the.journal")
        assert run_pannier(*command, cwd=folder).returncode == 0
        calls = len(server.service.calls)
        again = run_pannier(*command, "--resume", "--report", "json", cwd=folder)
        assert again.returncode == 0
        assert "is complete; nothing is left" in again.stderr
        assert '"written": 800' in again.stderr
        assert len(server.service.calls) == calls
        assert run_pannier(*command, cwd=folder).returncode == 0, "a new job may begin"
        assert len(server.service.calls) == 2 * calls


def test_failures_are_in_the_file_once_whatever_the_number_of_runs(folder: Path) -> None:
    """Refused items at the beginning and at the end, with an interruption in between."""
    write_items(folder / "items.jsonl", 5000)
    broken = {"v": "no key"}
    lines = (folder / "items.jsonl").read_text().splitlines()
    lines[3], lines[-3] = json.dumps(broken), "{"
    (folder / "items.jsonl").write_text("\n".join(lines))
    with slow_service() as server:
        options = ("--table", TABLE, "--target", server.url, "--report", "report.json")
        done = interrupted(folder, server, "write", "items.jsonl", *options)
        assert "1 not written" in done.stderr
        (first,) = folder.glob("pannier-failures-*")
        server.delay_s_max = 0.0
        again = run_pannier("write", "items.jsonl", *options, "--resume", cwd=folder)
    assert again.returncode == 1
    assert f"2 not written, see {first}" in again.stderr
    (failures,) = folder.glob("pannier-failures-*")
    assert [json.loads(line)["line"] for line in failures.read_text().splitlines()] == [4, 4998]
    report = report_in(folder)
    assert (report["written"], report["failed"], report["balanced"]) == (4998, 2, True)


def test_a_failures_file_that_is_gone_is_told(folder: Path) -> None:
    (folder / "items.jsonl").write_text('{"v": "no key"}\n' + (folder / "items.jsonl").read_text())
    with slow_service() as server:
        options = ("--table", TABLE, "--target", server.url, "--failures", "failed.jsonl")
        interrupted(folder, server, "write", "items.jsonl", *options)
        (folder / "failed.jsonl").unlink()
        again = run_pannier("write", "items.jsonl", *options, "--resume", cwd=folder)
        assert again.returncode == 1
        assert "failed.jsonl of the earlier run is gone" in again.stderr
        other = (*options[:-1], "other.jsonl")
        assert run_pannier("write", "items.jsonl", *other, "--resume", cwd=folder).returncode == 1
        assert len(server.service.items()) == COUNT


def test_a_get_goes_on_in_its_output_file(folder: Path) -> None:
    """Each item is there once, though the first run was interrupted in the middle."""
    keys = [{"PK": f"k{n}"} for n in range(4000)]
    (folder / "keys.jsonl").write_text("".join(json.dumps(key) + "\n" for key in keys))
    with slow_service() as server:
        for n in range(4000):
            content = item(f"k{n}", str(n))
            server.service.tables[TABLE][b"".join(SCHEMA.item_key(content))] = content
        options = ("--table", TABLE, "--target", server.url, "--out", "found.jsonl")
        done = interrupted(folder, server, "get", "keys.jsonl", *options)
        assert done.returncode == 130, done.stderr
        line = shlex.split(done.stderr.strip().splitlines()[-1])
        with (folder / "found.jsonl").open("a") as file:
            file.write('{"PK": {"S": "written by a run that was killed"}')
        again = run_pannier(*line[1:], "--report", "report.json", cwd=folder)
        assert again.returncode == 0, again.stderr
    lines = (folder / "found.jsonl").read_text().splitlines()
    found = [json.loads(each)["PK"]["S"] for each in lines]
    assert sorted(found) == sorted(f"k{n}" for n in range(4000))
    report = report_in(folder)
    assert (report["read"], report["found"], report["balanced"]) == (4000, 4000, True)


def refused(folder: Path, *arguments: str, stdin: str = "") -> str:
    """What the command says; it refused, and in words."""
    done = run_pannier(*arguments, cwd=folder, stdin=stdin)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_standard_input_cant_be_resumed_and_that_is_said_at_once(folder: Path) -> None:
    write = ("write", "-", "--table", TABLE, "--target", "local")
    for option in (("--resume",), ("--journal", "the.journal")):
        said = refused(folder, *write, *option, stdin='{"PK": "a"}\n')
        assert "standard input can't be read a second time" in said
    assert not (folder / "the.journal").exists()


def test_a_get_to_standard_output_cant_be_resumed(folder: Path) -> None:
    get = ("get", "items.jsonl", "--table", TABLE, "--target", "local", "--resume")
    assert "Name a file with --out" in refused(folder, *get)


def test_a_target_in_memory_cant_be_resumed(folder: Path) -> None:
    write = ("write", "items.jsonl", "--table", TABLE, "--target", "memory", "--resume")
    assert "its target is gone with it" in refused(folder, *write)


def test_nothing_to_resume_is_told_and_jobs_that_could_be_are_shown(folder: Path) -> None:
    write = ("write", "items.jsonl", "--table", TABLE, "--target")
    said = refused(folder, *write, "local", "--resume")
    assert "there is nothing to go on with" in said
    with slow_service() as server:
        interrupted(folder, server, *write, server.url)
        said = refused(folder, *write, "local", "--resume")
        assert "Jobs that are not complete:" in said
        assert f"items.jsonl on {server.url}" in said
    assert "there is no journal mine" in refused(
        folder, *write, "local", "--journal", "mine", "--resume"
    )


def test_resume_refuses_another_source_target_or_option(folder: Path) -> None:
    """One interrupted job, and each way in which going on with it would be wrong."""
    write = ("write", "items.jsonl", "--table", TABLE)
    journal = ("--journal", "the.journal")
    with slow_service() as server:
        target = ("--target", server.url)
        interrupted(folder, server, *write, *target, *journal)
        resume = (*journal, "--resume")
        assert f"works on {server.url}, not on local:" in refused(
            folder, *write, "--target", "local", *resume
        )
        assert "not with --table other" in refused(
            folder, "write", "items.jsonl", "--table", "other", *target, *resume
        )
        write_items(folder / "others.jsonl")
        assert "others.jsonl" in refused(
            folder, "write", "others.jsonl", "--table", TABLE, *target, *resume
        )
        assert "is not complete Go on with it: add --resume" in refused(
            folder, *write, *target, *journal
        )
        before = (folder / "items.jsonl").read_bytes()
        times = (folder / "items.jsonl").stat()
        (folder / "items.jsonl").write_bytes(before + b"{}\n")
        assert "is not what the job" in refused(folder, *write, *target, *resume)
        (folder / "items.jsonl").write_bytes(before)
        os.utime(folder / "items.jsonl", ns=(times.st_atime_ns, times.st_mtime_ns))
        done = run_pannier(*write, *target, *resume, "--parallel", "8", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert len(server.service.items()) == COUNT


def test_a_job_that_begins_again_says_that_it_could_have_gone_on(folder: Path) -> None:
    with slow_service() as server:
        write = ("write", "items.jsonl", "--table", TABLE, "--target", server.url)
        interrupted(folder, server, *write)
        done = run_pannier(*write, "--report", "report.json", cwd=folder)
        assert done.returncode == 0
        assert "--resume would go on" in done.stderr
    assert report_in(folder)["runs"] == 1


def test_a_journal_is_never_written_over_another_file(folder: Path) -> None:
    before = (folder / "items.jsonl").read_bytes()
    write = ("write", "items.jsonl", "--table", TABLE, "--target", "local")
    assert "is no journal" in refused(folder, *write, "--journal", "items.jsonl")
    assert (folder / "items.jsonl").read_bytes() == before


def test_a_job_of_which_nothing_is_done_leaves_nothing_behind(folder: Path) -> None:
    """It lasts long enough to have a journal, and the journal is of no use."""
    rule = {"operations": "BatchWriteItem", "throttle": True}
    (folder / "rules.json").write_text(json.dumps({"rules": [rule]}))
    assert run_pannier("create-table", TABLE, "--key", "PK:S", cwd=folder).returncode == 0
    write = ("write", "items.jsonl", "--table", TABLE, "--target", "local?faults=rules.json")
    done = run_pannier(*write, "--give-up-after", "1.5", cwd=folder)
    assert done.returncode == 1
    assert "nothing of it is done" in done.stderr
    assert not (folder / ".pannier-jobs").exists()
