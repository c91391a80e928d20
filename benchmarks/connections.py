"""Do ten thousand idle connections, and a hundred slow clients, hold up those who behave?

    python -m benchmarks.connections --idle 10000 --slow 100

Starts a server of its own with a folder on disk. Four clients write batches of 25 and read batches
of 100, each sending its next request once it has its answer; the time from the one to the other is
measured alone, then with idle connections open, then with slow clients besides: half of them send
a large body a byte at a time, half ask for large answers and take nothing. Rounds of these three
follow each other; a ratio is the median of the rounds' ratios.

The connections need open files: `ulimit -n` is raised as far as it goes, and they are spread over
several processes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.items import key_samples, product_json, product_key
from benchmarks.load.wire import request
from benchmarks.servers.control import table_definition

_FORK = get_context("fork")
_TABLE = "connections"
_CLIENTS = 4
_ITEMS = 2000
_PER_PROCESS = 2500
_READ_KEYS = 100
_WRITE_ITEMS = 25
_TRICKLE_S = 0.05
_ASKED = 20
_SETTLE_S = 1.0
_READY_S_MAX = 120.0
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6
_CASES = ("alone", "idle", "slow")


@dataclass
class Measured:
    """One case in one round."""

    latencies_ms: dict[str, list[float]] = field(default_factory=lambda: {"write": [], "read": []})
    memory_mb: float = 0.0

    def percentile_ms(self, kind: str, percent: int) -> float:
        """A percentile of a kind of call."""
        return statistics.quantiles(self.latencies_ms[kind], n=100)[percent - 1]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--idle", type=int, default=10_000, help="connections (%(default)s)")
    parser.add_argument("--slow", type=int, default=100, help="clients (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each case (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with _server() as (port, pid):
        _fill(port)
        _measure(port, pid, 1.0)  # warm
        rounds = [_round(port, pid, options) for _ in range(options.rounds)]
    figures = _figures(rounds)
    sys.stdout.write(json.dumps(figures, indent=2) + "\n" if options.json else _table(figures))


def _round(port: int, pid: int, options: argparse.Namespace) -> dict[str, Measured]:
    measured = {"alone": _measure(port, pid, options.seconds)}
    with ExitStack() as stack:
        for start in range(0, options.idle, _PER_PROCESS):
            count = min(_PER_PROCESS, options.idle - start)
            stack.enter_context(_crowd(_stay_idle, port, count))
        measured["idle"] = _measure(port, pid, options.seconds)
        stack.enter_context(_crowd(_be_slow, port, options.slow))
        measured["slow"] = _measure(port, pid, options.seconds)
    return measured


# --- The server ---------------------------------------------------------------------------------


@contextmanager
def _server() -> Iterator[tuple[int, int]]:
    folder = Path(mkdtemp(prefix="pannier-connections-", dir="."))
    command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--no-console", "--path"]
    server = subprocess.Popen([*command, str(folder)], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    try:
        first = server.stderr.readline()
        yield int(first.rstrip().rpartition(":")[2]), server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
        shutil.rmtree(folder)


def _memory_mb(pid: int) -> float:
    fields = Path(f"/proc/{pid}/statm").read_text().split()
    return round(int(fields[1]) * _PAGE_MB, 1)


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def _answer_bytes(connection: socket.socket) -> int:
    """Read one whole answer; its status."""
    data = bytearray()
    wanted = 0
    while not wanted or len(data) < wanted:
        part = connection.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection")
        data += part
        if not wanted and (end := data.find(b"\r\n\r\n")) >= 0:
            wanted = _whole_bytes(bytes(data[: end + 4]))
    return int(data[9:12])


def _whole_bytes(head: bytes) -> int:
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return len(head) + int(length)


def _fill(port: int) -> None:
    table = table_definition(_TABLE, indexed=False)
    with _connected(port) as connection:
        connection.sendall(request("CreateTable", json.dumps(table)))
        assert _answer_bytes(connection) == 200
        for start in range(0, _ITEMS, _WRITE_ITEMS):
            connection.sendall(_write(range(start, start + _WRITE_ITEMS)))
            assert _answer_bytes(connection) == 200


def _write(numbers: range) -> bytes:
    puts = ",".join(f'{{"PutRequest":{{"Item":{product_json(number)}}}}}' for number in numbers)
    return request("BatchWriteItem", f'{{"RequestItems":{{"{_TABLE}":[{puts}]}}}}')


def _read(numbers: list[int]) -> bytes:
    keys = [{"PK": {"S": product_key(number)}, "SK": {"S": "DETAILS"}} for number in numbers]
    return request("BatchGetItem", json.dumps({"RequestItems": {_TABLE: {"Keys": keys}}}))


# --- Those who behave ---------------------------------------------------------------------------


def _measure(port: int, pid: int, seconds: float) -> Measured:
    """Four clients at once, on one thread, so that none waits for another's interpreter."""
    measured = Measured()
    writes = [_write(range(at, at + _WRITE_ITEMS)) for at in range(0, _ITEMS, _WRITE_ITEMS)]
    reads = [_read(numbers) for numbers in key_samples(_ITEMS, _READ_KEYS, 40)]
    calls = [pair for both in zip(writes, reads * 2, strict=True) for pair in both]
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        clients = [stack.enter_context(_connected(port)) for _ in range(_CLIENTS)]
        for number, client in enumerate(clients):
            selector.register(client, selectors.EVENT_READ, _Call(client, number * 17 % len(calls)))
        for key in selector.get_map().values():
            key.data.send(calls)
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            for key, _ in selector.select(1.0):
                if key.data.received(measured):
                    key.data.send(calls)
    measured.memory_mb = _memory_mb(pid)
    return measured


class _Call:
    """What one client has asked, and what came of the answer so far."""

    def __init__(self, client: socket.socket, position: int) -> None:
        self._client = client
        self._position = position
        self._data = bytearray()
        self._wanted = 0
        self._began_s = 0.0

    def send(self, calls: list[bytes]) -> None:
        """Ask the next."""
        self._position = (self._position + 1) % len(calls)
        self._data.clear()
        self._wanted = 0
        self._began_s = time.perf_counter()
        self._client.sendall(calls[self._position])

    def received(self, measured: Measured) -> bool:
        """Read on; whether the answer is complete."""
        part = self._client.recv(262_144)
        if not part:
            raise ConnectionError("the server closed the connection of one who behaves")
        self._data += part
        if not self._wanted and (end := self._data.find(b"\r\n\r\n")) >= 0:
            self._wanted = _whole_bytes(bytes(self._data[: end + 4]))
        if not self._wanted or len(self._data) < self._wanted:
            return False
        assert self._data[9:12] == b"200", bytes(self._data[:500])
        kind = "read" if self._position % 2 else "write"
        measured.latencies_ms[kind].append((time.perf_counter() - self._began_s) * 1000)
        return True


# --- Those who do not ---------------------------------------------------------------------------


def _narrow(port: int) -> socket.socket:
    """A connection whose own buffer takes next to nothing, so that answers wait at the server."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


@contextmanager
def _crowd(work: Callable[[int, int, Connection], None], port: int, count: int) -> Iterator[None]:
    """Clients in a process of their own, until the block ends."""
    ours, theirs = _FORK.Pipe()
    process = _FORK.Process(target=work, args=(port, count, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_READY_S_MAX):
            raise RuntimeError(f"{count} connections were not there in time")
        ours.recv()
        yield
    finally:
        process.terminate()
        process.join()
        ours.close()


def _stay_idle(port: int, count: int, ready: Connection) -> None:
    """Each asks once, as a client does that keeps its connection for later."""
    asked = request("ListTables", "{}")
    connections = []
    for _ in range(count):
        connection = _connected(port)
        connection.sendall(asked)
        assert _answer_bytes(connection) == 200
        connections.append(connection)
    ready.send(count)
    signal.pause()


def _be_slow(port: int, count: int, ready: Connection) -> None:
    """Half of them send at a trickle, half take nothing of many large answers."""
    trickling: list[socket.socket] = []
    for number in range(count):
        if number % 2:
            connection = _narrow(port)
            connection.sendall(_read(list(range(_READ_KEYS))) * _ASKED)
            _KEPT.append(connection)
        else:
            connection = _connected(port)
            connection.sendall(request("BatchWriteItem", "x" * 1_000_000)[:-900_000])
            trickling.append(connection)
        connection.setblocking(False)
    time.sleep(_SETTLE_S)  # until their answers have filled what there is to fill
    ready.send(count)
    while True:
        for connection in trickling:
            with suppress(OSError):  # the server has had enough of it
                connection.send(b"x")
        time.sleep(_TRICKLE_S)


_KEPT: list[socket.socket] = []


# --- What came of it ----------------------------------------------------------------------------


def _figures(rounds: list[dict[str, Measured]]) -> dict[str, dict[str, float]]:
    """Per case: medians over the rounds, and their ratios to the same round's `alone`."""
    figures: dict[str, dict[str, float]] = {}
    for case in _CASES:
        row: dict[str, float] = {}
        for kind in ("write", "read"):
            for percent in (50, 99):
                each = [one[case].percentile_ms(kind, percent) for one in rounds]
                alone = [one["alone"].percentile_ms(kind, percent) for one in rounds]
                ratios = [value / base for value, base in zip(each, alone, strict=True)]
                row[f"{kind}_p{percent}_ms"] = round(statistics.median(each), 2)
                row[f"{kind}_p{percent}_ratio"] = round(statistics.median(ratios), 2)
        row["memory_mb"] = rounds[0][case].memory_mb  # later, what was freed is used again
        figures[case] = row
    return figures


def _table(figures: dict[str, dict[str, float]]) -> str:
    names = list(figures["alone"])
    lines = [" " * 18 + "".join(f"{case:>10}" for case in _CASES)]
    lines += [
        f"{name:18}" + "".join(f"{figures[case][name]:10.2f}" for case in _CASES) for name in names
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
