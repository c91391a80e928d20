"""One connection to a server of the API: HTTP/1.1, one request at a time, over `httptools`.

What matters to a caller is whether a request has left: `UnsentError` says that nothing of it has,
`NoAnswerError` that some of it has, or all, and that no whole answer came. Nothing is sent twice
here.

A connection that has carried a request and not its whole answer is closed, whatever the reason, a
cancelled caller included: what comes on it later would be taken for the answer to another request.

Why not a library: `docs/decisions/0005-http-client.md`.
"""

import asyncio
import select
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, cast

import httptools

from pannier.limits import KIB, MIB

_HEAD_BYTES_MAX: Final = 64 * KIB
# 16 MB of items, in attributes as small as they can be, are some ten times that as JSON.
_ANSWER_BYTES_MAX: Final = 256 * MIB
# Kept of an answer's headers: how long to wait, its id, and what says where the answer ends.
_LENGTHS: Final = frozenset({b"content-length", b"transfer-encoding"})
_KEPT: Final = _LENGTHS | {b"retry-after", b"x-amz-retry-after", b"x-amzn-requestid"}
_OK: Final = 200
_WITHOUT_BODY: Final = frozenset({204, 304})


class UnsentError(Exception):
    """Nothing of the request has left this machine."""


class UntrustedError(UnsentError):
    """The server does not show who it is: its certificate is not what it should be."""


class NoAnswerError(Exception):
    """The request has left, or a part of it, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer.

    Attributes:
        status: the HTTP status.
        headers: those that a caller may want, by names in lower case.
        body: as it came.
    """

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """How long and how large an answer may be.

    Attributes:
        silence_s_max: how long nothing may come, and nothing of the request be taken.
        head_bytes_max: of the status line and headers, those of interim answers included.
        bytes_max: of everything that comes for one request.
    """

    silence_s_max: float
    head_bytes_max: int = _HEAD_BYTES_MAX
    bytes_max: int = _ANSWER_BYTES_MAX


class HttpConnection(asyncio.Protocol):
    """One connection. Made on the loop that it shall use, by the loop's `create_connection`.

    Args:
        limits: on answers.
        on_lost: called once, when the connection is no more.

    Attributes:
        idle_since_s: when it was last put aside, on the loop's clock; kept by the pool.
    """

    def __init__(self, limits: AnswerLimits, on_lost: Callable[["HttpConnection"], None]) -> None:
        self._limits = limits
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        self._pending: asyncio.Future[HttpAnswer] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._received_bytes = 0
        self._head_is_complete = False
        self._has_length = False
        self._keep_alive = True
        self._heard_s = 0.0
        self._unsent_bytes = 0
        self._watching: asyncio.TimerHandle | None = None
        self.idle_since_s = 0.0

    # Use

    @property
    def is_reusable(self) -> bool:
        """Whether another request may be sent on it, as far as this side knows."""
        return self._keep_alive and self._pending is None and not self._transport.is_closing()

    def is_quiet(self) -> bool:
        """Whether nothing waits to be read: neither the connection's end nor what nobody asked for.

        Asks the operating system, since the loop may not have got round to it.
        """
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    async def exchange(self, request: bytes) -> HttpAnswer:
        """Send a request and wait for its answer.

        Args:
            request: head and body.

        Raises:
            UnsentError: the connection was closed before.
            NoAnswerError: it broke afterwards, or what came is no answer, too slow or too large.
        """
        transport = self._transport
        if not self.is_reusable:
            raise UnsentError("the connection was closed")
        self._received_bytes = 0
        transport.write(request)
        if transport.is_closing():  # the very first byte was refused
            raise UnsentError("the connection was closed")
        self._unsent_bytes = transport.get_write_buffer_size()
        self._heard_s = self._loop.time()
        if self._watching is None:
            self._watching = self._loop.call_later(self._limits.silence_s_max, self._watch)
        pending: asyncio.Future[HttpAnswer] = self._loop.create_future()
        self._pending = pending
        try:
            return await pending
        except asyncio.CancelledError:
            self.abort()
            raise

    def abort(self, reason: str = "the connection was closed") -> None:
        """Close at once; a request under way has no answer then."""
        self._fail(NoAnswerError(reason))

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        self._end(exc)
        self._on_lost(self)

    def eof_received(self) -> None:
        """The server sends no more; without a whole answer it never will."""
        self._end(None)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        if self._pending is None:
            self.abort()  # nobody has asked for anything
            return
        self._heard_s = self._loop.time()
        self._received_bytes += len(data)
        limits = self._limits
        if self._received_bytes > limits.bytes_max:
            self._fail(NoAnswerError(f"the answer is larger than {limits.bytes_max:,} bytes"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(NoAnswerError(f"what came is no HTTP answer ({error})"))
            return
        if not self._head_is_complete and self._received_bytes > limits.head_bytes_max:
            self._fail(NoAnswerError("the answer's headers do not end"))

    # What the parser calls

    def on_message_begin(self) -> None:
        """An answer begins."""
        if self._pending is None:  # behind the one that was asked for
            self._keep_alive = False
        self._headers = {}
        self._body = []
        self._head_is_complete = False
        self._has_length = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header."""
        name = name.lower()
        if name in _KEPT:
            self._has_length = self._has_length or name in _LENGTHS
            self._headers[name.decode()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The body follows, unless this is an interim answer."""
        self._head_is_complete = self._parser.get_status_code() >= _OK

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """An answer is complete; interim ones (100 Continue) count for nothing."""
        if self._head_is_complete:
            self._keep_alive = self._keep_alive and self._parser.should_keep_alive()
            self._deliver()

    # Ends

    def _deliver(self) -> None:
        pending, self._pending = self._pending, None
        if pending is None or pending.done():
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        self._body = []
        if self._transport.get_write_buffer_size():  # it was answered before it was read
            self._keep_alive = False
        pending.set_result(HttpAnswer(self._parser.get_status_code(), self._headers, body))

    def _end(self, error: Exception | None) -> None:
        """Nothing more will come."""
        until_end = self._head_is_complete and not self._has_length
        if self._pending is not None and error is None and until_end:
            self._keep_alive = False
            self._deliver()
        self._fail(NoAnswerError(str(error or "the connection was closed")))

    def _fail(self, error: NoAnswerError) -> None:
        pending, self._pending = self._pending, None
        self._keep_alive = False
        self._transport.abort()
        if pending is not None and not pending.done():
            pending.set_exception(error)

    def _watch(self) -> None:
        """End a silence that has lasted too long.

        One timer a connection, which looks when it may be time, instead of one a request.
        """
        self._watching = None
        if self._pending is None:
            return
        now_s = self._loop.time()
        unsent_bytes = self._transport.get_write_buffer_size()
        if unsent_bytes < self._unsent_bytes:  # a large request on a slow line
            self._heard_s = now_s
        self._unsent_bytes = unsent_bytes
        left_s = self._heard_s + self._limits.silence_s_max - now_s
        if left_s <= 0:
            self._fail(NoAnswerError("time-out"))
        else:
            self._watching = self._loop.call_later(left_s, self._watch)
