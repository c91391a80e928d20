"""What the console costs: how soon it is there, and what the engine loses while it is open.

    python -m benchmarks.console [--rounds 5] [--seconds 4]

Start: from the command, or from the first visit of a server's console, until a page is answered.
Throughput: two servers on disk take turns with full batches, 8 connections; one has its console
open in a browser, on each page for a part of the windows, idle; the other has none.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import machine
from benchmarks.child import in_child
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.workloads import BatchWrite25
from benchmarks.reporting.tables import table
from benchmarks.servers.control import Control
from tests.console.browser import chromium

_CONNECTIONS: Final = 8
_RAMP_S: Final = 0.5
_GRACE_S: Final = 30.0
_ITEMS_A_CALL: Final = 25
_PAGES: Final = ("tables", "explore", "batch", "metrics", "capacity", "shell")
_SETTLE_S: Final = 1.5


@contextmanager
def _process(*command: str) -> Iterator[tuple[subprocess.Popen[str], float]]:
    started_s = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "pannier", *command], stderr=subprocess.PIPE, text=True
    )
    try:
        yield process, started_s
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate()


def _said(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found.group(1)
    raise SystemExit(f"the process ended without saying {pattern}")


def _read(url: str) -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(url) as answer:
        answer.read()


def start_alone_s(server: str) -> float:
    """From the command `pannier console` to its first page, in seconds."""
    with _process("console", "--port", "0", "--target", server) as (process, started_s):
        _read(_said(process, r"console: (http\S+)"))
        return time.perf_counter() - started_s


def start_on_demand_s() -> float:
    """From the first visit of the console of a server that runs to its first page, in seconds."""
    with _process("serve", "--memory", "--port", "0") as (process, _):
        url = _said(process, r"console: (http\S+)")
        began_s = time.perf_counter()
        _read(url)
        return time.perf_counter() - began_s


class _Served:
    """A server on disk that is loaded window by window, each with a table of its own."""

    def __init__(self, folder: Path, held: ExitStack, *options: str) -> None:
        self.process, _ = held.enter_context(
            _process("serve", "--path", str(folder), "--port", "0", *options)
        )
        self.url = _said(self.process, r" at (http\S+)")
        self._windows = 0

    def items_per_s(self, requests: list[bytes], seconds: float) -> float:
        """Items written a second, in one window."""
        port = int(self.url.rpartition(":")[2])
        name = wire.table_name(self._windows)
        self._windows += 1
        control = Control(port)
        control.create_table(name, indexed=False)
        load = Load(port, wire.stamped(requests, name), _CONNECTIONS, seconds, _RAMP_S)
        result = in_child(partial(run_load, load), seconds + _GRACE_S)
        control.call("DeleteTable", f'{{"TableName": "{name}"}}')
        control.close()
        if result.errors:
            raise SystemExit(f"the server failed: {result.first_bad_answer}")
        return result.ok * _ITEMS_A_CALL / result.window_s


def throughput(rounds: int, seconds: float) -> dict[str, list[float]]:
    """Items a second with and without an idle console; a window of each a round, in turns."""
    requests = BatchWrite25().requests(0, seconds + _RAMP_S)
    found: dict[str, list[float]] = {"without": [], "with": []}
    with ExitStack() as held:
        scratch = Path(held.enter_context(tempfile.TemporaryDirectory(dir=".")))
        plain = _Served(scratch / "plain", held, "--no-console")
        seen = _Served(scratch / "seen", held)
        console = _said(seen.process, r"console: (http\S+)")
        page = held.enter_context(chromium()).new_page()
        page.goto(console)
        for number in range(rounds):
            shown = _PAGES[number % len(_PAGES)]
            page.goto(f"{console.partition('?')[0]}{shown}")
            time.sleep(_SETTLE_S)
            turns = [("without", plain), ("with", seen)]
            for name, server in turns if number % 2 else reversed(turns):
                found[name].append(server.items_per_s(requests, seconds))
            ratio = found["with"][-1] / found["without"][-1]
            print(f"round {number + 1}, page {shown}: {ratio:.3f}", file=sys.stderr)
    return found


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=4.0)
    options = parser.parse_args()
    described = machine.describe(Path())
    print("\n".join(f"{name}: {value}" for name, value in described.items()) + "\n")
    with _process("serve", "--memory", "--port", "0", "--no-console") as (process, _):
        server = _said(process, r" at (http\S+)")
        alone = [start_alone_s(server) for _ in range(options.rounds)]
    visited = [start_on_demand_s() for _ in range(options.rounds)]
    rows = [
        [name, f"{statistics.median(each):.2f}", f"{max(each):.2f}"]
        for name, each in (("pannier console", alone), ("first visit beside a server", visited))
    ]
    print(table(["start, until the first page", "median, s", "slowest, s"], rows))
    found = throughput(options.rounds, options.seconds)
    ratios = [shown / plain for shown, plain in zip(found["with"], found["without"], strict=True)]
    rows = [[name, f"{statistics.median(each):,.0f}"] for name, each in found.items()]
    rows.append(["ratio (median of rounds)", f"{statistics.median(ratios):.3f}"])
    print(table(["idle console open in a browser", "items/s"], rows))


if __name__ == "__main__":
    main()
