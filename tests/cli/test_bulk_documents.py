"""What docs/plan.md, docs/compare.md and docs/fill.md say of files and members is so."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pannier.cli.main import main
from pannier.cost.prices_file import prices_of_file
from pannier.generating.templates import _KINDS, Template

DOCS = Path(__file__).parents[2] / "docs"


def block(document: str, kind: str, number: int = 0) -> str:
    text = (DOCS / document).read_text()
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)[number]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert main(["create-table", "shop", "--key", "PK:S,SK:S"]) == 0
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    return shown


def test_the_members_of_a_plan_are_documented(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "items.jsonl").write_text('{"PK": "a", "SK": "b"}\n')
    main(["write", "items.jsonl", "--table", "shop", "--report", "report.json"])
    plan = printed(
        capsys, "plan", "items.jsonl", "--table", "shop", "--output", "json",
        "--against", "report.json",
    )  # fmt: skip
    text = (DOCS / "plan.md").read_text()
    members = [*plan, *plan["time"][0], *plan["storage"], *plan["free_tier"], *plan["against"][0]]
    members += [*plan["items"], *plan["item_bytes"], *plan["cost"], *plan["assumptions"][0]]
    members += [each["name"] for each in plan["assumptions"]]
    assert [each for each in members if f"`{each}`" not in text and each != "target"] == []


def test_the_prices_in_the_document_can_be_read(folder: Path) -> None:
    path = folder / "prices.toml"
    path.write_text(block("plan.md", "toml"))
    assert prices_of_file(path).region == "eu-central-1"


def test_the_members_of_a_comparison_are_documented(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = printed(
        capsys, "compare", "--count", "5", "--table", "shop", "--rounds", "1", "--output", "json"
    )
    text = (DOCS / "compare.md").read_text()
    members = [*shown, *shown["writes"][0], *shown["claims"][0]]
    members += [each["way"] for each in shown["reads"]]
    assert [each for each in members if f"`{each}`" not in text] == []


def test_the_template_in_the_document_makes_items(folder: Path) -> None:
    (folder / "products.json").write_text(block("fill.md", "json"))
    assert main(["fill", "shop", "--count", "20", "--template", "products.json"]) == 0


def test_the_function_in_the_document_makes_items(folder: Path) -> None:
    (folder / "documented_products.py").write_text(block("fill.md", "python"))
    command = ["fill", "shop", "--count", "20", "--generator", "documented_products:product"]
    assert main(command) == 0


def test_every_kind_of_template_is_documented() -> None:
    text = (DOCS / "fill.md").read_text()
    assert [kind for kind in _KINDS if f'{{"{kind}": ' not in text] == []
    assert Template({"a": {"words": 1}}).names == {"a"}
