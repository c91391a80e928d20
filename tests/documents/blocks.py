"""The blocks of code in a document.

A comment in front of a block says how it is to be taken, in words that readers do not see:

    <!-- file: items.jsonl -->     not code but a file, which later blocks find in their folder
    <!-- served -->                commands that work on a server, which AWS_ENDPOINT_URL names
    <!-- exits: 1 -->              commands of which the last ends with that status
    <!-- soon -->                  commands of which the last shows what is only on its way yet
    <!-- interrupted -->           a command that gets Ctrl-C when some of its job is done
    <!-- needs: aiodynamo -->      Python that is run where that module is installed
    <!-- pytest -->                Python that is a file of tests, which pass
    <!-- shown -->                 nothing to run
    <!-- not executed: REASON -->  commands that a test can't run, and why: see `REASONS`

Several are separated by semicolons. `python`, `sh`, `bash` and `console` without a mark are run, so
is what has no language but begins with `$`.

    <!-- given: the shop -->       on a line of its own: what a reader has by then, see `given.py`
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "docs"
COMMANDS = frozenset({"sh", "bash", "console"})
RUNNABLE = COMMANDS | {"python"}
LANGUAGES = RUNNABLE | {"text", "json", "csv", "toml", ""}
MARKS = frozenset(
    {"file", "served", "exits", "soon", "interrupted", "needs", "pytest", "shown", "not executed"}
)
# Marks of docs/formats.md, whose examples tests/files/test_formats_document.py holds.
OF_FORMATS = frozenset({"reads", "fails", "becomes", "said", "notice"})
REASONS = frozenset(
    {
        "another shell",  # its code is printed by a test of `completion`
        "installs packages",
        "works on a checkout",  # make, benchmarks
        "needs AWS",
        "needs a certificate",
        "needs another machine",
        "needs Spark",
        "takes the whole terminal",
    }
)
_BLOCK = re.compile(r"(?:^<!-- ([^\n]+?) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_GIVEN = re.compile(r"^<!-- given: ([^\n]+?) -->$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """One block of a document.

    Attributes:
        document: where it stands.
        line: the line of its first line of code.
        language: as it is marked, or empty.
        text: the code.
        marks: what the comment in front says, by the word before the colon.
    """

    document: Path
    line: int
    language: str
    text: str
    marks: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.document.name}, line {self.line}"

    @property
    def is_console(self) -> bool:
        """Whether it shows commands behind `$`, and what they say."""
        return self.language == "console" or (not self.language and self.text.startswith("$ "))

    @property
    def is_runnable(self) -> bool:
        """Whether it is something that a reader would type or run."""
        is_file = "file" in self.marks or self.marks.keys() & OF_FORMATS
        return not is_file and (self.language in RUNNABLE or self.is_console)


def blocks(document: Path, language: str | None = None) -> Iterator[Block]:
    """The blocks of a document, or those in one language."""
    text = document.read_text()
    for found in _BLOCK.finditer(text):
        comment, named, code = found.groups()
        if language is not None and named != language:
            continue
        line = text.count("\n", 0, found.start(3)) + 1
        yield Block(document, line, named, code, _marks(comment or ""))


def given(document: Path) -> list[str]:
    """What a reader of a document has by then, in its order."""
    return [
        each.strip() for line in _GIVEN.findall(document.read_text()) for each in line.split(",")
    ]


def documents() -> list[Path]:
    """All documents with blocks that a reader could run, of the site and the one in front of it."""
    found = [ROOT / "README.md", *sorted(DOCUMENTS.rglob("*.md"))]
    return [path for path in found if any(block.is_runnable for block in blocks(path))]


def _marks(comment: str) -> dict[str, str]:
    parts = (part.partition(":") for part in comment.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts if name.strip() != "given"}
