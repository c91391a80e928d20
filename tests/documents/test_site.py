"""The documentation site is built, strictly, and has a page for everything that is promised one."""

import argparse
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

import pannier
import pannier.testing
from docs_pages import commands, compatibility
from docs_pages.assembling import ROOT, assemble, pages_in
from docs_pages.links import relinked
from pannier.cli.main import _COMMANDS
from pannier.engine import service_model
from pannier.engine.operations import OPERATIONS
from tests.console.accessibility import serious_findings
from tests.console.browser import chromium

# Where a browser fetches something by itself, with or without a click.
_FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
    "link": "href",
    "use": "href",
}
_FETCHED_BY_STYLES = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')]+)")


_LOOKED_AT = (
    "index.html",
    "commands/write.html",
    "workshop/1-write.html",
    "console/index.html",
    "reference/library.html",
    "troubleshooting.html",
    "performance.html",
)


class Fetches(HTMLParser):
    """What a page makes the browser fetch, and the ids that it has."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        address = given.get(_FETCHED.get(tag, ""))
        if address and given.get("rel") != "canonical":
            self.addresses.append(address)


def read(path: Path) -> Fetches:
    page = Fetches()
    page.feed(path.read_text())
    return page


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the site was built: its sources, its configuration, `site`."""
    folder = tmp_path_factory.mktemp("docs")
    configuration = assemble(folder)
    settings = yaml.safe_load(configuration.read_text())
    (python,) = (each["mkdocstrings"]["handlers"]["python"] for each in settings["plugins"][1:])
    python["paths"] = [str(ROOT / "src")]  # which it names as seen from build/docs
    configuration.write_text(yaml.safe_dump(settings, sort_keys=False))
    done = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def in_navigation(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    inside = entry.values() if isinstance(entry, dict) else entry
    return [path for each in inside for path in in_navigation(each)]


def test_every_page_has_its_place_and_every_place_its_page(built: Path) -> None:
    settings = yaml.safe_load((built / "mkdocs.yml").read_text())
    named = in_navigation(settings["nav"])
    assert len(named) == len(set(named))
    assert set(named) == set(pages_in(built / "docs"))


def test_every_page_is_built(built: Path) -> None:
    for path in pages_in(built / "docs"):
        assert (built / "site" / path).with_suffix(".html").is_file(), path


def test_nothing_is_fetched_from_elsewhere(built: Path) -> None:
    pages = sorted((built / "site").rglob("*.html"))
    assert len(pages) > 60
    for path in pages:
        for address in read(path).addresses:
            assert not re.match(r"(https?:)?//", address), f"{path.name}: {address}"
    for path in (built / "site").rglob("*.css"):
        assert not _FETCHED_BY_STYLES.search(path.read_text()), path.name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_it(built: Path, scheme: Literal["light", "dark"]) -> None:
    """In a browser: axe finds nothing serious, and nothing is fetched from elsewhere."""
    with chromium() as browser:
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in _LOOKED_AT:
            page.goto((built / "site" / name).as_uri())
            page.wait_for_load_state("networkidle")
            assert serious_findings(page) == [], name
        assert {each.partition(":")[0] for each in asked} <= {"file", "data", "blob"}


def test_every_command_has_its_page_with_all_its_options(built: Path) -> None:
    for name, parser in commands.parsers().items():
        page = read(built / "site" / "commands" / f"{name}.html")
        for action in parser._actions:
            is_shown = action.help != argparse.SUPPRESS and action.dest != "help"
            if action.option_strings and is_shown:
                names = {option.strip("-") for option in action.option_strings}
                assert names & page.ids, f"{name}: {action.option_strings}"
    assert commands.parsers().keys() == _COMMANDS.keys()


def test_a_command_that_does_several_things_has_their_options(built: Path) -> None:
    page = read(built / "site" / "commands" / "workshop.html")
    assert {"start-port", "check-target", "clean-yes", "files-force"} <= page.ids


@pytest.mark.parametrize("package", [pannier, pannier.testing], ids=["pannier", "testing"])
def test_every_public_name_has_its_entry(built: Path, package: Any) -> None:
    ids = set().union(*(read(path).ids for path in (built / "site" / "reference").glob("*.html")))
    for name in package.__all__:
        if not name.startswith("_"):
            assert f"{package.__name__}.{name}" in ids, name


def test_every_operation_of_the_api_is_in_a_table() -> None:
    there, missing = compatibility.operations(), compatibility.missing_operations()
    for name in service_model.operation_names() | service_model.STREAMS_OPERATIONS:
        assert re.search(rf"\b{name}\b", there if name in OPERATIONS else missing), name


def test_refused_parameters_are_told_from_others() -> None:
    assert "VectorIndexes" in compatibility.refused_parameters("CreateTable")
    assert compatibility.refused_parameters("BatchWriteItem") == frozenset()


def test_limits_are_named_with_their_values() -> None:
    table = compatibility.limit_table()
    assert "| Batch calls: batch write operations, at most | 25 |" in table
    assert "| Items and keys: item, at most | 400 KiB |" in table


def test_the_generated_parts_are_in_their_pages(built: Path) -> None:
    compatible = (built / "docs" / "reference" / "compatibility.md").read_text()
    for table in (compatibility.operations(), compatibility.limit_table()):
        assert table in compatible
    assert "<!--" not in compatible


def test_links_are_led_to_pages() -> None:
    beside = {"ARCHITECTURE.md": "project/architecture.md"}
    text = "[a](../jobs.md#pace) [b](../../ARCHITECTURE.md) [c](#here) [d](https://example.org/x)"
    assert relinked(text, "docs/concepts/x.md", "concepts/x.md", beside) == (
        "[a](../jobs.md#pace) [b](../project/architecture.md) [c](#here) [d](https://example.org/x)"
    )
    text = "[a](docs/jobs.md) [b](ARCHITECTURE.md)"
    assert relinked(text, "CONTRIBUTING.md", "project/contributing.md", beside) == (
        "[a](../jobs.md) [b](architecture.md)"
    )
