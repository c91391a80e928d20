"""A scan or query is killed (SIGKILL), again and again, and goes on with `--resume`.

Each run has a table, a cut into segments and a service with trouble of its own. The command dies at
a time that is drawn, before or after a certain call, or in the middle of a record of its journal;
then it goes on, dies again, and at last comes to an end. Then each item that the filter lets pass
is in the output file exactly once, and the report tells of all runs and is balanced.

The runs are drawn by seeds. `PANNIER_KILL_RUNS=100 pytest tests/crash/test_kill_scan.py` makes
more of them.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.fake_pages import FakePages
from tests.batch.fake_server import fake_server
from tests.batch.fake_service import TABLE
from tests.crash.test_kill_job import Run, killed_until_it_ends, killing

RUNS = int(os.environ.get("PANNIER_KILL_RUNS", "6"))
_DELAY_S_MAX = 0.005


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with killing() as ordered:
        yield ordered


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_killed_scan_goes_on(tmp_path: Path, run: Run, seed: int) -> None:
    kill_scan(tmp_path, run, seed)


def kill_scan(tmp_path: Path, run: Run, seed: int) -> int:
    """One job, until it ends; returns how often it was killed."""
    chance = random.Random(f"killed scan {seed}")
    size = chance.randint(100, 3000)
    service = FakePages(size, chance, chance.choice([0.0, 0.04, 0.12]))
    command = ["scan", TABLE, "--out", "found.jsonl", "--journal", "the.journal"]
    if chance.random() < 0.2:
        command = ["query", TABLE, "--key", "PK = :pk", "--values", '{":pk": "a"}', *command[2:]]
    elif chance.random() < 0.8:
        command += ["--segments", str(chance.choice([1, 3, 16]))]
    wanted = [int(each["n"]["N"]) for each in service.items]
    if chance.random() < 0.4:
        command += ["--filter", "third"]
        wanted = [n for n in wanted if n % 3 == 0]
    command += ["--report", "report.json", "--parallel", str(chance.randint(1, 8))]
    with fake_server(service, chance, _DELAY_S_MAX) as server:
        command += ["--target", server.url]
        status, kills = killed_until_it_ends(tmp_path, run, command, chance)
    log = (tmp_path / "log").read_text()
    assert status == 0, log
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["balanced"]
    assert (report["read"], report["found"]) == (size, len(wanted))
    assert report["runs"] <= kills + 1
    lines = (tmp_path / "found.jsonl").read_text().splitlines()
    found = [int(json.loads(each)["n"]["N"]) for each in lines]
    assert sorted(found) == wanted, log
    return kills
