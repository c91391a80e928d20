"""`pannier write FILE`: JSON lines into a folder, as the command does it.

    python -m benchmarks.command [--items 1000000] [--rounds 3]

The file is made beforehand, one item a line in DynamoDB's JSON; the folder is new each time, and
synced. Time is that of the whole command, with its start; memory is what the process holds when it
has read 10, 50 and 100 % of the file, and at most.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import machine, settings
from benchmarks.goals import goals_table
from benchmarks.items import product_json
from benchmarks.reporting import results
from benchmarks.reporting.tables import table
from benchmarks.servers.control import table_definition
from pannier.library.connecting import connect

_TABLE: Final = "bench"
_SHARES: Final = (0.1, 0.5, 1.0)
_POLL_S: Final = 0.02
_MB: Final = 1e6
_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / _MB
_KB_MB: Final = 1024 / _MB


@dataclass(frozen=True)
class Round:
    """One run of the command. `memory_mb` is resident, at each of the shares of the file read."""

    taken_s: float
    cpu_s: float
    memory_mb: tuple[float, ...]
    memory_mb_max: float
    folder_mb: float


def write_file(path: Path, items: int) -> None:
    """Make the file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{product_json(number)}\n" for number in range(items))


def run_once(file: Path, items: int, folder: Path) -> Round:
    """Run the command, and look at it from outside."""
    target = f"local:{folder}"
    with connect(target) as connection:
        definition = table_definition(_TABLE, indexed=False)
        connection.call("CreateTable", definition)
    command = ("-m", "pannier", "write", str(file), "--table", _TABLE, "--target", target)
    size, seen = file.stat().st_size, [0.0] * len(_SHARES)
    began_s = time.perf_counter()
    with tempfile.TemporaryFile(dir=file.parent) as told:
        process = subprocess.Popen([sys.executable, *command], stdout=told, stderr=told)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            _look(process.pid, file, size, seen)
            time.sleep(_POLL_S)
        taken_s = time.perf_counter() - began_s
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        if process.returncode:
            raise SystemExit(f"pannier write failed: {told.read()[-300:].decode()}")
    with connect(target) as connection:
        table_found = connection.call("DescribeTable", {"TableName": _TABLE})["Table"]
    if table_found["ItemCount"] != items:
        raise SystemExit(f"{table_found['ItemCount']} of {items} items are in the table")
    folder_mb = sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / _MB
    cpu_s = usage.ru_utime + usage.ru_stime
    return Round(taken_s, cpu_s, tuple(seen), usage.ru_maxrss * _KB_MB, folder_mb)


def _look(pid: int, file: Path, size: int, seen: list[float]) -> None:
    """Note the memory at the shares of the file that are reached; the last, until the end."""
    share = _share_read(pid, file, size)
    try:
        memory_mb = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MB
    except (OSError, IndexError, ValueError):
        return  # It has just ended.
    for place, wanted in enumerate(_SHARES):
        if share >= wanted and (not seen[place] or wanted == _SHARES[-1]):
            seen[place] = memory_mb or seen[place]


def _share_read(pid: int, file: Path, size: int) -> float:
    """How much of *file* the process has read; all of it once it was closed is not known: 0."""
    try:
        for each in Path(f"/proc/{pid}/fd").iterdir():
            if each.readlink() == file:
                told = Path(f"/proc/{pid}/fdinfo/{each.name}").read_text()
                return int(told.split()[1]) / size
    except OSError:
        pass
    return 0.0


def markdown(found: dict[str, Any]) -> str:
    """The table, a line a round."""
    shares = tuple(f"memory at {share:.0%}, MB" for share in _SHARES)
    head = ("items/s", "CPU, µs an item", *shares, "memory at most, MB", "folder, MB")
    lines = [
        (
            f"{found['items'] / each['taken_s']:,.0f}",
            f"{each['cpu_s'] / found['items'] * 1e6:.1f}",
            *(f"{mb:.0f}" if mb else "?" for mb in each["memory_mb"]),
            f"{each['memory_mb_max']:.0f}",
            f"{each['folder_mb']:.0f}",
        )
        for each in found["rounds"]
    ]
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    how = (
        f"`pannier write` of {found['items']:,} items, {found['file_mb']:,.0f} MB of JSON lines, "
        f"into a new folder, synced; a line for each round. Median: "
        f"{found['items_per_s']:,.0f} items/s."
    )
    goals = goals_table([found])
    parts = [f"# pannier write, {found['taken_at']}", f"{facts}.", how, table(head, lines), goals]
    return "\n\n".join(part for part in parts if part) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, write it."""
    given = _arguments(arguments)
    scratch = settings.own_folder(given.cache / "running")
    taken_at, described = results.now(), machine.describe(scratch)
    rounds = []
    place = Path(tempfile.mkdtemp(prefix="command-", dir=scratch))
    try:
        file = place / "items.jsonl"
        print(f"making {given.items:,} lines", file=sys.stderr, flush=True)
        write_file(file, given.items)
        file_mb = file.stat().st_size / _MB
        for number in range(given.rounds):
            folder = place / f"data-{number}"
            rounds.append(run_once(file, given.items, folder))
            shutil.rmtree(folder)
            rate = given.items / rounds[-1].taken_s
            print(f"round {number + 1}: {rate:,.0f} items/s", file=sys.stderr, flush=True)
    finally:
        shutil.rmtree(place)
    found = {
        "kind": results.COMMAND,
        "taken_at": taken_at,
        "machine": described,
        "items": given.items,
        "file_mb": file_mb,
        "items_per_s": given.items / statistics.median(each.taken_s for each in rounds),
        "rounds": [asdict(each) for each in rounds],
    }
    shown = markdown(found)
    print(shown)
    print(f"written to {results.write(given.results, found, shown)}", file=sys.stderr)
    return 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.command", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--items", type=int, default=1_000_000, help="in the file (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times it is measured")
    parser.add_argument("--cache", type=Path, default=settings.CACHE, help="for what is temporary")
    parser.add_argument("--results", type=Path, default=settings.RESULTS, help="where tables go")
    given = parser.parse_args(arguments)
    if min(given.items, given.rounds) < 1:
        parser.error("items and rounds must be above zero")
    given.cache, given.results = given.cache.resolve(), given.results.resolve()
    return given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
