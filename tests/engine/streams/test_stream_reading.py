"""Shard iterators and GetRecords: where reading begins, where it ends, and what is gone.

A consumer keeps a sequence number or an iterator, and relies on getting every record from there,
once, in order, or on being told that it can't.
"""

import base64
from itertools import pairwise
from typing import Any

import pytest

from tests.engine.streams.streams_asking import DAY_S, HOUR_S, Streamed, told

NOWHERE = "arn:aws:dynamodb:us-east-1:000000000000:table/nowhere/stream/2027-01-15T08:00:00.250"


@pytest.fixture
def three() -> tuple[Streamed, str]:
    """A stream of three records."""
    streamed = Streamed()
    arn = streamed.create()
    for pk in "abc":
        streamed.put(pk)
    return streamed, arn


def numbers(streamed: Streamed, arn: str) -> list[str]:
    return [each["dynamodb"]["SequenceNumber"] for each in streamed.records(arn)]


class TestIterators:
    def test_latest_shows_only_what_comes_later(self, three: tuple[Streamed, str]) -> None:
        streamed, arn = three
        iterator = streamed.iterator(arn, "LATEST")
        answer = streamed.do("GetRecords", ShardIterator=iterator)
        assert answer["Records"] == []
        streamed.put("d")
        answer = streamed.do("GetRecords", ShardIterator=answer["NextShardIterator"])
        assert told(answer["Records"]) == [("INSERT", "d")]

    def test_at_and_after_a_sequence_number(self, three: tuple[Streamed, str]) -> None:
        streamed, arn = three
        _, second, third = numbers(streamed, arn)
        at = streamed.records(arn, "AT_SEQUENCE_NUMBER", SequenceNumber=second)
        assert [pk for _, pk in told(at)] == ["b", "c"]
        after = streamed.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)
        assert [pk for _, pk in told(after)] == ["c"]
        assert streamed.records(arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=third) == []

    def test_an_empty_shards_first_number_can_be_used(self) -> None:
        """DescribeStream names it before there is a record; readers begin with it."""
        streamed = Streamed()
        arn = streamed.create()
        start = streamed.shard(arn)["SequenceNumberRange"]["StartingSequenceNumber"]
        for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            assert streamed.records(arn, kind, SequenceNumber=start) == []

    def test_at_a_time(self) -> None:
        """The first record at that time or later; before the horizon it is the oldest there is."""
        streamed = Streamed()
        arn = streamed.create()
        times = {}
        for pk in "abc":
            times[pk] = streamed.clock.now_s
            streamed.put(pk)
            streamed.clock.now_s += 10
        for pk, rest in (("a", "abc"), ("b", "bc"), ("c", "c")):
            records = streamed.records(arn, "AT_TIMESTAMP", Timestamp=times[pk])
            assert [each for _, each in told(records)] == list(rest)
        between = streamed.records(arn, "AT_TIMESTAMP", Timestamp=times["a"] + 5)
        assert [pk for _, pk in told(between)] == ["b", "c"]
        assert len(streamed.records(arn, "AT_TIMESTAMP", Timestamp=0)) == 3
        assert len(streamed.records(arn, "AT_TIMESTAMP", Timestamp=-1e300)) == 3
        assert streamed.records(arn, "AT_TIMESTAMP", Timestamp=streamed.clock.now_s) == []

    @pytest.mark.parametrize(
        "more",
        [
            {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1e18},
            {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1e300},
            {"ShardIteratorType": "AT_TIMESTAMP"},
            {"ShardIteratorType": "LATEST", "Timestamp": 1},
            {"ShardIteratorType": "LATEST", "SequenceNumber": "1" * 21},
            {"ShardIteratorType": "TRIM_HORIZON", "SequenceNumber": "1" * 21},
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER"},
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "x" * 21},
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "٣" * 21},
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "9" * 40},
            {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": "9" * 21},
            {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "SequenceNumber": "1"},
            {"ShardIteratorType": "SOMEWHERE"},
        ],
    )
    def test_what_a_type_does_not_take_is_refused(
        self, three: tuple[Streamed, str], more: dict[str, Any]
    ) -> None:
        streamed, arn = three
        shard_id = streamed.shard(arn)["ShardId"]
        name, _ = streamed.error("GetShardIterator", StreamArn=arn, ShardId=shard_id, **more)
        assert name == "ValidationException"

    def test_unknown_streams_and_shards(self, three: tuple[Streamed, str]) -> None:
        """The shard's text is pasted from AWS in public issues; the stream's is its twin."""
        streamed, arn = three
        shard_id = streamed.shard(arn)["ShardId"]
        request = {"ShardIteratorType": "LATEST"}
        assert streamed.error("GetShardIterator", StreamArn=arn, ShardId="s" * 28, **request) == (
            "ResourceNotFoundException",
            "Requested resource not found: Shard does not exist",
        )
        name, _ = streamed.error("GetShardIterator", StreamArn=NOWHERE, ShardId=shard_id, **request)
        assert name == "ResourceNotFoundException"
        name, _ = streamed.error(
            "GetShardIterator", StreamArn="arn:aws:s3:::" + "b" * 40, ShardId=shard_id, **request
        )
        assert name == "ValidationException"

    def test_an_iterator_has_awss_form(self, three: tuple[Streamed, str]) -> None:
        """The ARN comes first: seen on AWS, and readers take it out again."""
        streamed, arn = three
        iterator = streamed.iterator(arn)
        assert iterator.startswith(f"{arn}|1|")
        assert len(iterator) <= 2048

    def test_an_iterator_is_good_for_fifteen_minutes(self, three: tuple[Streamed, str]) -> None:
        """The text is pasted from AWS in a public issue."""
        streamed, arn = three
        iterator = streamed.iterator(arn)
        streamed.clock.now_s += 15 * 60
        assert len(streamed.do("GetRecords", ShardIterator=iterator)["Records"]) == 3
        streamed.clock.now_s += 1
        assert streamed.error("GetRecords", ShardIterator=iterator) == (
            "ExpiredIteratorException",
            "Shard iterator has expired",
        )

    @pytest.mark.parametrize(
        "place",
        [b"", b"[]", b"{}", b"[1,2,3]", b'["s",-1,0]', b'["s",1e400,0]', b'["s",true,0]',
         b'["s",99999999999999999999,0]', b"\xff", b"[" * 5000],
    )  # fmt: skip
    def test_a_forged_iterator_is_refused(self, three: tuple[Streamed, str], place: bytes) -> None:
        """Never a 500, whatever stands in it."""
        streamed, arn = three
        forged = f"{arn}|1|{base64.b64encode(place).decode()}"[:2048]
        name, _ = streamed.error("GetRecords", ShardIterator=forged)
        assert name == "ValidationException"

    @pytest.mark.parametrize("token", ["garbage", "|", "a|1|%%%", "a|1|ü", "x" * 2048])
    def test_what_is_no_iterator_is_refused(self, token: str) -> None:
        assert Streamed().error("GetRecords", ShardIterator=token) == (
            "ValidationException",
            "Invalid ShardIterator",
        )


class TestPages:
    def test_a_reader_gets_everything_once_in_order(self) -> None:
        streamed = Streamed()
        arn = streamed.create()
        for number in range(25):
            streamed.put(f"{number:02d}")
        iterator: str | None = streamed.iterator(arn)
        seen: list[str] = []
        for _ in range(4):
            answer = streamed.do("GetRecords", ShardIterator=iterator, Limit=10)
            seen += [pk for _, pk in told(answer["Records"])]
            iterator = answer["NextShardIterator"]
        assert seen == [f"{number:02d}" for number in range(25)]

    def test_an_answer_holds_a_megabyte(self) -> None:
        """Each record is 300 KB and two images: one fits beside another only if both do."""
        streamed = Streamed()
        arn = streamed.create(view_type="NEW_IMAGE")
        for pk in "abcd":
            streamed.put(pk, big={"S": "x" * 300 * 1024})
        answer = streamed.do("GetRecords", ShardIterator=streamed.iterator(arn))
        assert len(answer["Records"]) == 3
        answer = streamed.do("GetRecords", ShardIterator=answer["NextShardIterator"])
        assert told(answer["Records"]) == [("INSERT", "d")]

    @pytest.mark.parametrize(
        ("limit", "relation"), [(0, "greater than or equal to 1"), (1001, "less than or equal")]
    )
    def test_limits(self, three: tuple[Streamed, str], limit: int, relation: str) -> None:
        streamed, arn = three
        iterator = streamed.iterator(arn)
        name, text = streamed.error("GetRecords", ShardIterator=iterator, Limit=limit)
        assert name == "ValidationException"
        assert text.startswith(f"1 validation error detected: Value '{limit}' at 'limit'")
        assert relation in text

    def test_reading_ends_with_a_closed_shard(self, three: tuple[Streamed, str]) -> None:
        """Without an iterator to go on with, a reader looks for the next shard or stream."""
        streamed, arn = three
        streamed.disable()
        iterator = streamed.iterator(arn)
        answer = streamed.do("GetRecords", ShardIterator=iterator, Limit=2)
        assert len(answer["Records"]) == 2
        answer = streamed.do("GetRecords", ShardIterator=answer["NextShardIterator"], Limit=2)
        assert told(answer["Records"]) == [("INSERT", "c")]
        assert "NextShardIterator" not in answer
        answer = streamed.do("GetRecords", ShardIterator=streamed.iterator(arn, "LATEST"))
        assert answer == {"Records": []}


class TestTrimming:
    def test_records_go_after_a_day(self) -> None:
        streamed = Streamed()
        arn = streamed.create()
        streamed.put("a")
        streamed.clock.now_s += HOUR_S
        streamed.put("b")
        first, second = numbers(streamed, arn)
        streamed.clock.now_s += DAY_S - HOUR_S - 0.001
        assert told(streamed.records(arn)) == [("INSERT", "a"), ("INSERT", "b")]
        streamed.clock.now_s += 0.002
        assert told(streamed.records(arn)) == [("INSERT", "b")]
        shard_id = streamed.shard(arn)["ShardId"]
        for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
            request = {"StreamArn": arn, "ShardId": shard_id, "ShardIteratorType": kind}
            assert streamed.error("GetShardIterator", SequenceNumber=first, **request) == (
                "TrimmedDataAccessException",
                "The data you are trying to access has been trimmed",
            )
            streamed.do("GetShardIterator", SequenceNumber=second, **request)

    def test_an_iterator_whose_record_goes_meanwhile(self) -> None:
        """The service model names this case: got in time, used too late."""
        streamed = Streamed()
        arn = streamed.create()
        streamed.put("a")
        streamed.clock.now_s += DAY_S - 60
        iterator = streamed.iterator(arn)
        streamed.clock.now_s += 61
        name, _ = streamed.error("GetRecords", ShardIterator=iterator)
        assert name == "TrimmedDataAccessException"

    def test_a_reader_at_the_end_is_never_behind(self) -> None:
        """LATEST on a stream whose records all go: it reads on."""
        streamed = Streamed()
        arn = streamed.create()
        streamed.put("a")
        iterator = streamed.iterator(arn, "LATEST")
        for _ in range(200):
            streamed.clock.now_s += 10 * 60
            streamed.database.sweep()
            answer = streamed.do("GetRecords", ShardIterator=iterator)
            assert answer["Records"] == []
            iterator = answer["NextShardIterator"]
        streamed.put("b")
        assert told(streamed.do("GetRecords", ShardIterator=iterator)["Records"]) == [
            ("INSERT", "b")
        ]

    def test_the_sweep_removes_what_nobody_may_read(self) -> None:
        streamed = Streamed()
        arn = streamed.create()
        empty = len(list(streamed.database.store.range(b"\x80", b"\xff" * 5)))
        for pk in "abc":
            streamed.put(pk)
        streamed.clock.now_s += DAY_S
        streamed.put("d")
        streamed.database.sweep()
        rows = len(list(streamed.database.store.range(b"\x80", b"\xff" * 5)))
        assert (empty, rows) == (0, 1)
        (record,) = streamed.records(arn)
        assert record["dynamodb"]["SequenceNumber"] == "100000000000000000004"

    def test_rows_are_removed_every_few_minutes_and_not_shown_before(self) -> None:
        """A stream that is written to all day has something to trim at each sweep, and to remove a
        range empties the row cache: it is not done each time. What is read does not show that."""
        streamed = Streamed()
        arn = streamed.create()
        stored = []
        for _ in range(20):  # a record every minute, and sweeps a day later
            streamed.put("a", at={"N": str(streamed.clock.now_s)})
            streamed.clock.now_s += 60
        streamed.clock.now_s += DAY_S - 20 * 60
        for minute in range(20):
            streamed.clock.now_s += 60
            streamed.database.sweep()
            assert len(streamed.records(arn)) == max(0, 18 - minute)
            stored.append(len(list(streamed.database.store.range(b"\x80", b"\xff" * 5))))
        changes = sum(one != two for one, two in pairwise(stored))
        assert changes == 3
        assert stored[-1] <= 5


def test_numbers_that_were_never_written_do_no_harm() -> None:
    """A group that is dropped takes its sequence numbers with it; readers go on behind them."""
    streamed = Streamed()
    arn = streamed.create()
    stream = streamed.database.catalog.streams.stream(arn, "")
    places = []
    for pk in "abc":
        stream.next += 7
        streamed.put(pk)
        places.append(streamed.clock.now_s)
        stream.next += 5
        streamed.clock.now_s += HOUR_S
    assert [pk for _, pk in told(streamed.records(arn))] == ["a", "b", "c"]
    for place, rest in zip(places, ("abc", "bc", "c"), strict=True):
        records = streamed.records(arn, "AT_TIMESTAMP", Timestamp=place)
        assert [pk for _, pk in told(records)] == list(rest)
    iterator = streamed.iterator(arn, "LATEST")
    streamed.clock.now_s += DAY_S - HOUR_S
    iterator = streamed.do("GetRecords", ShardIterator=streamed.iterator(arn, "LATEST"))[
        "NextShardIterator"
    ]
    streamed.clock.now_s += 60
    streamed.database.sweep()
    assert streamed.records(arn) == []
    streamed.put("d")
    assert told(streamed.do("GetRecords", ShardIterator=iterator)["Records"]) == [("INSERT", "d")]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("ListStreams", ("TableName", "Limit", "ExclusiveStartStreamArn")),
        ("DescribeStream", ("StreamArn", "Limit", "ExclusiveStartShardId", "ShardFilter")),
        (
            "GetShardIterator",
            ("StreamArn", "ShardId", "ShardIteratorType", "SequenceNumber", "Timestamp"),
        ),
        ("GetRecords", ("ShardIterator", "Limit")),
    ],
)
def test_whatever_stands_in_a_request(
    three: tuple[Streamed, str], operation: str, members: tuple[str, ...]
) -> None:
    """It is answered with one of the errors that the request deserves, never with a 500."""
    streamed, arn = three
    expected = ("SerializationException", "ValidationException", "ResourceNotFoundException")
    good = {
        "StreamArn": arn,
        "ShardId": streamed.shard(arn)["ShardId"],
        "ShardIteratorType": "AT_TIMESTAMP",
        "Timestamp": 5,
        "ShardIterator": streamed.iterator(arn),
    }
    wrong = (None, 0, -1, 2**62, 1.5, 1e308, "", "x", "9" * 40, True, [], [None], {}, {"Type": 1})
    for member in members:
        for value in wrong:
            request = {name: good[name] for name in members if name in good}
            answer = streamed.ask(operation, **{**request, member: value})
            kind = answer.get("__type", "#").partition("#")[2]
            assert kind in ("", *expected), (member, value)
