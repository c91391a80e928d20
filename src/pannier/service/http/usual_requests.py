"""The one way to read a usual request.

`httptools` reads whatever HTTP/1.1 may be, and calls back for each header. The request of an SDK
that arrives in one piece, as nearly all do, is read here with a few searches instead: in half the
time. Only what both would read alike is read here; anything else is left to `parsing`.
"""

import re
from typing import Final

from pannier.service.http.messages import HttpRequest

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
# Headers that a client sends alike with many requests.
_LASTING: Final = frozenset(
    (b"accept", b"accept-encoding", b"connection", b"content-length", b"content-type", b"host",
     b"user-agent", b"x-amz-target", b"x-amz-user-agent")
)  # fmt: skip
_KNOWN_MAX: Final = 512
_KNOWN_BYTES_MAX: Final = 512
_SPLIT_BYTES_MAX: Final = 1200
_LINES_MIN: Final = 4
_LINES_MAX: Final = 64


class UsualRequests:
    """Reads requests that are usual and complete.

    Args:
        head_bytes_max: a longer head is not usual.
        body_bytes_max: nor is a longer body.
    """

    def __init__(self, head_bytes_max: int, body_bytes_max: int) -> None:
        self._head_bytes_max = head_bytes_max
        self._body_bytes_max = body_bytes_max
        self._known: dict[bytes, tuple[bytes, bytes]] = {}  # lines that came before
        self._names: dict[bytes, bytes] = {}  # names that came before, in lower case

    def read(self, data: bytes) -> HttpRequest | None:
        """The request that is all of some bytes, or None where that takes a closer look."""
        if not data.startswith(_POST):
            return None
        head_bytes = len(data)
        if head_bytes > _SPLIT_BYTES_MAX:  # a long body is not looked through for lines
            head_bytes = data.find(_HEAD_END, len(_POST)) + len(_HEAD_END)
            if head_bytes < len(_POST):
                return None
        lines = data[:head_bytes].split(_LINE_END, _LINES_MAX)
        count = len(lines)
        body = lines[count - 1] if head_bytes == len(data) else data[head_bytes:]
        # The first line, headers, an empty line, the body. A line's end inside the body is unusual.
        if count < _LINES_MIN or count > _LINES_MAX or lines[count - 2]:
            return None
        end = len(data) - len(body) - len(_HEAD_END)
        if end > self._head_bytes_max or len(body) > self._body_bytes_max:
            return None
        # Nothing but visible characters and the lines' ends.
        if len(data[:end].translate(None, _VISIBLE)) != len(_LINE_END) * (count - 3):
            return None
        headers: dict[bytes, bytes] = {}
        known_lines = self._known
        for position in range(1, count - 2):
            line = lines[position]
            header = known_lines.get(line)
            if header is None:
                header = self._parsed(line)
                if header is None:
                    return None
            headers[header[0]] = header[1]
        if len(headers) != count - 3:  # one came twice
            return None
        length = headers.get(_CONTENT_LENGTH)
        if length is None or length != b"%d" % len(body):
            return None
        connection = headers.get(_CONNECTION)
        if connection is not None and connection.lower() != b"keep-alive":
            return None
        return HttpRequest(b"POST", b"/", headers, body)

    def _parsed(self, line: bytes) -> tuple[bytes, bytes] | None:
        """The name and value in a line that is not known, or None if it is not usual."""
        spelled, _, value = line.partition(b": ")
        if not value or value[0] == _SPACE or value[-1] == _SPACE:
            return None
        name = self._names.get(spelled)
        if name is None:
            name = spelled.lower()
            if name in _UNUSUAL or _TOKEN.fullmatch(spelled) is None:
                return None
            if len(self._names) < _KNOWN_MAX:
                self._names[spelled] = name
        header = (name, value)
        if name in _LASTING and len(line) < _KNOWN_BYTES_MAX and len(self._known) < _KNOWN_MAX:
            self._known[line] = header
        return header
