"""Servers while they run: started on a free port, paused, resumed, ended by process id.

A server that is not being measured is stopped with SIGSTOP, so that its compaction or
garbage collection happens on its own time and not on that of the next in turn.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.installs import UnavailableError
from benchmarks.servers.control import AnswerError, Control
from benchmarks.servers.peers import Peer

_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 5.0
_POLL_S = 0.005
_LOG_SHOWN_CHARACTERS = 200
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_GROUP, _USER, _KERNEL, _RESIDENT = 2, 11, 12, 21
"""Places in what the kernel tells of a process, counted after its name."""
_PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class Server:
    """One started server.

    `start_s` is the time from its start to its first answer; `data` is the folder for what it
    keeps, which may hold something already.
    """

    def __init__(self, peer: Peer, home: Path, folder: Path) -> None:
        self.peer = peer
        self.port = _free_port()
        self.start_s = 0.0
        self._log = folder / "log"
        self.data = folder / "data"
        self.data.mkdir(exist_ok=True)
        places = {
            "home": str(home),
            "port": str(self.port),
            "data": str(self.data),
            "python": sys.executable,
        }
        command = [part.format_map(places) for part in peer.command]
        environment = {name: value.format_map(places) for name, value in peer.environment.items()}
        with self._log.open("wb") as log:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=None if peer.ours else folder,
                    env={**os.environ, **environment},
                    start_new_session=True,
                )
            except OSError as reason:
                raise UnavailableError(f"could not be started: {reason}") from reason

    def wait_until_ready(self) -> None:
        """Return at its first right answer; raise UnavailableError where none comes."""
        started_at = time.monotonic()
        while time.monotonic() < started_at + _START_TIMEOUT_S:
            self.check_alive()
            control = Control(self.port)
            try:
                control.call("ListTables", "{}")
            except (OSError, AnswerError):
                time.sleep(_POLL_S)
            else:
                self.start_s = time.monotonic() - started_at
                return
            finally:
                control.close()
        raise UnavailableError(f"no answer within {_START_TIMEOUT_S:.0f} s: {self._log_end()}")

    def check_alive(self) -> None:
        """Raise UnavailableError where the process has ended."""
        if ended := self.ended():
            raise UnavailableError(ended)

    def ended(self) -> str:
        """How the process ended, or an empty text while it runs."""
        code = self._process.poll()
        return "" if code is None else f"ended with code {code}: {self._log_end()}"

    def memory_mb(self) -> float | None:
        """Resident memory of all its processes, or None where that cannot be told."""
        pages = sum(int(fields[_RESIDENT]) for fields in self._statuses())
        return round(pages * _PAGE_MB, 1) if pages else None

    def cpu_s(self) -> float:
        """Processor time that its processes have used; of those that still run."""
        ticks = sum(int(fields[_USER]) + int(fields[_KERNEL]) for fields in self._statuses())
        return ticks / _TICKS_PER_S

    def _statuses(self) -> Iterator[list[str]]:
        """What the kernel tells of each of its processes, after the name."""
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue  # It ended while we looked.
            if int(fields[_GROUP]) == self._process.pid:
                yield fields

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let it run while the block runs, and hold it again afterwards."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        """Hold the server where it is."""
        self._signal(signal.SIGSTOP)

    def stop(self) -> None:
        """End the process and all that it started."""
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_TIMEOUT_S)
        self._signal(signal.SIGKILL)
        self._process.wait(_STOP_TIMEOUT_S)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # It has ended already.
            os.killpg(self._process.pid, number)

    def _log_end(self) -> str:
        lines = self._log.read_text("utf-8", "replace").strip().splitlines() or ["no output"]
        return lines[-1][-_LOG_SHOWN_CHARACTERS:]


@contextmanager
def started(peer: Peer, home: Path, scratch: Path) -> Iterator[Server]:
    """A server that answers, ended and its data removed when the block is left.

    Its folder is made below *scratch* and not in the system's temporary folder, which may
    be in memory: a sync would then cost nothing.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"{peer.name}-", dir=scratch))
    try:
        server = Server(peer, home, folder)
        try:
            server.wait_until_ready()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
