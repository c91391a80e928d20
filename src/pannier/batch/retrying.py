"""What an answer means for the operations in it.

| answer | verdict |
|---|---|
| 200 with a JSON object | done, except for its leftovers |
| an exception for throttling, HTTP 429 | throttled: nothing was done, the table is to blame |
| expired credentials, a signature that came too late, HTTP 408 | again: nothing was done |
| HTTP 5xx, 200 with something else | unknown: it may have had its effect, or have it later |
| ValidationException and the like, HTTP 413 | refused: one of the operations is at fault |
| anything else: no table, no permission ... | hopeless: no repetition mends it |

Names of errors: the service model of the API; the Developer Guide, "Error handling with DynamoDB";
for those that any AWS service may answer, "Common Errors" of the API references and the list of
retryable errors in the AWS SDKs and Tools Reference Guide, "Retry behavior".
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import orjson

from pannier.batch.target import Reply

_THROTTLES: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "Throttling",
        "ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "SlowDown",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
    }
)
# Credentials that were good and are not any more; those that are simply wrong are hopeless.
_EXPIRED: Final = frozenset(
    {
        "ExpiredTokenException",
        "ExpiredToken",
        "TokenRefreshRequired",
        "RequestExpired",
        "RequestTimeTooSkewed",
    }
)
_LATE_SIGNATURE: Final = ("Signature expired", "Signature not yet current")
_AGAIN: Final = frozenset({"RequestTimeout", "RequestTimeoutException"})
# A refusal that may be about one operation: taking the batch apart finds which.
_REFUSALS: Final = frozenset(
    {
        "ValidationException",
        "SerializationException",
        "ItemCollectionSizeLimitExceededException",
        "RequestEntityTooLargeException",
    }
)
_OK: Final = 200
_REQUEST_TIMEOUT: Final = 408
_TOO_LARGE: Final = 413
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500


class Verdict(Enum):
    """What becomes of a batch."""

    DONE = "done"
    THROTTLED = "throttled"
    AGAIN = "again"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    HOPELESS = "hopeless"


@dataclass(frozen=True)
class Judgement:
    """A verdict on an answer.

    Attributes:
        verdict: what becomes of the batch.
        body: the decoded answer; empty if it is no JSON object.
        reason: the service's words if it is an error.
        has_expired: whether the credentials are to blame, and fresh ones may help.
        tables: which tables have no capacity left, as far as the service says.
    """

    verdict: Verdict
    body: dict[str, Any]
    reason: str = ""
    has_expired: bool = False
    tables: frozenset[str] = field(default_factory=frozenset)


def judge(reply: Reply) -> Judgement:
    """Read an answer."""
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        body = None
    if reply.status == _OK and isinstance(body, dict):
        return Judgement(Verdict.DONE, body)
    if not isinstance(body, dict):
        body = {}
    code = str(body.get("__type", "")).rpartition("#")[2]
    text = str(body.get("message") or body.get("Message") or "")
    reason = f"{code}: {text}" if code and text else code or text or f"HTTP {reply.status}"
    if code in _THROTTLES or reply.status == _TOO_MANY:
        return Judgement(Verdict.THROTTLED, body, reason, tables=_throttled_tables(body))
    if code in _EXPIRED or (
        code == "InvalidSignatureException" and text.startswith(_LATE_SIGNATURE)
    ):
        return Judgement(Verdict.AGAIN, body, reason, has_expired=True)
    if code in _AGAIN or reply.status == _REQUEST_TIMEOUT:
        return Judgement(Verdict.AGAIN, body, reason)
    if code in _REFUSALS or reply.status == _TOO_LARGE:
        return Judgement(Verdict.REFUSED, body, reason)
    if reply.status >= _SERVER_ERROR or reply.status == _OK:
        return Judgement(Verdict.UNKNOWN, body, reason)
    return Judgement(Verdict.HOPELESS, body, reason)


def _throttled_tables(body: dict[str, Any]) -> frozenset[str]:
    """The tables that an exception for throttling names, by their ARNs or those of indexes.

    Evidence: the service model, `ThrottlingReason`; its field is spelled differently on the two
    exceptions.
    """
    reasons = body.get("ThrottlingReasons") or body.get("throttlingReasons")
    if not isinstance(reasons, list):
        return frozenset()
    names = set()
    for each in reasons:
        resource = str(each.get("resource", "")) if isinstance(each, dict) else ""
        _, found, path = resource.partition(":table/")
        if found:
            names.add(path.partition("/")[0])
    return frozenset(names)
