"""One table, made larger and measured at each size."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.child import in_child
from benchmarks.growth.state import State
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.sequences import Loading, batches, samples
from benchmarks.load.workloads import BatchGet100, BatchWrite25
from benchmarks.servers.control import Control
from benchmarks.servers.process import Server

CONNECTIONS: Final = 8
_LOAD_CONNECTIONS: Final = 32
_LOAD_STEP_ITEMS: Final = 250_000
_STEP_S_MAX: Final = 600.0
_GRACE_S: Final = 30.0
_OWN_TABLES_BELOW: Final = 500_000
_GROWTH_MOST: Final = 10
"""A window adds at most one item for so many that the table holds."""
ITEMS_MAX: Final = 50_000_000
"""New items of windows are numbered from here; those that are loaded, from 0."""
_SETTLE_S: Final = 2.0
_RAMP_S: Final = 0.3
_CALLS_PER_S_MAX: Final = 5_000
_MAIN: Final = 0
WRITE, OVERWRITE, READ = "write", "overwrite", "read"
WORDS: Final = {
    WRITE: "new items/s",
    OVERWRITE: "overwritten items/s",
    READ: "read items/s",
}


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


class Growth:
    """One server, and its table as it grows.

    Args:
        server: runs already.
        state: where to go on.
        save: keeps the state, whenever it has changed.
        seconds: of a window.
        windows: at each size, of each work.
    """

    def __init__(
        self,
        server: Server,
        state: State,
        save: Callable[[], None],
        seconds: float,
        windows: int,
    ) -> None:
        self._server = server
        self._state = state
        self._save = save
        self._seconds = seconds
        self._windows = windows

    def measure(self, items: int) -> Size:
        """Load up to *items*, then measure."""
        load_items_per_s = self._grow(items)
        time.sleep(_SETTLE_S)  # what loading has left behind
        size = Size(
            items=items,
            counted=self._count(),
            load_items_per_s=load_items_per_s,
            memory_mb=self._server.memory_mb(),
            folder_mb=_folder_mb(self._server.data),
            items_per_s={},
            windows={WRITE: [], OVERWRITE: [], READ: []},
        )
        for number in range(self._windows):
            seed = items + number
            size.windows[READ].append(self._read(items, seed))
            size.windows[OVERWRITE].append(self._overwrite(items, seed))
            size.windows[WRITE].append(self._write(items))
            rates = ", ".join(
                f"{WORDS[work]} {rates[-1]:,.0f}" for work, rates in size.windows.items()
            )
            _say(f"{items:,} items, window {number + 1}: {rates}")
        size.items_per_s = {work: statistics.median(each) for work, each in size.windows.items()}
        return size

    def _grow(self, items: int) -> float:
        """Bring the table to so many items; the rate, items a second."""
        state, begin, began_s = self._state, self._state.loaded, time.monotonic()
        if not state.tables:
            self._new_table()
        for start in range(begin, items, _LOAD_STEP_ITEMS):
            state.loaded = min(items, start + _LOAD_STEP_ITEMS)
            self._load(_MAIN, start, state.loaded)
            self._save()
            rate = (state.loaded - begin) / (time.monotonic() - began_s)
            _say(f"loaded {state.loaded:,} of {items:,}, {rate:,.0f} items/s")
        return max(0, items - begin) / (time.monotonic() - began_s)

    def _new_table(self) -> int:
        """The number of a new table."""
        number = self._state.tables
        self._control(lambda control: control.create_table(wire.table_name(number), False))
        self._state.tables += 1
        self._save()
        return number

    def _load(self, number: int, begin: int, end: int) -> None:
        """Put the items from *begin* up to *end* into table *number*."""
        requests = Loading(wire.table_name(number), begin, end)
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
        begin = ITEMS_MAX + state.new
        state.new += count
        number = _MAIN
        if items < _OWN_TABLES_BELOW:
            number = self._new_table()
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
                CONNECTIONS,
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
