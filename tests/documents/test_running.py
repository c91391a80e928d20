"""What follows a document notices when it is wrong: a test of the test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.documents.blocks import Block, blocks, given
from tests.documents.running import Run
from tests.documents.typed import Typed, typed


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    with ExitStack() as kept:
        monkeypatch.chdir(tmp_path)
        yield Run(tmp_path, kept, monkeypatch.setenv)


def block(language: str, text: str, **marks: str) -> Block:
    named = {name.replace("_", " "): value for name, value in marks.items()}
    return Block(Path("page.md"), 1, language, text, named)


@pytest.mark.parametrize(
    "wrong",
    [
        block("console", "$ echo one\ntwo\n"),
        block("console", "$ pannier tables\ntarget: local (elsewhere)\n"),
        block("sh", "false\ntrue\n"),
        block("sh", "pannier describe-table nothing\npannier tables\n"),
        block("sh", "true\n", exits="1"),
        block("python", "assert 1 == 2\n"),
        block("python", "def test_it():\n    assert 1 == 2\n", pytest=""),
        block("text", "pannier tables\n"),
        block("sh", "pannier tables\n", shown=""),
    ],
    ids=lambda each: each.text.partition("\n")[0],
)
def test_what_is_wrong_is_noticed(run: Run, wrong: Block) -> None:
    with pytest.raises(AssertionError):
        run.follow(wrong)


def test_what_is_right_goes_through(run: Run) -> None:
    run.follow(block("json", '{"PK": "a"}\n', file="folder/items.jsonl"))
    run.follow(block("console", "$ cd folder\n$ pannier create-table shop --key PK:S > t.json\n"))
    run.follow(block("sh", "pannier write items.jsonl --table shop\n"))
    run.follow(block("console", "$ pannier serve --port 8123\n$ curl -s http://127.0.0.1:8123/\n"))
    run.follow(block("console", "$ export A=1 AWS_ENDPOINT_URL=http://127.0.0.1:8123\n"))
    run.follow(
        block("console", "$ echo $A; pannier tables\n1\ntarget: http://127.0.0.1:8123\nshop\n")
    )
    run.follow(block("sh", "pannier tables\n", not_executed="needs AWS"))
    run.follow(block("sh", "pannier describe-table nothing\n", exits="1"))


def test_marks_are_read(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# Page\n\n<!-- given: the shop, a server -->\n\n"
        "<!-- served; exits: 1 -->\n```sh\npannier tables\n```\n\n```\n$ ls\n```\n```\ntext\n```\n"
    )
    assert given(page) == ["the shop", "a server"]
    served, listed, other = blocks(page)
    assert served.marks == {"served": "", "exits": "1"}
    assert [each.is_runnable for each in (served, listed, other)] == [True, True, False]
    assert [each.line for each in (served, listed, other)] == [7, 11, 14]


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        (
            "pannier write 'a b.jsonl' --table shop  # why",
            ["write", "a b.jsonl", "--table", "shop"],
        ),
        ('pannier scan shop --filter "price > :low"', ["scan", "shop", "--filter", "price > :low"]),
        ("pannier tables > tables.txt", None),
        ("pannier tables | wc -l", None),
        ("pannier tables || true", None),
        ("pannier write $FILE", None),
        ("aws dynamodb list-tables", None),
    ],
)
def test_what_takes_a_shell(line: str, arguments: list[str] | None) -> None:
    assert Typed(line).arguments() == arguments


def test_lines_are_taken_one_by_one_unless_they_need_each_other() -> None:
    lines = "pannier write a \\\n  --table b\n\npannier tables\n"
    assert [each.text for each in typed(block("sh", lines), lines)] == [
        "pannier write a    --table b",
        "pannier tables",
    ]
    together = "NAME=a\npannier wait $NAME\n"
    assert [each.text for each in typed(block("sh", together), together)] == [together.strip()]
