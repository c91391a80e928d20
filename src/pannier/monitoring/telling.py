"""What goes wrong with CloudWatch, as a person is told it: what it means, and what to do."""

from collections.abc import Mapping
from typing import Any, Final

from pannier.monitoring.source import MetricsError
from pannier.targets.own_certificate import UNTRUSTED_ADVICE

_FORBIDDEN: Final = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_BUSY: Final = frozenset({"Throttling", "ThrottlingException", "LimitExceededException"})
_CREDENTIALS: Final = frozenset(
    {"InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"}
)
_OF_A_SERVER: Final = frozenset(  # as `pannier serve` calls them
    {"InvalidSignature", "UnrecognizedClient", "IncompleteSignature", "MissingAuthenticationToken"}
)
_SERVER_ERROR: Final = 500


def told(error: Exception, url: str | None) -> MetricsError:
    """An error of botocore in words.

    Args:
        error: what it raised; its parsers raise anything at an answer that is none.
        url: where it was asked; None for AWS.
    """
    from botocore.exceptions import (  # slow to import
        BotoCoreError,
        ClientError,
        ConnectionError,  # noqa: A004  # botocore's own, not Python's
        HTTPClientError,
        NoCredentialsError,
        SSLError,
    )
    from botocore.parsers import ResponseParserError

    place = url or "AWS"
    if isinstance(error, SSLError):
        return MetricsError(
            f"what answers at {place} does not show who it is: {error.kwargs.get('error', error)}",
            UNTRUSTED_ADVICE,
        )
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return _unreachable(place, url)
    if isinstance(error, NoCredentialsError):
        return MetricsError(
            "no AWS credentials were found",
            "Run `aws configure`, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        )
    if isinstance(error, ClientError):
        return _refused(error.response, place, url)
    if url is not None and not isinstance(error, BotoCoreError):
        return none_there(place)
    if isinstance(error, ResponseParserError):
        return none_there(place)
    return MetricsError(
        f"CloudWatch at {place} can't be asked: {error}", "Check your AWS configuration."
    )


def _refused(answer: Mapping[str, Any], place: str, url: str | None) -> MetricsError:
    error = answer.get("Error", {})
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = str(error.get("Code", "")), error.get("Message", "")
    said = f"CloudWatch at {place} refuses: {code} {message}".rstrip()
    if code in _FORBIDDEN:
        return MetricsError(said, "You need cloudwatch:ListMetrics and cloudwatch:GetMetricData.")
    if code in _EXPIRED:
        return MetricsError(said, "Log in again, e.g. with `aws sso login`.")
    if code in _BUSY:
        return MetricsError(said, "Ask less often: a larger --every, fewer tables.")
    if code.removesuffix("Exception") in _OF_A_SERVER and url is not None:
        return MetricsError(
            said,
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a credential of that server.",
        )
    if (
        url is not None and status < _SERVER_ERROR
    ):  # there are many ways to say that one has never heard of it
        return none_there(place, code)
    if code in _CREDENTIALS:
        return MetricsError(said, "Check your credentials, e.g. AWS_PROFILE.")
    return MetricsError(said, "Try again, or name another target with --target.")


def _unreachable(place: str, url: str | None) -> MetricsError:
    if url is None:
        return MetricsError(f"nobody answers at {place}", "Check the network and the region.")
    return MetricsError(
        f"nobody answers at {place}",
        "Start it (pannier serve), or name another target with --target.",
    )


def none_there(place: str, said: str = "") -> MetricsError:
    """That an endpoint has no CloudWatch, and what it says instead."""
    words = f" (it says {said})" if said else ""
    return MetricsError(
        f"what answers at {place} has no CloudWatch{words}",
        "Metrics are at AWS and at `pannier serve`. If this endpoint's are elsewhere, say where: "
        "AWS_ENDPOINT_URL_CLOUDWATCH=http://...",
    )
