"""The blocks of code in a document.

A comment in front of a block says how it is to be taken, in words that readers do not see:

    <!-- file: items.jsonl -->     not code but a file, which later blocks find in their folder
    <!-- served -->                commands that work on a server, which AWS_ENDPOINT_URL names
    <!-- exits: 1 -->              commands of which the last ends with that status
    <!-- interrupted -->           a command that gets Ctrl-C when some of its job is done
    <!-- needs: aiodynamo -->      Python that is run where that module is installed
    <!-- shown -->                 nothing to run

Several are separated by semicolons. `python`, `sh` and `console` without a mark are run.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

DOCUMENTS = Path(__file__).parents[2] / "docs"
LANGUAGES = frozenset({"python", "sh", "console", "text", "json", "csv"})
MARKS = frozenset({"file", "served", "exits", "interrupted", "needs", "shown"})
_BLOCK = re.compile(r"(?:^<!-- ([^\n]+?) -->\n)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


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


def blocks(document: Path, language: str | None = None) -> Iterator[Block]:
    """The blocks of a document, or those in one language."""
    text = document.read_text()
    for found in _BLOCK.finditer(text):
        comment, named, code = found.groups()
        if language is not None and named != language:
            continue
        line = text.count("\n", 0, found.start(3)) + 1
        yield Block(document, line, named, code, _marks(comment or ""))


def _marks(comment: str) -> dict[str, str]:
    parts = (part.partition(":") for part in comment.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in parts}
