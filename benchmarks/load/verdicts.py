"""What an answer is worth, judged by a few byte searches instead of a JSON parser.

An answer counts only where its status is 200, nothing was left unprocessed and its body
is as long as the items asked for make it. Parsing 40 KB of JSON would cost more than
some of the servers take; `control.verify` parses one answer of each kind instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from benchmarks.framing import Message

_STATUS_START, _STATUS_END = 9, 12
_NEAR_BYTES = 64
"""Servers put the marker at the body's start or at its end; look there first."""


class Verdict(IntEnum):
    """The kinds of answer that are counted apart."""

    OK = 0
    ERROR = 1
    LEFTOVERS = 2
    SHORT = 3


@dataclass(frozen=True)
class Expectation:
    """What a good answer looks like.

    `leftovers_name` is the member that must be an empty object, or None where the
    operation has none; `body_bytes_min` is what the items alone need.
    """

    leftovers_name: str | None = None
    body_bytes_min: int = 2


class Judge:
    """Applies one expectation to complete answers."""

    def __init__(self, expectation: Expectation) -> None:
        name = expectation.leftovers_name
        self._marker = None if name is None else f'"{name}":'.encode()
        self._body_bytes_min = expectation.body_bytes_min

    def verdict(self, answer: Message) -> Verdict:
        """Judge the answer that fills *answer*."""
        buffer, start, end = answer.buffer, answer.head_bytes, answer.filled
        if buffer[_STATUS_START:_STATUS_END] != b"200":
            return Verdict.ERROR
        if self._marker is not None and not self._is_empty(buffer, start, end):
            return Verdict.LEFTOVERS
        return Verdict.OK if end - start >= self._body_bytes_min else Verdict.SHORT

    def _is_empty(self, buffer: bytearray, start: int, end: int) -> bool:
        marker = self._marker
        assert marker is not None
        place = buffer.find(marker, max(start, end - _NEAR_BYTES), end)
        if place < 0:
            place = buffer.find(marker, start, end)
        if place < 0:
            return False
        rest = place + len(marker)
        return buffer[rest : rest + 3].lstrip()[:2] == b"{}"
