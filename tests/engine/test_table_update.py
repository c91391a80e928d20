"""UpdateTable: billing, throughput and settings. Indexes have a file of their own."""

from collections.abc import Iterator
from typing import Any

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
    provisioned,
    refused,
    units,
)

INVALID = "ValidationException: One or more parameter values were invalid: "


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database(clock: ManualClock) -> Iterator[Database]:
    with Database.in_memory(clock=clock, sweep_interval_s=None) as database:
        yield database


def update(database: Database, **changes: Any) -> Any:
    return call(database, "UpdateTable", TableName="abc", **changes)["TableDescription"]


def not_updated(database: Database, **changes: Any) -> str:
    return refused(database, "UpdateTable", TableName="abc", **changes)


def test_nothing_to_update(database: Database) -> None:
    """Said before the table is looked for."""
    assert not_updated(database).startswith("ValidationException: At least one of Provisioned")
    assert not_updated(database, TableClass="STANDARD") == (
        "ResourceNotFoundException: Requested resource not found: Table: abc not found"
    )


def test_throughput_up_and_down(database: Database, clock: ManualClock) -> None:
    """Autoscalers read when it was changed last, and how often it went down today."""
    call(database, "CreateTable", **provisioned())
    answer = update(database, ProvisionedThroughput=units(10, 5))
    assert answer["TableStatus"] == "UPDATING"
    clock.now_s += 60
    update(database, ProvisionedThroughput=units(1, 1))
    assert described(database)["ProvisionedThroughput"] == {
        "NumberOfDecreasesToday": 1,
        "LastIncreaseDateTime": clock.now_s - 60,
        "LastDecreaseDateTime": clock.now_s,
        **units(1, 1),
    }
    clock.now_s += 24 * 3600
    assert described(database)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0


def test_throughput_that_would_not_change(database: Database) -> None:
    """UpdateTable is not idempotent, which autoscalers have to know (captured text)."""
    call(database, "CreateTable", **provisioned())
    assert not_updated(database, ProvisionedThroughput=units(5, 5)) == (
        "ValidationException: The provisioned throughput for the table will not change. "
        "The requested value equals the current value. "
        "Current ReadCapacityUnits provisioned for the table: 5. Requested ReadCapacityUnits: 5. "
        "Current WriteCapacityUnits provisioned for the table: 5. "
        "Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current "
        "limits and how to request higher limits."
    )


def test_decreases_of_one_day(database: Database, clock: ManualClock) -> None:
    """Four at any time, then one an hour (Developer Guide, quotas); another day begins anew."""
    call(database, "CreateTable", **provisioned(ProvisionedThroughput=units(20, 20)))
    for read in (19, 18, 17, 16):
        update(database, ProvisionedThroughput=units(read, 20))
    text = not_updated(database, ProvisionedThroughput=units(15, 20))
    assert text.startswith("LimitExceededException: Subscriber limit exceeded: Provisioned")
    assert "Number of decreases today: 4" in text
    assert text.endswith("Next decrease can be made at Monday, November 23, 2026 9:00:00 AM UTC")
    update(database, ProvisionedThroughput=units(30, 20))  # more is always possible
    clock.now_s += 3600
    update(database, ProvisionedThroughput=units(15, 20))
    clock.now_s += 24 * 3600
    update(database, ProvisionedThroughput=units(14, 20))
    assert described(database)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


def test_to_on_demand_and_back(database: Database, clock: ManualClock) -> None:
    """Units become zeros on demand; on the way back, table and indexes need units again."""
    call(
        database,
        "CreateTable",
        **provisioned(
            AttributeDefinitions=definitions("a", "g"),
            GlobalSecondaryIndexes=[index("gsi", keys("g"), ProvisionedThroughput=units(3, 3))],
        ),
    )
    update(database, BillingMode="PAY_PER_REQUEST")
    table = described(database)
    assert table["BillingModeSummary"] == {
        "BillingMode": "PAY_PER_REQUEST",
        "LastUpdateToPayPerRequestDateTime": clock.now_s,
    }
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 0
    assert table["WarmThroughput"]["WriteUnitsPerSecond"] == 4_000

    both = "ReadCapacityUnits and WriteCapacityUnits must both be specified"
    assert both in not_updated(database, BillingMode="PROVISIONED")
    text = not_updated(database, BillingMode="PROVISIONED", ProvisionedThroughput=units(2, 2))
    assert text == INVALID + "ProvisionedThroughput must be specified for index: gsi"
    change = {"IndexName": "gsi", "ProvisionedThroughput": units(4, 4)}
    update(
        database,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units(2, 2),
        GlobalSecondaryIndexUpdates=[{"Update": change}],
    )
    table = described(database)
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 4


def test_units_for_a_table_on_demand(database: Database) -> None:
    call(database, "CreateTable", **on_demand())
    neither = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified"
    assert neither in not_updated(database, ProvisionedThroughput=units(1, 1))


def test_settings(database: Database, clock: ManualClock) -> None:
    """Each alone is reason enough for an update."""
    call(database, "CreateTable", **on_demand())
    update(database, TableClass="STANDARD_INFREQUENT_ACCESS")
    update(database, OnDemandThroughput={"MaxReadRequestUnits": 7})
    update(database, OnDemandThroughput={"MaxWriteRequestUnits": 8})
    update(database, SSESpecification={"Enabled": True})
    update(database, WarmThroughput={"ReadUnitsPerSecond": 20_000})
    table = described(database)
    assert table["TableClassSummary"] == {
        "TableClass": "STANDARD_INFREQUENT_ACCESS",
        "LastUpdateDateTime": clock.now_s,
    }
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 7, "MaxWriteRequestUnits": 8}
    assert table["SSEDescription"]["SSEType"] == "KMS"
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 20_000
    assert table["WarmThroughput"]["WriteUnitsPerSecond"] == 4_000
    assert "WarmThroughput" in not_updated(database, WarmThroughput={"ReadUnitsPerSecond": 12_000})
    update(database, SSESpecification={"Enabled": False})
    assert "SSEDescription" not in described(database)


def test_a_stream_comes_and_goes(database: Database) -> None:
    call(database, "CreateTable", **on_demand())
    update(database, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    assert described(database)["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    update(database, StreamSpecification={"StreamEnabled": False})
    assert "StreamSpecification" not in described(database)


def test_a_refused_update_changes_nothing(database: Database) -> None:
    """Its last part is wrong; the first ones must not be seen."""
    call(database, "CreateTable", **on_demand())
    before = described(database)
    text = not_updated(
        database,
        TableClass="STANDARD_INFREQUENT_ACCESS",
        GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "nope"}}],
    )
    assert text.startswith("ResourceNotFoundException: ")
    assert described(database) == before


@pytest.mark.parametrize("member", ["ReplicaUpdates", "VectorIndexUpdates"])
def test_what_pannier_does_not_have(database: Database, member: str) -> None:
    call(database, "CreateTable", **on_demand())
    inner = {"Create": {"RegionName": "eu-west-1"}} if member == "ReplicaUpdates" else {}
    assert member in not_updated(database, **{member: [inner]})
