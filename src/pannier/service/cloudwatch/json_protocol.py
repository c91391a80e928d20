"""JSON 1.0: `POST /` with `X-Amz-Target: GraniteServiceVersion20100801.<Operation>`."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from pannier.engine.cloudwatch import messages, model
from pannier.engine.cloudwatch.errors import (
    CloudWatchError,
    SerializationError,
    UnknownOperationError,
)
from pannier.service.cloudwatch.protocol import Encoded, query_error
from pannier.service.cloudwatch.typed import request_of
from pannier.service.http.messages import HttpRequest

TARGET_PREFIX: Final = b"GraniteServiceVersion20100801."

_CONTENT_TYPE: Final = b"application/x-amz-json-1.0"


class JsonProtocol:
    """JSON 1.0. Times are numbers of seconds."""

    def decode(self, request: HttpRequest, body: bytes) -> tuple[str, dict[str, Any]]:
        """The operation of a request, and its members."""
        operation = request.headers[b"x-amz-target"][len(TARGET_PREFIX) :].decode("latin-1")
        if operation not in model.operations():
            raise UnknownOperationError(messages.NO_OPERATION.format(operation=operation))
        try:
            value = orjson.loads(body or b"{}")
        except orjson.JSONDecodeError:
            raise SerializationError("The body is no JSON") from None
        return operation, request_of(operation, value)

    def encode(self, operation: str, answer: Mapping[str, Any], request_id: str) -> Encoded:  # noqa: ARG002
        """An answer."""
        return Encoded({b"content-type": _CONTENT_TYPE}, orjson.dumps(answer))

    def encode_error(self, error: CloudWatchError, request_id: str) -> Encoded:  # noqa: ARG002
        """An error's answer."""
        headers = {b"content-type": _CONTENT_TYPE, b"x-amzn-query-error": query_error(error)}
        return Encoded(headers, orjson.dumps(error.to_body()))
