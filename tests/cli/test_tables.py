"""`pannier tables`, and what docs/tables.md says of it and of its neighbours."""

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from pannier.batch.calls import CallError
from pannier.library.table import Table
from tests.cli.running import good
from tests.documents.blocks import DOCUMENTS

TEXT = (DOCUMENTS / "tables.md").read_text()
COMMANDS = ("tables", "create_table", "describe_table", "delete_table", "wait")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two tables, one of which has an item."""
    good(tmp_path, "create-table", "shop", "--key", "PK:S", "--provisioned", "5,6")
    good(tmp_path, "create-table", "a-long-name", "--key", "PK:S")
    (tmp_path / "items.jsonl").write_text('{"PK": "a", "text": "xyz"}\n')
    good(tmp_path, "write", "items.jsonl", "--table", "shop", "--report", "none")
    return tmp_path


def test_names_one_a_line(folder: Path) -> None:
    assert good(folder, "tables").out == "a-long-name\nshop\n"
    answer = json.loads(good(folder, "tables", "--output", "json").out)
    assert answer == {"tables": [{"name": "a-long-name"}, {"name": "shop"}]}


def test_what_each_table_is(folder: Path) -> None:
    assert good(folder, "tables", "--long").out.splitlines() == [
        "name         status  items  bytes  billing",
        "a-long-name  ACTIVE      0      0  on demand",
        "shop         ACTIVE      1     10  5 read, 6 write units",
    ]
    done = good(folder, "tables", "--long", "--output", "json")
    on_demand, provisioned = json.loads(done.out)["tables"]
    assert on_demand == {
        "name": "a-long-name", "status": "ACTIVE", "items": 0, "bytes": 0,
        "billing": "PAY_PER_REQUEST", "read_units": None, "write_units": None,
    }  # fmt: skip
    assert (provisioned["billing"], provisioned["write_units"]) == ("PROVISIONED", 6)
    assert provisioned["bytes"] == 10


def test_no_tables(tmp_path: Path) -> None:
    for options in ((), ("--long",)):
        done = good(tmp_path, "tables", *options)
        assert done.out == ""
        assert "make one: pannier create-table" in done.err
    assert json.loads(good(tmp_path, "tables", "--output", "json").out) == {"tables": []}


def test_a_table_that_has_gone_meanwhile_is_left_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = Table.describe

    def gone(self: Table) -> dict[str, Any]:
        if self.name == "shop":
            raise CallError("ResourceNotFoundException", "gone", "DescribeTable", {})
        return describe(self)

    monkeypatch.setattr(Table, "describe", gone)
    done = good(folder, "tables", "--long", "--output", "json")
    assert [each["name"] for each in json.loads(done.out)["tables"]] == ["a-long-name"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_explained(command: str) -> None:
    commands = argparse.ArgumentParser().add_subparsers()
    import_module(f"pannier.cli.{command}").register(commands, command, "")
    actions = commands.choices[command]._actions
    options = {option for action in actions for option in action.option_strings}
    assert [each for each in options - {"-h", "--help"} if f"`{each}" not in TEXT] == []


def test_every_member_is_explained(folder: Path) -> None:
    table = json.loads(good(folder, "tables", "--long", "--output", "json").out)["tables"][0]
    assert [member for member in table if f"| `{member}` |" not in TEXT] == []
