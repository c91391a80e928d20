"""A backup of a whole database shows one moment, whatever goes on meanwhile."""

import json
import shutil
import threading
import time
from pathlib import Path

import pytest

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.keeping.backing_up import back_up
from pannier.engine.keeping.checked import check_folder
from pannier.errors import StorageError
from pannier.storage.backup_files import restore_backup
from pannier.storage.damage import DamagedStoreError
from pannier.storage.folder import FORMAT, DatabaseFolder
from tests.engine.reference import call
from tests.storage.formats.making import ITEMS, fill

START_S = 1_790_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Database.open(tmp_path / "db", clock=ManualClock(START_S)) as database:
        fill(database)
    return tmp_path / "db"


def test_it_says_when_and_of_what_it_is(path: Path, tmp_path: Path) -> None:
    with Database.open(path) as database:
        name = database.checkpoint()
        note = back_up(path / "checkpoints" / name, tmp_path / "backup", START_S)
        database.checkpoints.remove(name)
    assert note["format"] == FORMAT
    assert note["created"].startswith("2026-09-21T")
    assert note["tables"]["everything"]["items"] == len(ITEMS)
    assert not (path / "checkpoints").exists()
    assert check_folder(tmp_path / "backup").listed == []


def test_writes_go_on_and_the_backup_shows_one_moment(path: Path, tmp_path: Path) -> None:
    """Two items of each transaction, so half of one would be seen."""
    begun, stop = threading.Event(), threading.Event()

    def write(database: Database) -> None:
        number = 0
        while not stop.is_set():
            puts = [
                {
                    "Put": {
                        "TableName": "everything",
                        "Item": {"p": {"S": side}, "s": {"N": str(number)}},
                    }
                }
                for side in ("left", "right")
            ]
            answer = database.execute(
                "TransactWriteItems", json.dumps({"TransactItems": puts}).encode()
            )
            assert answer.status == 200
            number += 1
            if number == 20:
                begun.set()

    with Database.open(path, clock=ManualClock(START_S)) as database:
        thread = threading.Thread(target=write, args=(database,))
        thread.start()
        assert begun.wait(30)
        name = database.checkpoint()
        stop.set()
        thread.join()
        call(database, "DeleteTable", TableName="everything")
        back_up(path / "checkpoints" / name, tmp_path / "backup", START_S)
    findings = check_folder(tmp_path / "backup")
    assert findings.listed == []
    restore_backup(tmp_path / "backup", tmp_path / "new")
    with Database.open(tmp_path / "new", clock=ManualClock(START_S)) as database:
        items = call(database, "Scan", TableName="everything")["Items"]
    numbers = {
        side: {item["s"]["N"] for item in items if item["p"]["S"] == side}
        for side in ("left", "right")
    }
    assert numbers["left"] == numbers["right"] == {str(n) for n in range(len(numbers["left"]))}
    assert len(numbers["left"]) >= 20


def test_a_damaged_database_is_not_copied(path: Path, tmp_path: Path) -> None:
    """A backup that holds the damage too would be none."""
    with Database.open(path, clock=ManualClock(START_S)) as database:
        for number in range(200):  # so many that a block holds nothing but items
            item = {"p": {"S": f"more-{number}"}, "s": {"N": "1"}, "text": {"S": f"{number}" * 60}}
            call(database, "PutItem", TableName="everything", Item=item)
    table = max((path / "data").glob("*.sst"), key=lambda each: each.stat().st_size)
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    with pytest.raises(DamagedStoreError, match="is damaged"):
        back_up(path / "data", tmp_path / "backup", time.time())
    assert not (tmp_path / "backup").exists()


def test_checkpoints_are_limited_and_removed_at_the_next_opening(path: Path) -> None:
    with Database.open(path) as database:
        names = [database.checkpoint() for _ in range(8)]
        with pytest.raises(StorageError, match="too many copies"):
            database.checkpoint()
        for name in ("..", "../data", "", "nothing"):
            database.checkpoints.remove(name)
        assert len(list((path / "checkpoints").iterdir())) == len(names)
        assert (path / "data").exists()
        database.checkpoints.remove(names[0])
        assert not (path / "checkpoints" / names[0]).exists()
    DatabaseFolder(path).close()
    assert not (path / "checkpoints").exists()


def test_memory_has_no_files() -> None:
    with Database.in_memory() as database, pytest.raises(StorageError, match="no files to copy"):
        database.checkpoint()


def test_a_copy_of_the_folder_can_be_backed_up(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path, tmp_path / "copy")
    back_up(tmp_path / "copy" / "data", tmp_path / "backup", START_S)
    assert check_folder(tmp_path / "backup").sound
