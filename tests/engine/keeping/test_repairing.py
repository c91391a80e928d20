"""What can be read of a damaged database is saved, the rest named, and the old left as it is."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.keeping.checked import check_folder
from pannier.engine.keeping.repairing import repair
from pannier.errors import StorageError
from pannier.storage.folder import DatabaseFolder, FolderHeldError
from pannier.storage.rocks import RocksStore
from tests.engine.reference import call
from tests.storage.formats.making import ITEMS, fill

START_S = 1_790_000_000.0


def scanned(database: Database, table: str, **request: Any) -> list[str]:
    items = call(database, "Scan", TableName=table, **request)["Items"]
    return sorted(json.dumps(item, sort_keys=True) for item in items)


EXPECTED = sorted(json.dumps(item, sort_keys=True) for item in ITEMS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Database.open(tmp_path / "db", clock=ManualClock(START_S)) as database:
        fill(database)
    return tmp_path / "db"


def contents(path: Path) -> dict[str, bytes]:
    files = [each for each in path.rglob("*") if each.is_file()]
    return {str(each.relative_to(path)): each.read_bytes() for each in files}


def test_a_sound_database_loses_nothing(path: Path, tmp_path: Path) -> None:
    before = contents(path)
    repaired = repair(path, tmp_path / "new")
    assert repaired.rebuilt.lost == []
    assert repaired.rebuilt.tables == {"everything": len(ITEMS)}
    assert repaired.findings.listed == []
    assert contents(path) == before
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []
    with Database.open(tmp_path / "new", clock=ManualClock(START_S)) as database:
        assert scanned(database, "everything") == EXPECTED
        assert scanned(database, "everything", IndexName="by-g") == EXPECTED
        assert len(call(database, "ListBackups")["BackupSummaries"]) == 1
        table = call(database, "DescribeTable", TableName="everything")["Table"]
        assert table["ItemCount"] == len(ITEMS)
        assert call(database, "ListTagsOfResource", ResourceArn=table["TableArn"])["Tags"]
    assert check_folder(tmp_path / "new").listed == []


@pytest.mark.parametrize("content", [None, b"", b"{"])
def test_a_folder_without_its_marker_is_repaired(
    path: Path, tmp_path: Path, content: bytes | None
) -> None:
    if content is None:
        (path / "format.json").unlink()
    else:
        (path / "format.json").write_bytes(content)
    repaired = repair(path, tmp_path / "new")
    assert repaired.rebuilt.tables == {"everything": len(ITEMS)}
    assert repaired.rebuilt.lost == []
    assert check_folder(tmp_path / "new").listed == []


def test_indexes_counts_and_times_are_made_anew(path: Path, tmp_path: Path) -> None:
    folder = DatabaseFolder(path)
    store = RocksStore(folder.data)
    group = store.new_group()
    for number in (2, 3, 0x4000_0001):  # both indexes, and the expiry times
        group.delete_range(number.to_bytes(4, "big"), (number + 1).to_bytes(4, "big"))
    group.put(b"\0\0\0\0count/\0\0\0\1", b"\1" * 16)
    store.write(group)
    store.close()
    folder.close()
    assert check_folder(path).counts.keys() == {"count", "index", "expiry"}
    assert repair(path, tmp_path / "new").findings.listed == []
    with Database.open(tmp_path / "new", clock=ManualClock(START_S)) as database:
        assert scanned(database, "everything", IndexName="by-g") == EXPECTED


def break_row(path: Path, key_part: bytes) -> None:
    """Cut the first row in two whose key has a part."""
    folder = DatabaseFolder(path)
    store = RocksStore(folder.data)
    key, row = next(each for each in store.range(b"\0\0\0\1", b"\0\0\0\2") if key_part in each[0])
    group = store.new_group()
    group.put(key, row[: len(row) // 2])
    store.write(group)
    store.close()
    folder.close()


def test_an_item_that_cannot_be_read_is_named(path: Path, tmp_path: Path) -> None:
    break_row(path, b"partition-1")
    repaired = repair(path, tmp_path / "new")
    assert repaired.rebuilt.tables == {"everything": len(ITEMS) - 1}
    assert any("everything: the item" in each for each in repaired.rebuilt.lost)
    assert repaired.findings.listed == []


def test_items_whose_table_is_not_known_are_saved_as_lines(path: Path, tmp_path: Path) -> None:
    folder = DatabaseFolder(path)
    store = RocksStore(folder.data)
    group = store.new_group()
    group.put(b"\0\0\0\0table/everything", b"{")
    store.write(group)
    store.close()
    folder.close()
    repaired = repair(path, tmp_path / "new")
    assert repaired.rebuilt.tables == {}
    assert repaired.findings.listed == []
    lines = (tmp_path / "new" / "strays" / "space-1.jsonl").read_text().splitlines()
    assert (
        sorted(json.dumps(json.loads(line)["Item"], sort_keys=True) for line in lines) == EXPECTED
    )
    assert any(str(tmp_path / "new" / "strays") in each for each in repaired.rebuilt.lost)


def test_a_gap_in_a_stream_is_not_passed_over(path: Path, tmp_path: Path) -> None:
    """A reader that is behind is told that records are trimmed; one that was not told would
    take what it reads for everything."""
    folder = DatabaseFolder(path)
    store = RocksStore(folder.data)
    group = store.new_group()
    group.delete(b"\x80\0\0\1" + (5).to_bytes(8, "big"))
    store.write(group)
    store.close()
    folder.close()
    repaired = repair(path, tmp_path / "new")
    assert any("/stream/" in each for each in repaired.rebuilt.lost)
    assert repaired.findings.listed == []
    with Database.open(tmp_path / "new", clock=ManualClock(START_S)) as database:
        (stream,) = call(database, "ListStreams")["Streams"]
        arn = stream["StreamArn"]
        (shard,) = call(database, "DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        at = {"StreamArn": arn, "ShardId": shard["ShardId"]}
        oldest = call(database, "GetShardIterator", **at, ShardIteratorType="TRIM_HORIZON")
        records = call(database, "GetRecords", **oldest)["Records"]
        assert [each["dynamodb"]["NewImage"] for each in records] == ITEMS[5:]


def test_blocks_of_a_table_file_that_are_damaged(tmp_path: Path) -> None:
    """Only their own items are lost, and the stretch is named."""
    path = tmp_path / "db"
    with Database.open(path) as database:
        keys = [{"AttributeName": "p", "KeyType": "HASH"}]
        types = [{"AttributeName": "p", "AttributeType": "S"}]
        call(
            database,
            "CreateTable",
            TableName="many",
            KeySchema=keys,
            AttributeDefinitions=types,
            BillingMode="PAY_PER_REQUEST",
        )
        for number in range(0, 2000, 25):
            puts = [
                {"PutRequest": {"Item": {"p": {"S": f"{each}"}, "text": {"S": f"{each}" * 30}}}}
                for each in range(number, number + 25)
            ]
            call(database, "BatchWriteItem", RequestItems={"many": puts})
    table = max((path / "data").glob("*.sst"), key=lambda each: each.stat().st_size)
    content = bytearray(table.read_bytes())
    content[random.Random(3).randrange(len(content) // 2)] ^= 1
    table.write_bytes(content)
    findings = check_folder(path)
    assert findings.counts["lost"] >= 1
    repaired = repair(path, tmp_path / "new")
    assert repaired.findings.listed == []
    assert 1800 < repaired.rebuilt.tables["many"] < 2000
    assert any("rows between" in each and table.name in each for each in repaired.rebuilt.lost)


def test_it_takes_no_folder_that_is_held_or_filled_and_none_that_is_no_database(
    path: Path, tmp_path: Path
) -> None:
    with Database.open(path), pytest.raises(FolderHeldError):
        repair(path, tmp_path / "new")
    (tmp_path / "filled").mkdir()
    (tmp_path / "filled" / "file").touch()
    with pytest.raises(StorageError, match="not empty"):
        repair(path, tmp_path / "filled")
    with pytest.raises(StorageError, match="is not a Pannier database"):
        repair(tmp_path / "filled", tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_that_can_be_read(path: Path, tmp_path: Path) -> None:
    for each in (path / "data").iterdir():
        if each.is_file():
            each.write_bytes(b"")
    with pytest.raises(StorageError) as caught:
        repair(path, tmp_path / "new")
    assert "pannier restore" in caught.value.advice
    assert not (tmp_path / "new").exists()
