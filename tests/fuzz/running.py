"""A run of the fuzzer: a server of its own, clients in processes of their own, and what was seen.

Memory is looked at from outside. What the server holds for good, such as caches and the store's own
buffers, fills up in the first part of a run; so growth is counted from the end of a warm-up.
"""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from tests.conftest import serving
from tests.differential.requests import creations
from tests.fuzz.cases import Case, Cases
from tests.fuzz.driving import Driver, Failure

GROWTH_MB_MAX: Final = 50.0
_WARM_UP_MAX: Final = 100_000
_PAGE_MB: Final = os.sysconf("SC_PAGE_SIZE") / 1e6
_LOOK_S: Final = 0.25
_FORK = multiprocessing.get_context("fork")
_SPECIFIED: Final = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@dataclass
class Summary:
    """What came of a run. Memory is resident memory of the server."""

    requests: int = 0
    seconds: float = 0.0
    requests_per_s: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    hangs: int = 0
    died: bool = False
    memory_start_mb: float = 0.0
    memory_warm_mb: float = 0.0
    memory_max_mb: float = 0.0
    memory_end_mb: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def growth_mb(self) -> float:
        """From the end of the warm-up to the end."""
        return self.memory_end_mb - self.memory_warm_mb

    @property
    def is_good(self) -> bool:
        """Whether the server took everything well. Growth is judged in long runs alone."""
        grew = self.requests > _WARM_UP_MAX and self.growth_mb > GROWTH_MB_MAX
        return not (self.failures or self.hangs or self.died or grew)

    def to_json(self) -> dict[str, Any]:
        """All of it."""
        statuses = {str(status): count for status, count in sorted(self.statuses.items())}
        return {**asdict(self), "statuses": statuses, "growth_mb": round(self.growth_mb, 1)}


def run(
    options: tuple[str, ...], seed: int, requests: int, clients: int, failures: Path
) -> Summary:
    """Fuzz a server.

    Args:
        options: of `pannier serve`, besides the port.
        seed: each client's chance comes from it.
        requests: by all clients together.
        clients: processes.
        failures: a folder for the first failures, which is made if there is any.
    """
    summary = Summary()
    with serving("--no-console", *options) as (url, pid):
        address = prepared(url)
        memory = Memory(pid)
        summary.memory_start_mb = memory.now()
        started_s = time.monotonic()
        warm_up = min(_WARM_UP_MAX, requests // 5)
        _part(address, seed, warm_up, clients, memory, summary, failures)
        summary.memory_warm_mb = memory.now()
        _part(address, seed + clients, requests - warm_up, clients, memory, summary, failures)
        summary.seconds = round(time.monotonic() - started_s, 1)
        summary.memory_end_mb = memory.now()
        summary.memory_max_mb = memory.most_mb
        summary.died = not memory.is_there()
    summary.requests_per_s = round(summary.requests / max(summary.seconds, 0.1), 1)
    return summary


def replay(path: Path, options: tuple[str, ...]) -> list[Failure]:
    """Send a failure's cases again, to a new server; what fails now."""
    saved = orjson.loads(path.read_bytes())
    cases = tuple(Case(each["kind"], bytes.fromhex(each["data"]), each["alone"], each["is_head"])
                  for each in saved["cases"])  # fmt: skip
    with serving("--no-console", *options) as (url, _):
        driver = Driver(prepared(url))
        driver.run(cases, len(cases))
        driver.close()
    return driver.failures


def prepared(url: str) -> tuple[str, int]:
    """The address of a server, after the tables were made that requests are about."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    address = (parts.hostname, parts.port)
    driver = Driver(address)
    host = b"%s:%d" % (parts.hostname.encode(), parts.port)
    cases = []
    for number, (operation, request) in enumerate(creations()):
        # One stream is enough to ask for, and what the others would keep is no growth of memory.
        stream = {"StreamSpecification": _SPECIFIED} if number == 0 else {}
        body = orjson.dumps({**request, **stream})
        cases.append(Cases(0, host).good(operation, body))
    driver.run(cases, len(cases))
    driver.close()
    assert driver.statuses == {200: len(cases)}, (driver.statuses, driver.failures)
    return address


class Memory:
    """Resident memory of a process, and the most that was seen."""

    def __init__(self, pid: int) -> None:
        self._path = Path(f"/proc/{pid}/statm")
        self.most_mb = 0.0

    def now(self) -> float:
        """In MB; 0 if the process is gone."""
        try:
            pages = int(self._path.read_text().split()[1])
        except (OSError, IndexError):
            return 0.0
        self.most_mb = max(self.most_mb, round(pages * _PAGE_MB, 1))
        return round(pages * _PAGE_MB, 1)

    def is_there(self) -> bool:
        """Whether the process lives."""
        return self.now() > 0.0


def _part(
    address: tuple[str, int],
    seed: int,
    requests: int,
    clients: int,
    memory: Memory,
    summary: Summary,
    failures: Path,
) -> None:
    """Have clients send so many requests, and add up what they saw."""
    pairs = []
    for number in range(clients):
        ours, theirs = _FORK.Pipe(duplex=False)
        count = requests // clients + (number < requests % clients)
        process = _FORK.Process(
            target=_drive, args=(address, seed + number, count, theirs), daemon=True
        )
        process.start()
        theirs.close()
        pairs.append((process, ours))
    for process, ours in pairs:
        while not ours.poll(_LOOK_S):
            memory.now()
        try:
            statuses, hangs, failed = ours.recv()
        except EOFError:
            statuses, hangs, failed = Counter(), 0, [Failure("a client of the fuzzer died", ())]
        process.join()
        summary.requests += sum(statuses.values())
        summary.statuses = dict(Counter(summary.statuses) + statuses)
        summary.hangs += hangs
        for failure in failed:
            summary.failures.append(_saved(failure, len(summary.failures), failures))


def _drive(address: tuple[str, int], seed: int, count: int, report: Any) -> None:
    driver = Driver(address)
    host = b"%s:%d" % (address[0].encode(), address[1])
    driver.run(Cases(seed, host), count)
    driver.close()
    report.send((driver.statuses, driver.hangs, driver.failures))


def _saved(failure: Failure, number: int, folder: Path) -> str:
    """A failure's reason, and where its cases are kept to be replayed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number:03d}.json"
    cases = [
        {"kind": case.kind, "alone": case.alone, "is_head": case.is_head, "data": case.data.hex(),
         "readable": case.data[:2000].decode("latin-1")}
        for case in failure.cases
    ]  # fmt: skip
    path.write_bytes(orjson.dumps({"reason": failure.reason, "cases": cases}, option=2))
    return f"{failure.reason} ({path})"


def lines(summary: Summary) -> Iterator[str]:
    """A summary, for a reader."""
    yield f"{summary.requests} requests in {summary.seconds:g} s: {summary.requests_per_s:g}/s"
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(summary.statuses.items()))
    yield f"  answers (0: closed without one): {answers}"
    yield (
        f"  memory: {summary.memory_start_mb:g} MB at the start, {summary.memory_warm_mb:g} after "
        f"the warm-up, {summary.memory_max_mb:g} at most, {summary.memory_end_mb:g} at the end"
    )
    yield f"  hangs: {summary.hangs}, died: {'yes' if summary.died else 'no'}"
    for failure in summary.failures:
        yield f"  failed: {failure}"
