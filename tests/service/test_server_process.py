"""`pannier serve` as a process: its port, its end, its folder."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pannier.engine.database import Database
from pannier.service import server
from tests.conftest import run_pannier, serving
from tests.service.wire import Wire, post

TABLE = {
    "TableName": "tab",
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def signed(operation: str, request: object) -> bytes:
    return post(
        json.dumps(request).encode(),
        X_Amz_Target=f"DynamoDB_20120810.{operation}",
        X_Amz_Date="20261123T080000Z",
        Authorization="AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
    )


def test_a_port_in_use(tmp_path: Path):
    """One line that says what is wrong, one that says what to do; no traceback, exit status 1."""
    with serving("--memory") as (url, _):
        port = port_of(url)
        second = run_pannier("serve", "--memory", "--port", str(port), cwd=tmp_path)
        assert second.returncode == 1
        assert second.stderr.splitlines() == [
            f"pannier: port {port} is in use",
            "Use another: --port N, or --port 0 for any free one.",
        ]
        with Wire(port) as wire:  # the first goes on
            assert wire.ask(signed("ListTables", {})).status == 200


def test_a_folder_that_another_server_holds(tmp_path: Path):
    """The second server is told who holds the folder, and where it is served."""
    folder = str(tmp_path / "db")
    with serving("--path", folder) as (url, process_id):
        second = run_pannier("serve", "--path", folder, "--port", "0", cwd=tmp_path)
        assert second.returncode == 1
        assert f"is held by process {process_id}" in second.stderr
        assert f"It is served at {url}" in second.stderr
        assert "Traceback" not in second.stderr


def test_only_loopback_is_served():
    """Nobody else on the network may read the data: it is on 127.0.0.1, and ::1 if there is one."""
    with serving("--memory") as (url, _):
        port = port_of(url)
        hexadecimal = f"{port:04X}"
        listening = [
            line.split()[1].partition(":")[0]
            for path in ("/proc/net/tcp", "/proc/net/tcp6")
            if Path(path).exists()
            for line in Path(path).read_text().splitlines()[1:]
            if line.split()[1].endswith(f":{hexadecimal}") and line.split()[3] == "0A"
        ]
        loopback = {"0100007F", "00000000000000000000000001000000"}
        if listening:  # Linux tells; elsewhere the next check has to do
            assert set(listening) <= loopback
        for address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM):
            with socket.socket(*address[:3]) as client:
                client.settimeout(5)
                if client.connect_ex(address[4]) == 0:
                    return
        raise AssertionError("localhost is not served")


def end(process_id: int, number: signal.Signals) -> float:
    """Signal the server; how long it took to end, in seconds."""
    begun = time.monotonic()
    os.kill(process_id, number)
    while time.monotonic() < begun + 15:
        if not is_running(process_id):
            return time.monotonic() - begun
        time.sleep(0.005)
    raise AssertionError("the server did not end")


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended; the fixture has not looked yet


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells by /proc who runs")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_when_nothing_is_owed(tmp_path: Path, number: signal.Signals):
    """Idle connections, of which an SDK keeps ten, don't hold it up. Its note goes with it."""
    folder = tmp_path / "db"
    with (
        serving("--path", str(folder)) as (url, process_id),
        Wire(port_of(url)) as idle,
        Wire(port_of(url)) as half,
    ):
        assert idle.ask(signed("CreateTable", TABLE)).status == 200
        half.send(b"POST / HTTP/1.1\r\nContent-Le")
        note = json.loads((folder / "owner.json").read_bytes())
        assert note == {"pid": process_id, "url": url}
        assert end(process_id, number) < 3
        assert idle.is_closed()
        assert half.is_closed()
    assert not (folder / "owner.json").exists()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="tells by /proc who runs")
def test_it_answers_what_is_owed_before_it_ends(tmp_path: Path):
    """SIGTERM in the middle of many writes: each was answered, or its client sees a closed door.

    What was answered is there afterwards; nobody gets half an answer.
    """
    folder = tmp_path / "db"
    answered: list[str] = []
    wrong: list[object] = []
    with serving("--path", str(folder)) as (url, process_id):
        with Wire(port_of(url)) as wire:
            assert wire.ask(signed("CreateTable", TABLE)).status == 200

        def write(client: int) -> None:
            with Wire(port_of(url)) as wire:
                for n in range(100_000):
                    name = f"{client}-{n}"
                    item = {"p": {"S": name}}
                    try:
                        reply = wire.ask(signed("PutItem", {"TableName": "tab", "Item": item}))
                    except ConnectionError as error:
                        if "HTTP/1.1" in str(error):  # half an answer
                            wrong.append(error)
                        return
                    if reply.status != 200:
                        wrong.append(reply)
                    answered.append(name)

        clients = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for client in clients:
            client.start()
        while len(answered) < 50:
            time.sleep(0.005)
        assert end(process_id, signal.SIGTERM) < 5
        for client in clients:
            client.join()
    assert wrong == []
    with Database.open(folder) as database:
        scanned = json.loads(database.submit("Scan", b'{"TableName":"tab"}').body)
    assert {item["p"]["S"] for item in scanned["Items"]} == set(answered)


def test_once_it_is_told_to_end_it_is_not_ready(monkeypatch: pytest.MonkeyPatch):
    """Before anything is closed: who still asks on an open connection is told."""
    happened: list[str] = []

    class Heard(server.Health):
        def stop(self) -> None:
            super().stop()
            happened.append(self.why_not() or "ready")

    def ready(_: str) -> None:
        happened.append("ready")
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(server, "Health", Heard)
    with Database.in_memory() as database:
        server.serve(database, 0, ready)
    assert happened == ["ready", "stopping"]


def test_it_says_where_it_is(tmp_path: Path):
    """The first line names the place and the URL; the next one can be pasted into a shell."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pannier", "serve", "--port", "0", "--memory"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(3)]
    os.kill(process.pid, signal.SIGTERM)
    out, rest = process.communicate(timeout=20)
    assert re.fullmatch(r"pannier serves memory at http://127\.0\.0\.1:\d+\n", lines[0])
    url = lines[0].split(" at ")[1].strip()
    assert f"AWS_ENDPOINT_URL={url} " in lines[1]
    assert (out, rest) == ("", "")
    assert process.returncode == 0
