"""Requests to services that Pannier does not answer: how they are known, and what they are told.

A request says by its signature which service it is for, whatever its address. One that is led here
by the environment must get an error that its SDK can read, and at once: what an SDK can't read, it
sends again.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import orjson

from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse

ADVICE: Final = (
    "Nothing was sent. Give the code under test a stand-in for that service; "
    'docs/testing.md, "Beside moto", has one.'
)
CODE: Final = "RefusedByPannier"

_SIGNING_NAMES: Final = frozenset({"dynamodb", "monitoring"})  # monitoring is CloudWatch's
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_QUERY_SCOPE: Final = re.compile(r"Credential=[^&]+?%2F\d{8}%2F[^%]+%2F([^%]+)%2Faws4_request")
_OWN_TARGETS: Final = ("DynamoDB_", "DynamoDBStreams_", "GraniteServiceVersion20100801")
_STATUS: Final = 400  # no SDK tries again


def other_service(url: str, headers: Mapping[str, str]) -> str | None:
    """The service that a request is for, or its host; None for those that Pannier answers.

    Args:
        url: where it goes.
        headers: by lower-case names.
    """
    service = signed_for(url, headers)
    if service is not None:
        return None if service in _SIGNING_NAMES else service
    parts = urlsplit(url)
    target = headers.get("x-amz-target", "") or parts.path.removeprefix("/service/")
    return None if target.startswith(_OWN_TARGETS) else parts.hostname or url


def signed_for(url: str, headers: Mapping[str, str]) -> str | None:
    """The service that a request is signed for; None if it is not signed, or not so."""
    scope = _SCOPE.search(headers.get("authorization", "")) or _QUERY_SCOPE.search(url)
    return scope[1] if scope is not None else None


def refusal_text(what: str) -> str:
    """What a request is told that is for `what`."""
    return f"a request to {what}, but Pannier answers only DynamoDB, its streams, and CloudWatch"


def refusing(handler: Handler) -> Handler:
    """As a handler, but what is signed for another service is refused."""

    def handle(request: HttpRequest, respond: Respond) -> None:
        headers = {
            name: request.headers.get(name.encode(), b"").decode("latin-1")
            for name in ("authorization", "content-type")
        }
        service = signed_for(request.target.decode("latin-1"), headers)
        if service is None or service in _SIGNING_NAMES:
            handler(request, respond)
        else:
            respond(_refusal(service, headers["content-type"]))

    return handle


def _refusal(service: str, content_type: str) -> HttpResponse:
    """An error in the form that the service's SDK reads: XML of S3, of queries, or JSON."""
    text = f"{refusal_text(service)}. {ADVICE}".replace('"', "'")
    error = f"<Error><Code>{CODE}</Code><Message>{text}</Message></Error>"
    headers = {b"content-type": b"application/xml", b"x-amzn-errortype": CODE.encode()}
    if service == "s3":
        return HttpResponse(_STATUS, headers, error.encode())
    if content_type.startswith("application/x-www-form-urlencoded"):
        return HttpResponse(_STATUS, headers, f"<ErrorResponse>{error}</ErrorResponse>".encode())
    headers[b"content-type"] = b"application/json"
    return HttpResponse(_STATUS, headers, orjson.dumps({"__type": CODE, "message": text}))
