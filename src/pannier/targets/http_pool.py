"""Connections to one endpoint, kept open and used again.

The one that was used last is used first, so that those which are not needed grow old and are
closed. A connection is not kept for long: servers close idle ones too, the hastiest after five
seconds, and a request that meets such an end may have arrived or not. For the same reason the
operating system is asked, before a connection is used again, whether its end has come.
"""

import asyncio
import os
import ssl
from collections import deque
from pathlib import Path
from typing import Final

from pannier.targets.http_connection import (
    AnswerLimits,
    HttpAnswer,
    HttpConnection,
    UnsentError,
    UntrustedError,
)
from pannier.targets.http_opening import Opener
from pannier.targets.http_route import Route

_CONNECTIONS_MAX: Final = 256
_IDLE_S_MAX: Final = 4.0
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_MESSAGE"})
_SEEN_BY_LOOP_S: Final = 0.01  # until then what the loop knows of a connection is good enough


class HttpPool:
    """Connections to one endpoint. Use it on one event loop.

    Args:
        route: the way to it.
        limits: on answers.
        connect_s_max: how long a connection may take, name, tunnel and TLS included.
        connections_max: how many may be open; further requests wait.
        idle_s_max: for how long one that is not used is kept.
        bundle: the certificates to trust; None for those of the environment or the system.
    """

    def __init__(
        self,
        route: Route,
        limits: AnswerLimits,
        *,
        connect_s_max: float,
        connections_max: int = _CONNECTIONS_MAX,
        idle_s_max: float = _IDLE_S_MAX,
        bundle: Path | None = None,
    ) -> None:
        self._opener = Opener(route, bundle)
        self._limits = limits
        self._connect_s_max = connect_s_max
        self._idle_s_max = idle_s_max
        self._loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(connections_max)
        self._idle: deque[HttpConnection] = deque()  # those used last on the right
        self._open: set[HttpConnection] = set()
        self._opening: set[asyncio.Timeout] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._lost_one = asyncio.Event()
        self._closed = False

    async def exchange(self, request: bytes) -> HttpAnswer:
        """Send a request, once, and wait for its answer.

        Args:
            request: head and body.

        Raises:
            UnsentError: no connection, or the pool was closed before there was one.
            NoAnswerError: the connection broke, or no answer came in time.
            UserError: the certificates that the user named can't be read.
        """
        async with self._slots:
            while (connection := self._take_idle()) is not None:
                try:
                    return await self._exchange_on(connection, request)
                except UnsentError:
                    continue
            return await self._exchange_on(await self._new(), request)

    async def close(self) -> None:
        """Close all connections; requests under way have no answer."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for limit in self._opening:
            limit.reschedule(self._loop.time())
        self._idle.clear()
        for connection in tuple(self._open):
            connection.abort()
        while self._open:
            self._lost_one.clear()
            await self._lost_one.wait()

    async def _exchange_on(self, connection: HttpConnection, request: bytes) -> HttpAnswer:
        answer = await connection.exchange(request)
        if connection.is_reusable and not self._closed:
            connection.idle_since_s = self._loop.time()
            self._idle.append(connection)
            if self._sweeping is None:
                self._sweeping = self._loop.call_later(self._idle_s_max, self._sweep)
        else:
            connection.abort()
        return answer

    def _take_idle(self) -> HttpConnection | None:
        now_s = self._loop.time()
        while self._idle:
            connection = self._idle.pop()
            idle_s = now_s - connection.idle_since_s
            if (
                connection.is_reusable
                and idle_s < self._idle_s_max
                and (idle_s < _SEEN_BY_LOOP_S or connection.is_quiet())
            ):
                return connection
            connection.abort()
        return None

    async def _new(self) -> HttpConnection:
        self._check_open()
        deadline_s = self._loop.time() + self._connect_s_max
        limit = asyncio.timeout_at(deadline_s)
        self._opening.add(limit)
        try:
            async with limit:
                connection = await self._opener.open(self._protocol, deadline_s)
        except (OSError, UnicodeError) as error:  # time-outs and failures of TLS are OSErrors too
            self._check_open()
            untrusted = isinstance(error, ssl.SSLCertVerificationError)
            raise (UntrustedError if untrusted else UnsentError)(_cause(error)) from error
        finally:
            self._opening.discard(limit)
        if not connection.is_reusable:
            raise UnsentError("the connection was closed as soon as it was there")
        self._open.add(connection)
        try:
            self._check_open()
        except UnsentError:
            connection.abort()
            raise
        return connection

    def _check_open(self) -> None:
        if self._closed:
            raise UnsentError("the target was closed")

    def _protocol(self) -> HttpConnection:
        return HttpConnection(self._limits, self._lost)

    def _lost(self, connection: HttpConnection) -> None:
        self._open.discard(connection)
        self._lost_one.set()

    def _sweep(self) -> None:
        """Close what was idle for too long; come back as long as something is idle."""
        self._sweeping = None
        now_s = self._loop.time()
        while self._idle and now_s - self._idle[0].idle_since_s >= self._idle_s_max:
            self._idle.popleft().abort()
        if self._idle:
            next_s = self._idle[0].idle_since_s + self._idle_s_max
            self._sweeping = self._loop.call_at(next_s, self._sweep)


def _cause(error: Exception) -> str:
    """Why there is no connection, in words for the user."""
    if isinstance(error, TimeoutError):
        return "time-out"
    if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
        return "it speaks no TLS"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ConnectionError) and error.errno:  # without asyncio's own words
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
