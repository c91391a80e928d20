"""Streams come with a table, go before it or after it, and stay readable for a day."""

from pathlib import Path
from typing import Any

import pytest

from pannier.engine.streams.specification import check_update
from pannier.errors import ValidationException
from pannier.storage.rocks import RocksStore
from tests.engine.streams.streams_asking import DAY_S, Streamed, told


def test_a_table_describes_its_stream() -> None:
    streamed = Streamed()
    arn = streamed.create()
    table = streamed.do("DescribeTable", TableName="orders")["Table"]
    assert table["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    assert table["LatestStreamLabel"] == "2027-01-15T08:00:00.250"
    assert arn == f"{table['TableArn']}/stream/{table['LatestStreamLabel']}"
    assert streamed.do("DescribeStream", StreamArn=arn)["StreamDescription"] == {
        "StreamArn": arn,
        "StreamLabel": table["LatestStreamLabel"],
        "StreamStatus": "ENABLED",
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        "CreationRequestDateTime": 1_800_000_000.25,
        "TableName": "orders",
        "KeySchema": table["KeySchema"],
        "Shards": [streamed.shard(arn)],
    }
    shard = streamed.shard(arn)
    assert 28 <= len(shard["ShardId"]) <= 65
    assert shard["SequenceNumberRange"] == {"StartingSequenceNumber": "100000000000000000001"}


def test_a_table_without_a_stream_says_nothing_of_one() -> None:
    streamed = Streamed()
    streamed.create("plain", view_type=None)
    streamed.create("off", view_type=None, StreamSpecification={"StreamEnabled": False})
    for name in ("plain", "off"):
        table = streamed.do("DescribeTable", TableName=name)["Table"]
        assert not any("Stream" in member for member in table)
    assert streamed.do("ListStreams") == {"Streams": []}


@pytest.mark.parametrize(
    ("specification", "text"),
    [
        # Captured on AWS, in public conformance issues.
        (
            {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"},
            (
                "One or more parameter values were invalid: Table is being created with a stream "
                "disabled, UpdateViewType should not be specified"
            ),
        ),
        # Its twin: inferred.
        (
            {"StreamEnabled": True},
            (
                "One or more parameter values were invalid: Table is being created with a stream "
                "enabled, UpdateViewType should be specified"
            ),
        ),
        (
            {},
            (
                "1 validation error detected: Value null at 'streamSpecification.streamEnabled' "
                "failed to satisfy constraint: Member must not be null"
            ),
        ),
    ],
)
def test_a_contradictory_specification(specification: dict[str, Any], text: str) -> None:
    streamed = Streamed()
    assert streamed.error(
        "CreateTable",
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        StreamSpecification=specification,
    ) == ("ValidationException", text)


@pytest.mark.parametrize(
    ("specification", "enabled", "text"),
    [
        # All captured on AWS but the last, which is inferred from its twin.
        (
            {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            True,
            "Table already has an enabled stream: TableName: orders",
        ),
        ({"StreamEnabled": False}, False, "Table has no stream to disable: TableName: orders"),
        (
            {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"},
            True,
            (
                "One or more parameter values were invalid: If stream is being disabled, "
                "then UpdateViewType must not be specified"
            ),
        ),
        (
            {"StreamEnabled": True},
            False,
            (
                "One or more parameter values were invalid: If stream is being enabled, "
                "then UpdateViewType must be specified"
            ),
        ),
    ],
)
def test_a_specification_that_updates_can_not_take(
    specification: dict[str, Any], enabled: bool, text: str
) -> None:
    with pytest.raises(ValidationException) as raised:
        check_update(specification, "orders", enabled=enabled)
    assert raised.value.message == text


def test_a_disabled_stream_is_closed_and_stays_a_day() -> None:
    streamed = Streamed()
    arn = streamed.create()
    streamed.put("a")
    streamed.disable()
    streamed.put("b")
    table = streamed.do("DescribeTable", TableName="orders")["Table"]
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"] == arn
    stream = streamed.do("DescribeStream", StreamArn=arn)["StreamDescription"]
    assert stream["StreamStatus"] == "DISABLED"
    assert stream["Shards"][0]["SequenceNumberRange"] == {
        "StartingSequenceNumber": "100000000000000000001",
        "EndingSequenceNumber": "100000000000000000001",
    }
    assert told(streamed.records(arn)) == [("INSERT", "a")]
    streamed.clock.now_s += DAY_S - 1
    assert len(streamed.do("ListStreams")["Streams"]) == 1
    streamed.clock.now_s += 1
    _gone(streamed, arn)
    streamed.database.sweep()
    _gone(streamed, arn)
    assert list(streamed.database.store.range(b"\x80", b"\xff" * 5)) == []


def _gone(streamed: Streamed, arn: str) -> None:
    """The text is pasted from DynamoDB in public issues."""
    assert streamed.do("ListStreams") == {"Streams": []}
    assert streamed.error("DescribeStream", StreamArn=arn) == (
        "ResourceNotFoundException",
        f"Requested resource not found: Stream: {arn} not found",
    )


def test_a_new_stream_begins_anew() -> None:
    """Another label, another view type, no records of the old one; even in the same instant."""
    streamed = Streamed()
    old = streamed.create()
    streamed.put("a")
    streamed.disable()
    new = streamed.enable("KEYS_ONLY")
    streamed.put("b")
    assert new != old
    assert told(streamed.records(old)) == [("INSERT", "a")]
    assert told(streamed.records(new)) == [("INSERT", "b")]
    listed = streamed.do("ListStreams", TableName="orders")["Streams"]
    assert [each["StreamArn"] for each in listed] == [old, new]


def test_a_stream_outlives_its_table() -> None:
    """And a new table of the same name has a stream of its own."""
    streamed = Streamed()
    old = streamed.create()
    streamed.put("a")
    streamed.do("DeleteTable", TableName="orders")
    assert told(streamed.records(old)) == [("INSERT", "a")]
    new = streamed.create()
    streamed.put("b")
    assert told(streamed.records(old)) == [("INSERT", "a")]
    assert told(streamed.records(new)) == [("INSERT", "b")]


def test_list_streams_in_pages() -> None:
    streamed = Streamed()
    arns = [streamed.create(f"table{number}") for number in range(5)]
    seen: list[str] = []
    start: dict[str, str] = {}
    while True:
        answer = streamed.do("ListStreams", Limit=2, **start)
        seen += [each["StreamArn"] for each in answer["Streams"]]
        if "LastEvaluatedStreamArn" not in answer:
            break
        start = {"ExclusiveStartStreamArn": answer["LastEvaluatedStreamArn"]}
    assert seen == arns
    assert streamed.do("ListStreams", TableName="table3")["Streams"] == [
        {"StreamArn": arns[3], "TableName": "table3", "StreamLabel": arns[3][-23:]}
    ]
    assert streamed.do("ListStreams", TableName="unknown") == {"Streams": []}
    for limit in (0, 101):
        assert streamed.error("ListStreams", Limit=limit)[0] == "ValidationException"


def test_describe_stream_in_pages() -> None:
    streamed = Streamed()
    arn = streamed.create()
    shard = streamed.shard(arn)
    page = streamed.do("DescribeStream", StreamArn=arn, Limit=1)["StreamDescription"]
    assert page["Shards"] == [shard]
    assert "LastEvaluatedShardId" not in page
    rest = {"StreamArn": arn, "ExclusiveStartShardId": shard["ShardId"]}
    assert streamed.do("DescribeStream", **rest)["StreamDescription"]["Shards"] == []
    children = {"Type": "CHILD_SHARDS", "ShardId": shard["ShardId"]}
    answer = streamed.do("DescribeStream", StreamArn=arn, ShardFilter=children)
    assert answer["StreamDescription"]["Shards"] == []
    for more in ({"Limit": 0}, {"Limit": 101}, {"ExclusiveStartShardId": "short"}):
        name, _ = streamed.error("DescribeStream", StreamArn=arn, **more)
        assert name == "ValidationException"


@pytest.mark.parametrize("arn", ["x", "x" * 40, "arn:aws:dynamodb:us-east-1:1:table/t/stream/now"])
def test_what_is_no_arn_is_refused(arn: str) -> None:
    assert Streamed().error("DescribeStream", StreamArn=arn)[0] == "ValidationException"


def test_everything_is_there_again_after_a_restart(tmp_path: Path) -> None:
    """Sequence numbers go on where they were, though all records before may have been trimmed."""
    streamed = Streamed(RocksStore(tmp_path))
    arn = streamed.create()
    for pk in "abc":
        streamed.put(pk)
    start_s = streamed.clock.now_s
    streamed.database.close()

    streamed = Streamed(RocksStore(tmp_path))
    streamed.put("d")
    assert told(streamed.records(arn)) == [("INSERT", pk) for pk in "abcd"]
    streamed.clock.now_s = start_s + 2 * DAY_S
    streamed.database.sweep()
    streamed.database.close()

    streamed = Streamed(RocksStore(tmp_path))
    streamed.clock.now_s = start_s + 2 * DAY_S
    assert streamed.records(arn) == []
    streamed.put("e")
    (record,) = streamed.records(arn)
    assert record["dynamodb"]["SequenceNumber"] == "100000000000000000005"
    streamed.do("DeleteTable", TableName="orders")
    streamed.database.close()

    streamed = Streamed(RocksStore(tmp_path))
    streamed.clock.now_s = start_s + 2 * DAY_S
    assert told(streamed.records(arn)) == [("INSERT", "e")]
    streamed.database.close()
