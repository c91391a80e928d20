"""Every block of Python and every command line in these documents runs, as it stands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import serving
from tests.documents.blocks import DOCUMENTS, LANGUAGES, MARKS, Block, blocks
from tests.documents.running import Run
from tests.publishing.small_collector import collecting

NAMES = ("jobs.md", "library.md", "migration.md", "monitor.md", "tables.md")
# Of others, which are not installed with Pannier's tools. What the page says of them was tried with
# them; here their examples are compiled.
OF_OTHERS = frozenset({"aiodynamo", "awswrangler", "pynamodb"})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    with serving("--memory") as (url, _), collecting() as collector:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        places = {
            "http://127.0.0.1:8000": url,
            "http://localhost:4318": collector.url,
            "http://localhost:9091": collector.url,
        }
        yield Run(tmp_path, url, places, {"__name__": "document"})


@pytest.mark.parametrize("name", NAMES)
def test_a_document_can_be_followed(run: Run, name: str) -> None:
    for block in blocks(DOCUMENTS / name):
        run.follow(block)


def every_block() -> list[Block]:
    return [block for name in NAMES for block in blocks(DOCUMENTS / name)]


def test_blocks_are_marked_with_what_is_known() -> None:
    found = every_block()
    assert len(found) >= 30
    for block in found:
        assert block.language in LANGUAGES, str(block)
        assert block.marks.keys() <= MARKS, str(block)
        assert block.marks.get("needs", "pynamodb") in OF_OTHERS, str(block)
        if block.language == "python":
            ast.parse(block.text)


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    text = (DOCUMENTS / name).read_text()
    headings = {
        re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, part = target.partition("#")
        if "://" in target:
            continue
        if file:
            assert (DOCUMENTS / file).exists(), target
        else:
            assert part in headings, target
