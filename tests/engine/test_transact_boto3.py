"""Transactions as a program meets them: through boto3 and a server of its own."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.conftest import serving


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Any]:
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    with serving("--memory") as (url, _):
        client = boto3.client("dynamodb", endpoint_url=url, region_name="us-east-1", **keys)
        client.create_table(
            TableName="accounts",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        yield client
        client.close()


def transfer(amount: int) -> list[dict[str, Any]]:
    """Money goes from one account to the other, and the first must have enough of it."""
    value = {":n": {"N": str(amount)}}
    return [
        {
            "Update": {
                "TableName": "accounts",
                "Key": {"id": {"S": "from"}},
                "UpdateExpression": "SET balance = balance - :n",
                "ConditionExpression": "balance >= :n",
                "ExpressionAttributeValues": value,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {
            "Update": {
                "TableName": "accounts",
                "Key": {"id": {"S": "to"}},
                "UpdateExpression": "ADD balance :n",
                "ExpressionAttributeValues": value,
            }
        },
    ]


def balances(dynamodb: Any) -> list[str]:
    gets = [
        {"Get": {"TableName": "accounts", "Key": {"id": {"S": name}}}} for name in ("from", "to")
    ]
    responses = dynamodb.transact_get_items(TransactItems=gets)["Responses"]
    return [response["Item"]["balance"]["N"] for response in responses]


def test_money_moves_or_does_not_and_boto3_tells_why(dynamodb: Any) -> None:
    """boto3 reads the reasons only because they are named and typed as in the service model."""
    item = {"id": {"S": "from"}, "balance": {"N": "100"}}
    dynamodb.put_item(TableName="accounts", Item=item)
    answer = dynamodb.transact_write_items(
        TransactItems=transfer(70), ReturnConsumedCapacity="TOTAL", ClientRequestToken="once"
    )
    (consumed,) = answer["ConsumedCapacity"]
    assert (consumed["CapacityUnits"], consumed["WriteCapacityUnits"]) == (4.0, 4.0)
    dynamodb.transact_write_items(TransactItems=transfer(70), ClientRequestToken="once")
    assert balances(dynamodb) == ["30", "70"]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        dynamodb.transact_write_items(TransactItems=transfer(70))
    response = caught.value.response
    assert response["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[ConditionalCheckFailed, None]"
    )
    failed, untouched = response["CancellationReasons"]
    assert failed["Item"]["balance"] == {"N": "30"}
    assert untouched == {"Code": "None"}
    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(TransactItems=transfer(1), ClientRequestToken="once")
    assert balances(dynamodb) == ["30", "70"]
