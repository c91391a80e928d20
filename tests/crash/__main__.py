"""Torture: servers and jobs are killed hundreds of times, the power is cut, and all is checked.

    python -m tests.crash --server-kills 200 --job-kills 100 --power-cuts 500 --seed 1

Bounded runs of the same are in the tests of this folder.
"""

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pannier.storage import rocks
from pannier.storage.rocks import RocksStore
from tests.crash import test_kill_copy, test_kill_job, test_kill_scan, test_power_cut
from tests.crash.server_killing import Episode, Totals

_EPISODE_KILLS = 10  # then a new folder, since all of it is read after each kill


def main() -> int:
    """Kill, cut, check, and say what was found; returns 0 if that was nothing."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server-kills", type=int, default=200, metavar="N")
    parser.add_argument("--job-kills", type=int, default=100, metavar="N")
    parser.add_argument("--power-cuts", type=int, default=500, metavar="N")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), metavar="N")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    place = Path(tempfile.mkdtemp(prefix="pannier-torture-"))
    try:
        good = [
            kill_servers(place / "servers", options.server_kills, options.seed),
            kill_jobs(place / "jobs", options.job_kills, options.seed),
            cut_power(place / "power", options.power_cuts, options.seed),
        ]
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if all(good) else 1


def kill_servers(place: Path, kills: int, seed: int) -> bool:
    """Kill servers under load and as they start; returns whether all was as it must be."""
    started_s = time.monotonic()
    totals = Totals()
    number = 0
    while totals.kills < kills and not totals.findings:
        folder = place / str(number)
        folder.mkdir(parents=True)
        durability = ("synced", "relaxed")[number % 2]
        episode = Episode(folder, f"{seed}-{number}", durability, totals)
        episode.run(min(max(kills - totals.kills, 1), _EPISODE_KILLS))
        shutil.rmtree(folder)
        number += 1
        _progress(f"{totals.kills} of {kills} kills of servers")
    found = totals.findings
    print(
        f"servers: {totals.kills} kills, {totals.kills_at_start} of them as they started; "
        f"{totals.answered:,} requests answered, {totals.table_steps} of them about "
        f"tables, indexes and backups, {totals.again} transactions sent again; "
        f"{found.lost} lost, {found.halves} halves, {found.index_differences} differences of "
        f"indexes and counts, {found.stream_differences} of streams, {found.metric_differences} "
        f"of metrics; {time.monotonic() - started_s:.0f} s"
    )
    return _said(found.words)


def kill_jobs(place: Path, kills: int, seed: int) -> bool:
    """Kill jobs that write, copy and scan; returns whether each came to its right end."""
    started_s = time.monotonic()
    kinds: tuple[tuple[str, Callable[[Path, test_kill_job.Run, int], int]], ...] = (
        ("write", test_kill_job.kill_write),
        ("copy", test_kill_copy.kill_copy),
        ("scan", test_kill_scan.kill_scan),
    )
    counts = dict.fromkeys((name for name, _ in kinds), 0)
    runs = 0
    wrong: list[str] = []
    with test_kill_job.killing() as run:
        while sum(counts.values()) < kills and not wrong:
            name, kill = kinds[runs % len(kinds)]
            folder = place / str(runs)
            folder.mkdir(parents=True)
            try:
                counts[name] += kill(folder, run, seed * 10_000 + runs)
            except AssertionError as error:
                wrong.append(f"{name}, seed {seed * 10_000 + runs}: {error}")
            runs += 1
            _progress(f"{sum(counts.values())} of {kills} kills of jobs")
    said = ", ".join(f"{count} of {name}" for name, count in counts.items())
    print(
        f"jobs: {sum(counts.values())} kills ({said}) of {runs} jobs; {len(wrong)} with another "
        f"outcome than the input says; {time.monotonic() - started_s:.0f} s"
    )
    return _said(wrong)


def cut_power(place: Path, cuts: int, seed: int) -> bool:
    """Cut the power of stores; returns whether each held a prefix with all that was synced."""
    started_s = time.monotonic()
    rocks._WRITE_BUFFER_BYTES = test_power_cut.BUFFER_BYTES  # type: ignore[misc]
    seen = lost = number = 0
    wrong: list[str] = []
    while seen < cuts and not wrong:
        folder = place / str(number)
        for work, synced, words in test_power_cut.cuts(folder, seed * 10_000 + number):
            store = RocksStore(folder / "cut")
            found = work.known.get(test_power_cut.digest(store))
            store.close()
            seen += 1
            if found is None or found < synced:
                wrong.append(f"seed {seed * 10_000 + number}, {words}: {found} of {synced} synced")
            else:
                lost += work.done - found
        shutil.rmtree(folder)
        number += 1
        _progress(f"{seen} of {cuts} power cuts")
    print(
        f"power cuts: {seen}; {len(wrong)} with something lost that was synced, or a hole; "
        f"{lost:,} requests gone that were not synced yet; {time.monotonic() - started_s:.0f} s"
    )
    return _said(wrong)


def _said(words: list[str]) -> bool:
    for each in words:
        print(f"  {each}")
    sys.stdout.flush()
    return not words


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{words} ")


if __name__ == "__main__":
    sys.exit(main())
