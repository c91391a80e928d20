"""What a server takes before and after it holds items: its start, idle memory, loaded memory.

Measured on servers of their own, one at a time, before the others of the run are started: what a
run's servers hold at its end depends on their speed.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.child import in_child
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.workloads import BatchWrite25
from benchmarks.servers.control import Control
from benchmarks.servers.peers import Peer
from benchmarks.servers.process import started

_STARTS = 5
_CONNECTIONS = 8
_LOAD_S_MAX = 60.0
_GRACE_S = 10.0


@dataclass(frozen=True)
class Footprint:
    """One server's. `items` is how many it held when `loaded_mb` was taken.

    `start_s` is the median time from the start to the first answer; memory is resident, of all
    processes of the server, None where that cannot be told.
    """

    start_s: float
    idle_mb: float | None
    items: int
    loaded_mb: float | None


def footprint(peer: Peer, home: Path, scratch: Path, items: int) -> Footprint:
    """Start *peer* some times, load about *items* into the last. Bounded: a slow one gets fewer."""
    starts_s = []
    for _ in range(_STARTS - 1):
        with started(peer, home, scratch) as server:
            starts_s.append(server.start_s)
    with started(peer, home, scratch) as server:
        starts_s.append(server.start_s)
        idle_mb = server.memory_mb()
        loaded = _load(server.port, items)
        return Footprint(statistics.median(starts_s), idle_mb, loaded, server.memory_mb())


def _load(port: int, items: int) -> int:
    workload = BatchWrite25()
    table = wire.table_name(0)
    control = Control(port)
    try:
        control.create_table(table, workload.indexed)
    finally:
        control.close()

    def send() -> int:
        requests = wire.stamped(workload.requests(items, 0), table)
        load = Load(
            port,
            requests,
            _CONNECTIONS,
            _LOAD_S_MAX,
            expectation=workload.expectation,
            answers_max=len(requests),
        )
        return run_load(load).ok

    return in_child(send, _LOAD_S_MAX + _GRACE_S) * workload.items_per_request
