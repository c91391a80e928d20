"""`/healthz` and `/readyz`: what a supervisor is told, and when."""

import json
import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from pannier.engine.database import Database
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.observing.health import Health
from pannier.storage.memory import MemoryStore
from pannier.storage.store import Group
from tests.conftest import serving
from tests.service.wire import Wire, post

TABLE = {
    "TableName": "tab",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
PUT = b'{"TableName":"tab","Item":{"p":{"S":"a"}}}'


class FullStore(MemoryStore):
    """A store whose disk is full whenever `full` says so."""

    full = False

    def write(self, group: Group) -> None:
        if self.full:
            raise OSError("No space left on /secret/place")
        super().write(group)


def ask(health: Health, path: bytes, method: bytes = b"GET") -> HttpResponse:
    answers: list[HttpResponse | None] = []
    health.in_front(nothing)(HttpRequest(method, path), answers.append)
    (answer,) = answers
    assert answer is not None
    assert answer.headers[b"cache-control"] == b"no-store"
    return answer


def nothing(request: HttpRequest, respond: Respond) -> None:
    raise AssertionError("this was for somebody else")


def ready(health: Health) -> tuple[int, bytes]:
    answer = ask(health, b"/readyz")
    return answer.status, answer.body


@pytest.fixture
def store() -> FullStore:
    return FullStore()


@pytest.fixture
def database(store: FullStore) -> Iterator[Database]:
    with Database(store, sweep_interval_s=None) as database:
        database.execute("CreateTable", orjson.dumps(TABLE))
        yield database


@pytest.mark.parametrize("path", [b"/healthz", b"/readyz", b"/readyz?verbose"])
def test_all_is_well(database: Database, path: bytes):
    health = Health(database)
    got, head = ask(health, path), ask(health, path, b"HEAD")
    assert (got.status, got.body) == (200, b"ok\n")
    assert (head.status, head.body) == (200, b"")
    posted = ask(health, path, b"POST")
    assert (posted.status, posted.headers[b"allow"]) == (405, b"GET, HEAD")


def test_a_server_that_ends_is_alive_but_not_ready(database: Database):
    health = Health(database)
    health.stop()
    assert ready(health) == (503, b"stopping\n")
    assert ask(health, b"/readyz", b"HEAD").status == 503
    assert ask(health, b"/healthz").status == 200


def test_a_disk_that_refuses_writes(
    database: Database, store: FullStore, caplog: pytest.LogCaptureFixture
):
    """Ready again as soon as there is room, without a write, which nobody would send it.

    The log says so once, however many writes are refused; the probe says nothing of the place.
    """
    health = Health(database)
    store.full = True
    assert ready(health) == (200, b"ok\n"), "nobody has tried"
    assert {database.execute("PutItem", PUT).status for _ in range(3)} == {500}
    assert ready(health) == (503, b"the disk refuses writes\n")
    store.full = False
    assert ready(health) == (200, b"ok\n")
    assert [record.getMessage() for record in caplog.records] == [
        "the disk refused a write: No space left on /secret/place",
        "the disk takes writes again",
    ]
    assert database.execute("PutItem", PUT).status == 200


def test_a_write_that_is_taken_ends_the_refusal(database: Database, store: FullStore):
    store.full = True
    database.execute("PutItem", PUT)
    store.full = False
    assert database.refusal is not None
    assert database.execute("PutItem", PUT).status == 200
    assert database.refusal is None


def test_it_waits_for_nobody(database: Database, store: FullStore):
    """While the engine is at work on something long, the disk is not asked."""
    health = Health(database)
    store.full = True
    database.execute("PutItem", PUT)
    store.full = False
    with ThreadPoolExecutor(1) as other, database._lock:
        asked = other.submit(ready, health)
        assert asked.result(10)[0] == 503
    assert ready(health)[0] == 200


def test_a_sync_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Final, until the database is opened anew: what the disk holds is not known."""
    with Database.open(tmp_path / "db") as database:
        health = Health(database)
        database.execute("CreateTable", orjson.dumps(TABLE))
        assert ready(health)[0] == 200
        assert database.commits is not None

        def fail() -> None:
            raise OSError("I/O error on /dev/secret")

        monkeypatch.setattr(database.commits, "_sync", fail)
        assert database.execute("PutItem", PUT).status == 500
        monkeypatch.undo()
        refused = (503, b"the disk refused to sync; start the server again\n")
        assert ready(health) == refused
        assert database.execute("PutItem", PUT).status == 500, "as later ones are"
        assert ready(health) == refused


def test_a_sync_that_does_not_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    now_s = 0.0
    gate, arrived = threading.Event(), threading.Event()
    with Database.open(tmp_path / "db") as database:
        health = Health(database, lambda: now_s)
        database.execute("CreateTable", orjson.dumps(TABLE))
        assert ready(health)[0] == 200
        assert database.commits is not None
        sync = database.commits._sync

        def held() -> None:
            arrived.set()
            assert gate.wait(10)
            sync()

        monkeypatch.setattr(database.commits, "_sync", held)
        now_s = 1000.0
        assert ready(health)[0] == 200, "there was nothing to sync"
        database.submit("PutItem", PUT)
        assert arrived.wait(10)
        now_s = 1009.0
        assert ready(health)[0] == 200
        now_s = 1011.0
        assert ready(health) == (503, b"the disk has been syncing for 11 s\n")
        gate.set()
        database.commits.wait(database.commits.written)
        assert ready(health)[0] == 200


def test_over_the_wire(tmp_path: Path):
    """Without a signature, and whatever name the server is asked by."""
    with serving("--path", str(tmp_path / "db"), "--no-console") as (url, _):
        for path in (b"/healthz", b"/readyz"):
            with Wire(urlsplit(url).port or 0) as wire:
                reply = wire.ask(b"GET %b HTTP/1.1\r\nHost: 10.0.0.7\r\n\r\n" % path)
                assert (reply.status, reply.body) == (200, b"ok\n")
                assert len(reply.headers["x-amzn-requestid"]) == 52
                wire.send(b"HEAD %b HTTP/1.1\r\nHost: 10.0.0.7\r\n\r\n" % path)
                assert wire.reply(head=True).status == 200
                other = wire.ask(b"GET %b/x HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
                assert other.status == 404


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs a limit on another process")
def test_a_disk_that_is_full_in_truth(tmp_path: Path):
    """The store itself goes on refusing when there is room again; a new start mends it."""
    options = ("--path", str(tmp_path / "db"), "--log", str(tmp_path / "log"), "--no-console")
    unlimited = resource.RLIM_INFINITY
    with serving(*options) as (url, pid):
        client = Client(url)
        assert client.dynamodb("CreateTable", TABLE) == 200
        assert client.put("a") == 200
        assert client.get("/readyz") == (200, b"ok\n")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (20_000, unlimited))
        assert [client.put("b" * 30_000), client.put("c" * 30_000)] == [500, 500]
        assert client.get("/readyz") == (503, b"the disk refuses writes\n")
        assert client.get("/healthz") == (200, b"ok\n")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
        assert client.put("d") == 500
        assert client.get("/readyz") == (503, b"the disk refuses writes\n")
    said = [json.loads(line)["event"] for line in (tmp_path / "log").read_text().splitlines()]
    assert len([event for event in said if event.startswith("the disk refused a write")]) == 1
    with serving(*options) as (url, _):
        client = Client(url)
        assert client.get("/readyz") == (200, b"ok\n")
        assert client.put("d") == 200


class Client:
    """Asks a server, each time on a connection of its own."""

    def __init__(self, url: str) -> None:
        self.port = urlsplit(url).port or 0

    def get(self, path: str) -> tuple[int, bytes]:
        with Wire(self.port) as wire:
            reply = wire.ask(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        return reply.status, reply.body

    def dynamodb(self, operation: str, request: object) -> int:
        headers = {
            "X_Amz_Target": f"DynamoDB_20120810.{operation}",
            "X_Amz_Date": "20261123T080000Z",
            "Authorization": "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
        }
        with Wire(self.port) as wire:
            return wire.ask(post(orjson.dumps(request), **headers)).status

    def put(self, text: str) -> int:
        item = {"p": {"S": text[:1]}, "text": {"S": text}}
        return self.dynamodb("PutItem", {"TableName": "tab", "Item": item})
