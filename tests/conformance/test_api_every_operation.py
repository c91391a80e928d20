"""Every operation that `docs/api.md` names, once, through boto3: a real client understands each.

What the operations do in detail is tested elsewhere; here it matters that boto3 finds its way,
sends what it always sends, and can read every answer.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from pannier.engine.operations import OPERATIONS
from tests.conftest import serving

TABLE = "every-operation"
STREAMS = {"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"}
PAPERS = Path(__file__).parents[2] / "docs" / "api.md"


class Client:
    """boto3's two clients, and which operations were called."""

    def __init__(self, url: str) -> None:
        config = Config(retries={"total_max_attempts": 1})
        options: dict[str, Any] = {
            "endpoint_url": url,
            "region_name": "us-east-1",
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
            "config": config,
        }
        self._clients = {
            name: boto3.client(name, **options) for name in ("dynamodb", "dynamodbstreams")
        }
        self.called: set[str] = set()

    def __call__(self, operation: str, **request: Any) -> dict[str, Any]:
        client = self._clients["dynamodbstreams" if operation in STREAMS else "dynamodb"]
        methods = {api: method for method, api in client.meta.method_to_api_mapping.items()}
        answer: dict[str, Any] = getattr(client, methods[operation])(**request)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        self.called.add(operation)
        return answer

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture
def call() -> Iterator[Client]:
    with serving("--memory") as (url, _):
        client = Client(url)
        yield client
        client.close()


def key(name: str) -> dict[str, Any]:
    return {"PK": {"S": name}}


def test_every_operation_through_boto3(call: Client) -> None:
    table = call(
        "CreateTable",
        TableName=TABLE,
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    items(call)
    tables(call, table["TableArn"])
    streams(call)
    backups(call)
    call("DeleteTable", TableName=TABLE)
    assert call("ListTables")["TableNames"] == ["restored"]
    supported = set(OPERATIONS) | STREAMS
    never_granted = {"RestoreTableToPointInTime"}  # see its module: it always refuses
    assert supported - call.called - never_granted == set()


def items(call: Client) -> None:
    call("PutItem", TableName=TABLE, Item={**key("a"), "n": {"N": "1"}})
    updated = call(
        "UpdateItem",
        TableName=TABLE,
        Key=key("a"),
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )
    assert updated["Attributes"]["n"] == {"N": "2"}
    assert call("GetItem", TableName=TABLE, Key=key("a"))["Item"]["n"] == {"N": "2"}
    call("BatchWriteItem", RequestItems={TABLE: [{"PutRequest": {"Item": key("b")}}]})
    found = call("BatchGetItem", RequestItems={TABLE: {"Keys": [key("a"), key("b")]}})
    assert len(found["Responses"][TABLE]) == 2
    queried = call(
        "Query",
        TableName=TABLE,
        KeyConditionExpression="PK = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
    )
    assert queried["Count"] == 1
    assert call("Scan", TableName=TABLE)["Count"] == 2
    call("TransactWriteItems", TransactItems=[{"Put": {"TableName": TABLE, "Item": key("c")}}])
    got = call("TransactGetItems", TransactItems=[{"Get": {"TableName": TABLE, "Key": key("c")}}])
    assert got["Responses"] == [{"Item": key("c")}]
    select = f'SELECT * FROM "{TABLE}" WHERE PK = ?'
    parameters = [{"S": "a"}]
    assert len(call("ExecuteStatement", Statement=select, Parameters=parameters)["Items"]) == 1
    statements = [{"Statement": select, "Parameters": parameters}]
    assert "Item" in call("BatchExecuteStatement", Statements=statements)["Responses"][0]
    assert "Item" in call("ExecuteTransaction", TransactStatements=statements)["Responses"][0]
    call("DeleteItem", TableName=TABLE, Key=key("c"))


def tables(call: Client, arn: str) -> None:
    described = call("DescribeTable", TableName=TABLE)["Table"]
    assert described["ItemCount"] == 2
    call("UpdateTable", TableName=TABLE, DeletionProtectionEnabled=False)
    call("TagResource", ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert call("ListTagsOfResource", ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    call("UntagResource", ResourceArn=arn, TagKeys=["k"])
    expiry = {"Enabled": True, "AttributeName": "expires"}
    call("UpdateTimeToLive", TableName=TABLE, TimeToLiveSpecification=expiry)
    expiring = call("DescribeTimeToLive", TableName=TABLE)["TimeToLiveDescription"]
    assert expiring["AttributeName"] == "expires"
    assert call("DescribeLimits")["TableMaxWriteCapacityUnits"] > 0
    assert call("DescribeEndpoints")["Endpoints"]


def streams(call: Client) -> None:
    (stream,) = call("ListStreams", TableName=TABLE)["Streams"]
    described = call("DescribeStream", StreamArn=stream["StreamArn"])["StreamDescription"]
    iterator = call(
        "GetShardIterator",
        StreamArn=stream["StreamArn"],
        ShardId=described["Shards"][0]["ShardId"],
        ShardIteratorType="TRIM_HORIZON",
    )["ShardIterator"]
    records = call("GetRecords", ShardIterator=iterator)["Records"]
    assert [record["eventName"] for record in records] == [
        "INSERT", "MODIFY", "INSERT", "INSERT", "REMOVE",
    ]  # fmt: skip


def backups(call: Client) -> None:
    recovery = {"PointInTimeRecoveryEnabled": True}
    call("UpdateContinuousBackups", TableName=TABLE, PointInTimeRecoverySpecification=recovery)
    call("DescribeContinuousBackups", TableName=TABLE)
    arn = call("CreateBackup", TableName=TABLE, BackupName="one")["BackupDetails"]["BackupArn"]
    assert call("ListBackups")["BackupSummaries"][0]["BackupArn"] == arn
    call("DescribeBackup", BackupArn=arn)
    call("RestoreTableFromBackup", TargetTableName="restored", BackupArn=arn)
    assert call("Scan", TableName="restored")["Count"] == 2
    call("DeleteBackup", BackupArn=arn)


def test_the_papers_name_every_operation() -> None:
    """What is supported is documented, and what is documented is supported."""
    papers = PAPERS.read_text()
    assert [name for name in sorted(set(OPERATIONS) | STREAMS) if name not in papers] == []
