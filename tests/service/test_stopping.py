"""How the server ends: what was accepted is answered, nothing waits for ever, twice is at once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pannier.engine.database import Database
from pannier.service.server import serve
from pannier.service.stopping import Stopping, drain
from tests.conftest import serving
from tests.engine.reference import call
from tests.service.wire import TIMEOUT_S, Server, Wire, http_server, post

TABLE = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
AT_ONCE_S = 0.2  # of draining, where a test wants connections to be cut


def put(name: str) -> bytes:
    body = {"TableName": "tab", "Item": {"p": {"S": name}}}
    return post(
        json.dumps(body).encode(),
        X_Amz_Target="DynamoDB_20120810.PutItem",
        X_Amz_Date="20261123T080000Z",
        Authorization="AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
    )


def begin_draining(server: Server, seconds_max: float) -> Any:
    """Let the server end as `serve` does; a future that is done once it has."""
    return asyncio.run_coroutine_threadsafe(drain(server.connections, seconds_max), server.loop)


def test_what_was_pipelined_is_answered_too():
    """All of it was accepted. Only the last answer says that the connection closes."""
    with http_server() as server, Wire(server.port) as wire:
        wire.send(post(path="/later/1") + post(path="/later/2") + post(path="/later/3"))
        server.wait_until(lambda: server.held)
        draining = begin_draining(server, TIMEOUT_S)
        server.wait_until(lambda: server.connections.finishing)
        replies = []
        for _ in range(3):
            server.wait_until(lambda: server.held)
            server.release()
            replies.append(wire.reply())
        assert [reply.body for reply in replies] == [b"/later/1:", b"/later/2:", b"/later/3:"]
        assert [reply.headers.get("connection") for reply in replies] == [None, None, "close"]
        assert wire.socket.recv(1) == b""  # the end of the stream, no reset
        wire.socket.close()
        draining.result(TIMEOUT_S)


def test_more_that_was_sent_does_not_cost_the_answer():
    """To close on bytes that nobody has read resets a connection, with the answer on its way."""
    with http_server() as server, Wire(server.port) as wire:
        wire.send(post(path="/later"))
        server.wait_until(lambda: server.held)
        draining = begin_draining(server, TIMEOUT_S)
        # It is owed an answer, so it is still open, and nothing more is read.
        server.wait_until(lambda: all(each._finishing for each in server.connections.open))
        wire.send(post(b"x" * 100_000, "/more"))
        server.release()
        assert wire.reply().headers["connection"] == "close"
        assert wire.socket.recv(1) == b""
        wire.socket.close()
        draining.result(TIMEOUT_S)
        assert [request.target for request in server.handled] == [b"/later"]


def test_what_had_arrived_is_answered():
    """A request that was with the operating system when the signal came counts as accepted."""
    with http_server() as server, Wire(server.port) as wire:
        assert wire.ask(post(path="/first")).status == 200

        async def sent_then_drained() -> None:
            wire.send(post(path="/second"))  # the loop, which runs this, has not read it yet
            await drain(server.connections, TIMEOUT_S)

        draining = asyncio.run_coroutine_threadsafe(sent_then_drained(), server.loop)
        reply = wire.reply()
        assert (reply.body, reply.headers["connection"]) == (b"/second:", "close")
        wire.socket.close()
        draining.result(TIMEOUT_S)


@pytest.mark.parametrize("path", ["/later", "/big"])
def test_nobody_is_waited_for_without_end(path: str, capsys: pytest.CaptureFixture[str]):
    """Neither for an answer that does not come, nor for a client that does not take its own."""
    with http_server() as server, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", server.port))
        client.sendall(post(path=path) * 8)
        server.wait_until(lambda: server.handled)
        begin_draining(server, AT_ONCE_S).result(TIMEOUT_S)
        server.wait_until(lambda: not server.connections.open)
    assert "not closed yet: 1; a second signal ends it at once" in capsys.readouterr().err


def test_a_client_that_keeps_its_side_open_is_not_waited_for():
    """It has its answer; then a moment is enough."""
    with http_server(linger_s_max=0.01) as server, Wire(server.port) as wire:
        wire.send(post(path="/later"))
        server.wait_until(lambda: server.held)
        draining = begin_draining(server, TIMEOUT_S)
        server.wait_until(lambda: server.connections.finishing)
        server.release()
        assert wire.reply().status == 200
        draining.result(TIMEOUT_S / 2)  # the connection is open, on this side, all the while


def test_the_first_signal_asks_and_the_second_ends():
    """A second Ctrl-C is somebody who does not want to wait."""
    statuses: list[int] = []
    with Stopping(leave=statuses.append) as stopping:
        assert not stopping.asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert (stopping.asked, statuses) == (True, [])
        os.kill(os.getpid(), signal.SIGINT)
        assert statuses == [128 + signal.SIGINT]


def test_a_signal_while_the_database_is_opened():
    """The server does not begin to serve; the database is closed as always by who opened it."""
    served: list[str] = []
    with Database.in_memory() as database, Stopping() as stopping:
        os.kill(os.getpid(), signal.SIGTERM)
        serve(database, 0, served.append, stopping=stopping)
    assert served == []


def test_a_second_signal_ends_a_server_that_waits(tmp_path: Path):
    """What it had answered is there; what it had not, its client sends again, or not."""
    folder = tmp_path / "db"
    faults = tmp_path / "faults.json"
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    late = {"tables": "tab", "operations": "PutItem", "slow": {"delay_s": 60}, "skip": 1}
    faults.write_text(json.dumps({"rules": [late]}))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console"),
            *("--path", str(folder), "--faults", str(faults)),
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    url = process.stderr.readline().split(" at ")[1].strip()
    with Wire(int(url.rpartition(":")[2])) as wire:
        assert wire.ask(put("answered")).status == 200
        wire.send(put("owed"))
        process.send_signal(signal.SIGTERM)
        while "not closed yet: 1;" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, words) == (128 + signal.SIGTERM, "pannier: ended at once\n")
    with Database.open(folder) as database:
        assert call(database, "GetItem", TableName="tab", Key={"p": {"S": "answered"}})["Item"]


def test_the_minute_that_is_going_on_is_written(tmp_path: Path):
    """What was consumed shows afterwards, to the last unit."""
    folder = tmp_path / "db"
    with Database.open(folder) as database:
        call(database, "CreateTable", **TABLE)
    with (
        serving("--path", str(folder), "--no-console") as (url, _),
        Wire(int(url.rpartition(":")[2])) as wire,
    ):
        for number in range(3):
            assert wire.ask(put(f"{number}")).status == 200
    statistics: dict[str, Any] = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "ConsumedWriteCapacityUnits",
        "Dimensions": [{"Name": "TableName", "Value": "tab"}],
        "StartTime": 0,
        "EndTime": 2**32,
        "Period": 86400 * 365,
        "Statistics": ["Sum"],
    }
    with Database.open(folder) as database:
        points = database.cloudwatch.execute("GetMetricStatistics", statistics)["Datapoints"]
    assert sum(point["Sum"] for point in points) == 3
