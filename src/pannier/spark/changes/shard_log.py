"""The shards of one stream of DynamoDB Streams, and how far they were read.

DynamoDB does not say where a shard ends at the moment: whoever wants to know reads it. So the end
of a micro-batch is found by reading up to it, once, and the tasks read the same records again;
what they read is fixed by sequence numbers, and a batch that is repeated is the same.

A page may be empty although records follow, so an iterator that has come so far is kept.

A shard's successors are begun when it has ended, in a later micro-batch: changes of one key come in
their order from batch to batch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from botocore.exceptions import ClientError

from pannier.errors import UserError
from pannier.limits import GET_RECORDS_MAX

_EMPTY_PAGES: Final = 3  # then there is probably nothing more at the moment
_EXPIRED: Final = "ExpiredIteratorException"
_GONE: Final = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException"})


@dataclass(frozen=True, slots=True)
class Position:
    """How far a shard was read.

    Attributes:
        after: the sequence number of the last record; empty before the first.
        records: how many were read.
        is_closed: whether that was all, and no more will come.
    """

    after: str = ""
    records: int = 0
    is_closed: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """A position out of its plain form."""
        return cls(str(given["after"]), int(given["records"]), bool(given["is_closed"]))

    def to_json(self) -> dict[str, Any]:
        """The plain form."""
        return asdict(self)


class ShardLog:
    """Reads a stream.

    Args:
        client: botocore's, for `dynamodbstreams`.
        arn: of the stream.
    """

    def __init__(self, client: Any, arn: str) -> None:
        self._client = client
        self._arn = arn
        self._iterators: dict[str, tuple[str, str]] = {}  # by shard: after what, and the iterator

    def advanced(
        self, start: Mapping[str, Position], records_max: int | None
    ) -> dict[str, Position]:
        """How far the shards can be read now.

        Args:
            start: from where.
            records_max: about how many records are wanted at most; None for all that there are.

        Raises:
            UserError: records that were not read are gone.
        """
        parents = self._parents()
        positions = {
            shard: position
            for shard, position in start.items()
            if shard in parents or not position.is_closed
        }
        for shard, parent in parents.items():
            is_begun = parent is None or (parent in start and start[parent].is_closed)
            if shard not in positions and is_begun:
                positions[shard] = Position()
        left = records_max
        for shard, position in positions.items():
            if position.is_closed:
                continue
            if left is not None and left <= 0:
                break
            moved = self._end(shard, position, left)
            positions[shard] = moved
            left = None if left is None else left - (moved.records - position.records)
        return dict(sorted(positions.items()))

    def records(self, shard: str, start: Position, end: Position) -> Iterator[dict[str, Any]]:
        """The records between two positions.

        Raises:
            UserError: some of them are gone.
        """
        count = end.records - start.records
        after = start.after
        iterator: str | None = self._iterator(shard, after)
        while count > 0:
            if iterator is None:
                raise _lost(shard)
            answer = self._page(iterator, shard, min(count, GET_RECORDS_MAX), after)
            for record in answer["Records"]:
                after = record["dynamodb"]["SequenceNumber"]
                if int(after) > int(end.after):
                    raise _lost(shard)
                yield record
            count -= len(answer["Records"])
            iterator = answer.get("NextShardIterator")

    def _parents(self) -> dict[str, str | None]:
        """All shards, each with the one before it, if that is still there."""
        shards: list[Mapping[str, Any]] = []
        request = {"StreamArn": self._arn}
        while True:
            answer = self._client.describe_stream(**request)["StreamDescription"]
            shards += answer["Shards"]
            last = answer.get("LastEvaluatedShardId")
            if not last:
                break
            request["ExclusiveStartShardId"] = last
        known = {shard["ShardId"] for shard in shards}
        parents = {shard["ShardId"]: shard.get("ParentShardId") for shard in shards}
        return {shard: parent if parent in known else None for shard, parent in parents.items()}

    def _end(self, shard: str, position: Position, most: int | None) -> Position:
        kept_after, kept = self._iterators.pop(shard, ("", ""))
        iterator = kept if kept and kept_after == position.after else ""
        after, count, empty = position.after, 0, 0
        while empty < _EMPTY_PAGES and (most is None or count < most):
            wanted = GET_RECORDS_MAX if most is None else min(GET_RECORDS_MAX, most - count)
            answer = self._page(iterator or self._iterator(shard, after), shard, wanted, after)
            records = answer["Records"]
            empty = 0 if records else empty + 1
            count += len(records)
            after = records[-1]["dynamodb"]["SequenceNumber"] if records else after
            iterator = answer.get("NextShardIterator") or ""
            if not iterator:
                return Position(after, position.records + count, is_closed=True)
        self._iterators[shard] = (after, iterator)
        return Position(after, position.records + count)

    def _iterator(self, shard: str, after: str) -> str:
        where = (
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
            if after
            else {"ShardIteratorType": "TRIM_HORIZON"}
        )
        try:
            answer = self._client.get_shard_iterator(StreamArn=self._arn, ShardId=shard, **where)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                raise _lost(shard) from None
            raise
        return str(answer["ShardIterator"])

    def _page(self, iterator: str, shard: str, records_max: int, after: str) -> dict[str, Any]:
        """A page; from a new iterator, if this one is too old."""
        try:
            answer: dict[str, Any] = self._client.get_records(
                ShardIterator=iterator, Limit=records_max
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _GONE:
                raise _lost(shard) from None
            if code != _EXPIRED:
                raise
            anew = self._iterator(shard, after)
            answer = self._client.get_records(ShardIterator=anew, Limit=records_max)
        return answer


def _lost(shard: str) -> UserError:
    return UserError(
        f"records of the shard {shard} are gone that were not read: DynamoDB keeps them 24 hours",
        "Begin anew with another checkpointLocation, and read the table for what was missed.",
    )
