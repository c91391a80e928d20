"""`kill -9` in the middle of a `pannier write`, and `--resume`, on servers that are not ours."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson

from pannier import Connection
from pannier.batch.journals.journal_file import JournalError, read_journal
from tests.conftest import run_pannier
from tests.foreign.shop import TABLE, applied, mixed, state_of

COUNT = 4000


def test_a_killed_write_goes_on_and_ends_as_if_it_had_not_been(
    db: Connection, url: str, tmp_path: Path
) -> None:
    """The table ends in the state of the input, and the report of the second run accounts for all
    of it. The budget makes sure that the job is not done before it is killed."""
    operations = mixed(COUNT, 3000)
    lines = (orjson.dumps(each.to_request()) + b"\n" for each in operations)
    (tmp_path / "items.jsonl").write_bytes(b"".join(lines))
    command = ["write", "items.jsonl", "--table", TABLE, "--target", url, "--journal", "journal"]
    command += ["--write-units", "3000", "--report", "report.json"]
    program = subprocess.Popen(
        [sys.executable, "-m", "pannier", *command],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not some_are_done(tmp_path / "journal"):
            assert program.poll() is None, "it has ended"
            time.sleep(0.005)
        os.kill(program.pid, signal.SIGKILL)
    finally:
        if program.poll() is None:
            program.kill()
        program.wait(20)
    before = state_of(db)
    assert len(before) > 0

    done = run_pannier(*command, "--resume", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert state_of(db) == applied(operations)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["balanced"]
    assert (report["read"], report["runs"], report["failed"]) == (COUNT, 2, 0)
    assert report["written"] + report["deleted"] + report["superseded"] == COUNT


def some_are_done(journal: Path) -> bool:
    try:
        record = read_journal(journal).record
    except JournalError:  # it is not there yet
        return False
    return record is not None and sum(record["state"]["counts"].values()) > 0
