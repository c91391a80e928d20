"""What the requests of DynamoDB Streams have in common: ARNs and limits."""

import re
from typing import Any, Final

from pannier.engine.streams import messages
from pannier.errors import ValidationException

_ARN: Final = re.compile(r"arn:[^:]+:dynamodb:[^:]+:\d{12}:table/[a-zA-Z0-9_.-]+/stream/[^/|]+")


def checked_arn(request: dict[str, Any]) -> str:
    """The request's `StreamArn`.

    Raises:
        ValidationException: it is not the ARN of a stream. AWS's text for it is not known.
    """
    arn: str = request["StreamArn"]
    if not _ARN.fullmatch(arn):
        raise ValidationException(messages.ARN_INVALID)
    return arn


def checked_limit(request: dict[str, Any], maximum: int) -> int:
    """The request's `Limit`, or the most there is.

    Raises:
        ValidationException: it is above the maximum.
    """
    limit: int = request.get("Limit", maximum)
    if limit > maximum:
        raise ValidationException(messages.limit_too_high(limit, maximum))
    return limit
