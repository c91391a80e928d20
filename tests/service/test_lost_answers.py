"""Answers that faults delay or take away, on the wire: who waits, who is cut off, and when."""

import asyncio
import threading
from pathlib import Path

import orjson
import pytest

from pannier.engine.database import Database
from pannier.engine.faults import Drop, Fixed, Rule, Slow
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.json_api import JsonApi
from tests.service.wire import Wire, http_server, post

CREATE = orjson.dumps(
    {
        "TableName": "shop",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
)
PUT = b'{"TableName":"shop","Item":{"p":{"S":"1"}}}'


def test_a_lost_answer_closes_the_connection_without_a_word():
    with http_server() as server, Wire(server.port) as wire:
        wire.send(post(path="/later"))
        server.wait_until(lambda: server.held)
        _, respond = server.held.pop()
        server.do(lambda: respond(None))
        assert wire.is_closed()


def test_what_was_owed_before_a_lost_answer_comes_and_what_was_behind_it_is_never_handled():
    """Pipelined: the first is answered, the second is lost, the third must not have an effect."""
    with http_server() as server, Wire(server.port) as wire:
        wire.send(post(b"1", "/later") + post(b"2", "/later") + post(b"3"))
        server.wait_until(lambda: server.held)
        server.release()
        assert wire.reply().body == b"/later:1"
        server.wait_until(lambda: server.held)
        _, respond = server.held.pop()
        server.do(lambda: respond(None))
        assert wire.is_closed()
        assert [request.body for request in server.handled] == [b"1", b"2"]
        with Wire(server.port) as another:
            assert another.ask(post(b"4")).body == b"/:4"


def test_an_answer_to_a_client_that_has_gone_is_dropped():
    """A client that gives up while its answer is delayed must not break the server."""
    with http_server() as server:
        with Wire(server.port) as wire:
            wire.send(post(path="/later"))
            server.wait_until(lambda: server.held)
            wire.reset()
        server.wait_until(lambda: not server.connections.open)
        _, respond = server.held.pop()
        server.do(lambda: respond(None))
        with Wire(server.port) as another:
            assert another.ask(post(b"5")).body == b"/:5"


def request(operation: str, body: bytes) -> HttpRequest:
    headers = {
        b"x-amz-target": b"DynamoDB_20120810." + operation.encode(),
        b"x-amz-date": b"20270115T080000Z",
        b"authorization": b"AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
    }
    return HttpRequest(b"POST", b"/", headers, body)


def test_a_delayed_answer_holds_up_nobody_else():
    """The delay is the loop's timer: others are answered meanwhile."""

    async def use() -> list[str]:
        answered: list[str] = []
        done = asyncio.Event()

        def slow(response: HttpResponse | None) -> None:
            assert response is not None
            assert response.status == 200
            answered.append("slow")
            done.set()

        with Database.in_memory() as database:
            api = JsonApi(database)
            database.submit("CreateTable", CREATE)
            rule = Rule(effect=Slow(Fixed(0.05)), operations=("PutItem",))
            with database.faults.during(rule):
                api.handle(request("PutItem", PUT), slow)
                api.handle(request("ListTables", b"{}"), lambda _: answered.append("other"))
                assert answered == ["other"]
                await asyncio.wait_for(done.wait(), 10)
        return answered

    assert asyncio.run(use()) == ["other", "slow"]


@pytest.mark.parametrize("lost", [False, True])
def test_a_delayed_answer_waits_for_the_disk_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: bool
):
    """The delay may not let an answer out before its write is durable; nor may losing it."""
    gate = threading.Event()

    async def use() -> list[HttpResponse | None]:
        answered: list[HttpResponse | None] = []
        done = asyncio.Event()

        def respond(response: HttpResponse | None) -> None:
            answered.append(response)
            done.set()

        with Database.open(tmp_path / "db") as database:
            database.execute("CreateTable", CREATE)
            assert database.commits is not None
            sync = database.commits._sync

            def held() -> None:
                assert gate.wait(10)
                sync()

            monkeypatch.setattr(database.commits, "_sync", held)
            api = JsonApi(database)
            rules = [Rule(effect=Slow(Fixed(0.001)))]
            if lost:
                rules.append(Rule(effect=Drop("after")))
            with database.faults.during(*rules):
                api.handle(request("PutItem", PUT), respond)
                await asyncio.sleep(0.05)  # far longer than the delay
                assert answered == [], "the disk has not got it yet"
                gate.set()
                await asyncio.wait_for(done.wait(), 10)
        return answered

    (response,) = asyncio.run(use())
    if lost:
        assert response is None
    else:
        assert response is not None
        assert response.status == 200


def test_a_page_is_answered_as_html():
    answered: list[HttpResponse | None] = []
    with Database.in_memory() as database:
        database.faults.add({"error": "ServiceUnavailable"})
        JsonApi(database).handle(request("ListTables", b"{}"), answered.append)
    (response,) = answered
    assert response is not None
    assert response.status == 503
    assert response.headers[b"content-type"] == b"text/html"
