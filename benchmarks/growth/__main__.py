"""`python -m benchmarks.growth`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import machine, settings
from benchmarks.growth.growing import ITEMS_MAX, Growth
from benchmarks.growth.report import markdown
from benchmarks.growth.state import State
from benchmarks.reporting import results
from benchmarks.servers.peers import PEERS
from benchmarks.servers.process import Server

_SIZES: Final = "10000,100000,1000000,10000000"


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
        done = state.sizes
        with _serving(folder) as server:
            save = partial(state.save, folder)
            growth = Growth(server, state, save, given.seconds, given.windows)
            for items in [
                each for each in given.sizes if each > (done[-1]["items"] if done else 0)
            ]:
                if time.monotonic() > until_s:
                    _say(f"{given.minutes:g} minutes are over: sizes from {items:,} are left out")
                    break
                done.append(asdict(growth.measure(items)))
                save()
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


@contextmanager
def _serving(folder: Path) -> Iterator[Server]:
    server = Server(PEERS["pannier"], Path.cwd(), folder)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth", description="How fast the server is as its table grows."
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
    if not 25 <= given.sizes[-1] <= ITEMS_MAX:
        parser.error(f"a table of more than {ITEMS_MAX:,} items is not measured")
    if given.windows < 1 or given.seconds <= 0:
        parser.error("windows and seconds must be above zero")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    given.folder = given.folder and given.folder.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
