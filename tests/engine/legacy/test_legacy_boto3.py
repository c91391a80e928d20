"""The older parameters over the wire, as boto3's own documentation of them has it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import serving


@pytest.fixture(scope="module")
def table() -> Iterator[Any]:
    with serving("--memory") as (url, _), pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "local")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "local")
        resource = boto3.resource(
            "dynamodb",
            endpoint_url=url,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 1, "mode": "standard"}),
        )
        yield resource.create_table(
            TableName="scores",
            KeySchema=[
                {"AttributeName": "player", "KeyType": "HASH"},
                {"AttributeName": "game", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "player", "AttributeType": "S"},
                {"AttributeName": "game", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )


def test_a_score_is_kept_as_it_was_before_expressions(table: Any) -> None:
    key = {"player": "ann", "game": "chess"}
    table.put_item(Item={**key, "points": 1}, Expected={"player": {"Exists": False}})
    with pytest.raises(ClientError) as lost:
        table.put_item(Item=key, Expected={"player": {"Exists": False}})
    assert lost.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    answer = table.update_item(
        Key=key,
        AttributeUpdates={
            "points": {"Action": "ADD", "Value": 4},
            "medals": {"Action": "ADD", "Value": {"gold"}},
        },
        Expected={"points": {"ComparisonOperator": "LT", "AttributeValueList": [5]}},
        ReturnValues="UPDATED_NEW",
    )
    assert answer["Attributes"] == {"points": 5, "medals": {"gold"}}
    starts_with_c = {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": ["c"]}
    answer = table.query(
        KeyConditions={
            "player": {"ComparisonOperator": "EQ", "AttributeValueList": ["ann"]},
            "game": starts_with_c,
        },
        QueryFilter={"medals": {"ComparisonOperator": "CONTAINS", "AttributeValueList": ["gold"]}},
        AttributesToGet=["game", "points"],
    )
    assert answer["Items"] == [{"game": "chess", "points": 5}]
    answer = table.scan(ScanFilter={"game": starts_with_c}, Select="COUNT")
    assert answer["Count"] == 1


def test_mixing_is_refused_over_the_wire(table: Any) -> None:
    with pytest.raises(ClientError, match="Can not use both expression and non-expression"):
        table.scan(FilterExpression="attribute_exists(a)", AttributesToGet=["a"])
