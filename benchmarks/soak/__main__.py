"""`python -m benchmarks.soak`."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks import machine, settings
from benchmarks.reporting import results
from benchmarks.soak.report import markdown
from benchmarks.soak.running import Plan, run

_WARM_UP_MINUTES: Final = 10.0


def main(arguments: Sequence[str]) -> int:
    """Make a run, print what came of it, write it; 1 where anything failed."""
    given = _arguments(arguments)
    plan = Plan(
        seconds=given.minutes * 60,
        warm_up_s=given.warm_up * 60,
        rate=given.rate,
        clients=given.clients,
        keys=given.keys,
        sample_s=given.sample,
        options=tuple(given.serve.split()),
    )
    scratch = settings.own_folder(given.cache / "running")
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=scratch))
    taken_at, described = results.now(), machine.describe(folder)
    try:
        outcome = run(plan, folder)
        found = {
            "kind": results.SOAK,
            "taken_at": taken_at,
            "machine": described,
            "plan": asdict(plan),
            "passed": outcome.passed,
            **asdict(outcome),
        }
        shown = markdown(plan, outcome, taken_at, described)
        print(shown)
        path = results.write(given.results, found, shown)
        shutil.copy(folder / "samples.jsonl", path.with_suffix(".samples.jsonl"))
        print(f"written to {path}", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if outcome.passed else 1


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Whether the server stays as it is under a mixed load, hour after hour.",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="of load (%(default)g)")
    parser.add_argument(
        "--warm-up",
        type=float,
        metavar="MINUTES",
        help="of them, before anything is judged (a sixth, at most 10)",
    )
    parser.add_argument("--rate", type=float, default=200.0, help="calls a second (%(default)g)")
    parser.add_argument("--clients", type=int, default=8, help="that own keys (%(default)s)")
    parser.add_argument("--keys", type=int, default=4_000, help="of each client (%(default)s)")
    parser.add_argument(
        "--sample", type=float, default=10.0, metavar="SECONDS", help="between two (%(default)g)"
    )
    parser.add_argument("--serve", default="", help="further options of pannier serve")
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    if given.warm_up is None:
        given.warm_up = min(_WARM_UP_MINUTES, given.minutes / 6)
    if not 0 <= given.warm_up < given.minutes or min(given.rate, given.sample) <= 0:
        parser.error("minutes, rate and seconds must be above zero, and minutes above warm-up")
    if given.clients < 1 or given.keys < 100:
        parser.error("there must be a client, and 100 keys of each")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
