"""Requests and answers of HTTP, as handlers have them, and how a handler is called."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, TypeAlias

from pannier.service.request_ids import REQUEST_ID, new_request_id

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
}

_HEAD: Final = b"HEAD"
_LINE_END: Final = b"\r\n"


class HttpRequest:
    """One request. Header names are lower case.

    `began_s` is when its first bytes came, on the loop's clock; 0 if all came in one piece.
    """

    __slots__ = (
        "began_s", "body", "headers", "http_1_0", "keep_alive", "method", "target", "too_large",
    )  # fmt: skip

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
        self.began_s = 0.0
        self.http_1_0 = False


class HttpResponse:
    """One answer. On the wire it has a request id, if not among its headers then a new one."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Mapping[bytes, bytes], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def identified(self) -> "HttpResponse":
        """The same answer, with a request id among its headers."""
        if REQUEST_ID in self.headers:
            return self
        return HttpResponse(self.status, {**self.headers, REQUEST_ID: new_request_id()}, self.body)

    def encode(self, *, keep_alive: bool, to: HttpRequest | None = None) -> bytes:
        """The answer's bytes on the wire.

        Args:
            keep_alive: whether the connection stays open.
            to: the request, which may want its answer in another form: a HEAD's has no body, and
                HTTP/1.0 has to be told that the connection stays open.
        """
        line = _STATUS_LINES.get(self.status)
        parts = [b"HTTP/1.1 %d Unknown\r\n" % self.status if line is None else line]
        for name, value in self.headers.items():
            parts += (name, b": ", value, _LINE_END)
        if REQUEST_ID not in self.headers:
            parts += (REQUEST_ID, b": ", new_request_id(), _LINE_END)
        parts.append(b"content-length: %d\r\n" % len(self.body))
        if not keep_alive:
            parts.append(b"connection: close\r\n")
        elif to is not None and to.http_1_0:
            parts.append(b"connection: keep-alive\r\n")
        parts.append(_LINE_END)
        if to is None or to.method != _HEAD:
            parts.append(self.body)
        return b"".join(parts)


Respond: TypeAlias = Callable[[HttpResponse | None], None]
"""Answers a request; None ends its connection instead, after the answers that went before."""

Handler: TypeAlias = Callable[[HttpRequest, Respond], None]
