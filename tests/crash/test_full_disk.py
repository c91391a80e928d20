"""The disk is full: clear errors, reads go on, nothing answered is lost, and then it goes on.

On a file system in memory where that may be mounted, and always with a limit on the sizes of the
server's files, which needs no rights.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from pannier.engine.database import Database
from tests.conftest import run_pannier, serving
from tests.crash.server_killing import Connection
from tests.crash.small_disk import MIB, LimitedFiles, MountedDisk, SmallDisk
from tests.engine.reference import Json, call

TABLE: Json = {
    "TableName": "full",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in "pg"],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    "BillingMode": "PAY_PER_REQUEST",
}
PER_BATCH = 10
PATIENCE = 300  # tries, a tenth of a second apart


@pytest.fixture(params=["mounted", "limited"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    made: SmallDisk
    if request.param == "mounted":
        try:
            made = MountedDisk(tmp_path / "disk", 8 * MIB)
        except PermissionError:
            pytest.skip("no right to mount a file system; the limited files show the same")
    else:
        made = LimitedFiles(tmp_path / "disk", 3 * MIB)
    yield made
    made.remove()


class Writer:
    """Writes batches and remembers which were answered, which refused."""

    def __init__(self, url: str) -> None:
        self.connection = Connection(url)
        self.number = 0
        self.answered: list[int] = []
        self.words = ""

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def write(self) -> bool:
        """One batch more; whether it was written."""
        puts = [
            {"PutRequest": {"Item": {"p": {"S": f"{self.number}-{n}"}, "g": {"S": "x" * 1000}}}}
            for n in range(PER_BATCH)
        ]
        status, answer = self.connection.send("BatchWriteItem", {"RequestItems": {"full": puts}})
        if status == 200:
            self.answered.append(self.number)
        else:
            assert status == 500, answer
            assert answer["__type"].endswith("#InternalServerError")
            self.words = answer["message"]
        self.number += 1
        return status == 200


def found(database: Database) -> set[int]:
    """The numbers of the batches that are there; each is whole, in the index as well."""
    described = call(database, "DescribeTable", TableName="full")["Table"]
    keys = _keys(database, "full", None)
    assert keys == _keys(database, "full", "by-g")
    assert described["ItemCount"] == len(keys)
    numbers = {int(key.partition("-")[0]) for key in keys}
    assert len(keys) == PER_BATCH * len(numbers), "half a batch"
    return numbers


def _keys(database: Database, table: str, index: str | None) -> set[str]:
    request: Json = {"TableName": table, "ProjectionExpression": "p"}
    if index:
        request["IndexName"] = index
    keys: set[str] = set()
    while True:
        answer = call(database, "Scan", **request)
        keys.update(item["p"]["S"] for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return keys
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def test_a_server_whose_disk_is_full(disk: SmallDisk) -> None:
    """It refuses writes with the reason, reads on, and after room was made nothing is missing."""
    folder = disk.folder / "db"
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    with serving("--path", str(folder), "--no-console") as (url, process_id), ExitStack() as held:
        disk.confine(process_id)
        writer = held.enter_context(closing(Writer(url)))
        while writer.write():
            assert writer.number < 10_000
        assert writer.words.startswith("The disk refused a write: IO error: ")
        assert disk.advice in writer.words
        for _ in range(3):
            assert not writer.write()
        for number in (writer.answered[0], writer.answered[-1]):
            key = {"p": {"S": f"{number}-0"}}
            status, answer = writer.connection.send("GetItem", {"TableName": "full", "Key": key})
            assert (status, "Item" in answer) == (200, True)
        disk.make_room(process_id)
        if disk.goes_on:
            assert _resumes(writer)
            for _ in range(20):
                assert writer.write()
        os.kill(process_id, signal.SIGKILL)
    _goes_on_with_all(folder, writer)


def test_a_server_that_is_ended_and_begun_on_a_full_disk(disk: SmallDisk) -> None:
    """It ends without a word too much; what can't be opened says why, and loses nothing."""
    folder = disk.folder / "db"
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console"]
    command += ["--path", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        words = server.stderr.readline()
        disk.confine(server.pid)
        with closing(Writer(words.split()[-1])) as writer:
            while writer.write():
                assert writer.number < 10_000
        server.terminate()
        words += server.communicate(timeout=60)[1]
        assert server.returncode == 0, words
    assert "Traceback" not in words
    looked = run_pannier("tables", "--target", f"local:{folder}", cwd=disk.folder)
    if looked.returncode:  # what is in the log has no room as a table
        assert "No space left on device" in looked.stderr
        assert "make room" in looked.stderr
    assert "Traceback" not in looked.stderr
    disk.make_room(0)
    _goes_on_with_all(folder, writer)


def _goes_on_with_all(folder: Path, writer: Writer) -> None:
    """Opened again, the database has every batch that was answered, and takes more."""
    with Database.open(folder) as database:
        assert set(writer.answered) <= found(database)
        call(database, "PutItem", TableName="full", Item={"p": {"S": "more"}})


def _resumes(writer: Writer) -> bool:
    for _ in range(PATIENCE):
        if writer.write():
            return True
        threading.Event().wait(0.1)
    return False
