"""How far shards can be read, and the same again: against shards of the tests' own."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pannier.errors import UserError
from pannier.spark.changes.shard_log import Position, ShardLog


class Shards:
    """A stream as botocore's client shows it: an iterator is a shard, and how many it has passed.

    Attributes:
        records: the sequence numbers of each shard.
        parents: of shards that have one.
        closed: shards to which nothing is added.
        expired: whether iterators that were given out are too old.
    """

    def __init__(self, **records: list[int]) -> None:
        self.records = records
        self.parents: dict[str, str] = {}
        self.closed: set[str] = set()
        self.trimmed: dict[str, int] = {}
        self.gaps: dict[str, int] = {}
        self.expired: set[str] = set()
        self.pages = 0

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "") -> Any:  # noqa: N803
        shards = sorted(self.records)
        some = [each for each in shards if each > ExclusiveStartShardId][:2]  # a page of them
        described = [
            {"ShardId": each}
            | ({"ParentShardId": self.parents[each]} if each in self.parents else {})
            for each in some
        ]
        more = {"LastEvaluatedShardId": some[-1]} if some and some[-1] != shards[-1] else {}
        return {"StreamDescription": {"Shards": described, **more}}

    def get_shard_iterator(self, StreamArn: str, ShardId: str, **where: str) -> Any:  # noqa: N803
        if ShardId not in self.records:
            raise refused("ResourceNotFoundException")
        after = int(where.get("SequenceNumber", -1))
        if after >= 0 and after < self.trimmed.get(ShardId, 0):
            raise refused("TrimmedDataAccessException")
        passed = sum(number <= after for number in self.records[ShardId])
        return {"ShardIterator": f"{ShardId}/{passed}/{self.gaps.get(ShardId, 0)}"}

    def get_records(self, ShardIterator: str, Limit: int) -> Any:  # noqa: N803
        if ShardIterator in self.expired:
            self.expired.discard(ShardIterator)
            raise refused("ExpiredIteratorException")
        self.pages += 1
        shard, passed, gap = ShardIterator.split("/")
        start = int(passed)
        if int(gap):
            return {"Records": [], "NextShardIterator": f"{shard}/{start}/{int(gap) - 1}"}
        some = self.records[shard][start : start + Limit]
        end = start + len(some)
        is_over = shard in self.closed and end == len(self.records[shard])
        return {
            "Records": [{"dynamodb": {"SequenceNumber": str(number)}} for number in some],
            **({} if is_over else {"NextShardIterator": f"{shard}/{end}/0"}),
        }


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": ""}}, "GetRecords")


def numbers(log: ShardLog, shard: str, start: Position, end: Position) -> list[int]:
    return [int(each["dynamodb"]["SequenceNumber"]) for each in log.records(shard, start, end)]


def test_from_the_oldest_record_to_the_newest_and_on() -> None:
    shards = Shards(a=[1, 2, 3], b=[], c=[7])
    log = ShardLog(shards, "arn")
    first = log.advanced({}, None)
    assert first == {"a": Position("3", 3), "b": Position(), "c": Position("7", 1)}
    assert numbers(log, "a", Position(), first["a"]) == [1, 2, 3]
    shards.records["a"] += [4, 5]
    second = log.advanced(first, None)
    assert second == {**first, "a": Position("5", 5)}
    assert numbers(log, "a", first["a"], second["a"]) == [4, 5]
    assert log.advanced(second, None) == second


def test_a_batch_read_again_is_the_same_whatever_has_come_since() -> None:
    shards = Shards(a=[1, 2, 3])
    end = ShardLog(shards, "arn").advanced({}, None)["a"]
    shards.records["a"] += list(range(4, 3000))
    assert numbers(ShardLog(shards, "arn"), "a", Position(), end) == [1, 2, 3]


def test_no_more_records_than_are_wanted() -> None:
    shards = Shards(a=list(range(2500)), b=[1, 2])
    log = ShardLog(shards, "arn")
    first = log.advanced({}, 1500)
    assert first == {"a": Position("1499", 1500), "b": Position()}
    second = log.advanced(first, 1500)
    assert second == {"a": Position("2499", 2500), "b": Position("2", 2)}
    assert numbers(log, "a", first["a"], second["a"]) == list(range(1500, 2500))


def test_a_successor_waits_for_a_batch_in_which_its_parent_is_over() -> None:
    shards = Shards(a=[1], b=[5], c=[9])
    shards.parents = {"b": "a", "c": "gone"}
    log = ShardLog(shards, "arn")
    first = log.advanced({}, None)
    assert list(first) == ["a", "c"]
    shards.closed.add("a")
    second = log.advanced(first, None)
    assert second == {**first, "a": Position("1", 1, is_closed=True)}
    third = log.advanced(second, None)
    assert third["b"] == Position("5", 1)
    del shards.records["a"]  # which DynamoDB has forgotten by now
    assert list(log.advanced(third, None)) == ["b", "c"]


def test_a_gap_of_empty_pages_is_passed_in_the_end() -> None:
    shards = Shards(a=[1])
    shards.gaps["a"] = 7
    log = ShardLog(shards, "arn")
    position = log.advanced({}, None)
    assert position == {"a": Position()}
    for _ in range(3):
        position = log.advanced(position, None)
    assert position == {"a": Position("1", 1)}
    assert numbers(log, "a", Position(), position["a"]) == [1]


def test_an_iterator_that_is_too_old_is_replaced() -> None:
    shards = Shards(a=[1])
    log = ShardLog(shards, "arn")
    position = log.advanced({}, None)
    shards.expired.add("a/1/0")
    shards.gaps["a"] = 1  # so that the new one is another
    shards.records["a"].append(2)
    assert log.advanced(position, None) == {"a": Position("2", 2)}


def test_what_is_gone_is_an_error() -> None:
    shards = Shards(a=[1, 2, 3])
    log = ShardLog(shards, "arn")
    end = log.advanced({}, None)["a"]
    shards.trimmed["a"] = 2
    with pytest.raises(UserError, match="records of the shard a are gone"):
        numbers(ShardLog(shards, "arn"), "a", Position("1", 1), end)
    shards.records["a"] = [3, 4, 5]  # from the oldest on: others than there were
    with pytest.raises(UserError, match="are gone"):
        numbers(ShardLog(shards, "arn"), "a", Position(), end)
    del shards.records["a"]
    shards.records["b"] = []
    with pytest.raises(UserError, match="are gone"):
        ShardLog(shards, "arn").advanced({"a": end}, None)


def test_positions_in_plain_form() -> None:
    position = Position("5", 3, is_closed=True)
    assert Position.of(position.to_json()) == position
