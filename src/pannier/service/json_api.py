"""The JSON 1.0 protocol of DynamoDB: a request's target names the operation.

`POST /` with `X-Amz-Target: DynamoDB_20120810.<Operation>`, or `DynamoDBStreams_20120810.` for the
operations of DynamoDB Streams, which is an API of its own at the same address. Answers carry
`x-amz-crc32` of the body and a request id of 52 characters. An answer that waits for the disk is
held back in a `CommitQueue` until its group is durable. Then injected faults delay it or take it
away.
"""

import asyncio
from collections.abc import Callable
from typing import Final
from zlib import crc32

from pannier.engine.answers import Answer, error_answer
from pannier.engine.commit_queue import CommitQueue
from pannier.engine.database import Database
from pannier.engine.operations import OPERATIONS
from pannier.engine.service_model import STREAMS_OPERATIONS
from pannier.errors import (
    InternalServerError,
    RequestEntityTooLargeException,
    ServiceError,
    StorageError,
    UnknownOperationException,
)
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.request_ids import REQUEST_ID, new_request_id
from pannier.service.signature import check_form

_TARGET_PREFIX: Final = b"DynamoDB_20120810."
_STREAMS_PREFIX: Final = b"DynamoDBStreams_20120810."
BY_TARGET: Final = {
    (_STREAMS_PREFIX if name in STREAMS_OPERATIONS else _TARGET_PREFIX) + name.encode(): name
    for name in OPERATIONS
}
"""Every operation that there is, by its target."""
DYNAMODB_TARGETS: Final = (_TARGET_PREFIX, _STREAMS_PREFIX)
"""How the targets of DynamoDB and its streams begin."""
_CONTENT_TYPE: Final = b"application/x-amz-json-1.0"
_HTML: Final = b"text/html"
_HEALTHY: Final = b"healthy: dynamodb.us-east-1.amazonaws.com "


class JsonApi:
    """Answers HTTP requests from a database. Lives on one event loop.

    Args:
        database: the database.
        elsewhere: offered what is none of DynamoDB's; says whether it answers that.
    """

    def __init__(
        self, database: Database, elsewhere: Callable[[HttpRequest, Respond], bool] | None = None
    ) -> None:
        self._database = database
        self._elsewhere = elsewhere
        self._commits = CommitQueue(database.commits) if database.commits else None

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Answer one request, at once or when its write is durable."""
        if request.method != b"POST":
            if self._elsewhere is None or not self._elsewhere(request, respond):
                respond(self._plain(request))
            return
        try:
            operation = _operation(request)
        except ServiceError as error:
            if self._elsewhere is None or not self._elsewhere(request, respond):
                respond(response_of(error_answer(error)))
            return
        answer = self._database.submit(operation, request.body)
        response = response_of(answer)
        if answer.delay_s or answer.lost:
            respond = _faulty(answer, respond)
        if not answer.ticket or self._commits is None:
            respond(response)
            return

        def durable(failure: StorageError | None) -> None:
            respond(response if failure is None else self._not_durable(failure))

        self._commits.call_when_durable(answer.ticket, durable)

    def _not_durable(self, failure: StorageError) -> HttpResponse:
        return response_of(error_answer(InternalServerError(str(failure))))

    def _plain(self, request: HttpRequest) -> HttpResponse:
        headers = {b"content-type": b"text/plain"}
        if request.method not in (b"GET", b"HEAD"):
            return HttpResponse(405, headers, b"")
        return HttpResponse(200, headers, b"" if request.method == b"HEAD" else _HEALTHY)


def response_of(answer: Answer) -> HttpResponse:
    """An answer of DynamoDB's API, or of its streams', as it goes over the wire."""
    if answer.html:
        return HttpResponse(answer.status, {b"content-type": _HTML}, answer.body)
    headers = {
        b"content-type": _CONTENT_TYPE,
        REQUEST_ID: new_request_id(),
        b"x-amz-crc32": b"%d" % crc32(answer.body),
    }
    return HttpResponse(answer.status, headers, answer.body)


def _faulty(answer: Answer, respond: Respond) -> Respond:
    """As `respond`, but late, or without an answer."""

    def late(response: HttpResponse | None) -> None:
        kept = None if answer.lost else response
        if answer.delay_s:
            asyncio.get_running_loop().call_later(answer.delay_s, respond, kept)
        else:
            respond(kept)

    return late


def _operation(request: HttpRequest) -> str:
    if request.too_large:
        raise RequestEntityTooLargeException("Request size exceeded the 16 MB limit")
    target = request.headers.get(b"x-amz-target", b"")
    supported = BY_TARGET.get(target)
    if supported is not None:
        check_form(request.headers, request.target)
        return supported
    of_streams = target.startswith(_STREAMS_PREFIX)
    if not of_streams and not target.startswith(_TARGET_PREFIX):
        raise UnknownOperationException("")
    check_form(request.headers, request.target)
    operation = target[len(_STREAMS_PREFIX if of_streams else _TARGET_PREFIX) :].decode("latin-1")
    if (operation in STREAMS_OPERATIONS) != of_streams:
        raise UnknownOperationException("")
    return operation
