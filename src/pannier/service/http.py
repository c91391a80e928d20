"""HTTP/1.1 for small requests and quick answers, over `httptools`.

One protocol object a connection. A handler gets each request and a function that answers it, at
once or later, or ends the connection without an answer. Requests that a client pipelines are
answered in their order, and what is no HTTP is refused after the answers that are owed before it.
Everything a client can make grow is bounded by `HttpLimits`; from one that takes no answers,
nothing more is read.

Why not a framework: `docs/decisions/0004-http-server.md`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import httptools

from pannier.limits import KIB, MIB, REQUEST_BYTES_MAX
from pannier.service.http_messages import HttpRequest, HttpResponse, UsualRequests

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_LINGER_S_MAX: Final = 1.0  # so long a client has to take its last answer as the server ends


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Bounds on what clients may do. Sizes in bytes, times in seconds."""

    header_bytes_max: int = 32 * KIB
    # AWS refuses bodies above 16 MB itself; this is a little more, so that its error is answered.
    body_bytes_max: int = REQUEST_BYTES_MAX + MIB
    pipelined_max: int = 64
    connections_max: int = 4096
    idle_s_max: float = 120.0


Respond: TypeAlias = Callable[[HttpResponse | None], None]
"""Answers a request; None ends its connection instead, after the answers that went before."""

Handler: TypeAlias = Callable[[HttpRequest, Respond], None]


class Connections:
    """The open connections of one server, and what they share."""

    def __init__(self, handler: Handler, limits: HttpLimits) -> None:
        self.handler = handler
        self.limits = limits
        self.open: set[HttpConnection] = set()
        self.usual = UsualRequests(limits.header_bytes_max, limits.body_bytes_max)
        self.all_closed = asyncio.Event()
        self.finishing = False

    def new(self) -> asyncio.Protocol:
        """A protocol object for a connection that was accepted."""
        return cast("asyncio.Protocol", HttpConnection(self))

    def remove(self, connection: "HttpConnection") -> None:
        """A connection has closed."""
        self.open.discard(connection)
        if self.finishing and not self.open:
            self.all_closed.set()

    def announce_end(self) -> None:
        """From now on, each answer behind which nothing waits is the last of its connection."""
        self.finishing = True

    def finish(self) -> None:
        """Close what waits for nothing; the others close after their answers."""
        self.finishing = True
        if not self.open:
            self.all_closed.set()
        for connection in tuple(self.open):
            connection.finish()

    def drop_stale(self, now_s: float) -> None:
        """Close the connections on which nothing came or went for too long."""
        for connection in tuple(self.open):
            if connection.is_idle and now_s - connection.touched_s > self.limits.idle_s_max:
                connection.abort()


class HttpConnection:
    """One connection: an `asyncio.Protocol` in all but name, since mypyc compiles no subclass."""

    def __init__(self, shared: Connections) -> None:
        self._shared = shared
        self._limits = shared.limits
        self._transport: Any = None  # an asyncio.Transport
        self._parser = httptools.HttpRequestParser(self)
        self._parsing = False
        self._request = HttpRequest(b"", b"")
        self._header_bytes = 0
        self._unheard_bytes = 0  # that the parser holds, of a header that has not ended
        self._body = bytearray()
        self._body_bytes = 0
        self._waiting: deque[HttpRequest] = deque()
        self._answering: HttpRequest | None = None
        self._refusal: HttpResponse | None = None
        self._writable = True
        self._finishing = False  # nothing more is read, but what was read is answered
        self._last_sent = False  # what still comes is not looked at
        self._loop = asyncio.get_running_loop()
        self.touched_s = self._loop.time()

    @property
    def is_idle(self) -> bool:
        """Whether no answer is owed on this connection, or none is taken."""
        return self._answering is None and (not self._waiting or not self._writable)

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        self._transport = transport
        if len(self._shared.open) >= self._limits.connections_max:
            self._transport.abort()
            return
        self._shared.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Forget the connection."""
        self._shared.remove(self)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Parse what came; complete requests go to the handler."""
        if self._refusal is not None or self._last_sent:
            return
        self.touched_s = self._loop.time()
        if not self._parsing and not self._unheard_bytes and self._writable and not self._owes:
            request = self._shared.usual.read(data)
            if request is not None:
                if not self._transport.is_closing():
                    self._answer(request)
                return
        self._unheard_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self._refuse(400)
        if self._unheard_bytes > self._limits.header_bytes_max:
            self._refuse(431)

    def pause_writing(self) -> None:
        """The client takes answers more slowly than it asks: read no more for now."""
        self._writable = False
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has taken what was answered."""
        self._writable = True
        self._go_on()

    # What the parser calls

    def on_message_begin(self) -> None:
        """A request begins."""
        self._parsing = True
        self._request = HttpRequest(b"", b"")
        self._header_bytes = 0
        self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._request.target += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        self._count_header(len(name) + len(value))
        self._request.headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """All headers are there; the body follows."""
        self._unheard_bytes = 0
        request = self._request
        request.method = self._parser.get_method()
        request.keep_alive = self._parser.should_keep_alive()
        if self._parser.should_upgrade():  # the parser would not read such a request's body
            self._refuse(400)
        expects = request.headers.get(b"expect", b"").lower() == b"100-continue"
        if expects and not self._owes and not self._transport.is_closing():
            self._transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """A part of the body. What is above the limit is counted but not kept."""
        self._unheard_bytes = 0
        self._body_bytes += len(body)
        if self._body_bytes > self._limits.body_bytes_max:
            self._body.clear()
            self._request.too_large = True
        else:
            self._body += body

    def on_message_complete(self) -> None:
        """A request is complete."""
        self._parsing = False
        self._unheard_bytes = 0
        if self._transport.is_closing() or self._refusal is not None:
            return
        request = self._request
        request.body = bytes(self._body)
        self._body.clear()
        if self._writable and not self._owes:
            self._answer(request)
        else:
            self._waiting.append(request)
            if len(self._waiting) >= self._limits.pipelined_max:
                self._transport.pause_reading()

    # Answers

    def finish(self) -> None:
        """Read nothing more, and close once nothing is owed."""
        if self._last_sent or self._transport.is_closing():
            return
        self._finishing = True
        if self.is_idle:
            self._transport.close()
        else:
            self._transport.pause_reading()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    @property
    def _owes(self) -> bool:
        return self._answering is not None or bool(self._waiting)

    def _answer(self, request: HttpRequest) -> None:
        self._answering = request
        self._shared.handler(request, self._respond)

    def _respond(self, response: HttpResponse | None) -> None:
        request = self._answering
        assert request is not None
        self._answering = None
        if self._transport.is_closing():
            return
        if response is None:
            self._waiting.clear()  # what was pipelined behind it is never looked at
            self._transport.close()
            return
        is_last = self._shared.finishing and not self._waiting
        keep_alive = request.keep_alive and not is_last and not request.too_large
        self._transport.write(response.encode(keep_alive=keep_alive))
        self.touched_s = self._loop.time()
        if not keep_alive:
            self._end()
        elif self._waiting:
            self._go_on()
        elif self._refusal is not None:
            self._close_with(self._refusal)

    def _end(self) -> None:
        """Close after the last answer.

        As the server ends, a client may have sent more already. To close on unread bytes resets the
        connection, which can cost the client the answer; so it is the client that closes first.
        """
        if not self._shared.finishing or not self._transport.can_write_eof():
            self._transport.close()
            return
        self._last_sent = True
        self._waiting.clear()
        self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(_LINGER_S_MAX, self._transport.close)

    def _go_on(self) -> None:
        """Read and answer again, unless there is a reason not to."""
        if not self._writable or self._transport.is_closing():
            return
        room = len(self._waiting) < self._limits.pipelined_max
        if room and self._refusal is None and not self._finishing:
            self._transport.resume_reading()
        # Through the loop, so that a long row of pipelined requests does not nest.
        self._loop.call_soon(self._answer_next)

    def _answer_next(self) -> None:
        if self._waiting and self._answering is None and self._writable:
            self._answer(self._waiting.popleft())

    def _count_header(self, size_bytes: int) -> None:
        self._unheard_bytes = 0
        self._header_bytes += size_bytes
        if self._header_bytes > self._limits.header_bytes_max:
            self._refuse(431)

    def _refuse(self, status: int) -> None:
        """Close with a status, after the answers that are owed; read nothing more until then."""
        if self._refusal is not None or self._transport.is_closing():
            return
        self._refusal = HttpResponse(status, {b"content-type": b"text/plain"}, b"")
        if self._owes:
            self._transport.pause_reading()
        else:
            self._close_with(self._refusal)

    def _close_with(self, response: HttpResponse) -> None:
        self._transport.write(response.encode(keep_alive=False))
        self._transport.close()
