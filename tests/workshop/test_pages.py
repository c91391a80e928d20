"""Every command of docs/workshop, in order, in one terminal; what it writes is what is shown."""

import re
from pathlib import Path

import pytest

from tests.documents.blocks import blocks
from tests.workshop.pages import LANGUAGES, MARKS, ORDER, PAGES, Reader, in_order
from tests.workshop.shell import Shell

IMAGES = {
    "01-batch-file.png",
    "02-batch-write.png",
    "03-explore-items.png",
    "04-batch-get.png",
    "05-mixed-batch.png",
    "06-large-batch-refused.png",
    "07-projection.png",
    "08-metrics.png",
    "09-throttled.png",
    "10-single-against-batch.png",
}


def test_the_pages_can_be_followed_from_start_to_end(tmp_path: Path) -> None:
    with Shell(tmp_path, COLUMNS="100") as shell:
        reader = Reader(shell)
        try:
            for block in in_order():
                reader.follow(block)
        finally:
            shell.run(f"cd '{tmp_path}' && pannier workshop clean --yes")
    others = [f"{block}\n{text}" for block, text in reader.corrected.values()]
    told = "\n\n".join(others + reader.by_hand)
    assert not told, f"the pages show something else; python -m tests.workshop.refresh\n{told}"
    assert not (tmp_path / "workshop").exists()


def test_the_pages_are_those_that_are_followed() -> None:
    assert {page.name for page in PAGES.glob("*.md")} == set(ORDER)
    for block in in_order():
        assert block.language in LANGUAGES, str(block)
        assert block.marks.keys() <= MARKS, str(block)


def test_both_spellings_stand_on_every_page() -> None:
    for name in ORDER[1:]:
        commands = "".join(block.text for block in blocks(PAGES / name))
        assert "aws " in commands, name
        assert re.search(r"^(\$ )?pannier (?!workshop)", commands, re.MULTILINE), name


def test_every_picture_of_the_chapter_has_its_place() -> None:
    text = "".join((PAGES / name).read_text() for name in ORDER)
    assert set(re.findall(r"!\[[^]]+\]\(images/([^)]+)\)", text)) == IMAGES


@pytest.mark.parametrize("name", ORDER)
def test_links_lead_somewhere(name: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (PAGES / name).read_text(), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"(?<!!)\[[^]]+\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert "://" in target or (PAGES / target).exists(), target
