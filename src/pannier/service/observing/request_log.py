"""A line of the log for each request, and a trace of its stages for each that was slow.

It stands around the handler of a server, once for each connection, and only where it was asked for.
"""

import asyncio
import time
from typing import Any, Final

from pannier.clock import Clock
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.observing.events import Say
from pannier.service.observing.request_facts import of_answer, of_request, of_work
from pannier.service.observing.slow_requests import SlowRequests
from pannier.service.observing.watched_database import Applied, WatchedDatabase
from pannier.service.request_ids import REQUEST_ID

_SERVER_ERROR: Final = 500
_DIGITS: Final = 3  # of milliseconds


class RequestLog:
    """Logs the requests of one server. Lives on its event loop.

    Args:
        handler: answers them.
        database: knows what was done for a request.
        say: takes a line of the log.
        every: whether each request is logged, or only those that are slow.
        failures_only: of all requests, only those that were answered a 5xx, or nothing.
        slow: remembers the slow ones, and knows which are.
        clock: seconds since 1970.
        timer: measures, in seconds from anywhere.
    """

    def __init__(
        self,
        handler: Handler,
        database: WatchedDatabase,
        say: Say,
        *,
        every: bool = True,
        failures_only: bool = False,
        slow: SlowRequests | None = None,
        clock: Clock = time.time,
        timer: Clock = time.perf_counter,
    ) -> None:
        self.handler = handler
        self.database = database
        self.say = say
        self.clock = clock
        self.timer = timer
        self._every = every
        self._failures_only = failures_only
        self._slow = slow

    def opened(self, transport: asyncio.BaseTransport) -> Handler:
        """The handler of a connection."""
        remote = address_of(transport)

        def handle(request: HttpRequest, respond: Respond) -> None:
            _Exchange(self, remote, request, respond).begin()

        return handle

    def refused(self, transport: asyncio.BaseTransport, response: HttpResponse) -> None:
        """Note what came and was no request."""
        if self._every and not self._failures_only:
            line = self._begun(response) | {"remote": address_of(transport)}
            self.say(line | of_answer(response))

    def note(self, exchange: "_Exchange", response: HttpResponse | None) -> None:
        """Log a request that was answered, or lost its answer."""
        duration_s = exchange.duration_s
        is_slow = self._slow is not None and duration_s >= self._slow.slow_s
        failed = response is None or response.status >= _SERVER_ERROR
        logged = self._every and (failed or not self._failures_only)
        if not is_slow and not logged:
            return
        applied = exchange.applied
        line = self._begun(response)
        line["remote"] = exchange.remote
        line |= of_request(exchange.request, applied)
        if applied is not None:
            line |= of_work(applied)
        line |= {"lost": True} if response is None else of_answer(response)
        line["bytes_in"] = len(exchange.request.body)
        line["duration_ms"] = round(duration_s * 1000, _DIGITS)
        if applied is not None and applied.answer.ticket:
            line["commit_ms"] = round(exchange.committed_s * 1000, _DIGITS)
        if logged:
            self.say(line)
        if is_slow and self._slow is not None:
            trace = line | {"level": "warning", "event": "slow request"}
            trace["stages"] = exchange.stages()
            self.say(trace)
            self._slow.add(trace)

    def _begun(self, response: HttpResponse | None) -> dict[str, Any]:
        """A line's beginning."""
        failed = response is None or response.status >= _SERVER_ERROR
        level = "warning" if failed else "info"
        line: dict[str, Any] = {"time": self.clock(), "level": level, "event": "request"}
        if response is not None:
            line["request_id"] = response.headers[REQUEST_ID].decode("latin-1")
        return line


class _Exchange:
    """One request, and what it waits for."""

    __slots__ = (
        "_answering_s",
        "_begun_s",
        "_ended_s",
        "_handled_s",
        "_is_handled",
        "_log",
        "_received_s",
        "_respond",
        "applied",
        "remote",
        "request",
    )

    def __init__(
        self, log: RequestLog, remote: str, request: HttpRequest, respond: Respond
    ) -> None:
        self._log = log
        self._respond = respond
        self._received_s = 0.0
        if request.began_s:
            self._received_s = max(0.0, asyncio.get_running_loop().time() - request.began_s)
        self._begun_s = self._handled_s = log.timer()
        self._is_handled = False
        self.remote = remote
        self.request = request
        self.applied: Applied | None = None

    def begin(self) -> None:
        """Hand it on."""
        log = self._log
        log.handler(self.request, self._answer)
        if not self._is_handled:  # its answer waits
            self._is_handled = True
            self.applied = log.database.take()
            self._handled_s = log.timer()

    def _answer(self, response: HttpResponse | None) -> None:
        log = self._log
        self._answering_s = log.timer()
        if not self._is_handled:
            self._is_handled = True
            self.applied = log.database.take()
            self._handled_s = self._answering_s
        if response is not None:
            response = response.identified()
        self._respond(response)
        self._ended_s = log.timer()
        log.note(self, response)

    @property
    def duration_s(self) -> float:
        """From its first byte until its answer was handed to the system."""
        return self._received_s + self._ended_s - self._begun_s

    @property
    def committed_s(self) -> float:
        """How long it waited for the disk."""
        delay_s = self.applied.answer.delay_s if self.applied is not None else 0.0
        return max(0.0, self._answering_s - self._handled_s - delay_s)

    def stages(self) -> dict[str, float]:
        """How long each stage took, in milliseconds."""
        stages = {"received_ms": self._received_s}
        applied = self.applied
        if applied is None:
            stages["handled_ms"] = self._answering_s - self._begun_s
        else:
            stages["queued_ms"] = applied.queued_s
            stages["applied_ms"] = applied.applied_s
            stages["written_ms"] = applied.written_s
            stages["committed_ms"] = self.committed_s if applied.answer.ticket else 0.0
            if applied.answer.delay_s:
                stages["delayed_ms"] = applied.answer.delay_s
        stages["sent_ms"] = self._ended_s - self._answering_s
        return {name: round(each * 1000, _DIGITS) for name, each in stages.items()}


def address_of(transport: asyncio.BaseTransport) -> str:
    """Where a connection comes from, as `host:port`."""
    peer = transport.get_extra_info("peername")
    if not isinstance(peer, tuple) or len(peer) < 2:
        return "?"
    host, port = peer[0], peer[1]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
