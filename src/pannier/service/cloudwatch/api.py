"""Answers CloudWatch's requests, whatever their protocol.

A query may look at millions of points, so requests are answered by a worker, not on the loop.
"""

import logging
import uuid
import zlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pannier.engine.database import Database
from pannier.errors import ServiceError
from pannier.limits import MIB
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.signature import check_form
from pannier.service.worker import Worker

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.errors import CloudWatchError
    from pannier.service.cloudwatch.protocol import WireProtocol

PREFIX: Final = b"/service"
"""The first part of the path of requests in CBOR."""

_LOG: Final = logging.getLogger(__name__)

_JSON_PREFIX: Final = b"GraniteServiceVersion20100801."
_FORM: Final = b"application/x-www-form-urlencoded"
_BODY_BYTES_MAX: Final = MIB  # of every request (service model, PutMetricData), as it is sent
_DECOMPRESSED_BYTES_MAX: Final = 16 * MIB


class CloudWatchApi:
    """Answers CloudWatch's requests from a database. Lives on one event loop.

    Args:
        database: the database.
        worker: makes the answers.
        refused: answers every request with this error.
        check: called with each operation's name; raises a `ServiceError` if it may not be done.
    """

    def __init__(
        self,
        database: Database,
        worker: Worker,
        *,
        refused: ServiceError | None = None,
        check: Callable[[str], None] | None = None,
    ) -> None:
        self._cloudwatch = database.cloudwatch
        self._worker = worker
        self._refused = refused
        self._check = check

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Answer a request in CBOR, whose path has brought it here."""
        from pannier.service.cloudwatch.cbor_protocol import CborProtocol

        self._answer_later(CborProtocol(), request, respond)

    def take(self, request: HttpRequest, respond: Respond) -> bool:
        """Answer a request to `/`, if it is one of CloudWatch's."""
        if request.headers.get(b"x-amz-target", b"").startswith(_JSON_PREFIX):
            from pannier.service.cloudwatch.json_protocol import JsonProtocol

            self._answer_later(JsonProtocol(), request, respond)
            return True
        if b"Action=" in request.target or request.headers.get(b"content-type", b"").startswith(
            _FORM
        ):
            from pannier.service.cloudwatch.query_protocol import QueryProtocol, is_query

            if is_query(request):
                self._answer_later(QueryProtocol(), request, respond)
                return True
        return False

    def _answer_later(
        self, protocol: "WireProtocol", request: HttpRequest, respond: Respond
    ) -> None:
        if self._refused is not None:  # whoever is refused keeps no thread busy
            respond(self._answer(protocol, request))
        else:
            self._worker.answer(lambda: self._answer(protocol, request), respond)

    def _answer(self, protocol: "WireProtocol", request: HttpRequest) -> HttpResponse:
        """Runs on the thread, unless it is refused."""
        from pannier.engine.cloudwatch.errors import CloudWatchError, InternalServiceError

        request_id = str(uuid.uuid4())
        try:
            if self._refused is not None:
                raise self._refused
            body = _checked_body(request)
            operation, members = protocol.decode(request, body)
            if self._check is not None:
                self._check(operation)
            answer = self._cloudwatch.execute(operation, members)
            encoded = protocol.encode(operation, answer, request_id)
            status: int = HTTPStatus.OK
        except ServiceError as error:
            known = error if isinstance(error, CloudWatchError) else _of_signature(error)
            encoded, status = protocol.encode_error(known, request_id), known.status
        except Exception:
            _LOG.exception("a request to CloudWatch failed")
            failure = InternalServiceError("The engine failed; its log says why")
            encoded, status = protocol.encode_error(failure, request_id), failure.status
        headers = {**encoded.headers, b"x-amzn-requestid": request_id.encode()}
        return HttpResponse(status, headers, encoded.body)


def _checked_body(request: HttpRequest) -> bytes:
    """The body of a request whose signature has the right form, decompressed.

    Raises:
        CloudWatchError: it has not, or the body is too large, or no gzip where it should be.
    """
    from pannier.engine.cloudwatch import messages
    from pannier.engine.cloudwatch.errors import (
        RequestTooLargeError,
        SerializationError,
    )

    _check_signature(request.headers, request.target)
    if request.too_large or len(request.body) > _BODY_BYTES_MAX:
        raise RequestTooLargeError(messages.TOO_LARGE)
    if request.headers.get(b"content-encoding", b"").lower() != b"gzip":
        return request.body
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # 16: with a header of gzip
    try:
        body = unzip.decompress(request.body, _DECOMPRESSED_BYTES_MAX + 1)
    except zlib.error:
        raise SerializationError("The body is no gzip") from None
    if len(body) > _DECOMPRESSED_BYTES_MAX:
        raise RequestTooLargeError(messages.TOO_LARGE)
    return body


def _check_signature(headers: Mapping[bytes, bytes], target: bytes) -> None:
    try:
        check_form(headers, target)
    except ServiceError as error:
        raise _of_signature(error) from None


def _of_signature(error: ServiceError) -> "CloudWatchError":
    from pannier.engine.cloudwatch.errors import SignatureError

    return SignatureError(error.code, error.message)
