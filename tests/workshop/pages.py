"""The pages of docs/workshop, followed as a reader would, and what they show compared.

Blocks are marked as in `tests.documents.blocks`, and here also:

    <!-- fails -->    of these commands the last is refused
    <!-- varies -->   the numbers that are shown are those of one run
    <!-- last -->     done after all the pages: cleaning up
    <!-- program -->  a program of the workshop, shown as it is

A `console` block shows commands and what they write; a line of three dots stands for any others. An
`sh` block shows commands that write nothing, or nothing worth showing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pannier.workshop.files import text_of
from tests.documents.blocks import DOCUMENTS, Block, blocks
from tests.documents.shown import fits
from tests.documents.typed import typed
from tests.workshop.shell import Shell

PAGES = DOCUMENTS / "workshop"
ORDER = ("index.md", "1-write.md", "2-read.md", "3-limits.md", "4-production.md")
MARKS = frozenset({"fails", "varies", "last", "program", "shown"})
LANGUAGES = frozenset({"console", "sh", "python", "json"})
PORT = "http://127.0.0.1:8000"
CONSOLE = "http://127.0.0.1:8001/?token=Vb3n8lQP6c2DbLN5Xul2p1k"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_CONSOLE = re.compile(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+")
_PROCESS = re.compile(r"\(process \d+\)")
_NUMBER = re.compile(r"\d[\d,.]*")
_DRAWN = re.compile("[\u2500\u2588]+")  # as long as numbers are large
# A throttled job says so only if some of its calls were throttled whole.
_SOMETIMES = re.compile(r",\s+N\s+calls?\s+failed,\s+N\s+of\s+them\s+throttled")
_DOTS = re.compile(r"^\s*\.\.\.$", re.MULTILINE)


@dataclass
class Reader:
    """Who follows the pages.

    Attributes:
        shell: the reader's terminal.
        takes_all: whether what varies from run to run counts as something else, too.
        corrected: what blocks should show, by block, where they show something else.
        by_hand: what commands wrote whose output is shown in part, and not as it is.
    """

    shell: Shell
    takes_all: bool = False
    address: str = PORT
    corrected: dict[str, tuple[Block, str]] = field(default_factory=dict)
    by_hand: list[str] = field(default_factory=list)

    def follow(self, block: Block) -> None:
        """Do what a block says.

        Raises:
            AssertionError: a command ended otherwise than it should.
        """
        if "shown" in block.marks:
            return
        if "program" in block.marks:
            assert block.text == text_of(block.marks["program"]), f"{block}: not as it is written"
            return
        parts = [(block.text.rstrip("\n"), "")]
        if block.language == "console":
            parts = _typed(block)
        shown = []
        for number, (command, output) in enumerate(parts, start=1):
            said = self._run(block, command, last=number == len(parts))
            if not self._fits(block, output, said):
                if _DOTS.search(output):
                    self.by_hand.append(f"{block}: {command}\n{said}")
                else:
                    output = said
            shown.append(f"$ {command}\n{output}")
        text = "".join(shown)
        if block.language == "console" and text != _joined(block):
            self.corrected[str(block)] = (block, text)

    def _run(self, block: Block, command: str, *, last: bool) -> str:
        # Another port than the reader's, which may be in use here.
        typed = command.replace("workshop start", "workshop start --port 0")
        said = self.shell.run(typed.replace(PORT, self.address))
        if "workshop start" in command:
            found = _ADDRESS.search(said.text)
            assert found, said.text
            self.address = found[0]
        is_refused = "fails" in block.marks and last
        assert (said.status != 0) == is_refused, f"{block}: {command}\n{said.text}"
        text = _CONSOLE.sub(CONSOLE, said.text).replace(self.address, PORT)
        lines = [line.rstrip() for line in text.splitlines()]
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        return "".join(f"{line}\n" for line in lines)

    def _fits(self, block: Block, shown: str, said: str) -> bool:
        if self.takes_all and not _DOTS.search(shown):
            return shown == said
        shown, said = (_PROCESS.sub("(process)", text) for text in (shown, said))
        if "varies" in block.marks:
            shown, said = _NUMBER.sub("N", shown), _NUMBER.sub("N", said)
            shown, said = _SOMETIMES.sub("", shown), _SOMETIMES.sub("", said)
            shown, said = _DRAWN.sub("", shown), _DRAWN.sub("", said)
        return fits(shown, said)


def in_order() -> Iterator[Block]:
    """All blocks, in the order in which they are followed."""
    found = [block for name in ORDER for block in blocks(PAGES / name)]
    yield from (block for block in found if "last" not in block.marks)
    yield from (block for block in found if "last" in block.marks)


def rewrite(corrected: Iterable[tuple[Block, str]]) -> None:
    """Put into the pages what their blocks should show."""
    by_page: dict[Path, list[tuple[Block, str]]] = {}
    for block, text in corrected:
        by_page.setdefault(block.document, []).append((block, text))
    for page, changes in by_page.items():
        lines = page.read_text().splitlines(keepends=True)
        for block, text in sorted(changes, key=lambda change: -change[0].line):
            start = block.line - 1
            lines[start : start + block.text.count("\n")] = [text]
        page.write_text("".join(lines))


def _joined(block: Block) -> str:
    """A block's text as it is put together again: commands that go on stay as they are."""
    return "".join(f"$ {command}\n{output}" for command, output in _typed(block))


def _typed(block: Block) -> list[tuple[str, str]]:
    """Commands, and what is shown of their output."""
    return [(each.text, each.output or "") for each in typed(block, block.text)]
