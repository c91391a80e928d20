"""Shard iterators: where to read on, as a token that says nothing to its holder.

The form is AWS's: the stream's ARN, a version, and base64. A token is good for 15 minutes. It is
not signed: whoever forges one only reads his own stream from another place.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import Final, NamedTuple, Self

import orjson

from pannier.engine.streams import messages
from pannier.errors import ExpiredIteratorException, ValidationException

_LIFETIME_MS: Final = 15 * 60 * 1000
_VERSION: Final = "1"
_POSITION_MAX: Final = 2**62


class ShardIterator(NamedTuple):
    """A place in a shard.

    Attributes:
        arn: the stream.
        shard_id: the shard.
        position: the sequence number to read from.
        issued_ms: when the token was given out.
    """

    arn: str
    shard_id: str
    position: int
    issued_ms: int

    def to_token(self) -> str:
        """The token that `from_token` reads."""
        place = orjson.dumps([self.shard_id, self.position, self.issued_ms])
        return f"{self.arn}|{_VERSION}|{b64encode(place).decode()}"

    @classmethod
    def from_token(cls, token: str) -> Self:
        """Read a token.

        Raises:
            ValidationException: it is none.
        """
        arn, _, rest = token.partition("|")
        version, _, place = rest.partition("|")
        try:
            shard_id, position, issued_ms = orjson.loads(b64decode(place, validate=True))
        except (Base64Error, ValueError, TypeError):
            raise ValidationException(messages.ITERATOR_INVALID) from None
        if not (
            version == _VERSION
            and isinstance(shard_id, str)
            and type(position) is int
            and type(issued_ms) is int
            and 0 <= position <= _POSITION_MAX
        ):
            raise ValidationException(messages.ITERATOR_INVALID)
        return cls(arn, shard_id, position, issued_ms)

    def check_age(self, now_ms: int) -> None:
        """Refuse a token that is too old.

        Raises:
            ExpiredIteratorException: it was given out more than 15 minutes ago.
        """
        if now_ms - self.issued_ms > _LIFETIME_MS:
            raise ExpiredIteratorException(messages.ITERATOR_EXPIRED)
