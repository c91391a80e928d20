"""What happens when the disk refuses, the database closes, or many threads come at once.

The promise is "nothing lost, nothing half": a write that was not answered with success may be
absent, but then all of it, and what the engine believes must be what is stored.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pannier.engine.commit_queue import CommitQueue
from pannier.engine.database import Database
from pannier.errors import StorageError
from pannier.storage.folder import FolderHeldError
from pannier.storage.group_commit import GroupCommit
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Group
from tests.engine.reference import Json, call


class RefusingStore(MemoryStore):
    """A store whose disk is full whenever `full` says so."""

    full = False
    puts_left: int | None = None  # then something breaks that nobody has thought of

    def new_group(self) -> Group:
        group = super().new_group()
        if self.puts_left is not None:
            group = BreakingGroup(group, self)
        return group

    def write(self, group: Group) -> None:
        if self.full:
            raise OSError("No space left on device")
        super().write(group)


class BreakingGroup:
    """A group that takes so many changes and then raises what is no disk's error."""

    def __init__(self, group: Group, store: RefusingStore) -> None:
        self._group = group
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._group, name)

    def put(self, key: bytes, value: bytes, /) -> None:
        assert self._store.puts_left is not None
        self._store.puts_left -= 1
        if self._store.puts_left < 0:
            raise RuntimeError("a bug")
        self._group.put(key, value)


TABLE: Json = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in "pg"],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(name: str) -> Json:
    return {"p": {"S": name}, "g": {"S": "x"}}


@pytest.fixture
def store() -> RefusingStore:
    return RefusingStore()


@pytest.fixture
def database(store: RefusingStore) -> Iterator[Database]:
    with Database(store) as database:
        call(database, "CreateTable", **TABLE)
        call(database, "PutItem", TableName="tab", Item=item("kept"))
        yield database


def fails(database: Database, operation: str, **request: Any) -> str:
    answer = database.submit(operation, json.dumps(request).encode())
    assert answer.status == 500
    body = json.loads(answer.body)
    assert body["__type"].endswith("#InternalServerError")
    return body["message"]


def counts(database: Database) -> list[tuple[int, int]]:
    """Items and entries: as described, and as found by a scan."""
    table = call(database, "DescribeTable", TableName="tab")["Table"]
    (index,) = table["GlobalSecondaryIndexes"]
    return [
        (table["ItemCount"], call(database, "Scan", TableName="tab")["Count"]),
        (index["ItemCount"], call(database, "Scan", TableName="tab", IndexName="by-g")["Count"]),
    ]


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("PutItem", {"TableName": "tab", "Item": item("lost")}),
        ("DeleteItem", {"TableName": "tab", "Key": {"p": {"S": "kept"}}}),
        (
            "BatchWriteItem",
            {
                "RequestItems": {
                    "tab": [
                        {"PutRequest": {"Item": item("lost")}},
                        {"DeleteRequest": {"Key": {"p": {"S": "kept"}}}},
                    ]
                }
            },
        ),
        ("CreateTable", {**TABLE, "TableName": "another"}),
        ("DeleteTable", {"TableName": "tab"}),
    ],
)
def test_a_disk_that_refuses_a_write(
    database: Database, store: RefusingStore, operation: str, members: Json
):
    """The answer is a 500 that says why; nothing has changed, not in catalog and counts either.

    When the disk has room again, the same request succeeds.
    """
    store.full = True
    assert "No space left on device" in fails(database, operation, **members)
    store.full = False
    assert call(database, "ListTables")["TableNames"] == ["tab"]
    assert counts(database) == [(1, 1), (1, 1)]
    assert call(database, "GetItem", TableName="tab", Key={"p": {"S": "kept"}})["Item"]
    call(database, operation, **members)


@pytest.mark.parametrize("puts", range(5))
def test_a_request_that_breaks_half_way_moves_no_count(
    database: Database, store: RefusingStore, puts: int
):
    """Counts go ahead of the group they are written with; without the group they come back."""
    store.puts_left = puts
    fails(database, "PutItem", TableName="tab", Item=item("lost"))
    store.puts_left = None
    assert counts(database) == [(1, 1), (1, 1)]
    call(database, "PutItem", TableName="tab", Item=item("found"))
    assert counts(database) == [(2, 2), (2, 2)]


def test_what_is_closed_is_closed_whatever_fails(database: Database, store: RefusingStore):
    """Metrics are written as a database is closed; if they can't be, all the rest is closed."""
    closed: list[bool] = []
    store.close = lambda: closed.append(True)  # type: ignore[method-assign]

    def refuse() -> None:
        raise OSError("No space left on device")

    database.metrics.close = refuse  # type: ignore[method-assign]
    with pytest.raises(OSError, match="No space left"):
        database.close()
    assert closed == [True]


def test_reads_go_on_while_the_disk_refuses(database: Database, store: RefusingStore):
    """What was stored can be read all the time."""
    store.full = True
    fails(database, "PutItem", TableName="tab", Item=item("lost"))
    assert counts(database) == [(1, 1), (1, 1)]


class DamagedDisk(MemoryStore):
    """A store whose disk has damaged a block that reads need."""

    damaged = False

    def get(self, key: bytes) -> bytes | None:
        if self.damaged:
            raise Exception(  # the binding raises nothing better
                "Corruption: block checksum mismatch: stored = 1, computed = 2, type = 4  in "
                "/db/data/000009.sst offset 0 size 4000"
            )
        return super().get(key)


def test_a_damaged_block_is_named_in_the_answer():
    """Whoever reads the answer knows which file it is, and what to do; other requests go on."""
    store = DamagedDisk()
    with Database(store) as database:
        call(database, "CreateTable", **TABLE)
        store.damaged = True
        said = fails(database, "GetItem", TableName="tab", Key={"p": {"S": "a"}})
        assert "is damaged: 000009.sst can't be read" in said
        assert "`pannier check`" in said
        assert call(database, "ListTables")["TableNames"] == ["tab"]


class UnsyncedStore:
    """A store whose disk fails to sync from a moment on."""

    def __init__(self) -> None:
        self._entries = MemoryStore()  # not to be one, since the engine does not sync memory
        self.failing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entries, name)

    def sync(self) -> None:
        if self.failing:
            raise OSError("Input/output error")


def test_a_disk_that_does_not_sync():
    """After a failed sync nobody knows what the disk holds, so no write is answered any more.

    An answer "written" would be a promise that can't be kept; the text says what to do.
    """
    store = UnsyncedStore()
    with Database(store) as database:
        assert database.execute("CreateTable", json.dumps(TABLE).encode()).status == 200
        store.failing = True
        request = json.dumps({"TableName": "tab", "Item": item("a")}).encode()
        for _ in range(2):
            answer = database.execute("PutItem", request)
            assert answer.status == 500
            assert b"the disk refused to sync: Input/output error" in answer.body
        store.failing = False
        assert database.execute("PutItem", request).status == 500  # final, until opened anew
        assert database.execute("ListTables", b"{}").status == 200


def test_a_closed_database_answers_an_error(database: Database):
    """A request that comes too late is told so, and may close again."""
    database.close()
    assert "closed" in fails(database, "ListTables")
    database.close()


@pytest.mark.parametrize("durability", ["synced", "relaxed"])
def test_threads_share_a_database(tmp_path: Path, durability: Any):
    """Eight threads write and read at once; every write is there, counts and index agree."""
    errors: list[object] = []

    def work(database: Database, thread: int) -> None:
        for n in range(12):
            puts = [{"PutRequest": {"Item": item(f"{thread}-{n}-{k}")}} for k in range(5)]
            body = json.dumps({"RequestItems": {"tab": puts}}).encode()
            answer = database.execute("BatchWriteItem", body)
            if answer.status != 200:
                errors.append(answer)
            scanned = json.loads(database.submit("Scan", b'{"TableName":"tab"}').body)
            if scanned["Count"] % 5:  # a batch is seen whole or not at all
                errors.append(scanned["Count"])

    with Database.open(tmp_path / "db", durability=durability) as database:
        call(database, "CreateTable", **TABLE)
        threads = [threading.Thread(target=work, args=(database, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert counts(database) == [(480, 480), (480, 480)]
    with Database.open(tmp_path / "db") as database:
        assert counts(database) == [(480, 480), (480, 480)]


def test_one_owner_at_a_time(tmp_path: Path):
    """Two owners of one folder would destroy each other's data, so the second is refused."""
    with (
        Database.open(tmp_path / "db"),
        pytest.raises(FolderHeldError, match="is held by process"),
    ):
        Database.open(tmp_path / "db")
    Database.open(tmp_path / "db").close()


# --- Waiting for the disk without a thread for each waiter ---------------------------------------


class SlowSync:
    """A sync that waits until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.error: Exception | None = None

    def __call__(self) -> None:
        self.begun.release()
        self.go_on.acquire()
        if self.error:
            raise self.error


def test_requests_that_arrive_during_a_sync_share_the_next_one():
    """Two syncs for a thousand writes: that is what makes many small durable writes fast."""
    sync = SlowSync()
    commits = GroupCommit(sync)
    try:
        first = commits.wrote()
        sync.begun.acquire()
        others = [commits.wrote() for _ in range(1000)]
        assert commits.durable == 0
        sync.go_on.release()
        commits.wait(first)
        assert commits.durable == first  # the others came after the sync had begun
        sync.begun.acquire()
        sync.go_on.release()
        commits.wait(others[-1])
        assert commits.durable == others[-1]
        assert not sync.begun.acquire(blocking=False)
    finally:
        commits.close()


def test_callbacks_come_in_order_once_they_are_durable():
    """One loop learns of many commits at once; nobody is called before the disk has it."""
    sync = SlowSync()
    commits = GroupCommit(sync)
    called: list[tuple[int, StorageError | None]] = []

    async def run() -> None:
        queue = CommitQueue(commits)
        done = asyncio.Event()

        def callback_for(ticket: int) -> Any:
            def callback(failure: StorageError | None) -> None:
                called.append((ticket, failure))
                if len(called) == 3:
                    done.set()

            return callback

        for _ in range(3):
            ticket = commits.wrote()
            queue.call_when_durable(ticket, callback_for(ticket))
        await asyncio.sleep(0.01)
        assert called == []
        sync.go_on.release(2)
        await asyncio.wait_for(done.wait(), 5)
        queue.call_when_durable(3, callback_for(4))  # durable already: called at once
        queue.close()

    asyncio.run(run())
    commits.close()
    assert called == [(1, None), (2, None), (3, None), (4, None)]


def test_callbacks_learn_of_a_failed_sync():
    """Those who wait are told, and so is everyone who comes later."""
    sync = SlowSync()
    sync.error = OSError("Input/output error")
    commits = GroupCommit(sync)
    failures: list[StorageError | None] = []

    async def run() -> None:
        queue = CommitQueue(commits)
        told = asyncio.Event()

        def callback(failure: StorageError | None) -> None:
            failures.append(failure)
            told.set()

        queue.call_when_durable(commits.wrote(), callback)
        sync.go_on.release()
        await asyncio.wait_for(told.wait(), 5)
        queue.call_when_durable(commits.wrote(), callback)
        queue.close()

    asyncio.run(run())
    commits.close()
    assert len(failures) == 2
    assert all("refused to sync" in str(failure) for failure in failures)
