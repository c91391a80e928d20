"""`pannier serve` with TLS: SDKs, `aws`, our own commands, and clients that misbehave."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from pannier.service import server
from pannier.service.doors import Doors
from pannier.service.http import Connections, HttpLimits, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.listening import listening
from pannier.service.tls.certificate import ServerCertificate
from tests.conftest import run_pannier, serving, serving_with_words
from tests.service.tls.certificates import certified
from tests.service.wire import on_a_thread

TIMEOUT_S = 10
HEAD = b"HTTP/1.1 200 OK\r\nx-amzn-requestid: %b\r\ncontent-length: %d\r\n\r\n"
ID = b"x" * 52


# As a process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of its own: its URL and its folder."""
    folder = tmp_path_factory.mktemp("tls") / "db"
    with serving("--path", str(folder), "--tls-self-signed", "--no-console") as (url, _):
        yield url, folder


def client(url: str, bundle: Path, **options: Any) -> Any:
    return boto3.client(
        "dynamodb", endpoint_url=url, verify=str(bundle), region_name="us-east-1",
        config=Config(retries={"total_max_attempts": 1}), **options,
    )  # fmt: skip


def test_boto3_writes_and_reads_megabytes(served: tuple[str, Path]):
    url, folder = served
    assert url.startswith("https://127.0.0.1:")
    dynamodb = client(url, folder / "tls" / "certificate.pem")
    dynamodb.create_table(
        TableName="big", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
    )  # fmt: skip
    items = [{"p": {"S": str(n)}, "b": {"S": str(n % 10) * 390_000}} for n in range(25)]
    puts = [{"PutRequest": {"Item": item}} for item in items]
    assert dynamodb.batch_write_item(RequestItems={"big": puts})["UnprocessedItems"] == {}
    for item in items:
        assert dynamodb.get_item(TableName="big", Key={"p": item["p"]})["Item"] == item


@pytest.mark.skipif(shutil.which("aws") is None, reason="needs the aws command")
def test_the_aws_command_takes_the_line_that_the_server_prints(tmp_path: Path):
    folder = tmp_path / "my db"
    with serving_with_words("--path", str(folder), "--tls-self-signed") as (words, _):
        (line,) = [each for each in words.splitlines() if each.startswith("  export ")]
        ran = subprocess.run(
            ["sh", "-c", f"{line}; exec aws dynamodb list-tables"],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (0, "")
        assert json.loads(ran.stdout) == {"TableNames": []}


def test_own_commands_trust_the_folder_that_they_are_pointed_at(served: tuple[str, Path]):
    _, folder = served
    for command in (["tables"], ["throttle"], ["monitor", "--once"]):
        ran = run_pannier(*command, "--target", f"local:{folder}", cwd=folder.parent)
        assert ran.returncode == 0, ran.stderr
        assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", [["tables"], ["throttle"], ["monitor", "--once"]])
def test_own_commands_do_not_trust_a_stranger(served: tuple[str, Path], command: list[str]):
    url, folder = served
    ran = run_pannier(*command, "--target", url, cwd=folder.parent)
    assert ran.returncode == 1
    assert "does not show who it is" in ran.stderr
    assert "export AWS_CA_BUNDLE=FILE" in ran.stderr
    bundle = str(folder / "tls" / "certificate.pem")
    ran = run_pannier(*command, "--target", url, cwd=folder.parent, AWS_CA_BUNDLE=bundle)
    assert ran.returncode == 0, ran.stderr


def test_the_url_has_a_name_by_which_the_certificate_is_right(tmp_path: Path):
    certificate, key = certified(tmp_path, "db.example", "localhost")
    options = ("--memory", "--tls-cert", str(certificate), "--tls-key", str(key))
    with serving(*options) as (url, _):
        assert urlsplit(url).hostname == "localhost"
        assert client(url, certificate).list_tables()["TableNames"] == []


def test_the_user_is_told_what_clients_will_not_accept(tmp_path: Path):
    certificate, key = certified(tmp_path)
    key.chmod(0o644)
    options = ("--memory", "--no-console", "--tls-cert", str(certificate), "--tls-key", str(key))
    with serving_with_words(*options) as (words, _):
        assert f"will not accept the certificate {certificate}: it names no host" in words
        assert f"chmod 600 {key}" in words


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--tls-cert", "c.pem"], "--tls-cert and --tls-key belong together"),
        (["--tls-cert", "c.pem", "--tls-key", "k.pem"], "the certificate c.pem can't be read"),
        (["--tls-self-signed", "--tls-key", "k.pem"], "--tls-self-signed makes a certificate"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_made(
    tmp_path: Path, options: list[str], said: str
):
    ran = run_pannier("serve", "--memory", "--port", "0", *options, cwd=tmp_path)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_it_ends_quietly_with_clients_of_every_kind(tmp_path: Path):
    """Handshakes that were begun, strangers, idle ones: none holds it up, none is in the log."""
    command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console"]
    process = subprocess.Popen(
        [*command, "--path", str(tmp_path / "db"), "--tls-self-signed"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    port = int(process.stderr.readline().rpartition(":")[2])
    said = "".join(process.stderr.readline() for _ in range(2))
    assert "Ctrl-C" in said
    trusting = ssl.create_default_context(cafile=str(tmp_path / "db" / "tls" / "certificate.pem"))
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        answer = stranger.recv(100)
        assert not answer.startswith(b"HTTP")
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as distrustful,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(distrustful, server_hostname="localhost")
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as silent,
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as half,
        trusting.wrap_socket(
            socket.create_connection(("127.0.0.1", port), TIMEOUT_S), server_hostname="localhost"
        ) as idle,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00")
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=20)
        del silent
    assert (process.returncode, rest) == (0, "")


def test_a_certificate_is_read_again_on_sighup(tmp_path: Path):
    certificate, key = certified(tmp_path, "localhost")
    options = ("--memory", "--no-console", "--tls-cert", str(certificate), "--tls-key", str(key))
    with serving(*options) as (url, process_id):
        old = ssl.get_server_certificate(("127.0.0.1", urlsplit(url).port or 0))
        certified(tmp_path, "localhost")
        os.kill(process_id, signal.SIGHUP)
        until = threading.Event()
        for _ in range(200):
            new = ssl.get_server_certificate(("127.0.0.1", urlsplit(url).port or 0))
            if new != old:
                break
            until.wait(0.02)
        assert new.strip() == certificate.read_text().strip()


# Closer: one server in a thread


class Echo:
    """Answers each request with its body; `/big` with a megabyte."""

    def __init__(self) -> None:
        self.port = 0
        self.connections: Any = None
        self.loop: Any = None

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        body = b"x" * 1_000_000 if request.target == b"/big" else request.body
        respond(HttpResponse(200, {}, body))


@contextmanager
def echoing(certificate: ServerCertificate) -> Iterator[Echo]:
    echo = Echo()
    echo.connections = Connections(echo.handle, HttpLimits())
    problems: list[dict[str, Any]] = []

    async def begin() -> asyncio.Server:
        echo.loop = asyncio.get_running_loop()
        echo.loop.set_exception_handler(lambda _, context: problems.append(context))
        (listener,) = listening(0, ["127.0.0.1"])
        echo.port = listener.getsockname()[1]
        return await server._accepting(echo.connections, listener, Doors(certificate=certificate))

    with on_a_thread(begin, echo.connections):
        yield echo
    assert problems == []


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Echo]:
    with echoing(ServerCertificate.read(*certified(tmp_path, "localhost"))) as found:
        yield found


def connected(echo: Echo) -> ssl.SSLSocket:
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return trusting.wrap_socket(socket.create_connection(("127.0.0.1", echo.port), TIMEOUT_S))


def received(there: ssl.SSLSocket, size_bytes: int) -> bytes:
    found = bytearray()
    while len(found) < size_bytes and (more := there.recv(1 << 20)):
        found += more
    return bytes(found)


def test_large_bodies_and_pipelined_requests(echo: Echo):
    body = os.urandom(5_000_000)
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body)
    with connected(echo) as there:
        there.sendall(head + body)
        answer = received(there, len(HEAD % (ID, 5_000_000)) + 5_000_000)
        assert answer.endswith(body)
        there.sendall(b"GET /big HTTP/1.1\r\n\r\n" * 40)
        one = len(HEAD % (ID, 1_000_000)) + 1_000_000
        answers = received(there, 40 * one)
        assert len(re.findall(rb"HTTP/1.1 200 OK", answers)) == 40
        assert len(answers) == 40 * one


def test_a_client_that_takes_no_answers_is_read_from_no_more(echo: Echo):
    """What waits for it is bounded, as without TLS."""
    with connected(echo) as greedy:
        greedy.sendall(b"GET /big HTTP/1.1\r\n\r\n" * 60)
        pause = threading.Event()
        for _ in range(500):  # in TLS 1.3 a client is ready before its server is
            stalled = [each for each in echo.connections.open if not each._writable]
            if stalled:
                break
            pause.wait(0.01)
        (connection,) = stalled
        assert connection._transport.get_write_buffer_size() < 4_000_000
        one = len(HEAD % (ID, 1_000_000)) + 1_000_000
        assert len(received(greedy, 60 * one)) == 60 * one


@pytest.mark.parametrize("rudely", [True, False])
def test_clients_that_go_away_leave_nothing_behind(echo: Echo, rudely: bool):
    there = connected(echo)
    there.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf")
    pause = threading.Event()
    for _ in range(500):
        if any(each._receives for each in echo.connections.open):
            break
        pause.wait(0.01)
    assert len(echo.connections.open) == 1
    if rudely:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    else:
        there.settimeout(TIMEOUT_S)
        there.unwrap()
    there.close()
    for _ in range(500):
        if not echo.connections.open:
            return
        pause.wait(0.01)
    raise AssertionError("the connection is still there")


def test_a_handshake_that_does_not_go_on_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It would hold a file of the server's open for ever."""
    monkeypatch.setattr(server, "_HANDSHAKE_S_MAX", 0.2)
    with (
        echoing(ServerCertificate.read(*certified(tmp_path, "localhost"))) as echo,
        socket.create_connection(("127.0.0.1", echo.port), TIMEOUT_S) as silent,
        socket.create_connection(("127.0.0.1", echo.port), TIMEOUT_S) as half,
    ):
        half.sendall(b"\x16\x03\x01\x02\x00")
        for slow in (silent, half):
            with suppress(ConnectionResetError):
                assert not slow.recv(1000).startswith(b"\x16")
