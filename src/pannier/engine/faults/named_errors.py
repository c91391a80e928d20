"""The errors of the API by their names, for rules that answer them.

Names, further members and the spelling of `message` are the service model's. What the model does not
say:

| error | status | text | evidence |
|---|---|---|---|
| InternalServerError | 500 | `Internal server error` | captured |
| ServiceUnavailable | 503 | a page, no JSON: `Http/1.1 Service Unavailable` | captured; the name: Developer Guide |
| ReplicatedWriteConflictException | 409 | assumed | status: the SDK's rules of retrying |
| TransactionConflictException | 400 | `Transaction is ongoing for the item` | captured |
| ThrottlingException | 400 | `Rate of requests exceeds the allowed throughput.` | Developer Guide |
| all others | 400 | the Developer Guide's, or none | |
"""  # noqa: E501  # a table's row can't be wrapped

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from pannier.engine import service_model
from pannier.engine.faults.checks import RuleError
from pannier.errors import ServiceError

_OWN: Final = "com.amazonaws.dynamodb.v20120810#"
_COMMON: Final = "com.amazon.coral.service#"
_PAGE_NAME: Final = "ServiceUnavailable"
_STATUS_LEAST: Final = 400
_STATUS_MOST: Final = 599


@dataclass(frozen=True, slots=True)
class _Usual:
    """What an error is usually like."""

    message: str = ""
    status: int = 400
    type_prefix: str = _OWN
    message_key: str = "message"


_USUAL: Final[Mapping[str, _Usual]] = {
    "InternalServerError": _Usual("Internal server error", 500),
    _PAGE_NAME: _Usual("", 503),
    "ReplicatedWriteConflictException": _Usual(
        "The request was rejected because an item in it is being modified in another Region.", 409
    ),
    "RequestLimitExceeded": _Usual(
        "Throughput exceeds the current throughput limit for your account. To request a limit "
        "increase, contact AWS Support at https://aws.amazon.com/support."
    ),
    "ThrottlingException": _Usual(
        "Rate of requests exceeds the allowed throughput.",
        type_prefix="com.amazon.coral.availability#",
    ),
    "ProvisionedThroughputExceededException": _Usual(
        "The level of configured provisioned throughput for the table was exceeded. "
        "Consider increasing your provisioning level with the UpdateTable API."
    ),
    "TransactionConflictException": _Usual("Transaction is ongoing for the item"),
    "TransactionInProgressException": _Usual(
        "The transaction with the given request token is already in progress.",
        message_key="Message",
    ),
    "ConditionalCheckFailedException": _Usual("The conditional request failed"),
    "ItemCollectionSizeLimitExceededException": _Usual("Collection size exceeded."),
    "ResourceNotFoundException": _Usual("Requested resource not found"),
    "LimitExceededException": _Usual("Too many operations for a given subscriber."),
    "ValidationException": _Usual("", type_prefix="com.amazon.coral.validate#"),
    "AccessDeniedException": _Usual("Access denied.", 400, _COMMON, "Message"),
    "UnrecognizedClientException": _Usual(
        "The security token included in the request is invalid.", 400, _COMMON
    ),
    "ExpiredTokenException": _Usual(
        "The security token included in the request is expired", 400, _COMMON
    ),
    "InvalidSignatureException": _Usual(
        "The request signature we calculated does not match the signature you provided.",
        400,
        _COMMON,
    ),
    "SerializationException": _Usual("", 400, _COMMON, "Message"),
}


class InjectedError(ServiceError):
    """An error that a rule answers.

    Args:
        name: its name in the API.
        message: its text; None for the usual one.
        status: its HTTP status; None for the usual one.
        fields: further members of its shape.
    """

    def __init__(
        self, name: str, message: str | None, status: int | None, fields: Mapping[str, Any]
    ) -> None:
        usual = _usual(name)
        super().__init__(usual.message if message is None else message, **fields)
        self.type_prefix = usual.type_prefix
        self.message_key = usual.message_key
        self.status = usual.status if status is None else status
        self._name = name

    @property
    def code(self) -> str:
        """The error's name in the API."""
        return self._name


def page(name: str, status: int, *, html: bool | None) -> bytes | None:
    """The page that takes the place of an error's JSON, or None.

    Evidence: 503s of DynamoDB that others captured came from in front of it, as a page that no JSON
    parser reads; SDKs are known to stumble over it.
    """
    if html is False or (html is None and name != _PAGE_NAME):
        return None
    phrase = HTTPStatus(status).phrase if status in _PHRASED else "Error"
    return f"<html><body><b>Http/1.1 {phrase}</b></body> </html>".encode()


def check_named_error(name: object, status: object) -> None:
    """Refuse an error that the API does not have, unless its status says what it is.

    Raises:
        RuleError: there is none of that name, or no such status.
    """
    if status is not None and (
        type(status) is not int or not _STATUS_LEAST <= status <= _STATUS_MOST
    ):
        raise RuleError(f"'status' can't be {status!r}", "Give an HTTP status from 400 to 599.")
    if not isinstance(name, str) or not name.isidentifier():
        raise RuleError(f"an error can't be named {name!r}", "Give a name as the API has it.")
    known = {*_modelled(), *_USUAL}
    if status is None and name not in known:
        close = difflib.get_close_matches(name, known, 1, 0.5)
        advice = f"Did you mean {close[0]}? " if close else ""
        raise RuleError(
            f"DynamoDB has no error {name!r}",
            f"{advice}Any other name needs its HTTP status, e.g. status = 400.",
        )


def _usual(name: str) -> _Usual:
    known = _USUAL.get(name)
    if known is not None:
        return known
    return _Usual(message_key=_modelled().get(name, "message"))


@cache
def _modelled() -> Mapping[str, str]:
    """The names of the model's errors, and how each spells its message."""
    return {
        name: "Message" if "Message" in members else "message"
        for name, members in service_model.error_members().items()
    }


_PHRASED: Final = frozenset(int(status) for status in HTTPStatus)
