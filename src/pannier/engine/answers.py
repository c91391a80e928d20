"""Requests and answers as bytes: what comes in is decoded, what went wrong is said."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from pannier.engine import messages, service_model
from pannier.errors import SerializationException, ServiceError, UnknownOperationException


@dataclass(slots=True)
class Answer:
    """What a request is answered.

    Attributes:
        status: the HTTP status.
        body: JSON.
        ticket: the commit that must be durable before the answer may leave; 0 for none.
        delay_s: how long an injected fault holds the answer back, after it is durable.
        lost: whether an injected fault ends the connection instead of answering.
        html: whether the body is a page, as an injected fault may have it, and no JSON.
    """

    status: int
    body: bytes
    ticket: int = 0
    delay_s: float = 0.0
    lost: bool = False
    html: bool = False


LOST: Final = Answer(0, b"", lost=True)


def decoded(body: bytes) -> dict[str, Any]:
    """The request in a body; an empty one is a request without members.

    Raises:
        SerializationException: it is no JSON object.
    """
    try:
        request = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        # AWS answers a body that is no JSON with a bare SerializationException.
        raise SerializationException("") from None
    if not isinstance(request, dict):
        raise SerializationException(messages.NOT_JSON)
    if None in request.values():  # a null is as good as absent
        return {member: content for member, content in request.items() if content is not None}
    return request


def error_answer(error: ServiceError) -> Answer:
    """The answer that carries an error."""
    return Answer(error.status, orjson.dumps(dict(error.to_body())))


def no_such_operation(operation: str) -> ServiceError:
    """The error of an operation that is not there: not here, or nowhere."""
    if operation in service_model.operation_names():
        return UnknownOperationException(f"{operation} is not supported by this engine")
    return UnknownOperationException("")
