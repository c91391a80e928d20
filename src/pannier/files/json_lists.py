r"""The elements of a list in JSON, many at a time.

They mostly look alike: what stands between the first two of them (`}},\n{"P`) stands between all.
So a block is cut at the last such place and parsed at once as one list. If it is one, the cut was
right, as nothing but whole values can stand in a list; if not, the block is taken element by
element.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pannier.files.json_scanner import COMMA, OPEN, QUOTE, Scanner
from pannier.files.json_text import decode, explain, place_in
from pannier.limits import KIB

# Some dozens of items: more at once only keep the garbage collector busy.
_CUT_BYTES: Final = 32 * KIB
_BOUNDARY_BYTES_MAX: Final = 512
_CUTS_MAX: Final = 3
_BAD_COMMAS_MAX: Final = 100
_SHOWN_BYTES_MAX: Final = 4096

_LIST_END: Final = ord("]")
_GAP: Final = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_HEAD: Final = re.compile(rb'[\[{][ \t\r\n]*(?:"[^"\\]{0,64}"[ \t\r\n]*:[ \t\r\n]*)?')
_TAIL: Final = re.compile(rb"[\]} \t\r\n]*\Z")


@dataclass(frozen=True, slots=True)
class BadValue:
    """A value that is no JSON.

    Attributes:
        text: the value as it stands.
        reason: why it is none.
        line: where it is wrong.
    """

    text: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Elements:
    """Some elements of a list, in a row.

    Attributes:
        values: decoded, a `BadValue` in place of what is no JSON.
        text: the JSON they were decoded from, for `json_text.hides_tiny_numbers`.
        line: the line on which the first begins.
    """

    values: list[Any]
    text: bytes
    line: int


@dataclass(frozen=True, slots=True)
class _Boundary:
    """How an element ends, and what comes then up to the beginning of the next."""

    tail: bytes
    rest: bytes

    @property
    def text(self) -> bytes:
        return self.tail + self.rest


def elements(scanner: Scanner) -> Iterator[Elements]:
    """The elements of the list that begins where the scanner is, some at a time.

    Raises:
        JsonStructureError: the list is damaged; the elements before the damage were yielded.
    """
    return _List(scanner).read()


class _List:
    """A list that is being read."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._boundary: _Boundary | None = None
        self._bad_commas = 0

    def read(self) -> Iterator[Elements]:
        scanner = self._scanner
        scanner.take("[")
        singly_until = 0  # up to here elements are taken one by one
        promised = False  # whether a comma has promised another element
        while True:
            character = scanner.peek()
            if character is None:
                raise scanner.wrong("a list is never closed")
            if character == _LIST_END and not promised:
                scanner.at += 1
                return
            if character in b",]":  # a comma too many
                yield self._missing("a value is missing")
                promised = character == COMMA
                scanner.at += promised
                continue
            if (
                self._boundary is not None
                and scanner.offset >= singly_until
                and scanner.fill(_CUT_BYTES)
            ):
                cut, tried = self._cut(self._boundary)
                if cut is None:
                    singly_until = scanner.offset + tried
                    continue
                yield cut
                scanner.take(",")
                promised = True
                continue
            yield self._one()
            character = scanner.peek()
            promised = character == COMMA
            scanner.at += promised
            if character not in (COMMA, _LIST_END, None):
                yield self._missing("a comma is missing")

    # One element

    def _one(self) -> Elements:
        """The next element, gone past."""
        scanner = self._scanner
        line = scanner.line
        text = scanner.whole()
        bad = BadValue("", "a quote or bracket is never closed", line)
        if text is not None:
            try:
                value = decode(text)
            except (ValueError, RecursionError) as error:
                lines, _ = place_in(text, error)
                bad = BadValue(_shown(text), explain(error), line + lines)
            else:
                scanner.go_past(text)
                if self._boundary is None:
                    self._boundary = self._learn(text)
                return Elements([value], text, line)
        elif scanner.buffer[scanner.at] not in OPEN and scanner.buffer[scanner.at] != QUOTE:
            raise scanner.wrong("a value is expected")
        # A quote too few makes everything look like one long value. Where each element begins on
        # a line of its own, the next of these lines is where the good ones go on.
        swallowed = self._to_next_line(text)
        if swallowed is not None:
            bad = BadValue(_shown(swallowed), bad.reason, bad.line)
            scanner.go_past(swallowed)
        elif text is not None:
            scanner.go_past(text)
        else:
            raise scanner.wrong("a quote or bracket is never closed")
        return Elements([bad], b"", line)

    def _to_next_line(self, text: bytes | None) -> bytes | None:
        """An element that swallowed others, up to the line on which the next begins."""
        boundary, scanner = self._boundary, self._scanner
        if boundary is None or b"\n" not in boundary.text:
            return None
        end = len(scanner.buffer) if text is None else scanner.at + len(text)
        cut = scanner.buffer.find(boundary.text, scanner.at, end)
        return None if cut < 0 else scanner.buffer[scanner.at : cut + len(boundary.tail)]

    def _missing(self, what: str) -> Elements:
        """A place where something is missing, told in place of an element."""
        scanner = self._scanner
        self._bad_commas += 1
        if self._bad_commas > _BAD_COMMAS_MAX:
            raise scanner.wrong("too many commas are wrong; the rest is not read")
        return Elements([BadValue("", scanner.wrong(what).reason, scanner.line)], b"", scanner.line)

    # Many elements

    def _learn(self, text: bytes) -> _Boundary | None:
        """What stands between this element, just gone past, and the next."""
        if text[0] not in OPEN:
            return None
        scanner = self._scanner
        scanner.fill(_BOUNDARY_BYTES_MAX)
        gap = _GAP.match(scanner.buffer, scanner.at)
        if gap is None:
            return None
        own, other = _HEAD.match(text), _HEAD.match(scanner.buffer, gap.end())
        tail = _TAIL.search(text)
        if own is None or other is None or tail is None:
            return None
        head = other.group() if own.group() == other.group() else text[:1]
        return _Boundary(tail.group(), gap.group() + head)

    def _cut(self, boundary: _Boundary) -> tuple[Elements | None, int]:
        """All elements up to the last boundary in the buffer, at once.

        Returns:
            The elements, gone past; or None, and how many bytes were tried in vain.
        """
        scanner = self._scanner
        line = scanner.line
        end = window = min(len(scanner.buffer), scanner.at + _CUT_BYTES)
        for _ in range(_CUTS_MAX):
            end = scanner.buffer.rfind(boundary.text, scanner.at, end)
            if end < 0:
                break
            text = scanner.buffer[scanner.at : end + len(boundary.tail)]
            try:
                values = decode(b"[" + text + b"]")
            except (ValueError, RecursionError):
                continue
            scanner.go_past(text)
            return Elements(values, text, line), 0
        return None, window - scanner.at


def _shown(text: bytes) -> str:
    return text[:_SHOWN_BYTES_MAX].decode("utf-8", "replace")
