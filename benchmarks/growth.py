"""How fast the server is as its table grows: writes and reads, memory, folder.

    python -m benchmarks.growth --sizes 10000,100000,1000000,10000000

One `pannier serve` on disk, synced. At each size, some windows of a fixed time each, over 8
connections: batches of 25 new items, batches of 25 that overwrite, reads of 100 random keys.
Medians of the windows, and ratios to the first size.

The table is loaded over 32 connections, synced too, and goes on being loaded from size to size. A
window of new items would let a small table grow to many times its size; below 500,000 items each
such window gets a table of its own, loaded to that size and deleted afterwards. In a larger one it
ends early where it has added a tenth.

With `--folder` the database stays, and the same command goes on after the last size that was done.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, settings
from benchmarks.child import in_child
from benchmarks.goals import goals_table
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.sequences import Loading, batches, samples
from benchmarks.load.workloads import BatchGet100, BatchWrite25
from benchmarks.reporting import results
from benchmarks.reporting.tables import table
from benchmarks.servers.control import Control
from benchmarks.servers.peers import PEERS
from benchmarks.servers.process import Server

_SIZES: Final = "10000,100000,1000000,10000000"
_CONNECTIONS: Final = 8
_LOAD_CONNECTIONS: Final = 32
_LOAD_STEP_ITEMS: Final = 250_000
_STEP_S_MAX: Final = 600.0
_GRACE_S: Final = 30.0
_OWN_TABLES_BELOW: Final = 500_000
_GROWTH_MOST: Final = 10
"""A window adds at most one item for so many that the table holds."""
_NEW_FROM: Final = 50_000_000
"""New items of windows are numbered from here; those that are loaded, from 0."""
_SETTLE_S: Final = 2.0
_RAMP_S: Final = 0.3
_CALLS_PER_S_MAX: Final = 5_000
_MAIN: Final = 0
_WRITE, _OVERWRITE, _READ = "write", "overwrite", "read"
_WORDS: Final = {
    _WRITE: "new items/s",
    _OVERWRITE: "overwritten items/s",
    _READ: "read items/s",
}
_STATE: Final = "growth.json"


@dataclass
class Size:
    """What was found with a table of so many items.

    Rates are medians of the windows, which `windows` has all. `counted` is what the server said
    the table held, before the windows; `load_items_per_s` is 0 where nothing was loaded.
    """

    items: int
    counted: int
    load_items_per_s: float
    memory_mb: float | None
    folder_mb: float
    items_per_s: dict[str, float]
    windows: dict[str, list[float]]


@dataclass
class State:
    """How far a folder has come. Sizes are done in order."""

    loaded: int = 0
    new: int = 0
    tables: int = 1
    sizes: list[dict[str, Any]] | None = None

    @classmethod
    def of(cls, folder: Path) -> State:
        """The folder's state; a fresh one where it has none."""
        path = folder / _STATE
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def save(self, folder: Path) -> None:
        """Keep it in the folder."""
        (folder / _STATE).write_text(json.dumps(asdict(self)), "utf-8")


class Growth:
    """One server, and its table as it grows.

    Args:
        server: runs already.
        state: where to go on.
        seconds: of a window.
        windows: at each size, of each work.
    """

    def __init__(self, server: Server, state: State, seconds: float, windows: int) -> None:
        self._server = server
        self._state = state
        self._seconds = seconds
        self._windows = windows

    def measure(self, items: int) -> Size:
        """Load up to *items*, then measure."""
        state = self._state
        load_items_per_s = self._load(_MAIN, state.loaded, items)
        state.loaded = max(state.loaded, items)
        time.sleep(_SETTLE_S)  # what loading has left behind
        size = Size(
            items=items,
            counted=self._count(),
            load_items_per_s=load_items_per_s,
            memory_mb=self._server.memory_mb(),
            folder_mb=_folder_mb(self._server.data),
            items_per_s={},
            windows={_WRITE: [], _OVERWRITE: [], _READ: []},
        )
        for number in range(self._windows):
            seed = items + number
            size.windows[_READ].append(self._read(items, seed))
            size.windows[_OVERWRITE].append(self._overwrite(items, seed))
            size.windows[_WRITE].append(self._write(items))
            rates = ", ".join(
                f"{_WORDS[work]} {rates[-1]:,.0f}" for work, rates in size.windows.items()
            )
            _say(f"{items:,} items, window {number + 1}: {rates}")
        size.items_per_s = {work: statistics.median(each) for work, each in size.windows.items()}
        return size

    def _load(self, number: int, begin: int, end: int) -> float:
        """Bring table *number* from *begin* to *end* items; the rate, items a second."""
        if begin >= end:
            return 0.0
        if begin == 0:
            self._control(lambda control: control.create_table(wire.table_name(number), False))
        began_s = time.monotonic()
        for start in range(begin, end, _LOAD_STEP_ITEMS):
            stop = min(end, start + _LOAD_STEP_ITEMS)
            requests = Loading(wire.table_name(number), start, stop)
            load = Load(
                self._server.port,
                requests,
                _LOAD_CONNECTIONS,
                _STEP_S_MAX,
                expectation=BatchWrite25.expectation,
                # Those that are sent last are answered too, then.
                answers_max=len(requests) + _LOAD_CONNECTIONS,
            )
            result = in_child(partial(run_load, load), _STEP_S_MAX + _GRACE_S)
            if result.answers > result.ok:
                raise SystemExit(f"Loading failed: {result.first_bad_answer}")
            if end >= _LOAD_STEP_ITEMS:
                rate = (stop - begin) / (time.monotonic() - began_s)
                _say(f"loaded {stop:,} of {end:,}, {rate:,.0f} items/s")
        return (end - begin) / (time.monotonic() - began_s)

    def _read(self, items: int, seed: int) -> float:
        count = int(_CALLS_PER_S_MAX * (self._seconds + _RAMP_S))
        work = BatchGet100()
        return self._window(
            work, _MAIN, lambda: [work.request(each) for each in samples(items, 100, count, seed)]
        )

    def _overwrite(self, items: int, seed: int) -> float:
        count = int(_CALLS_PER_S_MAX * (self._seconds + _RAMP_S))
        work = BatchWrite25()
        return self._window(
            work, _MAIN, lambda: [work.request(each) for each in samples(items, 25, count, seed)]
        )

    def _write(self, items: int) -> float:
        state, work = self._state, BatchWrite25()
        count = int(_CALLS_PER_S_MAX * (self._seconds + _RAMP_S)) * 25
        begin = _NEW_FROM + state.new
        state.new += count
        number = _MAIN
        if items < _OWN_TABLES_BELOW:
            number = state.tables
            state.tables += 1
            self._load(number, 0, items)
        rate = self._window(
            work,
            number,
            lambda: [work.request(each) for each in batches(begin, begin + count)],
            None if number != _MAIN else items // (_GROWTH_MOST * work.items_per_request),
        )
        if number != _MAIN:
            body = json.dumps({"TableName": wire.table_name(number)})
            self._control(lambda control: control.call("DeleteTable", body))
        return rate

    def _window(
        self,
        work: BatchGet100 | BatchWrite25,
        number: int,
        requests: Callable[[], list[bytes]],
        answers_max: int | None = None,
    ) -> float:
        """Items a second over one window; requests are made in the generator's process."""

        def run() -> float:
            stamped = wire.stamped(requests(), wire.table_name(number))
            load = Load(
                self._server.port,
                stamped,
                _CONNECTIONS,
                self._seconds,
                _RAMP_S,
                work.expectation,
                answers_max,
            )
            result = run_load(load)
            if result.answers > result.ok:
                raise OSError(result.first_bad_answer)
            return result.ok * work.items_per_request / result.window_s

        return in_child(run, self._seconds + _STEP_S_MAX)

    def _count(self) -> int:
        body = json.dumps({"TableName": wire.table_name(_MAIN)})
        described = self._control(lambda control: control.call("DescribeTable", body))
        return int(described["Table"]["ItemCount"])

    def _control(self, ask: Callable[[Control], Any]) -> Any:
        control = Control(self._server.port)
        try:
            return ask(control)
        finally:
            control.close()


def markdown(found: dict[str, Any]) -> str:
    """The table, each rate with its ratio to the first size."""
    sizes = found["sizes"]
    head = (
        *("items", *_WORDS.values()),
        *("loaded, items/s", "memory, MB", "folder, MB", "bytes an item"),
    )
    lines = []
    for size in sizes:
        rates = [
            f"{size['items_per_s'][work]:,.0f} "
            f"({size['items_per_s'][work] / sizes[0]['items_per_s'][work]:.2f})"
            for work in _WORDS
        ]
        lines.append(
            (
                f"{size['items']:,}",
                *rates,
                f"{size['load_items_per_s']:,.0f}",
                "?" if size["memory_mb"] is None else f"{size['memory_mb']:,.0f}",
                f"{size['folder_mb']:,.0f}",
                f"{size['folder_mb'] * 1e6 / size['counted']:,.0f}",
            )
        )
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    how = (
        f"`pannier serve` on disk, synced; {_CONNECTIONS} connections; medians of "
        f"{found['windows']} windows of {found['seconds']:g} s at each size, in brackets the ratio "
        "to the first."
    )
    goals = goals_table([found])
    parts = [f"# Growth, {found['taken_at']}", f"{facts}.", how, table(head, lines), goals]
    return "\n\n".join(part for part in parts if part) + "\n"


@contextmanager
def _serving(folder: Path) -> Iterator[Server]:
    server = Server(PEERS["pannier"], Path.cwd(), folder)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def _folder_mb(folder: Path) -> float:
    total = 0
    for each in folder.rglob("*"):
        try:
            total += each.stat().st_size
        except FileNotFoundError:  # compaction has just removed it
            continue
    return round(total / 1e6, 1)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it."""
    given = _arguments(arguments)
    scratch = settings.own_folder(given.cache / "running")
    folder = given.folder or Path(tempfile.mkdtemp(prefix="growth-", dir=scratch))
    folder.mkdir(parents=True, exist_ok=True)
    taken_at, described = results.now(), machine.describe(folder)
    until_s = time.monotonic() + given.minutes * 60
    try:
        state = State.of(folder)
        done = state.sizes = state.sizes or []
        with _serving(folder) as server:
            growth = Growth(server, state, given.seconds, given.windows)
            for items in [
                each for each in given.sizes if each > (done[-1]["items"] if done else 0)
            ]:
                if time.monotonic() > until_s:
                    _say(f"{given.minutes:g} minutes are over: sizes from {items:,} are left out")
                    break
                done.append(asdict(growth.measure(items)))
                state.save(folder)
    finally:
        if given.folder is None:
            shutil.rmtree(folder)
    found = {
        "kind": results.GROWTH,
        "taken_at": taken_at,
        "machine": described,
        "seconds": given.seconds,
        "windows": given.windows,
        "sizes": done,
    }
    shown = markdown(found)
    print(shown)
    _say(f"written to {results.write(given.results, found, shown)}")
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--sizes", default=_SIZES, help="of the table, ascending (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="of a window (%(default)g)")
    parser.add_argument("--windows", type=int, default=5, help="at each size (%(default)s)")
    parser.add_argument(
        "--minutes",
        type=float,
        default=60.0,
        help="begin no further size after so long (%(default)g)",
    )
    parser.add_argument("--folder", type=Path, help="keep the database here, and go on with it")
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    try:
        given.sizes = [int(each) for each in given.sizes.split(",")]
    except ValueError:
        parser.error("--sizes takes numbers, as in 10000,100000")
    if given.sizes != sorted(set(given.sizes)) or given.sizes[0] < 100:
        parser.error("sizes must ascend, from 100 items on")
    if not 25 <= given.sizes[-1] <= _NEW_FROM:
        parser.error(f"a table of more than {_NEW_FROM:,} items is not measured")
    if given.windows < 1 or given.seconds <= 0:
        parser.error("windows and seconds must be above zero")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    given.folder = given.folder and given.folder.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
