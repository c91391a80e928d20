"""`--spark local[2]` as a user runs it, in a process of its own, with its own session."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pannier.library.connecting import connect
from tests.conftest import run_pannier, serving
from tests.spark.tables import made

_PATIENCE_S = 300  # a JVM begins in five seconds, or in forty on a machine that has much to do
_CODE = "def same(item):\n    return item\n"


def test_a_copy_begins_a_session_sends_the_transform_and_says_nothing_of_spark(
    tmp_path: Path,
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "__init__.py").write_text("from own.code import same\n")
    (tmp_path / "own" / "code.py").write_text(_CODE)
    items = [{"PK": f"k{number}", "n": number} for number in range(100)]
    with serving("--memory", "--no-console") as (url, _), connect(url) as connection:
        made(connection, "shop", "PK:S", items)
        copy = ("copy", "shop", "other", "--create", "--transform", "own.code:same")
        done = subprocess.run(
            [sys.executable, "-m", "pannier", *copy, "--target", url, "--spark", "local[2]",
             "--report", "none"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stderr.splitlines() == [
            f"target: {url}",
            "pannier: made the table other",
            f"pannier: {len(items)} items of shop were read in 1 pages",
        ]
        assert done.stdout == ""
        assert len(list(connection.table("other").scan())) == len(items)


def test_ctrl_c_ends_the_tasks_and_says_what_was_done(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"PK": f"k{number}"}) + "\n" for number in range(5000))
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        (tmp_path / name).write_text(lines)
    with serving("--memory", "--no-console") as (url, _), connect(url) as connection:
        made(connection, "shop", "PK:S", [])
        write = ("write", "a.jsonl", "b.jsonl", "c.jsonl", "--table", "shop", "--target", url)
        program = subprocess.Popen(
            [sys.executable, "-m", "pannier", *write, "--spark", "local[2]", "--write-units", "50",
             "--report", "report.json"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        try:
            while not connection.call("Scan", {"TableName": "shop", "Limit": 1})["Count"]:
                assert program.poll() is None
                time.sleep(0.1)
            program.send_signal(signal.SIGINT)
            _, told = program.communicate(timeout=_PATIENCE_S)
        finally:
            if program.poll() is None:
                program.kill()
    assert program.returncode == 130
    assert "ending the tasks that run; once more ends at once" in told
    assert "0 of 3 tasks had ended, which the report counts" in told
    assert "Traceback" not in told
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["stopped"] == "interrupted"
    assert report["balanced"]
    assert report["spark"]["tasks"] == 3


def test_a_master_that_is_none_is_told_in_words(tmp_path: Path) -> None:
    with serving("--memory", "--no-console") as (url, _), connect(url) as connection:
        made(connection, "shop", "PK:S", [])
        scan = ("scan", "shop", "--out", "lines", "--target", url)
        done = run_pannier(*scan, "--spark", "nonsense", cwd=tmp_path)
    assert done.returncode == 1
    assert "Spark can't be started with the master nonsense: " in done.stderr
    assert "A master is local[N]" in done.stderr
    assert "Traceback" not in done.stderr


def test_java_that_is_not_there_is_told_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving("--memory", "--no-console") as (url, _), connect(url) as connection:
        made(connection, "shop", "PK:S", [])
        scan = ("scan", "shop", "--out", "lines", "--target", url, "--spark", "local[2]")
        done = run_pannier(*scan, cwd=tmp_path, JAVA_HOME=str(tmp_path))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        bare = run_pannier(*scan, cwd=tmp_path, PATH=str(tmp_path))
    for each in (done, bare):
        assert each.returncode == 1
        assert "Java" in each.stderr
        assert "apt install openjdk-17-jre-headless" in each.stderr
