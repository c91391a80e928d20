"""One connection: its requests to a handler in their order, its answers back.

Requests that a client pipelines are answered in their order, and what is no HTTP is refused after
the answers that are owed before it. From a client that takes no answers, nothing more is read.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.http.parsing import RequestParser

if TYPE_CHECKING:
    from pannier.service.http.connections import Connections

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_TIMEOUT: Final = 408
_UNAVAILABLE: Final = 503
# Connections that were just used do not make room for new ones.
_IDLE_S_MIN: Final = 5.0
_PLAIN: Final = {b"content-type": b"text/plain"}
_BUSY: Final = {b"content-type": b"text/plain", b"retry-after": b"1"}


class HttpConnection:
    """One connection: an `asyncio.Protocol` in all but name, since mypyc compiles no subclass."""

    def __init__(self, shared: "Connections") -> None:
        self._shared = shared
        self._limits = shared.limits
        self._handler = shared.handler
        self._transport: Any = None  # an asyncio.Transport
        self._parser: RequestParser | None = None  # made for the first request that is not usual
        self._waiting: list[HttpRequest] = []
        self._waiting_bytes = 0
        self._answering: HttpRequest | None = None
        self._expecting = False  # the client waits for the permission to send a body
        self._refusal: HttpResponse | None = None
        self._writable = True
        self._half_closed = False  # the client sends nothing more
        self._finishing = False  # nothing more is read, but what was read is answered
        self._last_sent = False  # what still comes is not looked at
        self._loop = asyncio.get_running_loop()
        self.touched_s = self._loop.time()
        self.began_s = self.touched_s  # the request that is being received
        self._piled_s = self.touched_s  # answers that are not taken

    @property
    def is_idle(self) -> bool:
        """Whether no answer is owed on this connection, or none is taken."""
        return self._answering is None and (not self._waiting or not self._writable)

    def has_been_idle(self, now_s: float) -> bool:
        """Whether a connection is between two requests, and has been for a moment."""
        return not self._owes and not self._receives and now_s - self.touched_s >= _IDLE_S_MIN

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        self._transport = transport
        if not self._shared.admit(self, self.touched_s):
            if self._shared.refused is not None:
                self._shared.refused(transport, None)
            self._transport.write(HttpResponse(_UNAVAILABLE, _BUSY, b"").encode(keep_alive=False))
            self._transport.close()
        elif self._shared.opened is not None:
            self._handler = self._shared.opened(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Forget the connection."""
        self._shared.remove(self)
        self._waiting.clear()
        self._parser = None

    def data_received(self, data: bytes) -> None:
        """Parse what came; complete requests go to the handler."""
        if self._refusal is not None or self._last_sent:
            return
        self.touched_s = self._loop.time()
        if not self._receives and self._writable and not self._owes:
            request = self._shared.usual.read(data)
            if request is not None:
                if not self._transport.is_closing():
                    self._answer(request)
                return
        self._parse(data)

    def eof_received(self) -> bool:
        """The client sends nothing more, but may wait for what it is owed."""
        self._half_closed = True
        # Over TLS there is no half-closed connection.
        return self._owes and self._transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        """The client takes answers more slowly than it asks: read no more for now."""
        self._writable = False
        self._piled_s = self._loop.time()
        if not self._transport.is_closing():
            self._transport.pause_reading()
        self._shared.hold_unsent(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """The client has taken what was answered."""
        self._writable = True
        self._shared.hold_unsent(self, 0)
        self._go_on()

    # Requests

    @property
    def _receives(self) -> bool:
        parser = self._parser
        return parser is not None and parser.is_open

    def _parse(self, data: bytes) -> None:
        parser = self._parser
        if parser is None:
            parser = self._parser = RequestParser(self._limits, self._take, self._expect)
        if not parser.is_open:
            self.began_s = self.touched_s
        status = parser.feed(data)
        if status:
            self._refuse(HttpResponse(status, _PLAIN, b""))
        else:
            self._count_held()

    def _count_held(self) -> None:
        parser = self._parser
        held = self._waiting_bytes + (parser.held_bytes if parser is not None else 0)
        self._shared.hold_received(self, held, self.touched_s)

    def _take(self, request: HttpRequest) -> None:
        """A request is complete."""
        request.began_s = self.began_s
        self.began_s = self.touched_s
        if self._transport.is_closing() or self._refusal is not None:
            return
        self._expecting = False
        if self._writable and not self._owes:
            self._answer(request)
            return
        self._waiting.append(request)
        self._waiting_bytes += len(request.body)
        if self._is_full:
            self._transport.pause_reading()

    def _expect(self) -> None:
        """Permit a body, once the answers are sent that come before."""
        self._expecting = True
        if not self._owes and not self._transport.is_closing():
            self._permit()

    def _permit(self) -> None:
        self._expecting = False
        self._transport.write(_CONTINUE)

    @property
    def _is_full(self) -> bool:
        limits = self._limits
        return (
            len(self._waiting) >= limits.pipelined_max
            or self._waiting_bytes >= limits.pipelined_bytes_max
        )

    # Answers

    @property
    def _owes(self) -> bool:
        return self._answering is not None or bool(self._waiting)

    def _answer(self, request: HttpRequest) -> None:
        self._answering = request
        self._handler(request, self._respond)

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
        self._transport.write(response.encode(keep_alive=keep_alive, to=request))
        self.touched_s = self._loop.time()
        if not keep_alive:
            self._end()
        elif self._waiting:
            self._go_on()
        elif self._refusal is not None:
            self._close_with(self._refusal)
        elif self._half_closed:
            self._transport.close()
        elif self._expecting:
            self._permit()

    def _go_on(self) -> None:
        """Read and answer again, unless there is a reason not to."""
        if not self._writable or self._transport.is_closing():
            return
        if self._refusal is None and not self._is_full and not self._finishing:
            self._transport.resume_reading()
        # Through the loop, so that a long row of pipelined requests does not nest.
        self._loop.call_soon(self._answer_next)

    def _answer_next(self) -> None:
        if self._waiting and self._answering is None and self._writable:
            request = self._waiting.pop(0)
            self._waiting_bytes -= len(request.body)
            if self._refusal is None:
                self._count_held()
            self._answer(request)

    # Ends

    def drop_if_stale(self, now_s: float) -> None:
        """Close the connection if something has taken too long."""
        limits = self._limits
        if self._transport.is_closing():  # and what it was answered last is not taken
            if now_s - self.touched_s > limits.answer_s_max:
                self.abort()
        elif not self._writable:
            if now_s - self._piled_s > limits.answer_s_max:
                self.abort()
        elif self._owes:
            return
        elif self._receives:
            if now_s - self.began_s > limits.request_s_max:
                self._refuse(HttpResponse(_TIMEOUT, _PLAIN, b""))
        elif now_s - self.touched_s > limits.idle_s_max:
            self.abort()

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

    def refuse_busy(self) -> None:
        """Tell the client to come again: there is no memory for what it sends."""
        self._waiting.clear()
        self._waiting_bytes = 0
        self._refuse(HttpResponse(_UNAVAILABLE, _BUSY, b""))

    def _refuse(self, response: HttpResponse) -> None:
        """Close with a status, after the answers that are owed; read nothing more until then."""
        if self._refusal is not None or self._transport.is_closing():
            return
        self._refusal = response.identified()
        if self._shared.refused is not None:
            self._shared.refused(self._transport, self._refusal)
        self._parser = None
        self._shared.received.hold(self, 0)
        if self._owes:
            self._transport.pause_reading()
        else:
            self._close_with(self._refusal)

    def _close_with(self, response: HttpResponse) -> None:
        self._transport.write(response.encode(keep_alive=False))
        self._linger()

    def _end(self) -> None:
        """Close after the last answer. As the server ends, a client may have sent more already."""
        if self._shared.finishing:
            self._linger()
        else:
            self._transport.close()

    def _linger(self) -> None:
        """Close, but let the client read what it was answered.

        Closed at once, what it has still sent would make the network take the answer back. So it is
        the client that closes first, if it does so soon.
        """
        transport = self._transport
        self._last_sent = True
        self._waiting.clear()
        if self._half_closed or not transport.can_write_eof():
            transport.close()
            return
        transport.write_eof()
        transport.resume_reading()
        self._loop.call_later(self._limits.linger_s_max, self._stop_lingering)

    def _stop_lingering(self) -> None:
        if self._transport.get_write_buffer_size():  # answers that are still being taken
            self._transport.close()
        else:
            self.abort()
