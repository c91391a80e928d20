"""The server that is watched: started, looked at from outside, ended by its process id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_END_S_MAX: Final = 60.0
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
_USER, _KERNEL = 11, 12
"""Places in what the kernel tells of a process, counted after its name."""


@dataclass(frozen=True)
class State:
    """A process and its folder at one moment. Sizes in bytes.

    Of its open files, `folder_open` are those of the folder; `logs` is what the store's logs take.
    """

    resident: int
    proportional: int
    anonymous: int
    open_files: int
    folder_open: int
    threads: int
    cpu_s: float
    folder: int
    folder_files: int
    logs: int


class Served:
    """A `pannier serve` on a folder.

    Args:
        folder: the database's.
        log: where its words go.
        options: further ones of `pannier serve`.
    """

    def __init__(self, folder: Path, log: Path, options: Sequence[str] = ()) -> None:
        self._folder = folder
        began_s = time.monotonic()
        with log.open("ab") as words:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "pannier", "serve", "--no-console"),
                    *("--port", "0", "--path", str(folder), *options),
                ],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert self._process.stderr is not None
        first = self._process.stderr.readline()
        if " at http" not in first:
            raise SystemExit(f"the server said: {first}{self._process.stderr.read()}")
        self.start_s = time.monotonic() - began_s
        self.port = urlsplit(first.split(" at ")[-1].strip()).port or 0

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def state(self) -> State:
        """What it takes now."""
        place = Path(f"/proc/{self._process.pid}")
        memory = _kilobytes(place / "smaps_rollup")
        ran = (place / "stat").read_text("utf-8").rpartition(")")[2].split()
        sizes = _sizes(self._folder)
        targets = _open_files(place / "fd")
        inside = str(self._folder)
        return State(
            resident=memory["Rss"],
            proportional=memory["Pss"],
            anonymous=memory["Anonymous"],
            open_files=len(targets),
            folder_open=sum(target.startswith(inside) for target in targets),
            threads=len(list((place / "task").iterdir())),
            cpu_s=(int(ran[_USER]) + int(ran[_KERNEL])) / _TICKS_PER_S,
            folder=sum(sizes.values()),
            folder_files=len(sizes),
            logs=sum(size for path, size in sizes.items() if path.suffix == ".log"),
        )

    def stop(self) -> tuple[float, int | None]:
        """End it with SIGTERM; seconds that it took, and its exit status, None if it hung."""
        began_s = time.monotonic()
        if self.is_running():
            os.kill(self._process.pid, signal.SIGTERM)
        try:
            self._process.communicate(timeout=_END_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            return time.monotonic() - began_s, None
        return time.monotonic() - began_s, self._process.returncode


def _kilobytes(path: Path) -> dict[str, int]:
    """Figures of the kernel, in bytes."""
    found = {}
    for line in path.read_text("utf-8").splitlines()[1:]:
        name, _, rest = line.partition(":")
        found[name] = int(rest.split()[0]) * 1024
    return found


def _open_files(place: Path) -> list[str]:
    found = []
    for each in place.iterdir():
        try:
            found.append(str(each.readlink()))
        except FileNotFoundError:  # closed a moment ago
            continue
    return found


def _sizes(folder: Path) -> dict[Path, int]:
    found = {}
    for path in folder.rglob("*"):
        try:
            if path.is_file():
                found[path] = path.stat().st_size
        except FileNotFoundError:  # compaction has just removed it
            continue
    return found
