"""Requests and answers of HTTP, as handlers have them, and the one way to read a usual request.

`httptools` reads whatever HTTP/1.1 may be, and calls back for each header. The request of an SDK
that arrives in one piece, as nearly all do, is read here with a few searches instead: in half the
time. Only what both would read alike is read here; anything else is left to `httptools`.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
}

_POST: Final = b"POST / HTTP/1.1\r\n"
_LINE_END: Final = b"\r\n"
_HEAD_END: Final = b"\r\n\r\n"
_VISIBLE: Final = bytes(range(0x20, 0x7F))
_TOKEN: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTENT_LENGTH: Final = b"content-length"
_CONNECTION: Final = b"connection"
# Headers that say more about the connection than that it stays open.
_UNUSUAL: Final = frozenset(
    (
        b"expect",
        b"http2-settings",
        b"proxy-connection",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_SPACE: Final = 0x20
_NAMES_MAX: Final = 256
_LENGTH_DIGITS_MAX: Final = 9


class HttpRequest:
    """One request. Header names are lower case."""

    __slots__ = ("body", "headers", "keep_alive", "method", "target", "too_large")

    def __init__(
        self,
        method: bytes,
        target: bytes,
        headers: dict[bytes, bytes] | None = None,
        body: bytes = b"",
        *,
        keep_alive: bool = True,
        too_large: bool = False,
    ) -> None:
        self.method = method
        self.target = target
        self.headers: dict[bytes, bytes] = {} if headers is None else headers
        self.body = body
        self.keep_alive = keep_alive
        self.too_large = too_large


class HttpResponse:
    """One answer."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def encode(self, *, keep_alive: bool) -> bytes:
        """The answer's bytes on the wire."""
        line = _STATUS_LINES.get(self.status)
        parts = [b"HTTP/1.1 %d Unknown\r\n" % self.status if line is None else line]
        for name, value in self.headers.items():
            parts += (name, b": ", value, _LINE_END)
        parts.append(b"content-length: %d\r\n" % len(self.body))
        if not keep_alive:
            parts.append(b"connection: close\r\n")
        parts += (_LINE_END, self.body)
        return b"".join(parts)


class UsualRequests:
    """Reads requests that are usual and complete.

    Args:
        head_bytes_max: a longer head is not usual.
        body_bytes_max: nor is a longer body.
    """

    def __init__(self, head_bytes_max: int, body_bytes_max: int) -> None:
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._names: dict[bytes, bytes] = {}  # names of headers that came, in lower case

    def read(self, data: bytes) -> HttpRequest | None:
        """The request that is all of some bytes, or None where that takes a closer look."""
        if not data.startswith(_POST):
            return None
        end = data.find(_HEAD_END, len(_POST))
        if end < 0 or end > self._head_bytes_max:
            return None
        head = data[len(_POST) : end]
        lines = head.split(_LINE_END)
        # Nothing but visible characters and the lines' ends.
        if len(head.translate(None, _VISIBLE)) != 2 * (len(lines) - 1):
            return None
        headers: dict[bytes, bytes] = {}
        names = self._names
        for line in lines:
            spelled, _, value = line.partition(b": ")
            name = names.get(spelled)
            if name is None:
                name = self._learned(spelled)
                if name is None:
                    return None
            if not value or value[0] == _SPACE or value[-1] == _SPACE:
                return None
            headers[name] = value
        length = headers.get(_CONTENT_LENGTH)
        if length is None or not length.isdigit() or len(length) > _LENGTH_DIGITS_MAX:
            return None
        if len(headers) != len(lines):  # one came twice
            return None
        body_bytes = int(length)
        start = end + len(_HEAD_END)
        if start + body_bytes != len(data) or body_bytes > self._body_bytes_max:
            return None
        connection = headers.get(_CONNECTION)
        if connection is not None and connection.lower() != b"keep-alive":
            return None
        return HttpRequest(b"POST", b"/", headers, data[start:])

    def _learned(self, spelled: bytes) -> bytes | None:
        """The name of a header that comes for the first time, or None if it is not usual."""
        name = spelled.lower()
        if name in _UNUSUAL or _TOKEN.fullmatch(spelled) is None:
            return None
        if len(self._names) < _NAMES_MAX:
            self._names[spelled] = name
        return name
