"""The pace of the batch engine: does concurrency find its level, and is a budget kept?

    python -m benchmarks.pacing                       # concurrency, against fixed ones
    python -m benchmarks.pacing --budget 200 --seconds 60

Concurrency: the same writes and reads, with the pace as it comes and with fixed numbers of calls
in flight, which take turns in an order that turns too. Places: the engine in this process, in
memory and in a folder; `pannier serve` in a process of its own; a far place (20 ms on the way); a
narrow one (20 ms, two calls at a time, the others queue). Medians of the rounds, in items a second.

Budget: real time, a table of 1,000 write units that throttles. What was consumed in each window of
ten seconds, and overall.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import orjson

from benchmarks.items import product_json, product_key
from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.batch.pace import pacing
from pannier.batch.pace.concurrency import Concurrency
from pannier.batch.reads.read import Key
from pannier.batch.target import Reply, Target
from pannier.engine.database import Database
from pannier.engine.throttle import ON
from pannier.library.connecting import connect
from pannier.library.connection import Connection
from pannier.targets.in_process import InProcessTarget

_TABLE: Final = "paced"
_WINDOW_S: Final = 10.0
_PARALLEL: Final = 32


def _fixed(limit: int) -> type[Concurrency]:
    class Fixed(Concurrency):
        def __init__(self, most: int) -> None:
            super().__init__(most)
            self.limit = limit

        def took(self, number: int, latency_s: float, now_s: float) -> None:
            """It stays as it is."""

        def broke(self, number: int) -> None:
            """It stays as it is."""

    return Fixed


_PACES: Final[dict[str, type[Concurrency]]] = {
    "own level": Concurrency,
    "fixed 8": _fixed(8),
    "fixed 32": _fixed(32),
}


class _Far:
    """A target at a distance, with so many lanes on the way; notes what is consumed, and when."""

    def __init__(self, target: Target, delay_s: float, lanes: int | None = None) -> None:
        self.name = f"{target.name}, {delay_s * 1000:g} ms away"
        self.consumed: list[tuple[float, float]] = []
        self._target = target
        self._delay_s = delay_s
        self._lanes = asyncio.Semaphore(lanes) if lanes else None

    async def send(self, operation: str, body: bytes) -> Reply:
        if self._lanes is None:
            await asyncio.sleep(self._delay_s)
        else:
            async with self._lanes:
                await asyncio.sleep(self._delay_s)
        reply = await self._target.send(operation, body)
        for each in orjson.loads(reply.body).get("ConsumedCapacity", ()):
            self.consumed.append((time.monotonic(), each["CapacityUnits"]))
        return reply

    async def close(self) -> None:
        await self._target.close()


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=20_000, help="a measurement (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--budget", type=float, metavar="UNITS", help="measure the budget instead")
    parser.add_argument("--seconds", type=float, default=60.0, help="of the budget's measurement")
    options = parser.parse_args()
    if options.budget:
        _measure_budget(options.budget, options.seconds)
    else:
        _measure_concurrency(options.items, options.rounds)


def _measure_concurrency(items: int, rounds: int) -> None:
    print("| place | work | " + " | ".join(_PACES) + " | to fixed 8 |")
    print("|---|---|" + "---|" * (len(_PACES) + 1))
    for place, opened in _PLACES.items():
        speeds: dict[tuple[str, str], list[float]] = {}
        with opened() as connection:
            _create(connection, {"BillingMode": "PAY_PER_REQUEST"})
            for number in range(rounds):
                names = list(_PACES)
                for name in names[number % len(names) :] + names[: number % len(names)]:
                    for work, speed in _speeds(connection, _PACES[name], items, f"{number}{name}"):
                        speeds.setdefault((work, name), []).append(speed)
        for work in ("write", "read"):
            medians = {name: statistics.median(speeds[work, name]) for name in _PACES}
            shown = " | ".join(f"{each:,.0f}" for each in medians.values())
            ratio = medians["own level"] / medians["fixed 8"]
            print(f"| {place} | {work} | {shown} | {ratio:.2f} |", flush=True)


def _speeds(
    connection: Connection, pace: type[Concurrency], items: int, salt: str
) -> Iterator[tuple[str, float]]:
    options = Options(parallel=_PARALLEL)
    pacing.Concurrency = pace  # type: ignore[attr-defined]
    started_s = time.perf_counter()
    report = connection.write(_puts(items, salt), options=options)
    assert report.ok, report.reasons
    yield "write", items / (time.perf_counter() - started_s)
    started_s = time.perf_counter()
    found = sum(
        each.item is not None for each in connection.find(_keys(items, salt), options=options)
    )
    assert found == items
    yield "read", items / (time.perf_counter() - started_s)


def _measure_budget(units_per_s: float, seconds: float) -> None:
    database = Database.in_memory(throttling=ON)
    far = _Far(InProcessTarget(database, "memory"), 0.01)
    with connect(far) as connection:
        provisioned = {"ReadCapacityUnits": 1000, "WriteCapacityUnits": 1000}
        _create(connection, {"ProvisionedThroughput": provisioned})
        started_s = time.monotonic()
        report = connection.write(
            _puts(int(units_per_s * seconds), "budget"), options=Options(write_units=units_per_s)
        )
        took_s = time.monotonic() - started_s
    assert report.ok, report.reasons
    windows = list(_windows(far.consumed))
    total = sum(units for _, units in far.consumed)
    print(
        f"{total:,.0f} units in {took_s:.1f} s: {total / took_s:.1f} a second, "
        f"{total / took_s / units_per_s:.1%} of the budget; over any {_WINDOW_S:g} s from "
        f"{min(windows) / units_per_s:.1%} to {max(windows) / units_per_s:.1%}; "
        f"{report.throttles} throttles, {report.leftovers} leftovers, {report.calls} calls"
    )


def _windows(consumed: list[tuple[float, float]]) -> Iterator[float]:
    """Units a second in each window that begins, or ends, with a call."""
    first_s, last_s = consumed[0][0], consumed[-1][0]
    for begin_s in [at_s for at_s, _ in consumed] + [at_s - _WINDOW_S for at_s, _ in consumed]:
        if first_s <= begin_s and begin_s + _WINDOW_S <= last_s:
            inside = (units for at_s, units in consumed if begin_s <= at_s < begin_s + _WINDOW_S)
            yield sum(inside) / _WINDOW_S


def _puts(count: int, salt: str) -> Iterator[Operation]:
    for number in range(count):
        item = orjson.loads(product_json(number))
        item["PK"] = {"S": salt + item["PK"]["S"]}
        yield Operation.put(_TABLE, item)


def _keys(count: int, salt: str) -> Iterator[Key]:
    for number in range(count):
        yield Key(_TABLE, {"PK": {"S": salt + product_key(number)}, "SK": {"S": "DETAILS"}})


def _create(connection: Connection, throughput: dict[str, Any]) -> None:
    kinds = (("PK", "HASH"), ("SK", "RANGE"))
    connection.call(
        "CreateTable",
        {
            "TableName": _TABLE,
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in kinds],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name, _ in kinds
            ],
            **throughput,
        },
    )


@contextmanager
def _folder() -> Iterator[Path]:
    path = Path(mkdtemp(dir=Path.cwd()))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def _memory() -> Iterator[Connection]:
    with connect("memory") as connection:
        yield connection


@contextmanager
def _local() -> Iterator[Connection]:
    with _folder() as path, connect(f"local:{path}") as connection:
        yield connection


@contextmanager
def _served() -> Iterator[Connection]:
    with ExitStack() as stack:
        path = stack.enter_context(_folder())
        server = subprocess.Popen(
            [sys.executable, "-m", "pannier", "serve", "--port", "0", "--path", str(path)],
            stderr=subprocess.PIPE,
            text=True,
        )
        stack.callback(server.wait)
        stack.callback(server.terminate)
        assert server.stderr is not None
        url = server.stderr.readline().split(" at ")[1].strip()
        yield stack.enter_context(connect(url))


@contextmanager
def _far(lanes: int | None) -> Iterator[Connection]:
    with connect(_Far(InProcessTarget(Database.in_memory(), "memory"), 0.02, lanes)) as connection:
        yield connection


_PLACES: Final[dict[str, Callable[[], Any]]] = {
    "memory": _memory,
    "folder": _local,
    "pannier serve": _served,
    "far": lambda: _far(None),
    "narrow": lambda: _far(2),
}


if __name__ == "__main__":
    main()
