"""Clients that are faster than the disk: what may be written is bounded, and nothing is half done.

The disk's part is played by a store whose sync takes until the test says, or that says it is full.
"""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pannier.clock import ManualClock
from pannier.engine.backpressure import Backpressure
from pannier.engine.database import Database
from pannier.errors import StorageError
from pannier.limits import MIB
from pannier.storage import rocks
from pannier.storage.group_commit import GroupCommit
from pannier.storage.memory import MemoryStore
from pannier.storage.rocks import RocksStore
from tests.engine.reference import Json, call

TIMEOUT_S = 10
BOUND_BYTES = 200_000
ITEM_BYTES = 10_000
THROTTLE = "com.amazon.coral.availability#ThrottlingException"
TABLE: Json = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


class StuckStore(RocksStore):
    """A store whose disk takes nothing for a while."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.full = False

    def sync(self) -> None:
        assert self.goes_on.wait(TIMEOUT_S)
        super().sync()

    def is_behind(self) -> bool:
        return self.full or super().is_behind()


@pytest.fixture
def store(tmp_path: Path) -> StuckStore:
    return StuckStore(tmp_path / "data")


@pytest.fixture
def database(store: StuckStore) -> Iterator[Database]:
    with Database(store, sweep_interval_s=None) as database:
        database.backpressure.unsynced_bytes_max = BOUND_BYTES
        call(database, "CreateTable", **TABLE)
        yield database
        store.goes_on.set()
        store.full = False


def put(name: str, size_bytes: int = ITEM_BYTES) -> bytes:
    item = {"p": {"S": name}, "text": {"S": "x" * size_bytes}}
    return json.dumps({"TableName": "tab", "Item": item}).encode()


def is_refused(database: Database, operation: str, request: Json) -> bool:
    answer = database.submit(operation, json.dumps(request).encode())
    body = json.loads(answer.body)
    if answer.status == 200:
        return False
    assert (answer.status, body["__type"]) == (400, THROTTLE), body
    assert "the disk takes writes more slowly than they come" in body["message"]
    assert answer.ticket == 0  # it waits for nothing
    return True


def fill_up(database: Database) -> list[str]:
    """Put items until one is refused; the names of those that were taken."""
    taken = []
    for number in range(1000):
        answer = database.submit("PutItem", put(f"{number}"))
        if answer.status != 200:
            return taken
        taken.append(f"{number}")
    raise AssertionError("nothing bounds what is written and not synced")


def test_what_is_not_synced_is_bounded(database: Database, store: StuckStore):
    """At most the bound and one request more. Once the disk has gone on, so does the client."""
    store.goes_on.clear()
    taken = fill_up(database)
    commits = database.commits
    assert commits is not None
    assert BOUND_BYTES < commits.unsynced_bytes <= BOUND_BYTES + ITEM_BYTES + 1000
    assert (len(taken) - 1) * ITEM_BYTES <= BOUND_BYTES
    store.goes_on.set()
    database.commits.wait(len(taken) + 1)  # all of them, and the table
    assert database.execute("PutItem", put("after")).status == 200
    assert commits.unsynced_bytes == 0
    found = {item["p"]["S"] for item in call(database, "Scan", TableName="tab")["Items"]}
    assert found == {*taken, "after"}


def test_what_is_refused_has_no_effect_and_reading_goes_on(database: Database, store: StuckStore):
    """Refused before anything: a batch is not half there. Reads wait for no disk."""
    store.goes_on.clear()
    taken = fill_up(database)
    key = {"p": {"S": "new"}}
    writes: dict[str, Json] = {
        "BatchWriteItem": {"RequestItems": {"tab": [{"PutRequest": {"Item": key}}]}},
        "PutItem": {"TableName": "tab", "Item": key},
        "UpdateItem": {"TableName": "tab", "Key": key},
        "DeleteItem": {"TableName": "tab", "Key": {"p": {"S": taken[0]}}},
        "TransactWriteItems": {"TransactItems": [{"Put": {"TableName": "tab", "Item": key}}]},
        "ExecuteStatement": {"Statement": "INSERT INTO tab VALUE {'p': 'new'}"},
        "BatchExecuteStatement": {
            "Statements": [{"Statement": "INSERT INTO tab VALUE {'p': 'new'}"}]
        },
        "ExecuteTransaction": {
            "TransactStatements": [{"Statement": "DELETE FROM tab WHERE p = '0'"}]
        },
    }
    for operation, request in writes.items():
        assert is_refused(database, operation, request), operation
    select = "SELECT p FROM tab WHERE p = '0'"
    reads: dict[str, Json] = {
        "GetItem": {"TableName": "tab", "Key": {"p": {"S": taken[0]}}},
        "BatchGetItem": {"RequestItems": {"tab": {"Keys": [{"p": {"S": taken[0]}}]}}},
        "Query": {
            "TableName": "tab",
            "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": {"S": taken[0]}},
        },
        "TransactGetItems": {
            "TransactItems": [{"Get": {"TableName": "tab", "Key": {"p": {"S": taken[0]}}}}]
        },
        "ExecuteStatement": {"Statement": f"  {select.lower()}".replace("where", "WHERE")},
        "BatchExecuteStatement": {"Statements": [{"Statement": select}]},
        "ExecuteTransaction": {"TransactStatements": [{"Statement": select}]},
        "DescribeTable": {"TableName": "tab"},
        "ListTables": {},
    }
    for operation, request in reads.items():
        assert not is_refused(database, operation, request), operation
    found = {item["p"]["S"] for item in call(database, "Scan", TableName="tab")["Items"]}
    assert found == set(taken)


def test_answers_that_wait_count(database: Database, store: StuckStore):
    """A small item in the place of a large one, which is answered: the answer is held as well."""
    big = BOUND_BYTES + 1
    assert database.execute("PutItem", put("0", big)).status == 200
    store.goes_on.clear()
    small = {**json.loads(put("0", 1)), "ReturnValues": "ALL_OLD"}
    assert not is_refused(database, "PutItem", small)
    assert is_refused(database, "PutItem", small)


def test_a_store_that_would_hold_back_writes(database: Database, store: StuckStore):
    """It would hold back the whole process: not begun, by nobody, until there is room."""
    call(
        database,
        "UpdateTimeToLive",
        TableName="tab",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
    )
    old = {"p": {"S": "old"}, "expires": {"N": str(int(database.clock()) - 60)}}
    assert not is_refused(database, "PutItem", {"TableName": "tab", "Item": old})
    store.full = True
    assert is_refused(database, "PutItem", {"TableName": "tab", "Item": old})
    assert database.sweep() == 0
    assert database.build_indexes()  # there may be more to do; it has done nothing
    store.full = False
    assert database.sweep() == 1
    assert not is_refused(database, "PutItem", {"TableName": "tab", "Item": old})


def test_a_refusal_shows_in_the_metrics(store: StuckStore):
    """As any other throttled request: this is what an operator looks at."""
    with Database(store, sweep_interval_s=None, clock=ManualClock()) as database:
        call(database, "CreateTable", **TABLE)
        store.full = True
        assert is_refused(database, "PutItem", {"TableName": "tab", "Item": {"p": {"S": "a"}}})
        assert database.metrics.totals().throttled_requests() == {("PutItem", "tab"): 1}


def test_a_disk_that_has_failed_is_not_waited_for():
    """Its error says what to do; to be told to come again would be of no use."""

    def failing() -> None:
        raise OSError("no such device")

    commits = GroupCommit(failing)
    backpressure = Backpressure(MemoryStore(), commits, unsynced_bytes_max=10)
    ticket = commits.wrote(100)
    with suppress(StorageError):
        commits.wait(ticket)
    assert commits.unsynced_bytes == 100
    assert not backpressure.is_behind
    commits.close()


def test_rocksdb_never_holds_back_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its buffers are small here and their files slow. Writes are refused before it would wait.

    `actual-delayed-write-rate` and `is-write-stopped` are what RocksDB knows of itself; were their
    names wrong, or the state another, nothing would be refused, and the writes below would hang.
    """
    options, chance = rocks.options_of_store, random.Random(1)

    def slow_options() -> rocks.Options:
        slow = options()
        slow.set_ratelimiter(MIB, 100_000, 10)  # bytes a second, of files but not of the log
        return slow

    monkeypatch.setattr(rocks, "_WRITE_BUFFER_BYTES", MIB)
    monkeypatch.setattr(rocks, "options_of_store", slow_options)
    store = RocksStore(tmp_path / "data")
    refused = False
    with Database(store, sweep_interval_s=None) as database:
        call(database, "CreateTable", **TABLE)
        for number in range(200):
            item = {"p": {"S": f"{number}"}, "data": {"S": chance.randbytes(50_000).hex()}}
            answer = database.submit(
                "PutItem", json.dumps({"TableName": "tab", "Item": item}).encode()
            )
            refused = answer.status != 200
            if refused:
                break
            assert store._db.property_int_value("rocksdb.is-write-stopped") == 0
        assert refused
        assert database.execute("GetItem", _key("0")).status == 200
        assert json.loads(database.execute("GetItem", _key("0")).body)["Item"]


def _key(name: str) -> bytes:
    return json.dumps({"TableName": "tab", "Key": {"p": {"S": name}}}).encode()
