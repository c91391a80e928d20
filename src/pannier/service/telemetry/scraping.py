"""Answers `GET /metrics`. What that takes is imported with the first scrape."""

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pannier.engine.database import Database
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.worker import Worker

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

PREFIX: Final = b"/metrics"


class Scraping:
    """Answers scrapes of a database. Lives on one event loop.

    Args:
        database: the database.
        worker: makes the answers.
    """

    def __init__(self, database: Database, worker: Worker) -> None:
        self._database = database
        self._worker = worker

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Answer one request."""
        if request.target.partition(b"?")[0] != PREFIX:
            respond(HttpResponse(HTTPStatus.NOT_FOUND, {}, b""))
        elif request.method not in (b"GET", b"HEAD"):
            respond(HttpResponse(HTTPStatus.METHOD_NOT_ALLOWED, {b"allow": b"GET"}, b""))
        else:
            self._worker.answer(lambda: self._scrape(request), respond)

    @cached_property
    def _registry(self) -> "CollectorRegistry":
        from pannier.service.telemetry.prometheus import new_registry

        return new_registry(self._database)

    def _scrape(self, request: HttpRequest) -> HttpResponse:
        """Runs on the worker's thread."""
        from pannier.service.telemetry.prometheus import exposition

        accept = request.headers.get(b"accept", b"").decode("latin-1")
        try:
            body, content_type = exposition(self._registry, accept)
        except Exception as error:  # as it is said, and the server goes on
            text = f"the metrics can't be read: {error}\n".encode()
            return HttpResponse(HTTPStatus.INTERNAL_SERVER_ERROR, {}, text)
        headers = {b"content-type": content_type.encode()}
        return HttpResponse(HTTPStatus.OK, headers, b"" if request.method == b"HEAD" else body)
