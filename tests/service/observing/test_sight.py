"""What a server tells by what it was asked for; where nothing was asked for, nothing looks."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from pannier.cli.sight import add_sight, sight_of
from pannier.engine.database import Database
from pannier.service.http import Connections, HttpLimits, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.observing.events import LogHandler, listen, told
from pannier.service.observing.log_lines import json_line
from pannier.service.observing.log_writer import LogWriter
from pannier.service.observing.request_log import RequestLog
from pannier.service.observing.sight import Sight
from pannier.service.observing.slow_requests import SlowRequests
from pannier.service.observing.watched_database import WatchedDatabase
from pannier.service.request_ids import REQUEST_ID
from tests.conftest import run_pannier, serving
from tests.service.wire import Wire


class Transport:
    """What is asked of an `asyncio.Transport`."""

    def __init__(self, *peer: object) -> None:
        self.peer = peer or None

    def get_extra_info(self, name: str) -> object:
        assert name == "peername"
        return self.peer


def plain(request: HttpRequest, respond: Respond) -> None:
    respond(HttpResponse(200, {}, b"plain"))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogWriter]:
    writer = LogWriter(tmp_path / "log", json_line, gather_s=0.0)
    yield writer
    writer.close()


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_where_nothing_is_asked_for_nothing_looks():
    """The handler is the server's own, and the database the usual one: no cost at all."""
    sight = Sight()
    assert sight.database_kind is Database
    with Database.in_memory() as database:
        connections = sight.connections(plain, database, HttpLimits())
    assert connections.opened is None
    assert connections.handler is plain


def test_a_log_of_the_server_alone_is_on_no_request_s_way(log: LogWriter):
    sight = Sight(log)
    assert sight.database_kind is Database
    with Database.in_memory() as database:
        assert sight.connections(plain, database, HttpLimits()).opened is None
    sight.close()


@pytest.mark.parametrize("options", [{"requests": True}, {"slow_s": 0.1}])
def test_where_requests_are_watched(log: LogWriter, options: dict[str, Any]):
    sight = Sight(log, **options)
    assert sight.database_kind is WatchedDatabase
    with sight.database_kind.in_memory() as database:
        assert sight.connections(plain, database, HttpLimits()).opened is not None
    sight.close()


def test_a_sync_that_fails_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    sight = Sight()
    with Database.open(tmp_path / "db") as database:
        sight.connections(plain, database, HttpLimits())
        assert database.commits is not None

        def fail() -> None:
            raise OSError("no")

        monkeypatch.setattr(database.commits, "_sync", fail)
        table = {
            "TableName": "tab",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
        assert database.execute("CreateTable", orjson.dumps(table)).status == 500
        assert database.execute("CreateTable", orjson.dumps(table)).status in (400, 500)
        monkeypatch.undo()
        database.commits.close()  # the thread has ended, and said what it had to say
    errors = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert errors.count("the disk refused to sync: no") == 1


def test_refused_connections_are_said_seldom(caplog: pytest.LogCaptureFixture):
    """The first at once; of those that follow within ten seconds the number."""
    now_s = 100.0
    sight = Sight(timer=lambda: now_s)
    with Database.in_memory() as database:
        connections = sight.connections(plain, database, HttpLimits())
    assert connections.refused is not None
    for _ in range(1000):
        connections.refused(Transport("127.0.0.1", 5), None)
    now_s = 110.0
    connections.refused(Transport("::1", 6), None)
    said = [getattr(record, "told") for record in caplog.records]  # noqa: B009
    assert said == [
        {"remote": "127.0.0.1:5", "connections": 1},
        {"remote": "[::1]:6", "connections": 1000},
    ]


def test_a_connection_too_many_is_told_of():
    """By the connections themselves, before they answer and close it."""
    refused: list[object] = []

    async def use() -> None:
        connections = Connections(
            plain, HttpLimits(connections_max=0), refused=lambda *told: refused.append(told)
        )
        transport: Any = Transport()
        transport.write = lambda _: refused.append("answered")
        transport.close = lambda: refused.append("closed")
        connections.new().connection_made(transport)
        assert refused == [(transport, None), "answered", "closed"]

    asyncio.run(use())


class Traced:
    """A log of slow requests, whose time the test tells."""

    def __init__(self, slow_s: float) -> None:
        self.now_s = 0.0
        self.said: list[Any] = []
        self.slow = SlowRequests(slow_s)
        self.waiting: list[Respond] = []

    def ask(self, database: WatchedDatabase, path: bytes) -> None:
        log = RequestLog(
            lambda request, respond: self.waiting.append(respond),
            database,
            self.said.append,
            every=False,
            slow=self.slow,
            clock=lambda: 1_700_000_000.0,
            timer=lambda: self.now_s,
        )
        transport: Any = Transport("127.0.0.1", 5)
        log.opened(transport)(HttpRequest(b"GET", path), lambda _: None)

    def answer(self, after_s: float) -> None:
        self.now_s += after_s
        self.waiting.pop()(HttpResponse(200, {REQUEST_ID: b"id"}, b""))


def test_only_what_is_slow_is_traced():
    traced = Traced(slow_s=0.5)
    with WatchedDatabase.in_memory() as database:
        for path, after_s in ((b"/quick", 0.25), (b"/slow?secret=1", 0.5), (b"/slower", 2.0)):
            traced.ask(database, path)
            traced.answer(after_s)
    assert [(line["event"], line["path"], line["duration_ms"]) for line in traced.said] == [
        ("slow request", "/slow", 500.0),
        ("slow request", "/slower", 2000.0),
    ]
    shown = traced.slow.describe()
    assert shown["slow_ms"] == 500
    assert [each["path"] for each in shown["requests"]] == ["/slower", "/slow"]
    assert shown["requests"][0]["time"] == "2023-11-14T22:13:20+00:00"
    assert shown["requests"][0]["stages"] == {
        "received_ms": 0.0, "handled_ms": 2000.0, "sent_ms": 0.0,
    }  # fmt: skip


def test_the_last_hundred_are_kept():
    traced = Traced(slow_s=0.0)
    with WatchedDatabase.in_memory() as database:
        for number in range(150):
            traced.ask(database, b"/%d" % number)
            traced.answer(1.0)
    paths = [each["path"] for each in traced.slow.describe()["requests"]]
    assert paths == [f"/{number}" for number in range(149, 49, -1)]


def test_the_admin_api_shows_them():
    with serving("--memory", "--debug-slow", "0", "--no-console") as (url, _):
        port = int(url.rpartition(":")[2])
        head = f"GET /_pannier/slow HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        with Wire(port) as wire:
            first = json.loads(wire.ask(head).body)
            second = json.loads(wire.ask(head).body)
    assert first == {"slow_ms": 0.0, "requests": []}
    assert [each["path"] for each in second["requests"]] == ["/_pannier/slow"]


def test_a_request_in_pieces_is_measured_from_its_first(tmp_path: Path):
    file = tmp_path / "log"
    options = ("--memory", "--log", str(file), "--log-requests", "--debug-slow", "0")
    with serving(*options, "--no-console") as (url, _), Wire(int(url.rpartition(":")[2])) as wire:
        wire.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{")
        assert wire.is_quiet(0.05)
        wire.send(b"}")
        wire.reply()
    (slow,) = [json.loads(line) for line in file.read_text().splitlines() if "stages" in line]
    assert 40 <= slow["stages"]["received_ms"] <= slow["duration_ms"]


def test_records_of_logging_become_lines():
    said: list[Any] = []
    logger = logging.getLogger("pannier.test")
    end = listen(said.append, "info")
    logger.debug("too little")
    logger.info("%d rules", 3, extra=told(rules=3))
    try:
        raise ValueError("what it was")
    except ValueError:
        logger.exception("it failed")
    end()
    logger.warning("nobody listens any more")
    assert [line["event"] for line in said] == ["3 rules", "it failed"]
    assert (said[0]["level"], said[0]["rules"]) == ("info", 3)
    assert said[1]["level"] == "error"
    assert "ValueError: what it was" in said[1]["trace"]
    assert json_line(said[1]).count(b"\n") == 1


def test_a_record_that_can_t_be_written_breaks_nothing(capsys: pytest.CaptureFixture[str]):
    def fail(_: object) -> None:
        raise ValueError("no")

    record = logging.LogRecord("x", logging.INFO, "", 0, "said", None, None)
    LogHandler(fail).emit(record)
    assert "ValueError: no" in capsys.readouterr().err


def test_a_log_that_can_t_be_made(tmp_path: Path):
    """Before anything else is done: no database is opened."""
    done = run_pannier("serve", "--log", "nowhere/log", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "pannier: the log nowhere/log can't be written: No such file or directory",
        "Name another file with --log, or mend its folder.",
    ]
    assert list(tmp_path.iterdir()) == []


def test_why_a_server_did_not_start_is_in_its_log(tmp_path: Path):
    with serving("--memory", "--no-console") as (url, _):
        port = url.rpartition(":")[2]
        options = ("--memory", "--port", port, "--log", "-", "--log-format", "json")
        done = run_pannier("serve", *options, cwd=tmp_path)
    assert done.returncode == 1
    (line,) = map(json.loads, done.stdout.splitlines())
    assert line["event"] == f"not started: port {port} is in use"


def test_standard_output_and_error(tmp_path: Path):
    """`-` is the one, nothing the other; what a person is told stays on standard error."""
    command = [sys.executable, "-m", "pannier", "serve", "--memory", "--port", "0", "--no-console"]
    for options, stream in ((["--log", "-"], "stdout"), (["--log-level", "info"], "stderr")):
        process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        assert process.stderr is not None
        heard = [process.stderr.readline()]
        while "Ctrl-C" not in heard[-1]:
            heard.append(process.stderr.readline())
        process.terminate()
        out, err = process.communicate(timeout=20)
        text = {"stdout": out, "stderr": "".join(heard) + err}[stream]
        events = [json.loads(line)["event"] for line in text.splitlines() if line[0] == "{"]
        assert events == ["started", "stopping", "stopped"]


def test_the_options_of_serve(tmp_path: Path):
    import argparse

    parser = argparse.ArgumentParser()
    add_sight(parser)
    threads = threading.active_count()
    nothing = sight_of(parser.parse_args([]))
    assert threading.active_count() == threads, "no log, no thread"
    assert nothing.slow is None
    given = sight_of(parser.parse_args(["--log", str(tmp_path / "log"), "--debug-slow", "2.5"]))
    assert given.slow is not None
    assert given.slow.slow_s == 0.0025
    assert threading.active_count() == threads + 1
    given.close()
    assert threading.active_count() == threads
    with pytest.raises(SystemExit):
        parser.parse_args(["--debug-slow", "soon"])
