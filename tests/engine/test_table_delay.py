"""`--table-delay`: tables and indexes take their time, as on AWS.

Code that forgets to wait for ACTIVE works against an instant engine and fails on AWS. With a delay
it fails here. The statuses follow from the clock; no thread brings them about, so a test's clock is
enough to walk through them.
"""

from collections.abc import Iterator

import pytest

from pannier.engine.database import Database
from tests.engine.table_asking import (
    ManualClock,
    call,
    definitions,
    described,
    index,
    keys,
    on_demand,
    refused,
    thing,
)

IN_USE = "ResourceInUseException: Attempt to change a resource which is still in use: "
NOT_FOUND = "ResourceNotFoundException: Requested resource not found"
ADD_INDEX = {
    "AttributeDefinitions": definitions("g"),
    "GlobalSecondaryIndexUpdates": [{"Create": index("gsi", keys("g"))}],
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database(clock: ManualClock) -> Iterator[Database]:
    with Database.in_memory(clock=clock, sweep_interval_s=None, table_delay_s=10) as database:
        yield database


def test_creating(database: Database, clock: ManualClock) -> None:
    """Items are not found, the table is; changing it is refused."""
    request = on_demand(
        AttributeDefinitions=definitions("a", "g"),
        GlobalSecondaryIndexes=[index("gsi", keys("g"))],
    )
    call(database, "CreateTable", **request)
    clock.now_s += 9
    table = described(database)
    assert table["TableStatus"] == "CREATING"
    assert table["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    assert call(database, "ListTables") == {"TableNames": ["abc"]}
    assert refused(database, "PutItem", TableName="abc", Item=thing(1)) == NOT_FOUND
    batch = {"abc": [{"PutRequest": {"Item": thing(1)}}]}
    assert refused(database, "BatchWriteItem", RequestItems=batch) == NOT_FOUND
    assert refused(database, "Scan", TableName="abc") == NOT_FOUND
    created = IN_USE + "Table is being created: abc"
    assert refused(database, "CreateTable", **request) == created
    assert refused(database, "DeleteTable", TableName="abc") == created
    assert refused(database, "UpdateTable", TableName="abc", TableClass="STANDARD") == created
    clock.now_s += 1
    assert described(database)["TableStatus"] == "ACTIVE"
    call(database, "PutItem", TableName="abc", Item=thing(1))


def test_updating(database: Database, clock: ManualClock) -> None:
    """Items go on as if nothing were; another change has to wait."""
    call(database, "CreateTable", **on_demand())
    clock.now_s += 10
    call(database, "UpdateTable", TableName="abc", TableClass="STANDARD")
    assert described(database)["TableStatus"] == "UPDATING"
    call(database, "PutItem", TableName="abc", Item=thing(1))
    updated = IN_USE + "Table is being updated: abc"
    assert refused(database, "UpdateTable", TableName="abc", TableClass="STANDARD") == updated
    assert refused(database, "DeleteTable", TableName="abc") == updated
    clock.now_s += 10
    assert described(database)["TableStatus"] == "ACTIVE"


def test_deleting(database: Database, clock: ManualClock) -> None:
    """The name is taken and the table still described, until it is gone."""
    call(database, "CreateTable", **on_demand())
    clock.now_s += 10
    answer = call(database, "DeleteTable", TableName="abc")["TableDescription"]
    assert answer["TableStatus"] == "DELETING"
    assert described(database)["TableStatus"] == "DELETING"
    assert call(database, "ListTables") == {"TableNames": ["abc"]}
    deleted = IN_USE + "Table is being deleted: abc"
    assert refused(database, "CreateTable", **on_demand()) == deleted
    assert refused(database, "DeleteTable", TableName="abc") == deleted
    assert refused(database, "GetItem", TableName="abc", Key={"a": {"S": "x"}}) == NOT_FOUND
    clock.now_s += 10
    assert call(database, "ListTables") == {"TableNames": []}
    assert refused(database, "DescribeTable", TableName="abc").startswith(NOT_FOUND)
    call(database, "CreateTable", **on_demand())


def test_an_index_comes_and_goes(database: Database, clock: ManualClock) -> None:
    call(database, "CreateTable", **on_demand())
    clock.now_s += 10
    call(database, "UpdateTable", TableName="abc", **ADD_INDEX)
    (gsi,) = described(database)["GlobalSecondaryIndexes"]
    assert (gsi["IndexStatus"], gsi["Backfilling"]) == ("CREATING", False)
    assert "backfilling" in refused(database, "Scan", TableName="abc", IndexName="gsi")
    clock.now_s += 10
    call(database, "Scan", TableName="abc", IndexName="gsi")
    assert described(database)["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    drop = [{"Delete": {"IndexName": "gsi"}}]
    call(database, "UpdateTable", TableName="abc", GlobalSecondaryIndexUpdates=drop)
    assert described(database)["GlobalSecondaryIndexes"][0]["IndexStatus"] == "DELETING"
    assert "does not have the specified index" in refused(
        database, "Scan", TableName="abc", IndexName="gsi"
    )
    clock.now_s += 10
    assert "GlobalSecondaryIndexes" not in described(database)


def test_a_backup_is_available_later(database: Database, clock: ManualClock) -> None:
    call(database, "CreateTable", **on_demand())
    clock.now_s += 10
    made = call(database, "CreateBackup", TableName="abc", BackupName="first")["BackupDetails"]
    arn = made["BackupArn"]
    restore = {"TargetTableName": "copy", "BackupArn": arn}
    assert refused(database, "RestoreTableFromBackup", **restore).startswith("BackupInUseException")
    assert refused(database, "DeleteBackup", BackupArn=arn).startswith("BackupInUseException")
    clock.now_s += 10
    call(database, "RestoreTableFromBackup", **restore)
    table = described(database, "copy")
    assert (table["TableStatus"], table["RestoreSummary"]["RestoreInProgress"]) == (
        "CREATING",
        True,
    )
    clock.now_s += 10
    assert described(database, "copy")["RestoreSummary"]["RestoreInProgress"] is False
