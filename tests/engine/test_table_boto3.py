"""Table operations as a program meets them: boto3, its waiters and its error classes."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.conftest import serving

PAIR = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "kind")]


def connect(url: str) -> Any:
    return boto3.client(
        "dynamodb",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    with serving("--memory") as (url, _):
        client = connect(url)
        create(client, "source")
        yield client
        client.close()


def create(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=PAIR[:1],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 0})


def test_a_tables_life(dynamodb: Any) -> None:
    """Tagged, indexed, backed up, restored: what an infrastructure tool does to a table."""
    arn = dynamodb.describe_table(TableName="source")["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "env", "Value": "test"}])
    dynamodb.untag_resource(ResourceArn=arn, TagKeys=["team"])
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "env", "Value": "test"}]

    dynamodb.put_item(TableName="source", Item={"id": {"S": "1"}, "kind": {"S": "x"}})
    create_index = {
        "IndexName": "by-kind",
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.update_table(
        TableName="source",
        AttributeDefinitions=PAIR,
        GlobalSecondaryIndexUpdates=[{"Create": create_index}],
    )
    table = dynamodb.describe_table(TableName="source")["Table"]
    assert table["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"

    details = dynamodb.create_backup(TableName="source", BackupName="monday")["BackupDetails"]
    listed = dynamodb.list_backups(TableName="source")["BackupSummaries"]
    assert [each["BackupArn"] for each in listed] == [details["BackupArn"]]
    dynamodb.restore_table_from_backup(TargetTableName="copy", BackupArn=details["BackupArn"])
    dynamodb.get_waiter("table_exists").wait(TableName="copy", WaiterConfig={"Delay": 0})
    found = dynamodb.scan(TableName="copy", IndexName="by-kind")["Items"]
    assert found == [{"id": {"S": "1"}, "kind": {"S": "x"}}]
    dynamodb.delete_backup(BackupArn=details["BackupArn"])
    with pytest.raises(dynamodb.exceptions.BackupNotFoundException):
        dynamodb.describe_backup(BackupArn=details["BackupArn"])


def test_error_classes(dynamodb: Any) -> None:
    """Programs catch these by class."""
    with pytest.raises(dynamodb.exceptions.ResourceInUseException):
        create(dynamodb, "source")
    with pytest.raises(dynamodb.exceptions.TableNotFoundException):
        dynamodb.create_backup(TableName="nope", BackupName="monday")
    with pytest.raises(dynamodb.exceptions.PointInTimeRecoveryUnavailableException):
        dynamodb.restore_table_to_point_in_time(
            SourceTableName="source", TargetTableName="then", UseLatestRestorableTime=True
        )


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("list_global_tables", {}),
        ("describe_contributor_insights", {"TableName": "source"}),
        ("describe_kinesis_streaming_destination", {"TableName": "source"}),
        ("list_exports", {}),
        ("list_imports", {}),
    ],
)
def test_what_pannier_does_not_have(
    dynamodb: Any, operation: str, request_: dict[str, Any]
) -> None:
    """A plain error that names the operation, and a server that goes on."""
    with pytest.raises(dynamodb.exceptions.ClientError, match="not supported") as caught:
        getattr(dynamodb, operation)(**request_)
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_table_delay_over_the_wire() -> None:
    """Nothing waits here: within the long delay the table is CREATING."""
    with serving("--memory", "--table-delay", "600") as (url, _):
        client = connect(url)
        answer = client.create_table(
            TableName="slow",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=PAIR[:1],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        assert answer["TableDescription"]["TableStatus"] == "CREATING"
        assert client.describe_table(TableName="slow")["Table"]["TableStatus"] == "CREATING"
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.get_item(TableName="slow", Key={"id": {"S": "1"}})
        client.close()
