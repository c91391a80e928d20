"""`pannier plan` as a command: examples, prices, tables that are not there yet, and bad input."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pannier.cli import plan
from pannier.cli.main import main
from tests.cli.help_examples import commands, workshop_files
from tests.conftest import TABLE

CREATE = ("create-table", TABLE, "--key", "PK:S,SK:S", "--index", "GSI1=GSI1PK:S,GSI1SK:S")
PRICES = """
region = "mars-1"
read_on = "2030-01"
write_million_usd = 10
read_million_usd = 5
write_unit_hour_usd = 0.5
read_unit_hour_usd = 0.25
storage_gb_month_usd = 1073741824
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    workshop_files(tmp_path)
    items = [{"PK": f"p{n}", "SK": "s", "n": n} for n in range(30)]
    (tmp_path / "items.jsonl").write_text("".join(json.dumps(each) + "\n" for each in items))
    keys = [{"PK": f"p{n}", "SK": "s"} for n in range(40)]
    (tmp_path / "keys.jsonl").write_text("".join(json.dumps(each) + "\n" for each in keys))
    return tmp_path


def test_every_example_of_the_help_works(folder: Path) -> None:
    assert main([*CREATE]) == 0
    main(["create-table", "shop", "--key", "PK:S,SK:S"])
    for arguments in commands(plan._EXAMPLES):
        assert main(arguments) == 0, arguments


def planned(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["plan", *arguments, "--output", "json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_prices_of_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """30 writes at 10 dollars a million; an hour begun of 5 units; a dollar a byte and month."""
    (folder / "prices.toml").write_text(PRICES)
    shown = planned(
        capsys, "items.jsonl", "--table", "shop", "--key", "PK:S,SK:S",
        "--prices", "prices.toml", "--write-units", "5",
    )  # fmt: skip
    assert shown["cost"]["on_demand"] == pytest.approx(30 * 10 / 1e6)
    assert shown["time"][0]["seconds"] == 6
    assert shown["time"][0]["provisioned_usd"] == pytest.approx(2.5)
    assert shown["time"][1]["provisioned_usd"] is None
    assert shown["storage"]["month_usd"] == pytest.approx(shown["storage"]["billed_bytes"])
    assert any("mars-1, read 2030-01" in each["text"] for each in shown["assumptions"])


def test_a_description_stands_for_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer of describe-table elsewhere, with its provisioned capacity and its counts."""
    main([*CREATE, "--provisioned", "5,10"])
    main(["write", "batch-products.json"])
    capsys.readouterr()
    main(["describe-table", TABLE])
    (folder / "table.json").write_text(capsys.readouterr().out)
    elsewhere = ("--target", "memory", "--description", "table.json")
    shown = planned(capsys, "batch-products.json", *elsewhere)
    assert shown["units"]["write"] == {TABLE: 3, f"{TABLE}/GSI1": 3}
    assert shown["time"][0]["at"] == "provisioned"
    assert shown["time"][0]["seconds"] == pytest.approx(0.3)
    assert planned(capsys, "--scan", TABLE, *elsewhere)["items"]["read"] == 3


def test_a_table_shows_everything(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([*CREATE])
    capsys.readouterr()
    assert main(["plan", "large-batch.json"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "30 read, 30 written", "calls 2 instead of 30 single ones", f"30 on {TABLE}",
        "up to 128 B", "on demand", "free tier", "storage", "assumes", "(new-items)",
    ):  # fmt: skip
        assert words in shown


def test_reads_and_writes_are_not_mixed_up(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*CREATE])
    main(["write", "batch-products.json", "--report", "report.json"])
    capsys.readouterr()
    assert main(["plan", "batch-get.json", "--get", "--against", "report.json"]) == 1
    assert "the plan is of a read, the report of a write" in capsys.readouterr().err
    (folder / "none.json").write_text("[]")
    assert main(["plan", "batch-products.json", "--against", "none.json"]) == 1
    assert "is not the report of a job" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name what to plan"),
        (("items.jsonl", "--scan", "shop"), "name what to plan"),
        (("items.jsonl", "--table", "shop", "--get", "--delete"), "are different jobs"),
        (("items.jsonl",), "say where they go: --table NAME"),
        (("batch-products.json",), "--key PK:S,SK:S --index GSI1=GSI1PK:S,GSI1SK:S; or make it"),
        (("none.jsonl", "--table", "shop"), "none.jsonl"),
        (("items.jsonl", "--table", "shop", "--prices", "none"), "none can't be read"),
        (("items.jsonl", "--table", "shop", "--description", "keys.jsonl"), "does not describe"),
        (("items.jsonl", "--table", "shop", "--key", "PK"), "can't be read"),
        (
            ("items.jsonl", "--table", "shop", "--key", "PK:S", "--write-units", "50%"),
            "shop has nothing provisioned",
        ),
    ],
)
def test_what_is_wrong_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["plan", *arguments]) == 1
    shown = capsys.readouterr().err
    assert words in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("option", "value"),
    [("--overwrites", "120%"), ("--item-size", "big"), ("--against-table", "0")],
)
def test_values_of_options_are_checked(folder: Path, option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["plan", "items.jsonl", "--table", "shop", option, value])
    assert ended.value.code == 2


def test_the_price_list_is_asked_only_on_request(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without access the user is told what is needed, and what to do instead."""
    import botocore.session

    asked: list[str] = []

    def create_client(self: object, service: str, **_: object) -> object:
        asked.append(service)
        from botocore.exceptions import NoCredentialsError

        raise NoCredentialsError

    monkeypatch.setattr(botocore.session.Session, "create_client", create_client)
    key = ("items.jsonl", "--table", "shop", "--key", "PK:S,SK:S", "--target", "memory")
    assert main(["plan", *key]) == 0
    assert not asked
    assert main(["plan", *key, "--prices", "aws"]) == 1
    assert asked == ["pricing"]
    assert "pricing:GetProducts" in capsys.readouterr().err
    assert "AWS_DEFAULT_REGION" in os.environ
