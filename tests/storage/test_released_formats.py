"""A folder of every format that was ever released is opened, sound, and answers what it held."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from pannier.clock import ManualClock
from pannier.engine.checking import check_store
from pannier.engine.database import Database
from pannier.engine.keeping.checked import check_folder
from pannier.storage.folder import FORMAT, FORMAT_FIRST
from tests.storage.formats.making import ITEMS

FORMATS = Path(__file__).parent / "formats"
NOW_S = 1_790_000_100.0

Json = dict[str, Any]


@pytest.fixture(params=range(FORMAT_FIRST, FORMAT + 1))
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(FORMATS / str(request.param) / "database.tar.gz") as archive:
        archive.extractall(tmp_path / "database", filter="data")
    return tmp_path / "database"


def items(answer: Json) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in answer["Items"])


def test_it_is_sound_as_it_is(path: Path) -> None:
    findings = check_folder(path)
    assert findings.listed == []
    assert findings.tables["everything"][0] == len(ITEMS)


def test_everything_in_it_is_answered(path: Path) -> None:
    with Database.open(path, clock=ManualClock(NOW_S)) as database:

        def call(operation: str, **request: Any) -> Json:
            answer = database.execute(operation, json.dumps(request).encode())
            assert answer.status == 200, answer.body
            answered: Json = json.loads(answer.body)
            return answered

        expected = items({"Items": ITEMS})
        assert items(call("Scan", TableName="everything")) == expected
        assert items(call("Scan", TableName="everything", IndexName="by-g")) == expected
        assert call("Scan", TableName="everything", IndexName="by-until")["Count"] == len(ITEMS)
        table = call("DescribeTable", TableName="everything")["Table"]
        assert table["ItemCount"] == len(ITEMS)
        tags = call("ListTagsOfResource", ResourceArn=table["TableArn"])["Tags"]
        assert tags == [{"Key": "kept", "Value": "for ever"}]

        (backup,) = call("ListBackups")["BackupSummaries"]
        arn = backup["BackupArn"]
        call("RestoreTableFromBackup", TargetTableName="again", BackupArn=arn)
        assert items(call("Scan", TableName="again")) == items({"Items": ITEMS[:8]})

        stream = table["LatestStreamArn"]
        (shard,) = call("DescribeStream", StreamArn=stream)["StreamDescription"]["Shards"]
        iterator = call(
            "GetShardIterator",
            StreamArn=stream,
            ShardId=shard["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        records = call("GetRecords", ShardIterator=iterator)["Records"]
        assert [record["dynamodb"]["NewImage"] for record in records] == ITEMS

        again = [{"Put": {"TableName": "everything", "Item": item}} for item in ITEMS[8:]]
        call("TransactWriteItems", TransactItems=again, ClientRequestToken="kept-for-ten-minutes")
        records = call("GetRecords", ShardIterator=iterator)["Records"]
        assert len(records) == len(ITEMS), "the token is known, nothing was done again"

        database.clock.advance(4_100_000_000 - NOW_S)  # type: ignore[attr-defined]
        database.sweep()
        assert call("Scan", TableName="everything")["Count"] == 0, "all have expired"
        assert check_store(database.store).listed == []
