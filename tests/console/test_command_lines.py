"""The command lines that pages show do what the page does."""

import json
import shlex
from pathlib import Path

import pannier
from pannier.console.command_lines import aws_line, pannier_line
from pannier.console.pages.explore.commands import commands
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import FilterRow, Question, SortCondition
from pannier.console.pages.explore.requests import read_request
from pannier.console.pages.tables.definition import IndexDraft, KeyPart, TableDraft
from tests.conftest import run_pannier, serving


def words_of(line: str) -> list[str]:
    return shlex.split(line.replace("\\\n", " "))


def test_a_line_is_quoted_for_a_shell() -> None:
    line = pannier_line(["scan", "shop"], [("--filter", "a = 'b c'"), ("--key", "-1")], "aws")
    assert words_of(line) == [
        "pannier", "scan", "shop", "--filter", "a = 'b c'", "--key=-1", "--target", "aws",
    ]  # fmt: skip


def test_a_request_is_spelled_as_aws_spells_it() -> None:
    request = {
        "TableName": "shop",
        "ScanIndexForward": False,
        "ConsistentRead": True,
        "ExpressionAttributeValues": {":v0": {"S": "it's"}},
        "MaxItems": 5,
    }
    words = words_of(aws_line("Query", request, "http://127.0.0.1:8000"))
    assert words[:5] == ["aws", "dynamodb", "query", "--table-name", "shop"]
    assert words[5:7] == ["--no-scan-index-forward", "--consistent-read"]
    assert json.loads(words[8]) == {":v0": {"S": "it's"}}
    assert words[9:] == ["--max-items", "5", "--endpoint-url", "http://127.0.0.1:8000"]
    assert "--endpoint-url" not in aws_line("Query", request, "aws")


def test_commands_make_the_table_and_read_what_the_page_shows(tmp_path: Path) -> None:
    draft = TableDraft(
        "shop",
        KeyPart("PK"),
        KeyPart("SK", "N"),
        on_demand=False,
        indexes=[
            IndexDraft("GSI1", partition=KeyPart("status"), sort=KeyPart("SK", "N")),
            IndexDraft("LSI1", is_global=False, sort=KeyPart("price", "N")),
        ],
    )
    question = Question(
        "shop",
        is_query=True,
        partition=("it's",),
        sort=(SortCondition("between", "-5", "20"),),
        backward=True,
        filters=(FilterRow("a-b", "<>", "S", "$HOME"), FilterRow("tags[0]", "attribute_exists")),
        expression="size > :s",
        values='{":s": 3}',
        projection="size, a-b",
        size=2,
    )
    with serving("--memory") as (url, _):
        short = draft.short_form()
        assert short is not None
        made = words_of(pannier_line(["create-table", "shop"], short, url))
        assert run_pannier(*made[1:], cwd=tmp_path).returncode == 0
        with pannier.connect(url) as db:
            description = db.table("shop").describe()
            assert description["KeySchema"] == draft.request()["KeySchema"]
            assert [each["IndexName"] for each in description["GlobalSecondaryIndexes"]] == ["GSI1"]
            assert [each["IndexName"] for each in description["LocalSecondaryIndexes"]] == ["LSI1"]
            items = [
                {"PK": "it's", "SK": n, "size": n, "a-b": "x", "tags": ["t"], "price": n}
                for n in range(-10, 30)
            ]
            db.write(items, "shop")
        operation, request = read_request(question, Layout.of(description))
        own, _ = commands(question, operation, request, url)
        found = run_pannier(*words_of(own)[1:], "--format", "plain", cwd=tmp_path)
    assert found.returncode == 0, found.stderr
    assert [json.loads(line)["size"] for line in found.stdout.splitlines()] == [20, 19]


def test_what_the_short_form_can_not_say_is_left_to_the_long_one() -> None:
    draft = TableDraft("shop", KeyPart("PK"), indexes=[IndexDraft("G", partition=KeyPart("a"))])
    assert draft.short_form() == [("--key", "PK:S"), ("--index", "G=a:S")]
    draft.indexes[0].projection = "KEYS_ONLY"
    assert draft.short_form() is None
    draft.indexes.clear()
    draft.protected = True
    assert draft.short_form() is None
    assert TableDraft("shop", KeyPart("a:b")).short_form() is None
