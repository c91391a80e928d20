"""GetRecords: up to 1,000 records or 1 MB from where an iterator stands.

An answer has the iterator to read on with, except at the end of a closed shard. A record above
what is left of the megabyte waits for the next answer; the first always goes.

Order of checks: types and constraints; the iterator's form; its stream and shard; its age; whether
the record it points to was trimmed since.
"""

from typing import TYPE_CHECKING, Any

import orjson

from pannier.engine import constraints
from pannier.engine.streams import messages
from pannier.engine.streams.requests import checked_limit
from pannier.engine.streams.shard_iterator import ShardIterator
from pannier.engine.streams.stream import Stream
from pannier.errors import ResourceNotFoundException, TrimmedDataAccessException
from pannier.limits import GET_RECORDS_MAX, PAGE_BYTES_MAX

if TYPE_CHECKING:
    from pannier.engine.database import Database


def run(database: "Database", request: dict[str, Any]) -> bytes:
    """Read records. The answer is joined from stored bytes."""
    constraints.check("GetRecords", request)
    limit = checked_limit(request, GET_RECORDS_MAX)
    iterator = ShardIterator.from_token(request["ShardIterator"])
    streams = database.catalog.streams
    stream = streams.stream(iterator.arn, messages.STREAM_MISSING)
    if iterator.shard_id != stream.shard_id:
        raise ResourceNotFoundException(messages.ITERATOR_SHARD)
    now_ms = streams.now_ms
    iterator.check_age(now_ms)
    if iterator.position < stream.horizon(database.store, now_ms):
        raise TrimmedDataAccessException(messages.TRIMMED)
    records, position = _read(database, stream, iterator.position, limit)
    body = b'{"Records":[' + b",".join(records) + b"]"
    if stream.ended_ms is None or position < stream.next:
        following = iterator._replace(position=position, issued_ms=now_ms)
        body += b',"NextShardIterator":' + orjson.dumps(following.to_token())
    return body + b"}"


def _read(
    database: "Database", stream: Stream, position: int, limit: int
) -> tuple[list[bytes], int]:
    """The records of one answer, and where to read on."""
    records: list[bytes] = []
    size_bytes = 0
    for number, record in stream.records(database.store, position):
        size_bytes += len(record)
        if len(records) == limit or (records and size_bytes > PAGE_BYTES_MAX):
            return records, number
        records.append(record)
    return records, max(position, stream.next)
