"""Puts the site's sources together: documents, generated pages, files from beside, the navigation.

What comes out is a folder of plain Markdown with its configuration: whatever builds a site of such
folders can build this one, without plugins or hooks of ours.
"""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from docs_pages import commands, compatibility
from docs_pages.links import relinked

ROOT: Final = Path(__file__).parent.parent
# Files of the repository that documents lead to, and where they are in the site.
BESIDE: Final[Mapping[str, str]] = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "examples/README.md": "project/examples.md",
    "examples/testing/README.md": "project/examples-testing.md",
    "examples/testing/shop.py": "project/shop.py",
}
# What `<!-- generated: NAME -->` in a document stands for.
TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "commands": commands.summaries,
    "operations": compatibility.operations,
    "missing operations": compatibility.missing_operations,
    "CloudWatch operations": compatibility.cloudwatch_operations,
    "limits": compatibility.limit_table,
}
_GENERATED: Final = re.compile(r"^<!-- generated: ([\w ]+) -->$", re.MULTILINE)
_COMMENT: Final = re.compile(r"^<!--.*?-->\n", re.DOTALL | re.MULTILINE)
_NOT_SHOWN: Final = frozenset({".json"})  # figures of which pages and plots are made


def assemble(folder: Path) -> Path:
    """Write the sources into a folder, anew; returns the path of the site's configuration."""
    shutil.rmtree(folder, ignore_errors=True)
    documents = folder / "docs"
    for path, content in sources().items():
        target = documents / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    settings = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    settings["nav"] = expanded(settings["nav"], sorted(pages_in(documents)))
    configuration = folder / "mkdocs.yml"
    configuration.write_text(yaml.safe_dump(settings, sort_keys=False))
    return configuration


def pages_in(documents: Path) -> list[str]:
    """The pages below a folder, as the navigation names them."""
    return [path.relative_to(documents).as_posix() for path in documents.rglob("*.md")]


def sources() -> dict[str, bytes]:
    """The content of every file of the site's documents, by its path."""
    found = {f"docs/{path}": path for path in _documents()} | dict(BESIDE)
    written = {path: (ROOT / origin).read_bytes() for origin, path in found.items()}
    for origin, path in found.items():
        if path.endswith(".md"):
            written[path] = page(written[path].decode(), origin, path).encode()
    for path, text in commands.command_pages().items():
        written[path] = text.encode()
    return written


def page(markdown: str, origin: str, path: str) -> str:
    """A document as a page: generated parts filled in, marks for the tests left out, links led."""
    markdown = _GENERATED.sub(lambda found: TABLES[found[1]](), markdown)
    return relinked(_COMMENT.sub("", markdown), origin, path, BESIDE)


def expanded(nav: Any, pages: list[str]) -> Any:
    """The navigation with a folder's pages, the index first, where it names the folder."""
    if isinstance(nav, list):
        return [_flat for each in nav for _flat in _entries(each, pages)]
    if isinstance(nav, dict):
        return {title: expanded(each, pages) for title, each in nav.items()}
    return nav


def _entries(entry: Any, pages: list[str]) -> list[Any]:
    if not isinstance(entry, str) or not entry.endswith("/"):
        return [expanded(entry, pages)]
    inside = [path for path in pages if f"{PurePosixPath(path).parent}/" == entry]
    return sorted(inside, key=lambda path: (PurePosixPath(path).stem != "index", path))


def _documents() -> list[str]:
    documents = ROOT / "docs"
    files = (path for path in documents.rglob("*") if path.is_file())
    return [
        path.relative_to(documents).as_posix() for path in files if path.suffix not in _NOT_SHOWN
    ]
