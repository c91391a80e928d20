"""What stands in front of a server that has credentials: nobody gets past who is not known.

Each API has its own way to say no, and its own rights:

| requests | signed for | open to |
|---|---|---|
| DynamoDB and its streams | `dynamodb` | what `rights` allows |
| CloudWatch, in its three protocols | `monitoring` | what `rights` allows |
| `/_pannier` | `dynamodb` | credentials without limits |
| `/metrics` | HTTP Basic | credentials that are not limited to tables |
| `GET` of `/`, `/healthz`, `/readyz` | | anybody |

Which API answers a request is decided here as the router and `JsonApi` decide it. Requests of a
limited credential that name no operation of DynamoDB's go to CloudWatch with its rights, so that
there is no third way in. Where the gate itself fails, nothing passes.
"""

import logging
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson

from pannier.engine.answers import error_answer
from pannier.errors import InternalServerError, RequestEntityTooLargeException, ServiceError
from pannier.service.access.basic import CHALLENGE, may_scrape
from pannier.service.access.credentials import Credential, CredentialStore
from pannier.service.access.listings import LISTS, Listing
from pannier.service.access.rights import check_cloudwatch, check_rights, denied
from pannier.service.access.verifying import SignatureVerifier
from pannier.service.admin import PREFIX as ADMIN
from pannier.service.cloudwatch import PREFIX as CLOUDWATCH
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.json_api import BY_TARGET, DYNAMODB_TARGETS, response_of
from pannier.service.routing import first_part
from pannier.service.telemetry.scraping import PREFIX as METRICS

if TYPE_CHECKING:
    from pannier.service.cloudwatch import CloudWatchApi

_LOG: Final = logging.getLogger(__name__)

_OPEN: Final = frozenset((b"/", b"/healthz", b"/readyz"))
_HARMLESS: Final = frozenset((b"GET", b"HEAD"))
_DYNAMODB: Final = "dynamodb"
_CLOUDWATCH: Final = "monitoring"
_ADVICE: Final = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a credential of this server that has all "
    "rights."
)


class Gate:
    """Lets requests through to a handler, or not. Lives on one event loop.

    Args:
        inner: answers what gets through.
        credentials: those that are known.
        verifier: tells who has signed.
        new_cloudwatch: makes CloudWatch's API, which can refuse in its protocols (`refused`), or
            check each operation (`check`).
    """

    def __init__(
        self,
        inner: Handler,
        credentials: CredentialStore,
        verifier: SignatureVerifier,
        new_cloudwatch: Callable[..., "CloudWatchApi"],
    ) -> None:
        self._inner = inner
        self._credentials = credentials
        self._verifier = verifier
        self._new_cloudwatch = new_cloudwatch

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Hand a request on, or refuse it."""
        place = first_part(request.target)
        if place == METRICS:
            if may_scrape(request, self._credentials):
                self._inner(request, respond)
            else:
                respond(CHALLENGE)
            return
        if request.method in _HARMLESS and request.target in _OPEN and not request.body:
            # Nothing but the question: a header could make it a request of another API.
            alone = HttpRequest(request.method, request.target, keep_alive=request.keep_alive)
            self._inner(alone, respond)
            return
        try:
            passed = self._passed(request, place, respond)
        except ServiceError as error:
            self._refuse(error, request, place, respond)
        except Exception:
            _LOG.exception("a request could not be judged")
            failure = InternalServerError("The request could not be judged")
            self._refuse(failure, request, place, respond)
        else:
            passed()

    def _passed(self, request: HttpRequest, place: bytes, respond: Respond) -> Callable[[], None]:
        """What answers a request that may be answered.

        Raises:
            ServiceError: it may not.
        """
        if request.too_large:  # its body is not here, so neither is what was signed
            raise RequestEntityTooLargeException("Request size exceeded the 16 MB limit")
        is_dynamodb = _is_dynamodb(request, place)
        service = _DYNAMODB if is_dynamodb or place == ADMIN else _CLOUDWATCH
        credential = self._verifier.verify(request, service)
        if credential.has_all_rights:
            return partial(self._inner, request, respond)
        if place == ADMIN:
            raise denied(credential, "pannier:Administer", "*")
        operation = BY_TARGET.get(request.headers.get(b"x-amz-target", b""))
        if not is_dynamodb or operation is None:
            return partial(self._limited, credential, request, place, respond)
        check_rights(credential, operation, request.body)
        if credential.table_prefixes and operation in LISTS:
            return Listing(operation, request, credential, self._inner, respond).begin
        return partial(self._inner, request, respond)

    def _limited(
        self, credential: Credential, request: HttpRequest, place: bytes, respond: Respond
    ) -> None:
        """Let CloudWatch answer with a credential's rights; what it does not take does nothing."""
        cloudwatch = self._new_cloudwatch(check=partial(check_cloudwatch, credential))
        if place == CLOUDWATCH:
            cloudwatch.handle(request, respond)
        elif not cloudwatch.take(request, respond):
            self._inner(request, respond)

    def _refuse(
        self, error: ServiceError, request: HttpRequest, place: bytes, respond: Respond
    ) -> None:
        if place == ADMIN:
            respond(_admin_refusal(error))
            return
        if not _is_dynamodb(request, place):
            cloudwatch = self._new_cloudwatch(refused=error)
            if place == CLOUDWATCH:
                cloudwatch.handle(request, respond)
                return
            if cloudwatch.take(request, respond):
                return
        respond(response_of(error_answer(error)))


def _is_dynamodb(request: HttpRequest, place: bytes) -> bool:
    """Whether DynamoDB's API answers a request, or its streams'."""
    return (
        place not in (ADMIN, CLOUDWATCH)
        and request.method == b"POST"
        and request.headers.get(b"x-amz-target", b"").startswith(DYNAMODB_TARGETS)
    )


def _admin_refusal(error: ServiceError) -> HttpResponse:
    body = {**error.to_body(), "message": error.message, "advice": _ADVICE}
    status = error.status if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else 403
    headers = {b"content-type": b"application/json", b"cache-control": b"no-store"}
    return HttpResponse(status, headers, orjson.dumps(body, option=orjson.OPT_APPEND_NEWLINE))
