"""Kills what works for Spark, in the midst of its work, and nothing else.

A process is worth being killed when it has a connection to the server of the test: then it has
begun, and has not ended. Only descendants of this process are looked at, in Linux's `/proc`.
"""

import os
import random
import signal
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_POLL_S: Final = 0.02
_PAUSE_S: Final = (0.1, 0.4)
_ESTABLISHED: Final = "01"


@dataclass
class Killed:
    """What has been killed.

    Attributes:
        pids: in order.
    """

    pids: list[int] = field(default_factory=list)


@contextmanager
def killing(
    url: str, times: int, find: Callable[[Collection[int]], list[int]], seed: int = 7
) -> Iterator[Killed]:
    """Kill processes with SIGKILL while the block runs.

    Args:
        url: of the server that they work with.
        times: how many are killed at most; a task that fails four times is the end of its job.
        find: of the Python workers that are busy, the processes that one is chosen of.
        seed: of the choice.
    """
    killed = Killed()
    ended = threading.Event()
    chance = random.Random(seed)
    port = urlsplit(url).port
    assert port is not None

    def kill() -> None:
        while len(killed.pids) < times and not ended.wait(_POLL_S):
            found = find(busy_workers(port))
            if found:
                pid = chance.choice(found)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.pids.append(pid)
                ended.wait(chance.uniform(*_PAUSE_S))

    thread = threading.Thread(target=kill, name="killing")
    thread.start()
    try:
        yield killed
    finally:
        ended.set()
        thread.join()


def workers(busy: Collection[int]) -> list[int]:
    """The workers themselves."""
    return sorted(busy)


def executors(busy: Collection[int]) -> list[int]:
    """The executors that the workers belong to, which are JVMs of their own on a cluster."""
    parents = _parents()
    found = set()
    for worker in busy:
        pid = worker
        while pid in parents and not _is_executor(pid):
            pid = parents[pid]
        if pid in parents:
            found.add(pid)
    return sorted(found)


def busy_workers(port: int) -> list[int]:
    """Workers of executors, under this process, that are connected to a port."""
    parents = _parents()
    mine = {os.getpid()}
    while len(mine) < len(mine := mine | {pid for pid, above in parents.items() if above in mine}):
        pass
    sockets = _sockets_to(port)
    return [pid for pid in mine if _is_worker(pid) and _has_one(pid, sockets)]


def _parents() -> dict[int, int]:
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                after_name = (folder / "stat").read_text().rpartition(")")[2].split()
                parents[int(folder.name)] = int(after_name[1])
    return parents


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")[:-1]
    except OSError:
        return []


def _is_worker(pid: int) -> bool:
    return _words(pid)[-2:] == ["pyspark.daemon", "pyspark.worker"]


def _is_executor(pid: int) -> bool:
    return any(word.endswith("CoarseGrainedExecutorBackend") for word in _words(pid))


def _sockets_to(port: int) -> frozenset[str]:
    """The inodes of connections of IPv4 to a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    fields = [line.split() for line in lines]
    return frozenset(
        each[9] for each in fields if each[2].endswith(f":{port:04X}") and each[3] == _ESTABLISHED
    )


def _has_one(pid: int, sockets: frozenset[str]) -> bool:
    try:
        opened = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return any(name.startswith("socket:[") and name[8:-1] in sockets for name in opened)
