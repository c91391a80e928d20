"""Answers that take their time, made one after another on a thread of their own.

The event loop only hands the work over, so that other requests are answered meanwhile. The thread
begins with the first of them and ends with the last: there is nothing to close.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from pannier.service.http import Respond
from pannier.service.http.messages import HttpResponse

_WAITING_MAX: Final = 256
_BUSY: Final = HttpResponse(
    HTTPStatus.SERVICE_UNAVAILABLE, {b"content-type": b"text/plain", b"retry-after": b"1"}, b""
)


class Worker:
    """Makes answers on a thread. Lives on one event loop."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._waiting = 0

    def answer(self, make: Callable[[], HttpResponse], respond: Respond) -> None:
        """Answer what `make` returns, which runs on the thread and never raises.

        If too many wait already, the client is told to come again.
        """
        if self._waiting >= _WAITING_MAX:
            respond(_BUSY)
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="pannier-answers")
        self._waiting += 1
        future = asyncio.get_running_loop().run_in_executor(self._thread, make)

        def made(done: "asyncio.Future[HttpResponse]") -> None:
            self._waiting -= 1
            if not self._waiting and self._thread is not None:
                self._thread.shutdown(wait=False)
                self._thread = None
            respond(None if done.cancelled() else done.result())

        future.add_done_callback(made)
