"""Jobs on Spark beside the batch engine in one process: the same rows, in turns, in one run.

    python -m benchmarks.spark [--items 200000] [--rounds 3] [--ways "command; local[2]"]

Work: rows from Parquet files into a table (write), a table into nothing (read), a table into
another (copy). Ways: the command, which starts each time; the library in one process; sessions of
Spark with one and two tasks at a time; and with one and two executors, each a process of its own
with one core. Places: `pannier serve --memory`; a server that does nothing, so that growth is not
bound by what one server does; and one that takes 20 ms for each answer, as one far away does, so
that it is not bound by this machine's processor either. Sessions are warm; a round of each work
goes before, uncounted.

Medians of the rounds: items a second, the processor's time that a way takes for an item in all its
processes, the server's not among them, and the ratio to the command's rate. The last table tells
how it grows from one executor to two.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from benchmarks import machine, settings
from benchmarks.child import beside
from benchmarks.items import product_json, shuffled
from benchmarks.reporting import results
from benchmarks.reporting.tables import table
from benchmarks.rounds import Rounds
from benchmarks.servers.control import table_definition
from benchmarks.spark_home import environment
from benchmarks.spark_program import COPY, LIBRARY, READ, WRITE, Order
from benchmarks.spark_server import PAGE_ITEMS, SEGMENTS, PagingServer
from pannier.library.connecting import connect

_COMMAND: Final = "command"
_ONE, _TWO = "local-cluster[1,1,1024]", "local-cluster[2,1,1024]"
_WAYS: Final = (_COMMAND, LIBRARY, "local[1]", "local[2]", _ONE, _TWO)
_WORDS: Final = {
    _COMMAND: "`pannier` command, with its start",
    LIBRARY: "library, one process",
    "local[1]": "Spark, one task at a time",
    "local[2]": "Spark, two tasks at a time",
    _ONE: "Spark, one executor",
    _TWO: "Spark, two executors",
}
_SERVE, _NOTHING = "pannier serve --memory", "a server that does nothing"
_DISTANT: Final = "a server that takes 20 ms"
_PLACES: Final = (_SERVE, _NOTHING, _DISTANT)
_DELAY_S: Final = 0.020
_WORKS: Final = (WRITE, READ, COPY)
_FILES: Final = 8
_STOCK: Final = "stock"
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Row(Rounds):
    """One way to do one work at one place; medians of `rounds`, each items a second and µs."""

    place: str
    work: str
    way: str


class Way(Protocol):
    """Does an order; returns seconds, items (0 if it can't tell) and the processor's seconds."""

    def do(self, order: Order) -> tuple[float, int, float]:
        """Do it."""


class CommandWay:
    """A process of `pannier` for each order.

    Args:
        folder: for what a scan writes.
    """

    def __init__(self, folder: Path) -> None:
        self._out = folder / "scanned.jsonl"

    def do(self, order: Order) -> tuple[float, int, float]:
        """Do one."""
        segments = ("--segments", str(SEGMENTS))
        words: dict[str, tuple[str, ...]] = {
            WRITE: ("write", f"{order.files}/*.parquet", "--table", order.destination),
            READ: ("scan", order.source, "--out", str(self._out), *segments),
            COPY: ("copy", order.source, order.destination, "--yes", *segments),
        }
        command = [sys.executable, "-m", "pannier", *words[order.work], "--target", order.url]
        self._out.unlink(missing_ok=True)
        began_s = time.perf_counter()
        with tempfile.TemporaryFile() as told:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told)
            _, status, usage = os.wait4(process.pid, 0)
            taken_s = time.perf_counter() - began_s
            process.returncode = os.waitstatus_to_exitcode(status)
            told.seek(0)
            if process.returncode:
                raise SystemExit(f"{' '.join(command)}: {told.read()[-500:].decode()}")
        return taken_s, 0, usage.ru_utime + usage.ru_stime


class ProgramWay:
    """A process that was started before, and waits for orders.

    Args:
        master: of Spark, or `library`.
        folder: for what it leaves behind; a new one.
        opened: ends it.
    """

    def __init__(self, master: str, folder: Path, opened: ExitStack) -> None:
        self._master = master
        self._log = folder.with_suffix(".log")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.spark_program", master],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=opened.enter_context(self._log.open("wb")),
            text=True,
            env=environment(folder),
        )
        opened.callback(self._end)
        self.start_s = self._answer()[0]

    def do(self, order: Order) -> tuple[float, int, float]:
        """Do one."""
        before_s = _cpu_s(self._process.pid)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        taken_s, items = self._answer()
        return taken_s, items, _cpu_s(self._process.pid) - before_s

    def _answer(self) -> tuple[float, int]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._master} ended: {self._log.read_text()[-500:]}")
        told = json.loads(line)
        return told["taken_s"], told["items"]

    def _end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


class Places:
    """The servers, and the rows that are written and read.

    Args:
        items: in each work.
        folder: for the files.
        opened: ends the servers.
    """

    def __init__(self, items: int, folder: Path, opened: ExitStack) -> None:
        self._idle = {_NOTHING: PagingServer(items), _DISTANT: PagingServer(items, _DELAY_S)}
        for server in self._idle.values():
            opened.callback(server.close)
            opened.enter_context(beside(server.run))
        self.items = self._idle[_NOTHING].items
        self.files = folder / "rows"
        write_files(self.files, self.items)
        self._served = opened.enter_context(connect(_serve(opened)))
        self._served.call("CreateTable", table_definition(_STOCK, indexed=False))
        self._number = itertools.count()
        self._urls = {place: server.url for place, server in self._idle.items()}
        self._urls[_SERVE] = self._served.target.name
        stock = Order(WRITE, self._urls[_SERVE], str(self.files), "", _STOCK)
        CommandWay(folder).do(stock)

    def measure(self, row: Row, way: Way) -> None:
        """One round: a new table, the work, and whether all of it was done."""
        name = f"bench-{next(self._number)}"
        writes, is_served = row.work != READ, row.place == _SERVE
        if is_served and writes:
            self._served.call("CreateTable", table_definition(name, indexed=False))
        idle = self._idle.get(row.place)
        if idle is not None:
            idle.take_counts()
        order = Order(row.work, self._urls[row.place], str(self.files), _STOCK, name)
        taken_s, items, cpu_s = way.do(order)
        if writes:
            items = self._written(name) if idle is None else idle.take_counts()[1]
        if items not in (0, self.items):  # a command that reads does not tell
            raise SystemExit(f"{row}: {items} of {self.items} items")
        if is_served and writes:
            self._served.call("DeleteTable", {"TableName": name})
        row.add(self.items / taken_s, cpu_s / self.items * 1e6)

    def _written(self, name: str) -> int:
        described = self._served.call("DescribeTable", {"TableName": name})
        count: int = described["Table"]["ItemCount"]
        return count


def write_files(folder: Path, items: int) -> None:
    """The yardstick's items as rows, in Parquet files of equal size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir()
    numbers = shuffled(items)
    for number in range(_FILES):
        plain = [
            {
                name: int(value["N"]) if "N" in value else value["S"]
                for name, value in orjson.loads(product_json(each)).items()
            }
            for each in numbers[number::_FILES]
        ]
        pq.write_table(pa.Table.from_pylist(plain), folder / f"part-{number}.parquet")


def _serve(opened: ExitStack) -> str:
    command = [sys.executable, "-m", "pannier", "serve", "--port", "0", "--memory", "--no-console"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    opened.callback(server.wait)
    opened.callback(server.terminate)
    assert server.stderr is not None
    return server.stderr.readline().split(" at ")[1].strip()


def _cpu_s(pid: int) -> float:
    """The processor's time of a process, of all below it, and of those that have ended there."""
    children: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                told = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it has just ended
            children.setdefault(int(told[1]), []).append(int(each.name))
            ticks[int(each.name)] = sum(map(int, told[11:15]))
    below = [pid]
    for each_pid in below:
        below += children.get(each_pid, ())
    return sum(ticks.get(each_pid, 0) for each_pid in below) / _TICKS_PER_S


def markdown(found: dict[str, Any]) -> str:
    """The tables."""
    rates = {(row["place"], row["work"], row["way"]): row["items_per_s"] for row in found["rows"]}
    lines = []
    for row in found["rows"]:
        base = rates.get((row["place"], row["work"], _COMMAND))
        lines.append(
            (
                row["place"],
                row["work"],
                _WORDS[row["way"]],
                f"{row['items_per_s']:,.0f}",
                f"{row['cpu_us_per_item']:.1f}",
                f"{row['items_per_s'] / base:.2f} x" if base else "-",
            )
        )
    head = ("place", "work", "way", "items/s", "CPU, µs an item", "to the command")
    grown = [
        (place, work, f"{rates[place, work, two] / rate:.2f} x", words)
        for words, one, two in (
            ("local, one task to two", "local[1]", "local[2]"),
            ("cluster, one executor to two", _ONE, _TWO),
        )
        for (place, work, way), rate in rates.items()
        if way == one and (place, work, two) in rates
    ]
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    started = "; ".join(f"{way} {s:.1f} s" for way, s in found["start_s"].items())
    how = (
        f"{found['items']:,} items a round, {SEGMENTS} segments or files; medians of "
        f"{found['rounds']} rounds, in turns. Start of a session, not in the figures: {started}."
    )
    growth = table(("place", "work", "grows by", "where"), grown) if grown else ""
    parts = [f"# Spark, {found['taken_at']}", f"{facts}.", how, table(head, lines), growth]
    return "\n\n".join(part for part in parts if part) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write them."""
    given = _arguments(arguments)
    scratch = settings.own_folder(given.cache / "running")
    taken_at, described = results.now(), machine.describe(scratch)
    folder = Path(tempfile.mkdtemp(prefix="spark-", dir=scratch))
    with ExitStack() as opened:
        opened.callback(shutil.rmtree, folder)
        places = Places(given.items, folder, opened)
        ways: dict[str, Way] = {}
        for number, name in enumerate(given.ways):
            is_command = name == _COMMAND
            own = folder / f"way-{number}"
            ways[name] = CommandWay(folder) if is_command else ProgramWay(name, own, opened)
        rows = [Row(*each) for each in itertools.product(given.places, _WORKS, ways)]
        for turn in range(given.rounds + 1):
            print(f"round {turn} of {given.rounds}", file=sys.stderr, flush=True)
            _round(places, ways, rows, turn)
            if not turn:  # it was to warm up
                rows = [Row(row.place, row.work, row.way) for row in rows]
        start_s = {name: way.start_s for name, way in ways.items() if isinstance(way, ProgramWay)}
    found = {
        "kind": results.SPARK,
        "taken_at": taken_at,
        "machine": described,
        "items": places.items,
        "rounds": given.rounds,
        "start_s": start_s,
        "rows": [asdict(row) for row in rows],
    }
    shown = markdown(found)
    print(shown)
    print(f"written to {results.write(given.results, found, shown)}", file=sys.stderr)
    return 0


def _round(places: Places, ways: dict[str, Way], rows: list[Row], turn: int) -> None:
    """Each work at each place by each way, beginning with another way each time."""
    count = len(ways)
    for start in range(0, len(rows), count):
        same = rows[start : start + count]
        first = turn % count
        for row in same[first:] + same[:first]:
            places.measure(row, ways[row.way])
            print(
                f"{row.place}, {row.work}, {row.way}: {row.rounds[-1][0]:,.0f} items/s",
                file=sys.stderr,
                flush=True,
            )


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spark", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--items", type=int, default=200_000, help="a round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times each is measured")
    parser.add_argument("--ways", default="", help="some of: " + "; ".join(_WAYS))
    parser.add_argument("--places", default="", help="some of: " + "; ".join(_PLACES))
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    for name, known in (("ways", _WAYS), ("places", _PLACES)):
        text = getattr(given, name)
        chosen = tuple(each.strip() for each in text.split(";") if each.strip()) or known
        if unknown := [each for each in chosen if each not in known]:
            parser.error(f"{unknown[0]!r} is none of: {'; '.join(known)}")
        setattr(given, name, chosen)
    if given.items < SEGMENTS * PAGE_ITEMS or given.rounds < 1:
        parser.error(f"{SEGMENTS * PAGE_ITEMS:,} items and one round are the least")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
