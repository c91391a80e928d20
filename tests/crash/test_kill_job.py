"""A batch job is killed (SIGKILL), again and again, and goes on with `--resume`: the law holds.

Each run has an input of its own, with puts and deletes on few keys, some of which the service
refuses, and a service with every kind of trouble: leftovers, throttles, errors and broken
connections before and after the effect, slowness. The job dies at a time that is drawn, before or
after a certain call, or in the middle of a record of its journal; then `pannier write --resume`
goes on, dies again, and at last comes to an end. Then the table is as if the input had been applied
in order, the report tells of all runs and is balanced, and the failures file names exactly the
operations that were not applied.

The runs are drawn by seeds. `PANNIER_KILL_RUNS=100 pytest tests/crash/test_kill_job.py` makes
more of them.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.operation import Operation, Origin
from pannier.batch.report import Failure
from tests.batch.fake_server import fake_server
from tests.batch.fake_service import TABLE, FakeService
from tests.batch.test_batch_law import applied_in_order, check_failures, random_operations

RUNS = int(os.environ.get("PANNIER_KILL_RUNS", "8"))
ROOT = Path(__file__).parents[2]
_KILLS_MAX = 5
_DELAY_S_MAX = 0.005

Run = Callable[[Path, list[str], dict[str, Any]], int]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with killing() as ordered:
        yield ordered


@contextmanager
def killing() -> Iterator[Run]:
    """Runs the command in a process that kills itself as ordered; returns the exit status."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.job_killing"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def ordered(folder: Path, arguments: list[str], kill: dict[str, Any]) -> int:
        order = {"folder": str(folder), "arguments": arguments, "kill": kill}
        process.stdin.write(json.dumps(order) + "\n")  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        return int(process.stdout.readline())  # type: ignore[union-attr]

    with process:
        yield ordered
        process.stdin.close()
        assert process.wait(30) == 0


def drawn_kill(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(["time", "call", "record"])
    if kind == "time":
        return {"after_s": chance.uniform(0.1, 0.8)}
    if kind == "call":
        return {"call": chance.randint(1, 25), "when": chance.choice(["before", "after"])}
    return {"record": chance.randint(1, 4), "part": chance.random()}


def killed_until_it_ends(
    folder: Path, run: Run, command: list[str], chance: random.Random
) -> tuple[int, int]:
    """Run a command that is killed a few times and goes on; its exit status, and how often it was.

    Its journal is `the.journal`.
    """
    kills = 0
    while True:
        kill = drawn_kill(chance) if kills < _KILLS_MAX else {}
        resume = ["--resume"] if (folder / "the.journal").exists() else []
        status = run(folder, command + resume, kill)
        if status != -9:
            return status, kills
        kills += 1


def write_lines(path: Path, operations: list[Operation]) -> None:
    with path.open("w") as file:
        for operation in operations:
            file.write(json.dumps(operation.to_request()) + "\n")


def failures_in(path: Path) -> list[Failure]:
    """What a failures file names; no file if there never was a failure."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [
        Failure(
            each["table"],
            each["kind"],
            each["attributes"],
            each["reason"],
            Origin(each["source"], each["line"], "line"),
        )
        for each in map(json.loads, lines)
    ]


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_killed_write_goes_on(tmp_path: Path, run: Run, seed: int) -> None:
    kill_write(tmp_path, run, seed)


def kill_write(tmp_path: Path, run: Run, seed: int) -> int:
    """One job, until it ends; returns how often it was killed."""
    chance = random.Random(f"killed write {seed}")
    operations = [
        each
        for each in random_operations(chance.randint(50, 500), chance.randint(5, 150), seed)
        if each.table == TABLE
    ]
    write_lines(tmp_path / "input.jsonl", operations)
    service = FakeService(chance=chance, trouble=chance.choice([0.0, 0.04, 0.12]))
    command = ["write", "input.jsonl", "--table", TABLE, "--journal", "the.journal"]
    command += ["--report", "report.json", "--failures", "failed.jsonl"]
    command += ["--parallel", str(chance.randint(1, 8))]
    with fake_server(service, chance, _DELAY_S_MAX) as server:
        command += ["--target", server.url]
        status, kills = killed_until_it_ends(tmp_path, run, command, chance)
    log = (tmp_path / "log").read_text()
    report = json.loads((tmp_path / "report.json").read_text())
    failures = failures_in(tmp_path / "failed.jsonl")
    assert status == (1 if failures else 0), log
    assert report["balanced"]
    assert report["read"] == len(operations)
    assert report["unresolved"] == 0
    assert report["failed"] == len(failures)
    assert report["runs"] <= kills + 1
    numbered = [
        Operation(each.table, each.kind, each.attributes, Origin("input.jsonl", line, "line"))
        for line, each in enumerate(operations, start=1)
    ]
    assert service.items(TABLE) == applied_in_order(numbered)[TABLE], log
    check_failures(numbered, failures)
    return kills
