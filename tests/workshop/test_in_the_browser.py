"""The chapter is followed from start to end in the browser, every "verify" asserted."""

from pathlib import Path

from tests.console.browser import chromium
from tests.workshop.browser_walk import EXERCISES
from tests.workshop.in_the_browser import walking

IMAGES = Path(__file__).parents[2] / "docs" / "workshop" / "images"


def test_the_chapter_in_the_browser(tmp_path: Path) -> None:
    pictures: list[str] = []
    with (
        chromium() as browser,
        walking(browser, tmp_path / "workshop", lambda _, name: pictures.append(name)) as walk,
    ):
        for exercise in EXERCISES:
            exercise(walk)
        told = walk.run("pannier workshop check 3")
        assert "done" in told
    assert {f"{name}.png" for name in pictures} == {path.name for path in IMAGES.glob("*.png")}
