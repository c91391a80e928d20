"""A copy is killed (SIGKILL), again and again, and goes on with `--resume`.

Each run has a table, a cut into segments, a transform or none, and a service with trouble of its
own on both sides. The command dies at a time that is drawn, before or after a certain call, or in
the middle of a record of its journal; then it goes on, dies again, and at last comes to an end.
Then every item is in the destination or in the failures file, none is in that twice, and the report
tells of all runs and is balanced.

The runs are drawn by seeds. `PANNIER_KILL_RUNS=100 pytest tests/crash/test_kill_copy.py` makes
more of them.
"""

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.batch.fake_server import fake_server
from tests.batch.fake_service import OTHER, TABLE
from tests.batch.fake_tables import FakeTables
from tests.crash.test_kill_job import Run, killed_until_it_ends, killing

RUNS = int(os.environ.get("PANNIER_KILL_RUNS", "6"))
_DELAY_S_MAX = 0.005
# Every seventh item is left out, every fifth breaks the transform, every third is written twice.
_TRANSFORM = """
def change(item):
    n = item["n"]
    if n % 7 == 0:
        return None
    if n % 5 == 0:
        raise ValueError(n)
    return [item, {**item, "PK": f"again {n}"}] if n % 3 == 0 else item
"""


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with killing() as ordered:
        yield ordered


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_killed_copy_goes_on(tmp_path: Path, run: Run, seed: int) -> None:
    kill_copy(tmp_path, run, seed)


def kill_copy(tmp_path: Path, run: Run, seed: int) -> int:
    """One job, until it ends; returns how often it was killed."""
    chance = random.Random(f"killed copy {seed}")
    size = chance.randint(100, 2000)
    service = FakeTables(size, chance, chance.choice([0.0, 0.04, 0.12]))
    module = f"change_{seed}"
    (tmp_path / f"{module}.py").write_text(_TRANSFORM)
    command = ["copy", TABLE, OTHER, "--journal", "the.journal", "--report", "report.json"]
    command += ["--failures", "failed.jsonl", "--parallel", str(chance.randint(1, 8))]
    command += ["--segments", str(chance.choice([1, 3, 16]))]
    changed = chance.random() < 0.5
    if changed:
        command += ["--transform", f"{module}:change"]
    with fake_server(service, chance, _DELAY_S_MAX) as server:
        command += ["--target", server.url]
        status, kills = killed_until_it_ends(tmp_path, run, command, chance)
    log = (tmp_path / "log").read_text()
    skipped = {n for n in range(size) if changed and n % 7 == 0}
    failed = {n for n in range(size) if changed and n % 5 == 0} - skipped
    kept = set(range(size)) - skipped - failed
    doubled = {n for n in kept if changed and n % 3 == 0}
    assert status == (1 if failed else 0), log
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["balanced"], log
    counts = [report[name] for name in ("read", "written", "skipped", "failed", "unresolved")]
    made = len(kept) + len(doubled)
    assert counts == [made + len(skipped | failed), made, len(skipped), len(failed), 0], log
    assert report["runs"] <= kills + 1
    wanted = {f"{n:06}": str(n) for n in kept} | {f"again {n}": str(n) for n in doubled}
    assert {key: item["n"]["N"] for key, item in service.copied.items()} == wanted, log
    lines = (tmp_path / "failed.jsonl").read_text().splitlines() if failed else []
    keys = [json.loads(line)["attributes"]["PK"]["S"] for line in lines]
    assert sorted(keys) == sorted(f"{n:06}" for n in failed), log
    return kills
