"""`python -m benchmarks.stages`: takes the stages, of this checkout or of two in turns.

Each turn of a checkout is a process of its own with that checkout's `src` before all others. The
programs that measure are those of this checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, settings
from benchmarks.reporting import results
from benchmarks.stages.http_share import HTTP, http_us
from benchmarks.stages.report import figures, markdown
from benchmarks.stages.taking import Samples, take
from benchmarks.stages.works import WORKS

_ROOT: Final = Path(__file__).parent.parent.parent
_THIS: Final = "after"
_THAT: Final = "before"
_ROUNDS_A_TURN: Final = 5


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it; or take one turn and print its samples as JSON."""
    given = _arguments(arguments)
    scratch = settings.own_folder(given.cache / "running")
    if given.turn is not None:
        print(json.dumps({"modules": machine.hot_modules(), "samples": _turn(scratch, given)}))
        return 0
    checkouts = {_THIS: _ROOT}
    if given.against is not None:
        checkouts = {_THAT: given.against, _THIS: _ROOT}
    taken_at, described = results.now(), machine.describe(scratch)
    samples: dict[str, Samples] = {name: {} for name in checkouts}
    versions: dict[str, str] = {}
    turns = max(1, round(given.rounds / _ROUNDS_A_TURN))
    for number in range(turns):
        print(f"turn {number + 1} of {turns}", file=sys.stderr, flush=True)
        names = list(checkouts)
        for name in names if number % 2 == 0 else names[::-1]:
            told = _in_process_of(checkouts[name], number, given)
            _add(samples[name], told["samples"])
            versions[name] = f"{machine.commit(checkouts[name])}, {told['modules']}"
    found = {
        "kind": results.STAGES,
        "taken_at": taken_at,
        "machine": described,
        "rounds": turns * _ROUNDS_A_TURN,
        "durability": given.durability,
        "versions": {name: versions[name] for name in checkouts},
        "items": {work.name: work.items for work in WORKS},
        "figures": {name: figures(each) for name, each in samples.items()},
    }
    shown = markdown(found)
    print(shown)
    print(f"written to {results.write(given.results, found, shown)}", file=sys.stderr)
    return 0


def _turn(scratch: Path, given: argparse.Namespace) -> Samples:
    folder = Path(tempfile.mkdtemp(prefix="stages-", dir=scratch))
    try:
        begin = given.turn * (_ROUNDS_A_TURN + 1)
        found = take(folder / "data", _ROUNDS_A_TURN, given.durability, begin)
    finally:
        shutil.rmtree(folder)
    if given.http_seconds:
        for work, figure_us in http_us(scratch, given.http_seconds).items():
            found[work][HTTP] = [figure_us]
    return found


def _in_process_of(checkout: Path, number: int, given: argparse.Namespace) -> dict[str, Any]:
    command = [
        *(sys.executable, "-m", "benchmarks.stages", "--turn", str(number)),
        *("--durability", given.durability, "--http-seconds", str(given.http_seconds)),
        *("--cache", str(given.cache)),
    ]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=_ROOT, env=environment
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise SystemExit(f"{checkout.name} could not be measured: {last[0]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _add(samples: Samples, more: Samples) -> None:
    for work, by_stage in more.items():
        for stage, each in by_stage.items():
            samples.setdefault(work, {}).setdefault(stage, []).extend(each)


def _arguments(arguments: Sequence[str]) -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stages", description="What a request costs, by stage."
    )
    parser.add_argument("--rounds", type=int, default=25, help="times each is measured")
    parser.add_argument("--against", type=Path, metavar="PATH", help="another checkout, before")
    parser.add_argument("--durability", choices=("synced", "relaxed"), default="synced")
    parser.add_argument(
        "--http-seconds", type=float, default=1.0, help="of a turn, for each request; 0: not"
    )
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    parser.add_argument("--turn", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    if given.rounds < 1 or given.http_seconds < 0:
        parser.error("rounds must be above zero, seconds not below it")
    if given.against is not None and not (given.against / "src" / "pannier").is_dir():
        parser.error(f"{given.against} is no checkout of Pannier: it has no src/pannier")
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
