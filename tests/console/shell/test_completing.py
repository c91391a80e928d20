import os
from pathlib import Path

import pytest

from pannier.console.pages.shell.completing import (
    Programs,
    completed,
    files_for,
    first_words,
    line_before,
)
from tests.console.shell.loop import on_a_loop


def test_the_line_is_the_one_with_the_cursor_and_those_it_goes_on_from() -> None:
    text = "ls\naws dynamodb \\\n  get-item"
    assert line_before(text, len(text)) == "aws dynamodb    get-item"
    assert line_before(text, 2) == "ls"


@pytest.mark.parametrize(
    ("line", "ways"),
    [
        ("p", ["pannier"]),
        ("c", ["cat", "clear"]),
        ("aws d", ["dynamodb"]),
        ("x", []),
        ("pannier w", None),
        ("aws dynamodb g", None),
    ],
)
def test_first_words_need_no_program(line: str, ways: list[str] | None) -> None:
    assert first_words(line) == ways


def test_files_are_found_behind_their_prefix_too() -> None:
    names = ["batch-get.json", "batch.json", "x"]
    assert files_for("batch-", names) == ["batch-get.json"]
    assert files_for("file://ba", names) == ["file://batch-get.json", "file://batch.json"]


@pytest.mark.parametrize(
    ("word", "candidates", "expected"),
    [
        ("wr", ["write"], ("write ", [])),
        ("ba", ["batch-a", "batch-b"], ("batch-", ["batch-a", "batch-b"])),
        ("batch-", ["batch-a", "batch-b", "batch-a"], ("batch-", ["batch-a", "batch-b"])),
        ("x", [], ("x", [])),
    ],
)
def test_a_word_becomes_as_long_as_there_is_one_way(
    word: str, candidates: list[str], expected: tuple[str, list[str]]
) -> None:
    assert completed(word, candidates) == expected


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ("pannier wri", "write"),
        ("pannier write --tab", "--table"),
        ("aws dynamodb batch-w", "batch-write-item"),
        ("cat x", None),
    ],
)
@on_a_loop
async def test_programs_complete_their_own(tmp_path: Path, line: str, way: str | None) -> None:
    found = await Programs(tmp_path, os.environ).ask(line)
    assert found == ([way] if way else [])
