"""What docs/testing.md and examples/testing say works, run as it stands."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pannier.testing.plugin import _OF_OTHERS, _OF_PANNIER
from tests.conftest import EXAMPLES
from tests.documents.blocks import DOCUMENTS, blocks

DOCUMENT = DOCUMENTS / "testing.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy, so that no settings of this repository reach it."""
    shutil.copytree(EXAMPLES / "testing", tmp_path / "project")
    return tmp_path / "project"


def run(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_example_project_passes_its_tests(project: Path) -> None:
    assert "9 passed" in run(project, "pytest", "-q", "-p", "no:cacheprovider")
    assert "Ran 2 tests" in run(project, "unittest")


def test_the_examples_tests_can_fail(project: Path) -> None:
    """Code that forgets what was left over must not pass them."""
    shop = project / "shop.py"
    kept = 'waiting = client.batch_write_item(RequestItems=waiting)["UnprocessedItems"]'
    text = shop.read_text()
    assert kept in text
    shop.write_text(
        text.replace(kept, "waiting = client.batch_write_item(RequestItems=waiting) and {}")
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    for name in ("leftovers", "gives_up", "minutes_of_throttling", "hot_customer"):
        assert re.search(rf"FAILED .*{name}", done.stdout), name


def test_every_example_of_the_document_runs(project: Path) -> None:
    found = [block.text for block in blocks(DOCUMENT, "python")]
    assert len(found) >= 10
    for path in project.glob("test_*.py"):
        path.unlink()
    for number, block in enumerate(found):
        (project / f"test_example_{number}.py").write_text(block)
    count = sum(len(re.findall(r"^\s*def test_", block, re.MULTILINE)) for block in found)
    assert count >= len(found)
    assert f"{count} passed" in run(project, "pytest", "-q", "-p", "no:cacheprovider")


def test_the_document_names_every_setting() -> None:
    text = DOCUMENT.read_text()
    for name in (*_OF_PANNIER, *_OF_OTHERS):
        assert f"{name}=" in text, name
