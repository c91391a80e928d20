"""On-demand backups: what was there at one moment comes back, whatever happened since."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pannier.engine import row_groups
from pannier.engine.database import Database
from pannier.errors import InternalServerError
from tests.engine.table_asking import (
    ManualClock,
    call,
    definitions,
    described,
    fill,
    index,
    keys,
    on_demand,
    refused,
    thing,
    units,
)

SOURCE = on_demand(
    AttributeDefinitions=definitions("a", "g", "n:N"),
    GlobalSecondaryIndexes=[index("gsi", keys("g", "n")), index("few", keys("n"), "KEYS_ONLY")],
)


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of 30 rows, so that 100 items take several."""
    monkeypatch.setattr(row_groups, "ROWS_MAX", 30)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def database(clock: ManualClock) -> Iterator[Database]:
    with Database.in_memory(clock=clock, sweep_interval_s=None) as database:
        call(database, "CreateTable", **SOURCE)
        fill(database, 100)
        yield database


def back_up(database: Database, name: str = "first") -> str:
    arn: str = call(database, "CreateBackup", TableName="abc", BackupName=name)["BackupDetails"][
        "BackupArn"
    ]
    return arn


def everything(database: Database, **of: str) -> list[str]:
    items = call(database, "Scan", **of)["Items"]
    return sorted(json.dumps(item, sort_keys=True) for item in items)


def test_what_was_there_comes_back(database: Database) -> None:
    """All items and index entries as they were, beside the table as it is, or after its end."""
    table_before, gsi_before, few_before = (
        everything(database, TableName="abc"),
        everything(database, TableName="abc", IndexName="gsi"),
        everything(database, TableName="abc", IndexName="few"),
    )
    arn = back_up(database)
    call(database, "PutItem", TableName="abc", Item={**thing(1), "g": {"S": "changed"}})
    call(database, "DeleteItem", TableName="abc", Key={"a": thing(2)["a"]})
    call(database, "DeleteTable", TableName="abc")
    answer = call(database, "RestoreTableFromBackup", TargetTableName="copy", BackupArn=arn)
    assert answer["TableDescription"]["TableStatus"] == "CREATING"
    assert answer["TableDescription"]["RestoreSummary"]["SourceBackupArn"] == arn
    assert everything(database, TableName="copy") == table_before
    assert everything(database, TableName="copy", IndexName="gsi") == gsi_before
    assert everything(database, TableName="copy", IndexName="few") == few_before
    table = described(database, "copy")
    assert table["ItemCount"] == 100
    assert [each["ItemCount"] for each in table["GlobalSecondaryIndexes"]] == [100, 100]
    # The copy is a table like any other: its entries follow its items.
    call(database, "DeleteItem", TableName="copy", Key={"a": thing(2)["a"]})
    assert len(everything(database, TableName="copy", IndexName="gsi")) == 99


def test_described(database: Database, clock: ManualClock) -> None:
    arn = back_up(database)
    source = described(database)
    shown = call(database, "DescribeBackup", BackupArn=arn)["BackupDescription"]
    assert shown["BackupDetails"] == {
        "BackupArn": arn,
        "BackupName": "first",
        "BackupSizeBytes": source["TableSizeBytes"],
        "BackupStatus": "AVAILABLE",
        "BackupType": "USER",
        "BackupCreationDateTime": clock.now_s,
    }
    assert shown["SourceTableDetails"] == {
        "TableName": "abc",
        "TableId": source["TableId"],
        "TableArn": source["TableArn"],
        "TableSizeBytes": source["TableSizeBytes"],
        "KeySchema": keys("a"),
        "TableCreationDateTime": source["CreationDateTime"],
        "ProvisionedThroughput": units(0, 0),
        "ItemCount": 100,
        "BillingMode": "PAY_PER_REQUEST",
    }
    names = [
        each["IndexName"] for each in shown["SourceTableFeatureDetails"]["GlobalSecondaryIndexes"]
    ]
    assert names == ["gsi", "few"]


def test_overrides(database: Database) -> None:
    """Another billing mode, and only some of the indexes."""
    arn = back_up(database)
    call(
        database,
        "RestoreTableFromBackup",
        TargetTableName="copy",
        BackupArn=arn,
        BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride=units(3, 4),
        GlobalSecondaryIndexOverride=[
            index("gsi", keys("g", "n"), ProvisionedThroughput=units(1, 2))
        ],
        SSESpecificationOverride={"Enabled": True},
    )
    table = described(database, "copy")
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    (gsi,) = table["GlobalSecondaryIndexes"]
    assert gsi["ProvisionedThroughput"]["WriteCapacityUnits"] == 2
    assert table["SSEDescription"]["Status"] == "ENABLED"
    assert table["TableId"] != described(database)["TableId"]
    none: dict[str, Any] = {"GlobalSecondaryIndexOverride": []}
    call(database, "RestoreTableFromBackup", TargetTableName="bare", BackupArn=arn, **none)
    bare = described(database, "bare")
    assert "GlobalSecondaryIndexes" not in bare
    assert bare["AttributeDefinitions"] == definitions("a")


def test_listed(database: Database, clock: ManualClock) -> None:
    """By table and by time: the lower bound counts, the upper does not."""
    call(database, "CreateTable", **on_demand("other"))
    arns = []
    for name in ("first", "second", "third"):
        arns.append(back_up(database, name))
        clock.now_s += 60
    call(database, "CreateBackup", TableName="other", BackupName="first")

    def names(**request: Any) -> list[str]:
        listed = call(database, "ListBackups", **request)["BackupSummaries"]
        return [each["BackupName"] for each in listed]

    assert names() == ["first", "second", "third", "first"]
    assert names(TableName="abc") == ["first", "second", "third"]
    start = clock.now_s - 180
    assert names(TimeRangeLowerBound=start + 60, TableName="abc") == ["second", "third"]
    assert names(TimeRangeUpperBound=start + 60, TableName="abc") == ["first"]
    assert names(BackupType="SYSTEM") == []
    page = call(database, "ListBackups", TableName="abc", Limit=2)
    assert page["LastEvaluatedBackupArn"] == arns[1]
    assert names(TableName="abc", ExclusiveStartBackupArn=arns[1]) == ["third"]
    assert "LastEvaluatedBackupArn" not in call(database, "ListBackups", TableName="abc", Limit=3)


def test_deleted(database: Database) -> None:
    """Described once more, then gone, with all its rows."""
    rows_before = len(list(database.store.range(b"\0", b"\xff")))
    arn = back_up(database)
    deleted = call(database, "DeleteBackup", BackupArn=arn)["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    missing = f"BackupNotFoundException: Backup not found: {arn}"
    for operation in ("DescribeBackup", "DeleteBackup"):
        assert refused(database, operation, BackupArn=arn) == missing
    restore = {"TargetTableName": "copy", "BackupArn": arn}
    assert refused(database, "RestoreTableFromBackup", **restore) == missing
    assert len(list(database.store.range(b"\0", b"\xff"))) == rows_before


def test_refused(database: Database) -> None:
    request = {"TableName": "gone", "BackupName": "first"}
    assert refused(database, "CreateBackup", **request) == (
        "TableNotFoundException: Table not found: gone"
    )
    arn = back_up(database)
    assert refused(database, "RestoreTableFromBackup", TargetTableName="abc", BackupArn=arn) == (
        "TableAlreadyExistsException: Table already exists: abc"
    )
    other = [index("gsi", keys("g"))]
    text = refused(
        database,
        "RestoreTableFromBackup",
        TargetTableName="copy",
        BackupArn=arn,
        GlobalSecondaryIndexOverride=other,
    )
    assert text.startswith("ValidationException: ")


def test_a_copy_that_never_ended_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between two groups: the next one finds no backup, and none of its rows."""
    with Database.open(tmp_path) as database:
        call(database, "CreateTable", **SOURCE)
        fill(database, 100)
        rows_before = len(list(database.store.range(b"\0\0\0\1", b"\xff")))
        write = database.store.write
        groups = []

        def last_groups(group: Any) -> None:
            if len(groups) == 2:
                raise InternalServerError("the machine is gone")
            groups.append(group)
            write(group)

        monkeypatch.setattr(database.store, "write", last_groups)
        request = json.dumps({"TableName": "abc", "BackupName": "first"}).encode()
        assert database.submit("CreateBackup", request).status == 500
        assert len(groups) == 2
    with Database.open(tmp_path) as database:
        assert call(database, "ListBackups") == {"BackupSummaries": []}
        assert len(list(database.store.range(b"\0\0\0\1", b"\xff"))) == rows_before
        back_up(database)


def test_continuous_backups_are_flags(database: Database, clock: ManualClock) -> None:
    """Kept and described; a restore to a point in time says plainly that there is no history."""
    recovery = call(database, "DescribeContinuousBackups", TableName="abc")
    assert recovery["ContinuousBackupsDescription"] == {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
    restore = {"SourceTableName": "abc", "TargetTableName": "copy", "UseLatestRestorableTime": True}
    unavailable = "PointInTimeRecoveryUnavailableException: "
    assert refused(database, "RestoreTableToPointInTime", **restore).startswith(unavailable)
    call(
        database,
        "UpdateContinuousBackups",
        TableName="abc",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    shown = call(database, "DescribeContinuousBackups", TableName="abc")
    assert shown["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"] == {
        "PointInTimeRecoveryStatus": "ENABLED",
        "RecoveryPeriodInDays": 35,
        "EarliestRestorableDateTime": clock.now_s,
        "LatestRestorableDateTime": clock.now_s,
    }
    assert "no continuous history" in refused(database, "RestoreTableToPointInTime", **restore)
    assert refused(database, "DescribeContinuousBackups", TableName="gone") == (
        "TableNotFoundException: Table not found: gone"
    )
