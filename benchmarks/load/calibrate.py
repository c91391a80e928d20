"""What the generator itself costs, measured in every run against a server that does nothing."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.child import beside, in_child
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.load.null_server import NullServer
from benchmarks.load.workloads import Workload

_SECONDS = 0.4
_RAMP_S = 0.1
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Calibration:
    """The generator's cost for one answer, and the most items it could show a second.

    `user_us` is its own code, `kernel_us` the sockets: with one connection mostly going to
    sleep and being woken, which any client of any server pays.
    """

    workload: str
    connections: int
    user_us: float
    kernel_us: float
    items_per_s_max: float


def calibrate(workload: Workload, requests: list[bytes], connections: int) -> Calibration:
    """Run the generator against the null server, each in a process of its own."""
    server = NullServer([wire.answer(workload.null_answer())])
    load = Load(
        port=server.port,
        requests=requests,
        connections=connections,
        seconds=_SECONDS,
        ramp_s=_RAMP_S,
        expectation=workload.expectation,
    )
    try:
        with beside(server.run):
            result = in_child(lambda: run_load(load), _TIMEOUT_S)
    finally:
        server.close()
    items_per_s = result.ok * workload.items_per_request / result.window_s
    return Calibration(workload.name, connections, result.user_us, result.kernel_us, items_per_s)
