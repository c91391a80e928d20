"""The machine of a run, since no figure means anything without it."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

_SYNCS = 30
_SYNC_BYTES = 10_000
_GIT_TIMEOUT_S = 5
_COMPILED = Path(__file__).parent.parent / "compiled.txt"


def describe(scratch: Path) -> dict[str, str]:
    """Processor, memory, versions, and what a sync costs where servers keep their data."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} logical cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "commit": commit(),
        "hot modules": hot_modules(),
        "sync of 10 KB": f"{_sync_us(scratch):.0f} µs",
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def hot_modules() -> str:
    """Whether this interpreter finds compiled what `compiled.txt` names."""
    lines = _COMPILED.read_text("utf-8").splitlines() if _COMPILED.exists() else []
    names = [
        line.removesuffix(".py").replace("/", ".")
        for line in lines
        if line and not line.startswith("#")
    ]
    places = [find_spec(name) for name in names]
    compiled = sum(
        place is not None and place.origin is not None and not place.origin.endswith(".py")
        for place in places
    )
    if not compiled:
        return "pure Python"
    return "compiled" if compiled == len(names) else f"{compiled} of {len(names)} compiled"


def commit(checkout: Path | None = None) -> str:
    """The commit of *checkout*, or of the working directory."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        told = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_GIT_TIMEOUT_S,
            check=False,
            cwd=checkout,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip() or "unknown"


def _sync_us(scratch: Path) -> float:
    """The median time to append and sync, as a durable engine does for every group."""
    payload = bytes(_SYNC_BYTES)
    taken_s = []
    with tempfile.TemporaryFile(dir=scratch) as file:
        for _ in range(_SYNCS):
            started_at = time.perf_counter()
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
            taken_s.append(time.perf_counter() - started_at)
    return statistics.median(taken_s) * 1e6
