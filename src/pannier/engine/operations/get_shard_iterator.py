"""GetShardIterator: where to begin reading a shard.

| type | begins at |
|---|---|
| TRIM_HORIZON | the oldest record that is not trimmed |
| LATEST | the next record that will be written |
| AT_SEQUENCE_NUMBER | that record |
| AFTER_SEQUENCE_NUMBER | the one behind it |
| AT_TIMESTAMP | the first record made at that time or later, if it is not trimmed; not the future |

Order of checks: types and constraints; what the type needs and does not take; the stream; the
shard; the place. A sequence number from before the trim horizon is a `TrimmedDataAccessException`
(service model); one that was not given out yet is taken for malformed (inferred). Records carry
whole seconds, but AT_TIMESTAMP compares the milliseconds in which they were made, so that none
made at that time or later is passed over.
"""

from typing import TYPE_CHECKING, Any, Final

from pannier.engine import constraints
from pannier.engine.streams import messages
from pannier.engine.streams.record import sequence_number
from pannier.engine.streams.requests import checked_arn
from pannier.engine.streams.shard_iterator import ShardIterator
from pannier.engine.streams.stream import Stream
from pannier.errors import (
    ResourceNotFoundException,
    TrimmedDataAccessException,
    ValidationException,
)

if TYPE_CHECKING:
    from pannier.engine.database import Database

_BY_NUMBER: Final = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")
_BY_TIME: Final = "AT_TIMESTAMP"


def run(database: "Database", request: dict[str, Any]) -> dict[str, Any]:
    """Give out an iterator that is good for 15 minutes."""
    constraints.check("GetShardIterator", request)
    arn = checked_arn(request)
    number = _checked_number(request)
    _check_time(request)
    streams = database.catalog.streams
    stream = streams.stream(arn, messages.STREAM_MISSING)
    if request["ShardId"] != stream.shard_id:
        raise ResourceNotFoundException(messages.SHARD_MISSING)
    position = _position(database, stream, request, number)
    iterator = ShardIterator(arn, stream.shard_id, position, streams.now_ms)
    return {"ShardIterator": iterator.to_token()}


def _checked_number(request: dict[str, Any]) -> int:
    """The sequence number of a request whose type takes one, else 0."""
    text = request.get("SequenceNumber")
    if request["ShardIteratorType"] not in _BY_NUMBER:
        if text is not None:
            raise ValidationException(messages.SEQUENCE_NEEDLESS)
        return 0
    number = None if text is None else sequence_number(text)
    if number is None:
        raise ValidationException(messages.SEQUENCE_INVALID)
    return number


def _check_time(request: dict[str, Any]) -> None:
    by_time = request["ShardIteratorType"] == _BY_TIME
    given = request.get("Timestamp") is not None
    if by_time and not given:
        raise ValidationException(messages.TIMESTAMP_INVALID)
    if given and not by_time:
        raise ValidationException(messages.TIMESTAMP_NEEDLESS)


def _position(database: "Database", stream: Stream, request: dict[str, Any], number: int) -> int:
    kind = request["ShardIteratorType"]
    if kind == "LATEST":
        return stream.next
    now_ms = database.catalog.streams.now_ms
    horizon = stream.horizon(database.store, now_ms)
    if kind == "TRIM_HORIZON":
        return horizon
    if kind == _BY_TIME:
        timestamp_ms = max(0, request["Timestamp"] * 1000)
        if timestamp_ms > now_ms:
            raise ValidationException(messages.TIMESTAMP_INVALID)
        time_ms = int(timestamp_ms)
        return max(horizon, stream.created_since(database.store, time_ms))
    if number < horizon:
        raise TrimmedDataAccessException(messages.TRIMMED)
    # The number of the next record is taken too: an empty shard's StartingSequenceNumber is one.
    if number > stream.next:
        raise ValidationException(messages.SEQUENCE_INVALID)
    return number if kind == "AT_SEQUENCE_NUMBER" else min(number + 1, stream.next)
