"""Whatever a limited credential asks for: other tables stay unseen, and as they were.

Unlike `test_rights`, which holds requests against the rules, this carries them out.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service.access.gated import Gated, gated, make_table
from tests.service.access.signing import BOSS, DEMO, DEMO_READER, READER

MARKER = "only-for-the-eyes-of-the-boss"
STREAMS = "DynamoDBStreams_20120810."
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/"
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}
KEY = {"id": {"S": "1"}}
ITEM = {**KEY, "text": {"S": MARKER}}
NAMES = (
    "secret",
    "demo-x",
    ARN + "secret",
    ARN + "demo-x",
    "arn:aws:dynamodb:mars:1:table/secret",
    "arn:aws:dynamodb:x:1:table/demo-x:table/secret",
    "arn::table/secret",
    "arn:demo-:table/secret",
    "demo-x/../secret",
    "secret/index/demo-x",
    "demo-x:table/secret",
    "SECRET",
    " secret",
    "secret\n",
    'demo-x"."secret',
    '"secret"',
    None,
    ["secret"],
    {"S": "secret"},
)
STATEMENTS = (
    'SELECT * FROM "{0}"',
    "SELECT * FROM {0}",
    "SELECT * FROM \"{0}\" WHERE id='1'",
    'SELECT * FROM "{0}"."{1}" WHERE id=\'1\'',
    'SELECT * FROM "{0}", "{1}"',
    "DELETE FROM \"{0}\" WHERE id='1'",
    "DELETE FROM \"{0}\" WHERE id='1' RETURNING ALL OLD *",
    "UPDATE \"{0}\" SET text='changed' WHERE id='1' RETURNING ALL OLD *",
    "INSERT INTO \"{0}\" VALUE {{'id': '2'}}",
    "EXISTS(SELECT * FROM \"{0}\" WHERE id='1' AND text='x')",
    'SELECT * FROM "{0}" WHERE id IN (SELECT id FROM "{1}")',
    '/* {1} */ SELECT * FROM "{0}" -- {1}',
)
UPDATE = {"Key": KEY, "UpdateExpression": "SET a = :a",
          "ExpressionAttributeValues": {":a": {"S": "a"}}}  # fmt: skip


def requests(one: Any, two: Any, statement: str, backup: str, stream: str, shard: str,
             iterator: str) -> list[tuple[str, dict[str, Any]]]:  # fmt: skip
    """Requests that name one table, or two."""
    text = statement.format(one, two)
    by_name = one if isinstance(one, str) else "x"
    by_name_2 = two if isinstance(two, str) else "y"
    put = [{"PutRequest": {"Item": {"id": {"S": "3"}}}}]
    delete = [{"DeleteRequest": {"Key": KEY}}]
    return [
        ("GetItem", {"TableName": one, "Key": KEY}),
        ("PutItem", {"TableName": one, "Item": KEY, "ReturnValues": "ALL_OLD"}),
        ("DeleteItem", {"TableName": one, "Key": KEY, "ReturnValues": "ALL_OLD"}),
        ("UpdateItem", {"TableName": one, **UPDATE, "ReturnValues": "ALL_NEW"}),
        ("Scan", {"TableName": one}),
        ("Query", {"TableName": one, "KeyConditionExpression": "id = :a",
                   "ExpressionAttributeValues": {":a": {"S": "1"}}}),
        ("BatchGetItem", {"RequestItems": {by_name: {"Keys": [KEY]}, by_name_2: {"Keys": [KEY]}}}),
        ("BatchWriteItem", {"RequestItems": {by_name: put, by_name_2: delete}}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": one, "Key": KEY}},
                                                {"Get": {"TableName": two, "Key": KEY}}]}),
        ("TransactWriteItems", {"TransactItems": [
            {"Put": {"TableName": one, "Item": {"id": {"S": "9"}}}},
            {"Delete": {"TableName": two, "Key": KEY}}]}),
        ("TransactWriteItems", {"TransactItems": [
            {"ConditionCheck": {"TableName": one, "Key": KEY,
                                "ConditionExpression": "attribute_not_exists(id)",
                                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
            {"Update": {"TableName": two, **UPDATE}}]}),
        ("ExecuteStatement", {"Statement": text}),
        ("BatchExecuteStatement", {"Statements": [{"Statement": text}]}),
        ("ExecuteTransaction", {"TransactStatements": [{"Statement": text}]}),
        ("DescribeTable", {"TableName": one}),
        ("DeleteTable", {"TableName": one}),
        ("UpdateTable", {"TableName": one, "DeletionProtectionEnabled": True}),
        ("UpdateTimeToLive", {"TableName": one, "TimeToLiveSpecification": {
            "Enabled": True, "AttributeName": "ttl"}}),
        ("TagResource", {"ResourceArn": one, "Tags": [{"Key": "k", "Value": "v"}]}),
        ("ListTagsOfResource", {"ResourceArn": one}),
        ("CreateBackup", {"TableName": one, "BackupName": "more"}),
        ("DescribeBackup", {"BackupArn": backup}),
        ("DeleteBackup", {"BackupArn": backup}),
        ("RestoreTableFromBackup", {"BackupArn": backup, "TargetTableName": "demo-restored"}),
        ("ListBackups", {"TableName": one}),
        ("DescribeStream", {"StreamArn": stream}),
        ("GetShardIterator", {"StreamArn": stream, "ShardId": shard,
                              "ShardIteratorType": "TRIM_HORIZON"}),
        ("GetRecords", {"ShardIterator": iterator}),
        ("ListStreams", {"TableName": one}),
        ("ListTables", {}), ("ListStreams", {}), ("ListBackups", {}),
    ]  # fmt: skip


class Scene:
    """A table `secret` with an item, a stream and a backup, beside `demo-x` with nothing in it."""

    def __init__(self, gate: Gated) -> None:
        self.gate = gate
        make_table(gate, "secret", **STREAM)
        make_table(gate, "demo-x", **STREAM)
        gate.call("PutItem", {"TableName": "secret", "Item": ITEM})
        details = gate.call("CreateBackup", {"TableName": "secret", "BackupName": "first"})
        self.backup = details["BackupDetails"]["BackupArn"]
        listed = gate.call("ListStreams", {"TableName": "secret"}, prefix=STREAMS)
        self.stream = listed["Streams"][0]["StreamArn"]
        described = gate.call("DescribeStream", {"StreamArn": self.stream}, prefix=STREAMS)
        self.shard = described["StreamDescription"]["Shards"][0]["ShardId"]
        asked = {"StreamArn": self.stream, "ShardId": self.shard}
        asked["ShardIteratorType"] = "TRIM_HORIZON"
        self.iterator = gate.call("GetShardIterator", asked, prefix=STREAMS)["ShardIterator"]

    def seen(self) -> list[Any]:
        """All that there is to be seen of the table."""
        call = self.gate.call
        return [
            call("Scan", {"TableName": "secret"})["Items"],
            call("DescribeTable", {"TableName": "secret"})["Table"],
            call("ListTagsOfResource", {"ResourceArn": ARN + "secret"}),
            call("DescribeTimeToLive", {"TableName": "secret"}),
            call("ListBackups", {"TableName": "secret"}),
        ]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with gated(Path(tmp_path_factory.mktemp("limits"))) as gate:
        yield Scene(gate)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(one=st.sampled_from(NAMES), two=st.sampled_from(NAMES), text=st.sampled_from(STATEMENTS))
def test_other_tables_are_neither_seen_nor_changed(
    scene: Scene, one: Any, two: Any, text: str
) -> None:
    before = scene.seen()
    asked = requests(one, two, text, scene.backup, scene.stream, scene.shard, scene.iterator)
    for operation, request in asked:
        is_of_streams = operation in ("DescribeStream", "GetShardIterator", "GetRecords")
        is_of_streams |= operation == "ListStreams"
        for by in (DEMO, DEMO_READER):
            prefix = {"prefix": STREAMS} if is_of_streams else {}
            answer = scene.gate.call(operation, request, by, **prefix)
            assert MARKER not in str(answer)
            if answer.keys() & {"TableNames", "Streams", "BackupSummaries"}:
                assert "secret" not in str(answer)
    assert scene.seen() == before
    if "demo-x" not in scene.gate.call("ListTables")["TableNames"]:
        make_table(scene.gate, "demo-x", **STREAM)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(one=st.sampled_from(NAMES), two=st.sampled_from(NAMES), text=st.sampled_from(STATEMENTS))
def test_a_reader_changes_nothing(scene: Scene, one: Any, two: Any, text: str) -> None:
    before = scene.seen(), scene.gate.call("ListTables"), scene.gate.call("ListBackups")
    asked = requests(one, two, text, scene.backup, scene.stream, scene.shard, scene.iterator)
    for operation, request in asked:
        scene.gate.call(operation, request, READER)
    after = scene.seen(), scene.gate.call("ListTables"), scene.gate.call("ListBackups")
    assert after == before


def test_what_is_asked_for_would_be_seen_and_done_without_limits(scene: Scene) -> None:
    """So that the tests above can't pass because nothing works."""
    asked = requests(
        "secret", "demo-x", STATEMENTS[2], scene.backup, scene.stream, scene.shard, scene.iterator
    )
    reads = [(name, each) for name, each in asked if name[:3] in ("Get", "Sca", "Que", "Exe")]
    shown = 0
    for operation, request in reads:
        prefix = {"prefix": STREAMS} if operation[:4] in ("GetR", "GetS") else {}
        shown += MARKER in str(scene.gate.call(operation, request, BOSS, **prefix))
    assert shown == 6
