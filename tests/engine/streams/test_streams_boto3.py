"""Streams and time to live as a program meets them: through boto3 and a server of its own.

DynamoDB Streams is an API of its own, with a client and a target header of its own, at the same
address as DynamoDB.
"""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.conftest import serving


@pytest.fixture(scope="module")
def clients() -> Iterator[tuple[Any, Any]]:
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    with serving("--memory") as (url, _):
        options = {"endpoint_url": url, "region_name": "us-east-1", **keys}
        dynamodb = boto3.client("dynamodb", **options)
        streams = boto3.client("dynamodbstreams", **options)
        yield dynamodb, streams
        dynamodb.close()
        streams.close()


def test_a_program_reads_a_stream(clients: tuple[Any, Any]) -> None:
    dynamodb, streams = clients
    dynamodb.create_table(
        TableName="music",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    dynamodb.get_waiter("table_exists").wait(TableName="music")
    (listed,) = streams.list_streams(TableName="music")["Streams"]
    arn = listed["StreamArn"]
    assert arn == dynamodb.describe_table(TableName="music")["Table"]["LatestStreamArn"]
    dynamodb.put_item(TableName="music", Item={"id": {"S": "a"}, "raw": {"B": b"\0\1"}})
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    answer = streams.get_records(ShardIterator=iterator)
    (record,) = answer["Records"]
    assert record["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "raw": {"B": b"\0\1"}}
    created = record["dynamodb"]["ApproximateCreationDateTime"]
    assert created.tzinfo is not None
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=arn + "0")
    with pytest.raises(streams.exceptions.ClientError, match="ValidationException"):
        streams.get_records(ShardIterator="garbage")
    assert streams.get_records(ShardIterator=answer["NextShardIterator"])["Records"] == []


def test_a_program_lets_items_expire(clients: tuple[Any, Any]) -> None:
    dynamodb, _ = clients
    dynamodb.create_table(
        TableName="sessions",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    settings = {"Enabled": True, "AttributeName": "ttl"}
    answer = dynamodb.update_time_to_live(TableName="sessions", TimeToLiveSpecification=settings)
    assert answer["TimeToLiveSpecification"] == settings
    answer = dynamodb.describe_time_to_live(TableName="sessions")
    assert answer["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    with pytest.raises(dynamodb.exceptions.ClientError, match="TimeToLive is already enabled"):
        dynamodb.update_time_to_live(TableName="sessions", TimeToLiveSpecification=settings)
