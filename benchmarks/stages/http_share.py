"""What HTTP adds to a request: processor time of the server process, with nothing behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from benchmarks.child import in_child
from benchmarks.installs import Checkout
from benchmarks.load import wire
from benchmarks.load.generator import Load, run_load
from benchmarks.servers.peers import MEMORY, Peer
from benchmarks.servers.process import started
from benchmarks.stages.works import WORKS, Work

HTTP: Final = "HTTP"

_CONNECTIONS: Final = 8
_GRACE_S: Final = 10.0
_RAMP_S: Final = 0.2


def http_us(scratch: Path, seconds: float) -> dict[str, float]:
    """Microseconds a request, by work."""
    return {work.name: _measured(work, scratch, seconds) for work in WORKS}


def _measured(work: Work, scratch: Path, seconds: float) -> float:
    command = ("{python}", "-m", "benchmarks.stages.null_handler", "--port", "{port}", "--work")
    peer = Peer("null-handler", Checkout(), MEMORY, (*command, work.name), ours=True)
    requests = [wire.request(work.operation, body.decode()) for body in work.bodies(0)]
    with started(peer, Path.cwd(), scratch) as server:
        warm = Load(server.port, requests, _CONNECTIONS, _RAMP_S)
        load = Load(server.port, requests, _CONNECTIONS, seconds)
        in_child(lambda: run_load(warm), _RAMP_S + _GRACE_S)
        before_s = server.cpu_s()
        result = in_child(lambda: run_load(load), seconds + _GRACE_S)
        used_s = server.cpu_s() - before_s
    if result.ok < result.answers:
        raise SystemExit(f"The null handler was not asked: {result.first_bad_answer}")
    return used_s / max(1, result.ok) * 1e6
