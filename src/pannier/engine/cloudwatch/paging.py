"""Pages, and the tokens that ask for the next one."""

import base64
import binascii
from typing import Any

import orjson

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import CloudWatchError, InvalidNextTokenError


def to_token(place: Any) -> str:
    """The token for a place, which is anything that JSON has."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode()


def from_token(token: str, kind: type, error: type[CloudWatchError] = InvalidNextTokenError) -> Any:
    """The place that a token stands for.

    Args:
        token: as a client gives it back.
        kind: what the place is.
        error: what is raised if it is none.

    Raises:
        CloudWatchError: the token is none of ours.
    """
    try:
        place = orjson.loads(base64.b64decode(token.encode(), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        place = None
    if type(place) is not kind:
        raise error(messages.NOT_OURS)
    return place
