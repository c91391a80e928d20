"""A whole executor is killed in the midst of a write, and of a read."""

import json
import subprocess
import sys
from pathlib import Path

import orjson

from benchmarks.spark_home import environment
from tests.spark.faulty import SLOW, asked
from tests.spark.lost_executor import PARTS, PAYLOAD, ROWS
from tests.spark.shop import items, shop


def test_what_a_lost_executor_had_begun_is_done_by_others(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with shop() as (url, connection):
        asked(url, "PUT", {"rules": SLOW})  # or it would be over too soon
        done = subprocess.run(
            [sys.executable, "-m", "tests.spark.lost_executor", url, str(report)],
            env=environment(tmp_path / "cluster"),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        assert items(connection) == {
            f"k{number}": {"PK": f"k{number}", "n": number, "payload": PAYLOAD}
            for number in range(ROWS)
        }
    assert (len(told["lost_in_write"]), len(told["lost_in_read"])) == (1, 1)
    assert told["read"] == list(range(ROWS))
    written = orjson.loads(report.read_bytes())
    assert (written["read"], written["written"], written["balanced"]) == (ROWS, ROWS, True)
    assert written["spark"]["tasks"] == PARTS
