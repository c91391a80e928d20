"""Bytes of one connection -> its requests, by `httptools`, and by rules that are stricter.

What two readers could read in two ways is refused, since a proxy in front of the server may be the
other reader: headers that matter and come twice, an absolute target and a `Host` that differ, a
coding besides `chunked`, trailers that look like headers, versions that are not HTTP/1.0 or 1.1.
"""

from collections.abc import Callable
from typing import Any, Final

import httptools

from pannier.service.http.limits import HttpLimits
from pannier.service.http.messages import HttpRequest

BAD_REQUEST: Final = 400
HEADERS_TOO_LARGE: Final = 431

# Headers by which a request is understood or let in; with them all that begin with `x-amz-`.
_ONCE: Final = frozenset(
    (b"authorization", b"content-encoding", b"content-length", b"content-type", b"date", b"host",
     b"origin", b"expect", b"transfer-encoding")
)  # fmt: skip
_AMAZON: Final = b"x-amz-"
_VERSIONS: Final = frozenset(("1.0", "1.1"))
_CHUNKED: Final = b"chunked"
_CONTINUE: Final = b"100-continue"
_SCHEMES: Final = (b"http://", b"https://")


class RequestParser:
    """Reads the requests of one connection, however they are cut.

    Args:
        limits: the bounds.
        on_request: gets each request that is complete.
        on_expect: called when a client waits for the permission to send its body.
    """

    def __init__(
        self,
        limits: HttpLimits,
        on_request: Callable[[HttpRequest], None],
        on_expect: Callable[[], None],
    ) -> None:
        self._header_bytes_max = limits.header_bytes_max
        self._body_bytes_max = limits.body_bytes_max
        self._on_request = on_request
        self._on_expect = on_expect
        self._parser: Any = httptools.HttpRequestParser(self)
        self._request = HttpRequest(b"", b"")
        self._in_headers = False
        self._in_request = False
        self._header_bytes = 0
        self._unheard_bytes = 0  # that `httptools` holds, of a header that has not ended
        self._body = bytearray()
        self._body_bytes = 0
        self._refusal = 0

    @property
    def is_open(self) -> bool:
        """Whether a request has begun that is not complete."""
        return self._in_request or self._unheard_bytes > 0

    @property
    def held_bytes(self) -> int:
        """What is kept of a request that is not complete."""
        return self._header_bytes + self._unheard_bytes + len(self._body)

    def feed(self, data: bytes) -> int:
        """Read on.

        Returns:
            The HTTP status with which the connection has to be refused, after the requests that
            were complete before; 0 while all is well.
        """
        self._unheard_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self._refuse(BAD_REQUEST)
        if self._unheard_bytes > self._header_bytes_max:
            self._refuse(HEADERS_TOO_LARGE)
        return self._refusal

    # What `httptools` calls

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_request = True
        self._in_headers = True
        self._request = HttpRequest(b"", b"")
        self._header_bytes = 0
        self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._request.target += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which is counted and forgotten."""
        self._count_header(len(name) + len(value))
        if not self._in_headers:
            return
        headers = self._request.headers
        name = name.lower()
        before = headers.get(name)
        if before is None:
            headers[name] = value
        elif name in _ONCE or name.startswith(_AMAZON):
            self._refuse(BAD_REQUEST)
        else:  # a list, of which each line has a part
            headers[name] = before + b"," + value

    def on_headers_complete(self) -> None:
        """All headers are there; the body follows."""
        self._unheard_bytes = 0
        self._in_headers = False
        request = self._request
        request.method = self._parser.get_method()
        request.keep_alive = self._parser.should_keep_alive()
        request.http_1_0 = self._parser.get_http_version() == "1.0"
        if not self._is_plain(request):
            self._refuse(BAD_REQUEST)
        elif request.headers.get(b"expect", b"").lower() == _CONTINUE and not self._refusal:
            self._on_expect()

    def on_body(self, body: bytes) -> None:
        """A part of the body. What is above the limit is counted but not kept."""
        self._unheard_bytes = 0
        self._body_bytes += len(body)
        if self._body_bytes > self._body_bytes_max:
            self._body.clear()
            self._request.too_large = True
        elif not self._refusal:
            self._body += body

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._in_request = False
        self._unheard_bytes = 0
        self._header_bytes = 0
        request = self._request
        request.body = bytes(self._body)
        self._body.clear()
        if not self._refusal:
            self._on_request(request)

    def _is_plain(self, request: HttpRequest) -> bool:
        parser = self._parser
        # With an upgrade, the parser would not read the request's body.
        if parser.get_http_version() not in _VERSIONS or parser.should_upgrade():
            return False
        coding = request.headers.get(b"transfer-encoding")
        if coding is not None and (coding.lower() != _CHUNKED or request.http_1_0):
            return False
        return not request.target.lower().startswith(_SCHEMES) or _in_origin_form(request)

    def _count_header(self, size_bytes: int) -> None:
        self._unheard_bytes = 0
        self._header_bytes += size_bytes
        if self._header_bytes > self._header_bytes_max:
            self._refuse(HEADERS_TOO_LARGE)

    def _refuse(self, status: int) -> None:
        if not self._refusal:
            self._refusal = status


def _in_origin_form(request: HttpRequest) -> bool:
    """Take the authority out of a target that has one; whether it is the one in `Host`."""
    authority, slash, path = request.target.partition(b"//")[2].partition(b"/")
    if request.headers.get(b"host", authority).lower() != authority.lower():
        return False
    request.target = slash + path if slash else b"/"
    return True
