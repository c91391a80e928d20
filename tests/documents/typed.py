"""Commands as they stand in a block, one by one."""

import re
import shlex
from dataclasses import dataclass

from tests.documents.blocks import Block

_STAYS = re.compile(r"pannier (?:serve|console)\b(?!.*--help)")
_ADDRESS = "http://127.0.0.1:{port}"
_PORT = "8000"
_OPERATOR = re.compile(r"[|&;<>()]+")
# What is there for the lines after it: such lines belong to one shell.
_LASTING = re.compile(r"^(?:cd|export|for|if|while|\w+=\S*$)\b", re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """Something that is typed into a shell: a command, or some lines in which nothing is shown.

    Attributes:
        text: for the shell.
        output: what is shown of it; None if nothing is, whatever it says.
    """

    text: str
    output: str | None = None

    @property
    def stays(self) -> bool:
        """Whether it goes on until it is ended."""
        return _STAYS.match(self.text) is not None

    @property
    def folder(self) -> str | None:
        """Where it goes, if it is a `cd`."""
        return self.text.removeprefix("cd ").strip() if self.text.startswith("cd ") else None

    @property
    def exported(self) -> dict[str, str]:
        """The variables that it sets for all that comes after it, if it is an `export`."""
        words = self.words() if self.text.startswith("export ") else []
        return dict(word.split("=", 1) for word in words[1:])

    def arguments(self) -> list[str] | None:
        """Those of `pannier`, if that is all there is to it; None if it takes a shell."""
        lexer = shlex.shlex(self.text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        is_shells = "$" in self.text or "`" in self.text
        words = [] if is_shells else list(lexer)
        is_plain = words[:1] == ["pannier"] and not any(_OPERATOR.fullmatch(each) for each in words)
        return words[1:] if is_plain else None

    def served_at(self) -> str:
        """The address that a server is given by its options."""
        words = self.words()
        port = words[words.index("--port") + 1] if "--port" in words else _PORT
        return _ADDRESS.format(port=port)

    def words(self) -> list[str]:
        """Its words, without a comment."""
        return shlex.split(self.text, comments=True)


def typed(block: Block, text: str) -> list[Typed]:
    """What is typed, from top to bottom."""
    return _console(block, text) if block.is_console else _lines(text)


def _console(block: Block, text: str) -> list[Typed]:
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not parts[0], f"{block}: it begins with no command"
    found = []
    for part in parts[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = command[:-1] + more
        found.append(Typed(command, output or None))
    return found


def _lines(text: str) -> list[Typed]:
    """Line by line, where no line needs what another has left in its shell."""
    lines = [text] if _LASTING.search(text) else text.replace("\\\n", " ").splitlines()
    return [Typed(line.strip()) for line in lines if line.strip()]
