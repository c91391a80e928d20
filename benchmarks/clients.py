"""Clients compared: the same items written through each, to a server that does nothing.

    python -m benchmarks.clients [--items 20000] [--rounds 5] [--only "NAME; ..."] [--cache DIR]

One client at a time, each in a process of its own, in turns, in an order that turns too. Medians of
the rounds: items a second, CPU time of the client's process an item, and ratios to boto3's
`batch_writer`. Clients that Pannier does not depend on are installed at pinned versions, as the
peers of `python -m benchmarks` are. What was found goes to `benchmarks/results` as JSON, and what
it led to is in `docs/decisions/0005-http-client.md`.

The server counts: a client that did not send every item has no figure.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from benchmarks import machine
from benchmarks.child import beside
from benchmarks.clients_programs import PROGRAMS
from benchmarks.clients_server import CountingServer
from benchmarks.installs import Checkout, Package, Pip, UnavailableError
from benchmarks.settings import own_folder

_HERE: Final = Path(__file__).parent
_MEASURED_TIMEOUT_S: Final = 300
_AIODYNAMO: Final = Pip("aiodynamo", "26.4", extra="aiohttp,httpx")
_BASE: Final = "boto3 batch_writer"
_COLUMNS: Final = ("client", "items/s", "CPU, µs an item", "faster", "less CPU", "versions")


@dataclass
class Figures:
    """One client's rounds. `unavailable` says why there are none."""

    name: str
    versions: str = ""
    items_per_s: list[float] = field(default_factory=list)
    cpu_us_per_item: list[float] = field(default_factory=list)
    unavailable: str = ""


class Clients:
    """The clients of a run.

    Args:
        names: which.
        cache: where those that have to be installed are kept.
    """

    def __init__(self, names: Sequence[str], cache: Path) -> None:
        self.figures = {name: Figures(name) for name in names}
        self._pythons: dict[str, str] = {}
        for name, figures in self.figures.items():
            package: Package = _AIODYNAMO if name.startswith("aiodynamo") else Checkout()
            try:
                home = package.install(cache)
            except UnavailableError as reason:
                figures.unavailable = str(reason)
                continue
            ours = isinstance(package, Checkout)
            self._pythons[name] = sys.executable if ours else str(home / "bin" / "python")

    def measure(self, server: CountingServer, items: int, turn: int) -> None:
        """One round: each client once, beginning with another one each time."""
        names = list(self._pythons)
        first = turn % len(names) if names else 0
        for name in names[first:] + names[:first]:
            figures = self.figures[name]
            server.take_counts()
            try:
                taken_s, cpu_s, figures.versions = self._run(name, server.url, items)
            except UnavailableError as reason:
                figures.unavailable = str(reason)
                del self._pythons[name]
                continue
            _, counted = server.take_counts()
            if counted < items:
                raise SystemExit(f"{name} sent {counted} of {items} items")
            figures.items_per_s.append(items / taken_s)
            figures.cpu_us_per_item.append(cpu_s / items * 1e6)

    def _run(self, name: str, url: str, items: int) -> tuple[float, float, str]:
        command = [self._pythons[name], "-m", "benchmarks.clients_programs", name]
        try:
            done = subprocess.run(
                [*command, "--url", url, "--items", str(items)],
                check=True,
                timeout=_MEASURED_TIMEOUT_S,
                capture_output=True,
                text=True,
                cwd=_HERE.parent,
                env={**os.environ, "AWS_MAX_ATTEMPTS": "1"},
            )
        except subprocess.TimeoutExpired as reason:
            raise UnavailableError(f"took over {_MEASURED_TIMEOUT_S} s") from reason
        except subprocess.CalledProcessError as reason:
            last = reason.stderr.strip().splitlines()[-1:] or ["no message"]
            raise UnavailableError(last[0]) from reason
        told = json.loads(done.stdout)
        return told["taken_s"], told["cpu_s"], told["versions"]


def markdown(figures: Sequence[Figures]) -> str:
    """The table; ratios are of medians, to boto3's `batch_writer` where it was measured."""
    base = next((each for each in figures if each.name == _BASE and each.items_per_s), None)
    lines = [_COLUMNS, ("---",) * len(_COLUMNS)]
    for each in figures:
        if not each.items_per_s:
            lines.append((each.name, f"not measured: {each.unavailable}", "", "", "", ""))
            continue
        rate = statistics.median(each.items_per_s)
        cpu_us = statistics.median(each.cpu_us_per_item)
        faster = less = "-"
        if base is not None:
            faster = f"{rate / statistics.median(base.items_per_s):.1f} x"
            less = f"{statistics.median(base.cpu_us_per_item) / cpu_us:.1f} x"
        lines.append((each.name, f"{rate:,.0f}", f"{cpu_us:.1f}", faster, less, each.versions))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure, print the table, and write the JSON."""
    given = _arguments()
    clients = Clients(given.only, own_folder(given.cache.resolve()))
    server = CountingServer()
    try:
        with beside(server.run):
            for turn in range(given.rounds):
                clients.measure(server, given.items, turn)
    finally:
        server.close()
    figures = list(clients.figures.values())
    print(
        f"{given.items:,} items, 25 a call, to a server that does nothing; "
        f"medians of {given.rounds} rounds\n\n{markdown(figures)}"
    )
    taken_at = time.strftime("%Y-%m-%d-%H%M%S")
    found = {
        "taken_at": taken_at,
        "machine": machine.describe(Path(tempfile.gettempdir())),
        "items": given.items,
        "clients": [asdict(each) for each in figures],
    }
    path = own_folder(given.results) / f"clients-{taken_at}.json"
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--items", type=int, default=20_000, help="items that each client writes")
    parser.add_argument("--rounds", type=int, default=5, help="times each is measured")
    parser.add_argument("--only", default="", help="some of: " + "; ".join(PROGRAMS))
    parser.add_argument("--cache", type=Path, default=_HERE.parent / ".bench", help="for installs")
    parser.add_argument("--results", type=Path, default=_HERE / "results", help="for the JSON")
    given = parser.parse_args()
    names = [name.strip() for name in given.only.split(";") if name.strip()] or list(PROGRAMS)
    if unknown := [name for name in names if name not in PROGRAMS]:
        parser.error(f"{unknown[0]!r} is none of: {'; '.join(PROGRAMS)}")
    if min(given.items, given.rounds) < 1:
        parser.error("items and rounds must be above zero")
    given.only = names
    return given


if __name__ == "__main__":
    main()
