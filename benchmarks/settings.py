"""What to measure and for how long, from the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.load import workloads
from benchmarks.servers import peers

RESULTS = Path(__file__).parent / "results"
CACHE = Path(__file__).parent.parent / ".bench"
_FOOTPRINT_ITEMS = 100_000


@dataclass(frozen=True)
class Settings:
    """One run of the yardstick.

    `items` is how many a read workload finds in its table; `ramp_s` is the uncounted
    start of each measurement of `seconds`; `footprint_items` is how many are loaded to see
    what memory they take, 0 for not at all.
    """

    peers: tuple[str, ...]
    work: tuple[str, ...]
    connections: tuple[int, ...]
    rounds: int
    seconds: float
    ramp_s: float
    items: int
    footprint_items: int
    cache: Path
    results: Path


def parse(arguments: Sequence[str]) -> Settings:
    """Settings from *arguments*; exits with a message where they make no sense."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure Pannier and its peers with the same requests, in one run.",
    )
    parser.add_argument("--quick", action="store_true", help="the short form, about 90 s")
    parser.add_argument("--peers", default="", help=f"all, or some of {','.join(peers.PEERS)}")
    parser.add_argument("--work", default="", help=f"some of {','.join(workloads.WORKLOADS)}")
    parser.add_argument("--connections", default="1,8", help="connections, as in 1,8,32")
    parser.add_argument("--rounds", type=int, default=0, help="times each is measured")
    parser.add_argument("--seconds", type=float, default=0.0, help="length of a measurement")
    parser.add_argument("--items", type=int, default=0, help="items loaded for reads")
    parser.add_argument(
        "--footprint",
        type=int,
        metavar="ITEMS",
        help="measure start and memory with so many items; 0: not (100000; with --quick 0)",
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="where peers are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    quick = given.quick
    try:
        connections = tuple(int(number) for number in given.connections.split(","))
        settings = Settings(
            peers=_chosen(given.peers, tuple(peers.PEERS), peers.QUICK),
            work=_chosen(
                given.work,
                tuple(workloads.WORKLOADS),
                workloads.QUICK if quick else tuple(workloads.WORKLOADS),
            ),
            connections=connections,
            rounds=given.rounds or (3 if quick else 5),
            seconds=given.seconds or (1.3 if quick else 3.0),
            ramp_s=0.2 if quick else 0.5,
            items=given.items or (10_000 if quick else 20_000),
            footprint_items=_footprint_items(given.footprint, quick=quick),
            cache=given.cache.resolve(),
            results=given.results.resolve(),
        )
    except ValueError as reason:
        parser.error(str(reason))
    if min(settings.rounds, settings.seconds, settings.items / 100, *connections) <= 0:
        parser.error("rounds, seconds, items and connections must be above zero")
    return settings


def own_folder(folder: Path) -> Path:
    """Make *folder*, with a note that keeps it out of version control."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
    return folder


def _footprint_items(given: int | None, *, quick: bool) -> int:
    if given is None:
        return 0 if quick else _FOOTPRINT_ITEMS
    return max(0, given)


def _chosen(given: str, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        return default
    if given == "all":
        return known
    names = tuple(given.split(","))
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is not one of {', '.join(known)}")
    return names
