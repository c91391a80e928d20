"""PartiQL as a program meets it: through boto3 and a server of its own."""

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
            TableName="Music",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("Artist", "SongTitle")
            ],
            KeySchema=[
                {"AttributeName": "Artist", "KeyType": "HASH"},
                {"AttributeName": "SongTitle", "KeyType": "RANGE"},
            ],
        )
        yield client
        client.close()


def test_a_songs_life(dynamodb):
    """The Developer Guide's own way from INSERT to DELETE."""
    dynamodb.execute_statement(
        Statement="INSERT INTO \"Music\" VALUE {'Artist': ?, 'SongTitle': ?}",
        Parameters=[{"S": "Acme Band"}, {"S": "PartiQL Rocks"}],
    )
    key = "WHERE Artist='Acme Band' AND SongTitle='PartiQL Rocks'"
    updated = dynamodb.execute_statement(
        Statement='UPDATE "Music" SET AwardsWon=1 '
        f"SET AwardDetail={{'Grammys':[2020, 2018]}} {key} RETURNING ALL NEW *"
    )
    assert updated["Items"][0]["AwardsWon"] == {"N": "1"}
    found = dynamodb.execute_statement(
        Statement=f'SELECT AwardDetail.Grammys[0] FROM "Music" {key}'
    )
    assert found["Items"] == [{"Grammys[0]": {"N": "2020"}}]
    deleted = dynamodb.execute_statement(Statement=f'DELETE FROM "Music" {key} RETURNING ALL OLD *')
    assert deleted["Items"][0]["SongTitle"] == {"S": "PartiQL Rocks"}


def test_errors_are_boto3s_own_classes(dynamodb):
    insert = "INSERT INTO Music VALUE {'Artist': 'a', 'SongTitle': 'b'}"
    dynamodb.execute_statement(Statement=insert)
    with pytest.raises(dynamodb.exceptions.DuplicateItemException) as raised:
        dynamodb.execute_statement(Statement=insert)
    assert raised.value.response["Error"]["Message"] == "Duplicate primary key exists in table"
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.execute_transaction(TransactStatements=[{"Statement": insert}])
    (reason,) = cancelled.value.response["CancellationReasons"]
    assert reason["Code"] == "DuplicateItem"


def test_batches_and_pages(dynamodb):
    dynamodb.batch_execute_statement(
        Statements=[
            {"Statement": f"INSERT INTO Music VALUE {{'Artist': 'p', 'SongTitle': '{title}'}}"}
            for title in "abc"
        ]
    )
    select: dict[str, Any] = {"Statement": "SELECT * FROM Music WHERE Artist = 'p'", "Limit": 2}
    first = dynamodb.execute_statement(**select)
    rest = dynamodb.execute_statement(**select, NextToken=first["NextToken"])
    titles = [item["SongTitle"]["S"] for item in first["Items"] + rest["Items"]]
    assert titles == ["a", "b", "c"]
    assert "NextToken" not in rest
