"""Lists for credentials that are limited to tables: what is shown, page by page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.access.gated import Gated, gated, make_table
from tests.service.access.signing import DEMO, DEMO_READER

STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
STREAMS = "DynamoDBStreams_20120810."


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gated]:
    with gated(tmp_path) as made:
        yield made


def test_tables_are_listed_in_full_pages_as_if_there_were_no_others(gate: Gated) -> None:
    for number in range(120):
        make_table(gate, f"demo-{number:03}")
        make_table(gate, f"secret-{number:03}")
    make_table(gate, "test-1")
    first = gate.call("ListTables", {}, DEMO)
    assert first["TableNames"] == [f"demo-{number:03}" for number in range(100)]
    assert first["LastEvaluatedTableName"] == "demo-099"
    rest = gate.call("ListTables", {"ExclusiveStartTableName": "demo-099"}, DEMO)
    assert rest == {"TableNames": [*(f"demo-{n:03}" for n in range(100, 120)), "test-1"]}
    seen: list[str] = []
    start: dict[str, Any] = {}
    while True:
        page = gate.call("ListTables", {"Limit": 7, **start}, DEMO_READER)
        seen += page["TableNames"]
        assert len(page["TableNames"]) == 7 or "LastEvaluatedTableName" not in page
        if "LastEvaluatedTableName" not in page:
            break
        start = {"ExclusiveStartTableName": page["LastEvaluatedTableName"]}
    assert seen == [f"demo-{number:03}" for number in range(120)]


def test_what_is_wrong_with_a_request_the_engine_says(gate: Gated) -> None:
    assert "ValidationException" in gate.call("ListTables", {"Limit": 0}, DEMO)["__type"]
    assert "SerializationException" in gate.call("ListTables", {"Limit": "1"}, DEMO)["__type"]
    assert gate.call("ListTables", {}, DEMO) == {"TableNames": []}


def test_streams_and_backups_are_listed_as_far_as_they_are_within(gate: Gated) -> None:
    for name in ("aaa", "demo-1", "secret", "test-1", "zzz"):
        make_table(gate, name, **STREAM)
        gate.call("CreateBackup", {"TableName": name, "BackupName": "first"})
    streams = gate.call("ListStreams", {}, DEMO, STREAMS)
    assert [each["TableName"] for each in streams["Streams"]] == ["demo-1", "test-1"]
    assert "LastEvaluatedStreamArn" not in streams
    one = gate.call("ListStreams", {"Limit": 1}, DEMO, STREAMS)
    assert one["LastEvaluatedStreamArn"] == one["Streams"][0]["StreamArn"]
    start = {"Limit": 1, "ExclusiveStartStreamArn": one["LastEvaluatedStreamArn"]}
    two = gate.call("ListStreams", start, DEMO, STREAMS)
    assert [each["TableName"] for each in two["Streams"]] == ["test-1"]
    assert "LastEvaluatedStreamArn" not in two
    backups = gate.call("ListBackups", {}, DEMO)
    assert [each["TableName"] for each in backups["BackupSummaries"]] == ["demo-1", "test-1"]
    one = gate.call("ListBackups", {"Limit": 1}, DEMO)
    start = {"ExclusiveStartBackupArn": one["LastEvaluatedBackupArn"]}
    two = gate.call("ListBackups", start, DEMO)
    assert [each["TableName"] for each in two["BackupSummaries"]] == ["test-1"]
    of_one = gate.call("ListBackups", {"TableName": "test-1"}, DEMO)
    assert len(of_one["BackupSummaries"]) == 1
    assert "AccessDenied" in gate.call("ListBackups", {"TableName": "secret"}, DEMO)["__type"]


def test_a_stream_is_read_only_within(gate: Gated) -> None:
    for name in ("demo-1", "secret"):
        make_table(gate, name, **STREAM)
    shard = "shardId-00000000000000000000-00000000"
    for each in gate.call("ListStreams", {}, prefix=STREAMS)["Streams"]:
        arn = each["StreamArn"]
        described = gate.call("DescribeStream", {"StreamArn": arn}, prefix=STREAMS)
        shard = described["StreamDescription"]["Shards"][0]["ShardId"]
        asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
        iterator = gate.call("GetShardIterator", asked, prefix=STREAMS)["ShardIterator"]
        is_within = each["TableName"] == "demo-1"
        for operation, request in (
            ("DescribeStream", {"StreamArn": arn}),
            ("GetShardIterator", asked),
            ("GetRecords", {"ShardIterator": iterator}),
        ):
            answer = gate.call(operation, request, DEMO_READER, STREAMS)
            assert ("AccessDenied" in answer.get("__type", "")) != is_within
