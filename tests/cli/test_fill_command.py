"""`pannier fill` as a command: examples, dry runs, going on after it was ended, and bad input."""

import json
import random
import shlex
from pathlib import Path

import pytest

from pannier import connect
from pannier.cli import fill
from pannier.cli.main import main
from tests.batch.fake_server import fake_server
from tests.batch.fake_service import TABLE, FakeService
from tests.cli.help_examples import commands
from tests.cli.test_job_resume import interrupted
from tests.conftest import run_pannier

TEMPLATE = {"name": {"words": 2}, "price": {"number": [1, 9], "decimals": 2}}
OWN = """
def product(number, chance):
    return {"name": f"product {number}", "stock": chance.randrange(10)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["create-table", "shop", "--key", "PK:S,SK:N"]) == 0
    (tmp_path / "products.json").write_text(json.dumps(TEMPLATE))
    (tmp_path / "own_products.py").write_text(OWN)
    return tmp_path


def held() -> list[str]:
    with connect("local") as db:
        return sorted(map(str, db.scan("shop")))


def test_every_example_of_the_help_works(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All but the last, which goes on with a job that was ended: there is none."""
    *examples, resumed = commands(fill._EXAMPLES)
    for arguments in examples:
        assert main([each.replace("10000", "100") for each in arguments]) == 0, arguments
    assert resumed[-1] == "--resume"
    capsys.readouterr()
    assert main(resumed) == 1
    assert "there is nothing to go on with" in capsys.readouterr().err


def test_a_dry_run_shows_what_would_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fill", "shop", "--count", "30", "--seed", "5"]
    assert main([*command, "--dry-run"]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()[-5:]]
    assert held() == []
    assert main(command) == 0
    with connect("local") as db:
        items = {(each["PK"], each["SK"]): each for each in db.scan("shop")}
    assert len(items) == 30
    for each in shown:
        assert items[each["PK"], each["SK"]]["name"] == each["name"]
    capsys.readouterr()
    main([*command, "--dry-run", "--format", "dynamodb"])
    assert set(json.loads(capsys.readouterr().out.splitlines()[0])["PK"]) == {"S"}


def test_the_same_seed_writes_the_same_items(folder: Path) -> None:
    command = ["fill", "shop", "--count", "50", "--size", "300-500"]
    assert main(command) == 0
    first = held()
    assert main(command) == 0
    assert held() == first
    assert main([*command, "--seed", "2"]) == 0
    assert held() != first


def test_a_generator_in_python(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["fill", "shop", "--count", "20", "--generator", "own_products:product"]
    assert main([*command, "--report", "report.json"]) == 0
    assert json.loads((folder / "report.json").read_text())["written"] == 20
    with connect("local") as db:
        assert {each["name"] for each in db.scan("shop")} == {f"product {n}" for n in range(20)}


def test_skewed_keys_without_a_sort_key_repeat_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["create-table", "users", "--key", "id:N"])
    assert main(["fill", "users", "--count", "200", "--skew", "zipf:1.5"]) == 0
    assert "items overwrite each other" in capsys.readouterr().err
    with connect("local") as db:
        assert 1 < len(list(db.scan("users"))) < 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none", "--count", "5"), "there is no table none here"),
        (("shop", "--count", "5", "--template", "none.json"), "none.json can't be read"),
        (("shop", "--count", "5", "--template", "own_products.py"), "is not JSON"),
        (("shop", "--count", "5", "--generator", "own_products"), "names no function"),
        (("shop", "--count", "5", "--generator", "own_products:none"), "has no function none"),
        (("shop", "--count", "5", "--generator", "no_such_module:f"), "can't be imported"),
        (("shop", "--count", "5", "--size", "big"), "no distribution of item sizes"),
        (("shop", "--count", "5", "--skew", "steep"), "no skew"),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["fill", *arguments]) == 1
    shown = capsys.readouterr().err
    assert words in shown
    assert "Traceback" not in shown


def test_a_job_that_was_ended_goes_on_with_the_first_item_that_is_not_done(
    tmp_path: Path,
) -> None:
    """Ended by Ctrl-C; afterwards the table has what one run would have written."""
    count = 3000
    command = ("fill", TABLE, "--count", str(count), "--report", "report.json", "--seed", "9")
    with fake_server(FakeService(), random.Random(1), 0.03) as server:
        done = interrupted(tmp_path, server, *command, "--target", server.url)
        assert done.returncode == 130, done.stderr
        report = json.loads((tmp_path / "report.json").read_text())
        assert 0 < report["written"] < count
        line = shlex.split(done.stderr.strip().splitlines()[-1])
        assert line[-1] == "--resume"
        again = run_pannier(*line[1:], "--parallel", "8", cwd=tmp_path)
        assert again.returncode == 0, again.stderr
        items = dict(server.service.tables[TABLE])
        assert len(items) == count
    with fake_server(FakeService(), random.Random(1), 0.0) as fresh:
        whole = run_pannier(*command, "--target", fresh.url, cwd=tmp_path)
        assert whole.returncode == 0, whole.stderr
        assert fresh.service.tables[TABLE] == items
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["balanced"]
