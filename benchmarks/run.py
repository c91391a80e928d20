"""One run of the yardstick, from installing the peers to the written table."""

from __future__ import annotations

import dataclasses
import itertools
import signal
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from benchmarks import machine
from benchmarks.child import ChildError
from benchmarks.installs import UnavailableError
from benchmarks.load.calibrate import Calibration, calibrate
from benchmarks.load.workloads import WORKLOADS
from benchmarks.reporting import results
from benchmarks.reporting.report import Report, ServerFacts
from benchmarks.reporting.summary import Measurement, summarise
from benchmarks.servers.contestant import Contestant
from benchmarks.servers.control import AnswerError
from benchmarks.servers.footprint import Footprint, footprint
from benchmarks.servers.peers import PEERS, Peer
from benchmarks.servers.process import started
from benchmarks.settings import Settings, own_folder, parse

_BETWEEN_S = 0.2
"""What a measurement takes beside its seconds, for the estimate only."""


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, write them. Fails where no server could be measured."""
    settings = parse(arguments)
    signal.signal(signal.SIGTERM, _end)  # So that the servers are ended as on Ctrl-C.
    with ExitStack() as servers:
        report = Run(settings, servers).report()
    print(report.markdown())
    _say(f"written to {report.write()}")
    return 0 if any(row.measured for row in report.rows) else 1


class Run:
    """The state of one run. Servers are ended when *servers* is closed."""

    def __init__(self, settings: Settings, servers: ExitStack) -> None:
        self._settings = settings
        self._servers = servers
        self._cache = own_folder(settings.cache)
        self._scratch = own_folder(settings.cache / "running")
        self._facts: dict[str, ServerFacts] = {}
        self._contestants: list[Contestant] = []
        self._work = [WORKLOADS[name] for name in settings.work]
        length_s = settings.seconds + settings.ramp_s
        self._requests = {
            workload.name: workload.requests(settings.items, length_s) for workload in self._work
        }

    def report(self) -> Report:
        """Everything, in order."""
        taken_at = results.now()
        described = machine.describe(self._scratch)
        calibrations = self._calibrations()
        for name in self._settings.peers:
            self._bring_up(name)
        measurements = self._measurements()
        self._note_memory()
        return Report(
            taken_at=taken_at,
            machine=described,
            settings=self._settings,
            servers=list(self._facts.values()),
            calibrations=calibrations,
            rows=summarise(measurements, (peer.name for peer in PEERS.values() if peer.ours)),
            measurements=measurements,
        )

    def _calibrations(self) -> list[Calibration]:
        return [
            calibrate(workload, self._requests[workload.name], connections)
            for workload in self._work
            for connections in self._settings.connections
        ]

    def _bring_up(self, name: str) -> None:
        """Install, start and prepare one server; where that fails the reason is kept."""
        peer = PEERS[name]
        facts = ServerFacts(name, peer.package.label, peer.storage)
        _say(f"{name}: installing, starting, loading")
        try:
            home = peer.package.install(self._cache)
            own = self._footprint(peer, home)
            server = self._servers.enter_context(started(peer, home, self._scratch))
        except (UnavailableError, OSError) as reason:
            self._facts[name] = dataclasses.replace(facts, unavailable=str(reason))
            _say(f"{name}: not measured: {reason}")
            return
        self._facts[name] = dataclasses.replace(
            facts, start_s=server.start_s, idle_mb=server.memory_mb(), footprint=own
        )
        contestant = Contestant(server, self._settings)
        for workload in self._work:
            contestant.prepare(workload, self._requests[workload.name])
        server.pause()
        self._contestants.append(contestant)

    def _footprint(self, peer: Peer, home: Path) -> Footprint | None:
        """What it takes, where that is asked for and it can do the work."""
        if not self._settings.footprint_items:
            return None
        try:
            return footprint(peer, home, self._scratch, self._settings.footprint_items)
        except (AnswerError, ChildError, OSError) as reason:
            _say(f"{peer.name}: memory not measured: {reason}")
            return None

    def _measurements(self) -> list[Measurement]:
        """All cells, round by round; in each the servers take turns, in a turning order."""
        settings, all_of_them = self._settings, self._contestants
        cells = list(itertools.product(range(settings.rounds), self._work, settings.connections))
        length_s = settings.seconds + settings.ramp_s + _BETWEEN_S
        _say(f"measuring, about {len(cells) * len(all_of_them) * length_s:.0f} s")
        done: list[Measurement] = []
        for round_number, workload, connections in cells:
            first = round_number % max(1, len(all_of_them))
            requests = self._requests[workload.name]
            for contestant in all_of_them[first:] + all_of_them[:first]:
                done.append(contestant.measure(workload, requests, connections, round_number))
                _say(_line(done[-1]))
        return done

    def _note_memory(self) -> None:
        for contestant in self._contestants:
            server = contestant.server
            name = server.peer.name
            self._facts[name] = dataclasses.replace(self._facts[name], end_mb=server.memory_mb())


def _line(done: Measurement) -> str:
    said = done.failure or f"{done.items_per_s:,.0f} items/s"
    return f"{done.round + 1} {done.workload} x{done.connections} {done.peer}: {said}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
