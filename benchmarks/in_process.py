"""Batch writes and reads without a server, beside the same over HTTP, in one run.

    python -m benchmarks.in_process [--items 50000] [--rounds 5]

Through the library: into this process's memory, into a folder (`local:`), and over HTTP to a
`pannier serve` on disk. Without it: prebuilt requests of 25 or 100, eight at a time, to the engine
in this process, and from the load generator to the server. Everything on disk is synced. Medians of
the rounds, in turns; processor time is that of this process and the server's together, without the
generator's.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import uvloop

from benchmarks import machine, settings
from benchmarks.child import in_child
from benchmarks.goals import goals_table
from benchmarks.items import product_json, product_key, shuffled
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.workloads import BatchGet100, BatchWrite25
from benchmarks.reporting import results
from benchmarks.reporting.tables import table
from benchmarks.rounds import Rounds
from benchmarks.servers.control import table_definition
from benchmarks.servers.peers import PEERS
from benchmarks.servers.process import Server, started
from pannier.batch.operation import Operation
from pannier.batch.reads.read import Key
from pannier.batch.target import Target
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from pannier.targets.resolve import resolve

_WRITE, _READ = "write", "read"
_MEMORY, _LOCAL, _HTTP, _ENGINE, _SERVER = "memory", "local", "http", "engine", "server"
_WORDS: Final = {
    _MEMORY: "library, this process's memory",
    _LOCAL: "library, a folder, synced",
    _HTTP: "library over HTTP, synced",
    _ENGINE: "engine alone, 8 calls at a time, synced",
    _SERVER: "server alone, 8 connections, synced",
}
_AT_A_TIME: Final = 8
_SECONDS: Final = 2.0
_RAMP_S: Final = 0.2
_GRACE_S: Final = 30.0
_SERVER_TABLE: Final = 900_000
"""Tables that the generator writes are numbered from here, those of the library from 0."""
_STOCKED: Final = wire.table_name(800_000)
"""The table that the generator reads."""


@dataclass
class Row(Rounds):
    """One way to do one work; `items_per_s` and `cpu_us_per_item` are medians of `rounds`."""

    work: str
    way: str


class Ways:
    """All ways, open. The server is held while others are measured."""

    def __init__(self, opened: ExitStack, scratch: Path, items: int) -> None:
        folder = Path(tempfile.mkdtemp(prefix="in-process-", dir=scratch))
        opened.callback(shutil.rmtree, folder)
        self._engine = folder / "engine"
        self._server: Server = opened.enter_context(started(PEERS["pannier"], Path.cwd(), scratch))
        self._connections: dict[str, Connection] = {
            _MEMORY: opened.enter_context(connect("memory")),
            _LOCAL: opened.enter_context(connect(f"local:{folder / 'data'}")),
            _HTTP: opened.enter_context(connect(f"http://127.0.0.1:{self._server.port}")),
        }
        self._items = items
        self._create(_HTTP, _STOCKED)
        self._connections[_HTTP].write(_puts(_STOCKED, items))
        self._server.pause()
        self.rows = {(work, way): Row(work, way) for work in (_WRITE, _READ) for way in _WORDS}

    def measure(self, turn: int) -> None:
        """One round: every way writes a new table and reads it, in an order that turns."""
        ways = list(_WORDS)
        first = turn % len(ways)
        for way in ways[first:] + ways[:first]:
            if way == _SERVER:
                self._measure_server(turn)
            elif way == _ENGINE:
                self._measure_engine(turn)
            else:
                self._measure_library(way, turn)

    def _measure_library(self, way: str, turn: int) -> None:
        name = wire.table_name(turn)
        connection = self._connections[way]
        operations = list(_puts(name, self._items))
        keys = [
            Key(name, {"PK": {"S": product_key(each)}, "SK": {"S": "DETAILS"}})
            for each in shuffled(self._items)[::-1]
        ]
        with ExitStack() as awake:
            if way == _HTTP:
                awake.enter_context(self._server.awake())
            self._create(way, name)

            def write() -> int:
                return connection.write(iter(operations)).written

            def read() -> int:
                return sum(each.item is not None for each in connection.find(iter(keys)))

            self._take(self.rows[_WRITE, way], write, over_http=way == _HTTP)
            self._take(self.rows[_READ, way], read, over_http=way == _HTTP)
            connection.call("DeleteTable", {"TableName": name})

    def _take(self, row: Row, work: Callable[[], int], *, over_http: bool) -> None:
        served_s = self._server.cpu_s() if over_http else 0.0
        own_s, began_s = time.process_time(), time.perf_counter()
        done = work()
        taken_s = time.perf_counter() - began_s
        cpu_s = time.process_time() - own_s
        if over_http:
            cpu_s += self._server.cpu_s() - served_s
        if done != self._items:
            raise SystemExit(f"{row.way}, {row.work}: {done} of {self._items} items")
        row.add(done / taken_s, cpu_s / done * 1e6)

    def _measure_engine(self, turn: int) -> None:
        name = wire.table_name(turn)
        writes = _bodies(BatchWrite25().requests(self._items, 0), name)
        reads = _bodies(BatchGet100().requests(self._items, 0), name)

        async def both() -> None:
            target = resolve(f"local:{self._engine}")
            try:
                definition = orjson.dumps(table_definition(name, indexed=False))
                await target.send("CreateTable", definition)
                for work, operation, bodies, size in (
                    (_WRITE, "BatchWriteItem", writes, 25),
                    (_READ, "BatchGetItem", reads, 100),
                ):
                    own_s, began_s = time.process_time(), time.perf_counter()
                    await _send_all(target, operation, bodies)
                    taken_s = time.perf_counter() - began_s
                    cpu_s, items = time.process_time() - own_s, len(bodies) * size
                    self.rows[work, _ENGINE].add(items / taken_s, cpu_s / items * 1e6)
            finally:
                await target.close()

        uvloop.run(both())  # the loop of the library, and of the server

    def _measure_server(self, turn: int) -> None:
        name = wire.table_name(_SERVER_TABLE + turn)
        with self._server.awake():
            self._create(_HTTP, name)
            self._take_load(self.rows[_WRITE, _SERVER], BatchWrite25(), name)
            self._take_load(self.rows[_READ, _SERVER], BatchGet100(), _STOCKED)

    def _create(self, way: str, name: str) -> None:
        self._connections[way].call("CreateTable", table_definition(name, indexed=False))

    def _take_load(self, row: Row, workload: BatchWrite25 | BatchGet100, name: str) -> None:
        requests = workload.requests(self._items, _SECONDS + _RAMP_S)
        load = Load(
            self._server.port,
            wire.stamped(requests, name),
            _AT_A_TIME,
            _SECONDS,
            _RAMP_S,
            workload.expectation,
        )
        served_s = self._server.cpu_s()
        result = in_child(lambda: run_load(load), _SECONDS + _GRACE_S)
        used_s = self._server.cpu_s() - served_s
        if result.answers > result.ok:
            raise SystemExit(f"{row.way}, {row.work}: {result.first_bad_answer}")
        rate = result.ok * workload.items_per_request / result.window_s
        row.add(rate, used_s / (rate * (_SECONDS + _RAMP_S)) * 1e6)


async def _send_all(target: Target, operation: str, bodies: Sequence[bytes]) -> None:
    remaining = iter(bodies)

    async def sender() -> None:
        for body in remaining:
            reply = await target.send(operation, body)
            if reply.status != 200:
                raise SystemExit(f"{operation} was refused: {reply.body[:200]!r}")

    await asyncio.gather(*(sender() for _ in range(_AT_A_TIME)))


def _bodies(requests: list[bytes], name: str) -> list[bytes]:
    return [each.partition(b"\r\n\r\n")[2] for each in wire.stamped(requests, name)]


def _puts(name: str, items: int) -> Iterator[Operation]:
    for number in shuffled(items):
        yield Operation.put(name, orjson.loads(product_json(number)))


def markdown(found: dict[str, Any]) -> str:
    """The table, each rate with its ratios to what goes over HTTP."""
    rates = {(row["work"], row["way"]): row["items_per_s"] for row in found["rows"]}
    lines = [
        (
            row["work"],
            _WORDS[row["way"]],
            f"{row['items_per_s']:,.0f}",
            f"{row['cpu_us_per_item']:.1f}",
            f"{row['items_per_s'] / rates[row['work'], _HTTP]:.2f} x",
            f"{row['items_per_s'] / rates[row['work'], _SERVER]:.2f} x",
        )
        for row in found["rows"]
    ]
    head = (
        *("work", "way", "items/s", "CPU, µs an item"),
        *("to the library over HTTP", "to the server alone"),
    )
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    how = f"{found['items']:,} items a round; medians of {found['rounds']} rounds, in turns."
    goals = goals_table([found])
    parts = [f"# In process, {found['taken_at']}", f"{facts}.", how, table(head, lines), goals]
    return "\n\n".join(part for part in parts if part) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it."""
    given = _arguments(arguments)
    scratch = settings.own_folder(given.cache / "running")
    taken_at, described = results.now(), machine.describe(scratch)
    with ExitStack() as opened:
        ways = Ways(opened, scratch, given.items)
        for turn in _told(given.rounds):
            ways.measure(turn)
    found = {
        "kind": results.IN_PROCESS,
        "taken_at": taken_at,
        "machine": described,
        "items": given.items,
        "rounds": given.rounds,
        "rows": [asdict(row) for row in ways.rows.values()],
    }
    shown = markdown(found)
    print(shown)
    print(f"written to {results.write(given.results, found, shown)}", file=sys.stderr)
    return 0


def _told(rounds: int) -> Iterator[int]:
    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}", file=sys.stderr, flush=True)
        yield turn


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.in_process", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--items", type=int, default=50_000, help="a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="times each is measured")
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    if given.items < 100 or given.rounds < 1:
        parser.error("a hundred items and one round are the least")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
