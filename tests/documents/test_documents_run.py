"""Every block of Python and every command line in the documents runs, as it stands.

Each document is followed from top to bottom in a folder of its own. What is not executed says why.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.help_examples import fill_folder
from tests.documents.blocks import (
    DOCUMENTS,
    LANGUAGES,
    MARKS,
    OF_FORMATS,
    REASONS,
    ROOT,
    Block,
    blocks,
    documents,
    given,
)
from tests.documents.given import GIVEN
from tests.documents.running import Run

# Documents that are followed by another test, since it takes more than a folder of their own.
ELSEWHERE: Mapping[str, str] = {
    "testing.md": "tests/testing/test_testing_documents.py",  # a project's tests
    "workshop": "tests/workshop/test_pages.py",  # steps that build on each other, over all pages
}
# Of others, which are not installed with Pannier's tools. What the page says of them was tried with
# them; here their examples are compiled.
OF_OTHERS = frozenset({"aiodynamo", "awswrangler", "pynamodb"})
NOT_EXECUTED_MAX = 18
GENERATED = re.compile(r"commands/[a-z-]+\.md$")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def elsewhere(path: Path) -> str | None:
    """The test that follows a document, if it is not this one."""
    parts = path.relative_to(DOCUMENTS).parts if path.is_relative_to(DOCUMENTS) else ("",)
    return ELSEWHERE.get(parts[0])


PATHS = [path for path in documents() if elsewhere(path) is None]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that documents take for granted."""
    folder = tmp_path_factory.mktemp("shop")
    fill_folder(folder)
    return folder


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    with ExitStack() as kept:
        monkeypatch.chdir(tmp_path)
        yield Run(tmp_path, kept, monkeypatch.setenv)


@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_document_can_be_followed(run: Run, shop: Path, path: Path) -> None:
    for name in given(path):
        GIVEN[name](run, shop)
    for block in blocks(path):
        run.follow(block)


def every_block() -> list[Block]:
    """Those of this test."""
    return [block for path in PATHS for block in blocks(path)]


def test_documents_that_are_followed_elsewhere_are_so() -> None:
    for path in documents():
        test = elsewhere(path)
        assert test is None or (ROOT / test).is_file(), path


def test_blocks_are_marked_with_what_is_known() -> None:
    found = every_block()
    assert len(found) >= 100
    for block in found:
        assert block.language in LANGUAGES, str(block)
        assert block.marks.keys() <= MARKS | OF_FORMATS, str(block)
        assert block.marks.get("needs", "pynamodb") in OF_OTHERS, str(block)
        if block.language == "python":
            ast.parse(block.text)


def test_what_is_not_executed_says_why() -> None:
    found = [block for block in every_block() if "not executed" in block.marks]
    for block in found:
        assert block.marks["not executed"] in REASONS, str(block)
    assert len(found) <= NOT_EXECUTED_MAX


def test_what_is_given_is_needed() -> None:
    assert {name for path in PATHS for name in given(path)} == GIVEN.keys()


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted(DOCUMENTS.rglob("*.md"))], ids=named)
def test_files_that_a_document_names_are_there(path: Path) -> None:
    """As they are read in the repository; in the site, `zensical build --strict` sees to links."""
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
        if "://" not in target and not GENERATED.search(target):
            assert (path.parent / target).exists(), target
