"""`pannier compare` as a command: examples, charts, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pannier import connect
from pannier.cli import compare
from pannier.cli.main import main
from tests.cli.help_examples import commands, workshop_files
from tests.conftest import TABLE, serving

CREATE = ("create-table", TABLE, "--key", "PK:S,SK:S", "--index", "GSI1=GSI1PK:S,GSI1SK:S")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    workshop_files(tmp_path)
    items = [{"PK": f"p{n}", "SK": "s", "name": f"n{n}", "note": "x" * 100} for n in range(30)]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    return tmp_path


def held(table: str) -> list[dict[str, Any]]:
    with connect("local") as db:
        return list(db.scan(table))


def tables() -> list[str]:
    with connect("local") as db:
        return db.tables()


def test_every_example_of_the_help_works_and_leaves_nothing(folder: Path) -> None:
    assert main(["create-table", "shop", "--key", "PK:S,SK:S"]) == 0
    for arguments in commands(compare._EXAMPLES):
        assert main(arguments) == 0, arguments
    assert (folder / "compare.svg").read_text().lstrip().startswith("<?xml")
    assert tables() == ["shop"]
    assert held("shop") == []


def test_the_json_form_and_a_chart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CREATE]) == 0
    capsys.readouterr()
    command = ("compare", "batch-products.json", "--rounds", "2", "--output", "json")
    assert main([*command, "--project", "PK, SK, name, price, stock", "--chart", "c.png"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["compare"], shown["items"], shown["rounds"]) == (1, 3, 2)
    writes = {each["way"]: each for each in shown["writes"]}
    reads = {each["way"]: each for each in shown["reads"]}
    assert (writes["single"]["calls"], writes["batch"]["calls"]) == (3, 1)
    assert (writes["single"]["units"], writes["batch"]["units"]) == (6, 6)
    assert (reads["batch"]["units"], reads["batch-projected"]["units"]) == (1.5, 1.5)
    assert reads["batch-projected"]["received_bytes"] < reads["batch"]["received_bytes"]
    assert len(writes["single"]["seconds_of_rounds"]) == 2
    assert set(writes["single"]["latency_s"]) == {"p50", "p95", "p99"}
    claims = {each["name"]: each["holds"] for each in shown["claims"]}
    assert claims["more-units-writes"] is claims["projection-units"] is False
    assert claims["fewer-calls-writes"] is claims["projection-bytes"] is True
    assert (folder / "c.png").read_bytes().startswith(b"\x89PNG")


def test_a_table_bars_and_sentences(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "large-batch.json", "--rounds", "1", "--target", "memory"]) == 0
    captured = capsys.readouterr()
    assert f"there is no table {TABLE}; taken as --key PK:S,SK:S" in captured.err
    for words in (
        "30 items", "single calls", "side by side", "projected", "█",
        "2 instead of 30: 15 times fewer",
        "false a projection lowers the read units: 15 units for whole items, and the same",
    ):  # fmt: skip
        assert words in captured.out


def test_in_place_asks_and_touches_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*CREATE])
    main(["write", "batch-products.json"])
    before = sorted(map(str, held(TABLE)))
    command = ["compare", "batch-products.json", "--in-place", "--rounds", "1"]
    assert main(command) == 1  # nobody is there to answer
    assert "Say --yes to let it" in capsys.readouterr().err
    assert main([*command, "--yes"]) == 0
    assert sorted(map(str, held(TABLE))) == before
    assert tables() == [TABLE]


def test_the_answer_to_the_question_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    main([*CREATE])
    command = ["compare", "batch-products.json", "--in-place", "--rounds", "1"]
    for answer, status in (("\n", 1), ("no\n", 1), ("y\n", 0)):
        monkeypatch.setattr(sys, "stdin", Terminal(answer))
        assert main(command) == status, answer
    assert "Go on? [y/N]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name what to compare with"),
        (("items.jsonl", "--count", "3"), "name what to compare with"),
        (("mixed-batch.json", "--chart", "c.pdf"), "no place for a chart"),
        (("mixed-batch.json", "--chart", "none/c.png"), "there is no folder none"),
        (("--count", "3"), "nobody knows what table to use"),
        (("--count", "3", "--table", "none"), "there is no table none here"),
        (("items.jsonl", "--table", "shop", "--key", "PK:N"), "item 1: One or more parameter"),
        (("mixed-batch.json", "--in-place", "--yes"), "there is no table"),
        (("items.jsonl", "--table", "shop", "--project", "PK,,"), "GetItem was refused"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["compare", *arguments, "--rounds", "1"]) == 1
    shown = capsys.readouterr().err
    assert words in shown
    assert "Traceback" not in shown
    assert tables() == []


def test_without_matplotlib_it_says_so_before_it_measures(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["compare", "large-batch.json", "--chart", "c.png"]) == 1
    assert "pip install 'pannier[charts]'" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_comparison_removes_its_table(folder: Path, number: signal.Signals) -> None:
    """Ended while it measures, long before its end."""
    with serving("--memory") as (url, _), connect(url) as db:
        program = subprocess.Popen(
            [
                *(sys.executable, "-m", "pannier", "compare", "--count", "1000"),
                *("--key", "PK:S", "--rounds", "1000", "--target", url),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            deadline_s = time.monotonic() + 30
            while not db.tables():
                assert time.monotonic() < deadline_s
                time.sleep(0.01)
            os.kill(program.pid, number)
            _, shown = program.communicate(timeout=30)
        finally:
            if program.poll() is None:
                program.kill()
                program.communicate()
        assert program.returncode == 130
        assert "Traceback" not in shown
        assert db.tables() == []
