"""What a command says, as text for the page: without a terminal's codes, and bounded."""

import codecs
import re
from collections import deque
from typing import Final

LINES_MAX: Final = 5_000
CHARACTERS_MAX: Final = 1_000_000
CHUNK_MAX: Final = 4_000
_CODES: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_OVERWRITTEN: Final = re.compile(r"[^\n]*\r(?!\n)")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Decoder:
    """Turns the bytes of a pipe into text, piece by piece."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def text(self, piece: bytes, *, last: bool = False) -> str:
        """The text of a piece; what a terminal would show of it in the end."""
        decoded = self._decoder.decode(piece, last).replace("\r\n", "\n")
        plain = _OVERWRITTEN.sub("", _CODES.sub("", decoded))
        return _UNSEEN.sub("", plain)


class Scrollback:
    """The last lines, in chunks that the page shows as one element each.

    A chunk grows until it is full; the oldest are let go.
    """

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, str]] = deque()
        self._next = 0
        self._lines = 0
        self._characters = 0
        self.dropped_lines = 0

    def add(self, text: str, *, join: bool = True) -> list[tuple[int, str]]:
        """Add text.

        Args:
            text: what was said.
            join: whether it may grow the last chunk.

        Returns:
            The chunks that are new or have grown, each with its number.
        """
        changed: dict[int, str] = {}
        if len(text) > CHARACTERS_MAX:
            skipped = text[:-CHARACTERS_MAX]
            self.dropped_lines += skipped.count("\n")
            text = text[-CHARACTERS_MAX:]
        if join and self._chunks and len(self._chunks[-1][1]) < CHUNK_MAX:
            number, before = self._chunks.pop()
            text = before + text
            self._characters -= len(before)
            self._lines -= before.count("\n")
        else:
            number = self._number()
        while text:
            chunk, text = text[:CHUNK_MAX], text[CHUNK_MAX:]
            self._chunks.append((number, chunk))
            self._characters += len(chunk)
            self._lines += chunk.count("\n")
            changed[number] = chunk
            number = self._number() if text else number
        return list(changed.items())

    def drop(self) -> list[int]:
        """Let go of what is too much.

        Returns:
            The numbers of the chunks that are gone.
        """
        gone = []
        while self._chunks and (self._lines > LINES_MAX or self._characters > CHARACTERS_MAX):
            number, chunk = self._chunks.popleft()
            self._lines -= chunk.count("\n")
            self._characters -= len(chunk)
            self.dropped_lines += chunk.count("\n")
            gone.append(number)
        return gone

    def clear(self) -> None:
        """Forget everything."""
        self._chunks.clear()
        self._lines = self._characters = self.dropped_lines = 0

    @property
    def text(self) -> str:
        """Everything that is kept."""
        return "".join(chunk for _, chunk in self._chunks)

    def _number(self) -> int:
        self._next += 1
        return self._next
