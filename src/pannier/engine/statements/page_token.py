"""NextToken: where the next page of a SELECT begins, for the same statement only.

Captured: a token that comes with another statement is answered `NextToken does not match request`.
What a token holds is nobody's business but the engine's: the last key read, and a digest of the
statement and its parameters.
"""

from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

import orjson

from pannier.errors import ServiceError, ValidationException
from pannier.model.attribute_value import Item, check_item
from pannier.partiql import messages


def to_token(request: dict[str, Any], last_key: Item) -> str:
    """The token of a page that ended with `last_key`."""
    return b64encode(orjson.dumps([_digest(request), last_key])).decode()


def from_token(request: dict[str, Any]) -> Item | None:
    """The key after which a request's page begins; None for the beginning.

    Raises:
        ValidationException: the request's token is none, or another statement's.
    """
    token = request.get("NextToken")
    if token is None:
        return None
    try:
        digest, last_key = orjson.loads(b64decode(token, validate=True))
        check_item(last_key)
    except (ValueError, TypeError, ServiceError):
        raise ValidationException(messages.TOKEN_INVALID) from None
    if digest != _digest(request):
        raise ValidationException(messages.TOKEN_MISMATCH)
    key: Item = last_key
    return key


def _digest(request: dict[str, Any]) -> str:
    asked = [request["Statement"], request.get("Parameters") or []]
    return sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
