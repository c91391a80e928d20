"""Where an HTTP message ends, found with a few searches in a buffer.

Serves both the load generator (answers) and the null server (requests). One message is
outstanding on a connection at a time, so nothing ever follows the one looked at.
"""

from __future__ import annotations

from typing import Final

CHUNKED: Final = -1
"""Returned as a length where only the end of the message tells that it is over."""

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"
_CHUNKED = b"\r\ntransfer-encoding: chunked"
_LAST_CHUNK = b"\r\n0\r\n\r\n"
_CLOSE = b"\r\nconnection: close"


class FramingError(Exception):
    """A message whose end cannot be known."""


class Message:
    """One HTTP message as it arrives in a buffer that its owner fills.

    `head_bytes` is 0 until the head is complete; `closes` then tells whether the other
    side will close the connection after it.
    """

    __slots__ = ("buffer", "closes", "filled", "head_bytes", "total_bytes", "view")

    def __init__(self, size_bytes_max: int) -> None:
        self.buffer = bytearray(size_bytes_max)
        self.view = memoryview(self.buffer)
        self.clear()

    def clear(self) -> None:
        """Make room for the next message."""
        self.filled = 0
        self.head_bytes = 0
        self.total_bytes = 0
        self.closes = False

    def complete(self) -> bool:
        """Whether what has arrived is a whole message. Call it after each arrival."""
        if not self.head_bytes and not self._read_head():
            return False
        if self.total_bytes != CHUNKED:
            if self.filled > self.total_bytes:
                raise FramingError("more bytes than the message's Content-Length")
            return self.filled == self.total_bytes
        return self.buffer.endswith(_LAST_CHUNK, self.head_bytes - 2, self.filled)

    def _read_head(self) -> bool:
        end = self.buffer.find(_HEAD_END, 0, self.filled)
        if end < 0:
            return False
        head = bytes(self.view[: end + 2]).lower()
        self.head_bytes = end + len(_HEAD_END)
        self.closes = _CLOSE in head
        place = head.find(_LENGTH)
        if place >= 0:
            start = place + len(_LENGTH)
            length = int(head[start : head.index(b"\r\n", start)])
            self.total_bytes = self.head_bytes + length
        elif _CHUNKED in head:
            self.total_bytes = CHUNKED
        else:
            raise FramingError("neither Content-Length nor chunks")
        return True
