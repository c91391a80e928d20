"""Requests of botocore, answered without a socket.

What botocore gets is what it makes itself of an answer on a wire: an `AWSResponse` around urllib3's
response, or the exceptions of its own HTTP session. So its parsers, retries, waiters and paginators
do what they do against AWS.

Requests to other services are refused, whatever their address: nothing leaves the machine.
"""

import io
from collections.abc import Mapping
from http.client import RemoteDisconnected
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from pannier.errors import UserError
from pannier.service.http import HttpLimits
from pannier.service.http.messages import HttpRequest
from pannier.testing.other_services import ADVICE, other_service, refusal_text
from pannier.testing.wire import ConnectionLostError, Wire

PATIENCE_S: Final = 60.0
"""How long clients of botocore wait by default."""

_BODY_BYTES_MAX: Final = HttpLimits().body_bytes_max


class RefusedRequestError(UserError):
    """A request to a service that Pannier does not answer. Nothing was sent."""


def answer(wire: Wire, request: AWSPreparedRequest, patience_s: float | None) -> AWSResponse:
    """Answer a request of botocore.

    Args:
        wire: leads to the database.
        request: as botocore would send it.
        patience_s: how long its client waits for the answer; None for ever.

    Raises:
        ReadTimeoutError: the answer took longer than the client waits.
        ConnectionClosedError: the connection ended without an answer.
        RefusedRequestError: it is for another service.
    """
    service = service_of(request)
    if service is not None:
        raise refusal(service, request.url)
    try:
        response = wire.send(_to_http(request), patience_s)
    except TimeoutError as error:
        raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except ConnectionLostError as error:
        aborted = ProtocolError("Connection aborted.", RemoteDisconnected(str(error)))
        raise ConnectionClosedError(
            error=aborted, request=request, endpoint_url=request.url
        ) from error
    headers = {name.decode(): value.decode("latin-1") for name, value in response.headers.items()}
    headers["content-length"] = str(len(response.body))
    raw = HTTPResponse(
        io.BytesIO(response.body),
        headers,
        response.status,
        preload_content=False,
        decode_content=False,
    )
    answered = AWSResponse(request.url, raw.status, raw.headers, raw)
    if not request.stream_output:
        answered.content  # noqa: B018  # read it now, as botocore's session does
    return answered


def service_of(request: AWSPreparedRequest) -> str | None:
    """The service that a request is for, by its signature; None for those of Pannier."""
    return other_service(request.url, _texts(request.headers))


def refusal(service: str, url: str) -> RefusedRequestError:
    """The error for a request to another service."""
    return RefusedRequestError(refusal_text(f"{service} ({url.partition('?')[0]})"), ADVICE)


def _to_http(request: AWSPreparedRequest) -> HttpRequest:
    url = urlsplit(request.url)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    headers = {"host": url.netloc, **_texts(request.headers)}
    body = _body(request.body)
    too_large = len(body) > _BODY_BYTES_MAX
    return HttpRequest(
        method=request.method.encode(),
        target=target.encode(),
        headers={name.encode(): value.encode("latin-1") for name, value in headers.items()},
        body=b"" if too_large else body,
        too_large=too_large,
    )


def _texts(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers by lower-case names; botocore has texts and bytes side by side."""
    return {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in headers.items()
    }


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    content: bytes = body.read()
    return content


def patience_s(context: Mapping[str, Any]) -> float | None:
    """How long the client of a request waits for its answer, in seconds; None for ever.

    Args:
        context: of the request, as botocore carries it along.
    """
    own = context.get("read_timeout")  # of this one request
    if own is not None:
        return float(own)
    config = context.get("client_config")
    if config is None:
        return PATIENCE_S
    seconds: float | None = config.read_timeout
    return seconds
