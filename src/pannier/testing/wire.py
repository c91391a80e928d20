"""The way of a request to a database of this process, without a socket.

A request goes through the very handler that the server has: its routing, protocols, form of
signatures and error bodies. Where nothing has to be waited for, it does so on the caller's thread.
What a socket would do besides is done here: the answer that takes too long, and the connection that
ends without one.

With a manual clock nobody waits. A delay moves the clock instead: by itself, or by the caller's
patience where that is shorter.
"""

import contextlib
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from pannier.engine.answers import Answer
from pannier.engine.database import Database
from pannier.errors import UserError
from pannier.service.hosts import AllowedHosts
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.server import new_handler
from pannier.testing.loop_thread import LoopThread
from pannier.testing.waiting import wait

_CLOSED: Final = "this Pannier is closed"
_CLOSED_ADVICE: Final = "Make clients inside the `with` block, and use them there only."
_FORKED: Final = "a Pannier can't be reached from a forked process"
_FORKED_ADVICE: Final = "Give the process pannier.environment(): it reaches the server at .url."


class ConnectionLostError(ConnectionError):
    """The connection ended without an answer."""


@dataclass(slots=True)
class _Exchange:
    """A request under way, and the faults that hold back its answer."""

    answered: "Future[HttpResponse | None]"
    delay_s: float = 0.0
    lost: bool = False


class Wire:
    """Sends requests to a database of this process. Safe to share between threads.

    Args:
        database: left open; the caller closes it.
        thread: the loop that the handler lives on.
    """

    def __init__(self, database: Database, thread: LoopThread) -> None:
        self._clock = database.clock
        self._thread = thread
        self._at_hand = threading.local()  # the exchange that a thread is about
        # With nothing to wait for, a request need not go to the loop and back.
        self._direct = database.commits is None
        self._handler: Handler = thread.do(lambda: self._new_handler(database))
        self._lock = threading.Lock()
        self._open: set[Future[HttpResponse | None]] = set()
        self._closed = False
        self._process_id = os.getpid()

    def send(self, request: HttpRequest, patience_s: float | None) -> HttpResponse:
        """Send a request and wait for its answer.

        Args:
            request: the request.
            patience_s: how long the caller waits for the answer; None for as long as it takes.

        Raises:
            TimeoutError: the answer took longer than that. The request has had its effect, or will.
            ConnectionLostError: the connection ended without an answer.
            UserError: the database is closed, or belongs to another process.
        """
        if os.getpid() != self._process_id:
            raise UserError(_FORKED, _FORKED_ADVICE)
        exchange = _Exchange(Future())
        with self._lock:
            if self._closed:
                raise UserError(_CLOSED, _CLOSED_ADVICE)
            self._open.add(exchange.answered)
        try:
            if self._direct and _is_dynamodb(request):
                self._handle(request, exchange)
            else:
                self._thread.call_soon(lambda: self._handle(request, exchange))
            response = exchange.answered.result(patience_s)
        finally:
            with self._lock:
                self._open.discard(exchange.answered)
        if exchange.delay_s:
            self._wait(exchange.delay_s, patience_s)
        if response is None or exchange.lost:
            raise ConnectionLostError("the connection was closed without an answer")
        return response

    def close(self) -> None:
        """Refuse further requests; who still waits for an answer loses the connection."""
        with self._lock:
            self._closed = True
            waiting = tuple(self._open)
        self._handler = _end_connection  # lets go of what the handler holds, threads among it
        for answered in waiting:
            _answer(answered, None)

    def _new_handler(self, database: Database) -> Handler:
        return new_handler(cast("Database", _FaultsApart(database, self._note)), AllowedHosts())

    def _handle(self, request: HttpRequest, exchange: _Exchange) -> None:
        self._at_hand.exchange = exchange
        try:
            self._handler(request, lambda response: _answer(exchange.answered, response))
        except Exception as error:  # the caller gets it
            exchange.answered.set_exception(error)
        finally:
            self._at_hand.exchange = None

    def _note(self, answer: Answer) -> Answer:
        """Take the faults out of an answer, so that they happen here."""
        exchange = self._at_hand.exchange
        exchange.delay_s, exchange.lost = answer.delay_s, answer.lost
        return replace(answer, delay_s=0.0, lost=False)

    def _wait(self, delay_s: float, patience_s: float | None) -> None:
        in_time = patience_s is None or delay_s < patience_s
        wait(self._clock, delay_s if in_time else cast("float", patience_s))
        if not in_time:
            raise TimeoutError(f"no answer within {patience_s:g} s")


class _FaultsApart:
    """A database as a handler sees it, whose answers give their faults away first."""

    def __init__(self, database: Database, note: Callable[[Answer], Answer]) -> None:
        self._database = database
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def submit(self, operation: str, body: bytes) -> Answer:
        return self._note(self._database.submit(operation, body))


def _is_dynamodb(request: HttpRequest) -> bool:
    return request.headers.get(b"x-amz-target", b"").startswith(b"DynamoDB")


def _end_connection(_: HttpRequest, respond: Respond) -> None:
    respond(None)


def _answer(answered: "Future[HttpResponse | None]", response: HttpResponse | None) -> None:
    with contextlib.suppress(InvalidStateError):  # nobody waits any more
        answered.set_result(response)
