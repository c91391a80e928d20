"""JSON documents of any size, read value by value, in flat memory.

A scanner finds where values begin and end by their brackets and quotes alone. So a value that is no
JSON inside is one bad value, and the next one is good; only a bracket or quote that is missing
costs the rest of the document. What is in a list is read by `json_lists`.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Final

from pannier.files.compression import DamagedError
from pannier.files.json_text import decode, explain, near, without_bom
from pannier.limits import KIB, REQUEST_BYTES_MAX

# No item or request takes more as JSON: DynamoDB refuses larger requests.
VALUE_BYTES_MAX: Final = REQUEST_BYTES_MAX
OPEN: Final = b"[{"
QUOTE: Final = ord('"')
COMMA: Final = ord(",")
_CLOSE: Final = b"]}"
_NESTED: Final = 8

_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+"'
_SCALAR: Final = re.compile(rb'[^\s,:\[\]{}"]++')
_TOKEN: Final = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)
_WHOLE_STRING: Final = re.compile(_STRING, re.DOTALL)


def _container() -> re.Pattern[bytes]:
    """A list or object whose brackets close, down to some depth; deeper ones go token by token."""
    inner = rb'[^"{}\[\]]++|' + _STRING
    for _ in range(_NESTED):
        inner = rb'[^"{}\[\]]++|' + _STRING + rb"|[\[{](?:" + inner + rb")*+[\]}]"
    return re.compile(rb"[\[{](?:" + inner + rb")*+[\]}]", re.DOTALL)


_WHOLE_CONTAINER: Final = _container()


class JsonStructureError(Exception):
    """A bracket, quote or comma is missing or too much: what follows can't be trusted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Scanner:
    """A place in a file of JSON.

    Args:
        blocks: the file's bytes.
        line: the line on which they begin.

    Attributes:
        buffer: bytes at hand; `at` is where in them the next byte is.
        damage: why the bytes ended early; empty if they did not.
    """

    def __init__(self, blocks: Iterator[bytes], line: int = 1) -> None:
        self._blocks = blocks
        self.damage = ""
        self.buffer = b""
        self.at = 0
        self._line = line  # of the byte at `_counted`
        self._counted = 0
        self._column = 0  # bytes of the buffer's first line that came before the buffer
        self._dropped = 0  # bytes that were in front of the buffer
        self._ended = False
        self._started = False

    # Where we are

    @property
    def line(self) -> int:
        """The line of the next byte, from 1."""
        self._line += self.buffer.count(b"\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    @property
    def place(self) -> str:
        """Line and column of the next byte, in words."""
        line = self.line
        start = self.buffer.rfind(b"\n", 0, self.at)
        column = self.at - start if start >= 0 else self._column + self.at + 1
        return f"line {line}, column {column}"

    @property
    def near(self) -> str:
        """What stands around the next byte."""
        return near(self.buffer, self.at)

    def peek(self) -> int | None:
        """The next byte that is no blank; None at the end of the file."""
        while True:
            match = _SPACE.match(self.buffer, self.at)
            assert match is not None  # it matches nothing, too
            self.at = match.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._more():
                return None

    # Going on

    def take(self, character: str) -> None:
        """Go past a character.

        Raises:
            JsonStructureError: another stands there.
        """
        if self.peek() != ord(character):
            raise self.wrong(f"{character!r} is expected")
        self.at += 1

    def wrong(self, what: str) -> JsonStructureError:
        """The error for what stands here."""
        if self.peek() is None:
            return JsonStructureError(f"{self.place}: the file breaks off here ({what})")
        return JsonStructureError(f"{self.place}: this is not JSON ({what})")

    def drop_rest(self) -> None:
        """Read to the end of the file without looking, so that its compression is checked."""
        while self._next_block():
            pass
        self.buffer, self.at, self._ended = b"", 0, True

    def whole(self, bytes_max: int = VALUE_BYTES_MAX) -> bytes | None:
        """The text of the value that begins here, without going past it.

        Returns:
            None if it does not end within `bytes_max`, or at all.
        """
        end = self.end_of_value(bytes_max)
        return None if end is None else self.buffer[self.at : end]

    def ahead(self, size_bytes: int) -> bytes:
        """Some of what follows, so many bytes at most; nothing is gone past."""
        self.fill(min(size_bytes, KIB))
        return self.buffer[self.at : self.at + size_bytes]

    def go_past(self, text: bytes) -> None:
        """Go past a text that `whole` gave."""
        self.at += len(text)

    def value(self) -> Any:
        """The value that begins here, decoded and gone past.

        Raises:
            JsonStructureError: it is none, or does not end.
        """
        text = self.whole()
        if text is None:
            raise self.wrong("a quote or bracket is never closed")
        try:
            value = decode(text)
        except (ValueError, RecursionError) as error:
            raise self.wrong(explain(error)) from None
        self.go_past(text)
        return value

    def name(self) -> str:
        """A member's name, and the colon behind it.

        Raises:
            JsonStructureError: there is none.
        """
        if self.peek() != QUOTE:
            raise self.wrong("a name in quotes is expected")
        name = str(self.value())
        self.take(":")
        return name

    def skip_value(self) -> None:
        """Go past a value of any size without decoding it.

        Raises:
            JsonStructureError: it does not end.
        """
        if self.peek() is None:
            raise self.wrong("a value is expected")
        opening = self.buffer[self.at]
        if opening not in OPEN:
            end = self.end_of_value(VALUE_BYTES_MAX)
            if end is None:
                raise self.wrong("a value is expected")
            self.at = end
            return
        depth = 0
        while True:
            for token in _TOKEN.finditer(self.buffer, self.at):
                character = self.buffer[token.start()]
                depth += (character in OPEN) - (character in _CLOSE)
                if depth == 0:
                    self.at = token.end()
                    return
                self.at = token.end()
            # No whole token is left: an open string stays, everything else may go.
            quote = self.buffer.find(b'"', self.at)
            if quote < 0:
                self.at = len(self.buffer)
            elif len(self.buffer) - quote > VALUE_BYTES_MAX:
                raise self.wrong("a quote is never closed")
            if not self._more():
                self.at = len(self.buffer)
                raise self.wrong("a bracket is never closed")

    def members(self) -> Iterator[str]:
        """The names of an object's members. After each, its value must be gone past.

        Raises:
            JsonStructureError: see there.
        """
        self.take("{")
        if self.peek() == ord("}"):
            self.at += 1
            return
        while True:
            yield self.name()
            if self.peek() == COMMA:
                self.at += 1
                continue
            self.take("}")
            return

    def end_of_value(self, bytes_max: int) -> int | None:
        """Where the value that begins here ends in the buffer, which is filled as far as needed."""
        if self.peek() is None:
            return None
        first = self.buffer[self.at]
        if first in OPEN:
            pattern = _WHOLE_CONTAINER
        elif first == QUOTE:
            pattern = _WHOLE_STRING
        else:
            pattern = _SCALAR
        wanted = 0
        while True:
            match = pattern.match(self.buffer, self.at)
            if match is not None and (pattern is not _SCALAR or match.end() < len(self.buffer)):
                return match.end()
            have = len(self.buffer) - self.at
            if have > bytes_max:
                return None
            wanted = max(2 * have, wanted)  # so that what is long is not looked at too often
            if not self.fill(min(wanted, bytes_max + 1)):
                break
        match = pattern.match(self.buffer, self.at)  # with what came before the file ended
        if match is not None:
            return match.end()
        return self._end_by_tokens() if pattern is _WHOLE_CONTAINER else None

    def _end_by_tokens(self) -> int | None:
        """Where a container ends that is deeper than the pattern; all of it is in the buffer."""
        depth = 0
        for token in _TOKEN.finditer(self.buffer, self.at):
            character = self.buffer[token.start()]
            depth += (character in OPEN) - (character in _CLOSE)
            if depth == 0:
                return token.end()
        return None

    # The buffer

    @property
    def offset(self) -> int:
        """How many bytes were gone past."""
        return self._dropped + self.at

    def fill(self, size_bytes: int) -> bool:
        """Have so many bytes ahead; whether there are."""
        while len(self.buffer) - self.at < size_bytes:
            if not self._more():
                return False
        return True

    def _more(self) -> bool:
        """Read another block; False at the end of the file."""
        block = self._next_block()
        if not block:
            return False
        if not self._started:
            self._started = True
            while len(block) < len(BOM_UTF8) and (more := self._next_block()):
                block += more
            block = without_bom(block)
        _ = self.line
        start = self.buffer.rfind(b"\n", 0, self.at)
        self._column = self._column + self.at if start < 0 else self.at - start - 1
        self._dropped += self.at
        self.buffer = self.buffer[self.at :] + block
        self.at = self._counted = 0
        return True

    def _next_block(self) -> bytes:
        """Some more bytes; none at the end of the file, or where it is damaged."""
        if self._ended:
            return b""
        try:
            block = next(self._blocks, b"")
        except DamagedError as error:
            self.damage = str(error)
            block = b""
        self._ended = not block
        return block
