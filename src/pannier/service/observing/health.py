"""`/healthz` and `/readyz`: whether the process answers, and whether it can do its work.

Both are for supervisors, which have no credentials and know the server by any name: they stand in
front of whatever else looks at requests, and tell nothing but a few words. Neither waits for the
engine.
"""

import time
from collections.abc import Mapping
from typing import Final

from pannier.clock import Clock
from pannier.engine.database import Database
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.routing import Router

_HEADERS: Final[Mapping[bytes, bytes]] = {
    b"content-type": b"text/plain",
    b"cache-control": b"no-store",
}
_OK: Final = 200
_NOT_FOUND: Final = 404
_METHOD: Final = 405
_UNAVAILABLE: Final = 503
_SYNC_S_MAX: Final = 10.0


class Health:
    """Knows how a server is.

    Args:
        database: what it serves.
        timer: seconds from anywhere.
    """

    def __init__(self, database: Database, timer: Clock = time.monotonic) -> None:
        self._database = database
        self._timer = timer
        self._stopping = False
        self._durable = -1  # the newest commit when somebody asked
        self._durable_s = 0.0  # since when it has been that

    def in_front(self, handler: Handler) -> Handler:
        """A handler that answers for the server's health, and hands all else on."""
        return Router(handler, {b"/healthz": self._alive, b"/readyz": self._ready}).handle

    def stop(self) -> None:
        """The server is about to end: it is not ready any more."""
        self._stopping = True

    def why_not(self) -> str | None:
        """Why the server is not ready, in a few words, or None if it is."""
        if self._stopping:
            return "stopping"
        commits = self._database.commits
        if commits is not None and commits.failure is not None:
            return "the disk refused to sync; start the server again"
        self._database.ask_disk_again()
        if self._database.refusal is not None:
            return "the disk refuses writes"
        return self._slow_sync()

    def _slow_sync(self) -> str | None:
        """A sync that does not end shows itself between two questions."""
        commits = self._database.commits
        if commits is None:
            return None
        durable, now_s = commits.durable, self._timer()
        if durable != self._durable or commits.written == durable:
            self._durable, self._durable_s = durable, now_s
        waited_s = now_s - self._durable_s
        return f"the disk has been syncing for {waited_s:.0f} s" if waited_s > _SYNC_S_MAX else None

    def _alive(self, request: HttpRequest, respond: Respond) -> None:
        respond(_answer(request, b"/healthz", None))

    def _ready(self, request: HttpRequest, respond: Respond) -> None:
        respond(_answer(request, b"/readyz", self.why_not()))


def _answer(request: HttpRequest, path: bytes, trouble: str | None) -> HttpResponse:
    if request.target.partition(b"?")[0] != path:
        return HttpResponse(_NOT_FOUND, _HEADERS, b"")
    if request.method not in (b"GET", b"HEAD"):
        return HttpResponse(_METHOD, {**_HEADERS, b"allow": b"GET, HEAD"}, b"")
    body = b"ok\n" if trouble is None else trouble.encode() + b"\n"
    status = _OK if trouble is None else _UNAVAILABLE
    return HttpResponse(status, _HEADERS, b"" if request.method == b"HEAD" else body)
