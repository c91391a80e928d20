"""One server in the run: prepared for each workload once, then measured when its turn comes."""

from __future__ import annotations

import dataclasses
import itertools

from benchmarks.child import ChildError, in_child
from benchmarks.load import wire
from benchmarks.load.generator import Load, LoadResult, run_load
from benchmarks.load.workloads import Workload
from benchmarks.reporting.summary import Measurement
from benchmarks.servers.control import AnswerError, Control
from benchmarks.servers.process import Server
from benchmarks.settings import Settings

_WARM_UP_S = 0.5
_GRACE_S = 10.0
"""How much longer than planned a measurement may take before it is given up."""


class Contestant:
    """A running server and what it can be asked.

    What it cannot do is a failure of that workload only: the rest is still measured.
    """

    def __init__(self, server: Server, settings: Settings) -> None:
        self.server = server
        self._name = server.peer.name
        self._settings = settings
        self._tables: dict[str, str] = {}
        self._refusals: dict[str, str] = {}
        self._numbers = itertools.count()

    def prepare(self, workload: Workload, requests: list[bytes]) -> None:
        """Make and load its table, see that the answers are right, and warm up."""
        try:
            table = self._new_table(workload)
            self._check(workload, requests[0], table)
            # Uncounted, so that just-in-time compilers have seen the work before round one.
            connections = max(self._settings.connections)
            self._run(workload, requests, table, connections, _WARM_UP_S)
        except (AnswerError, ChildError, OSError) as reason:
            self._refusals[workload.name] = self._said(reason)
        else:
            self._tables[workload.name] = table

    def measure(
        self, workload: Workload, requests: list[bytes], connections: int, round_number: int
    ) -> Measurement:
        """One measurement; the server runs only meanwhile. A failure is kept, not raised."""
        measurement = Measurement(self._name, workload.name, connections, round_number, 0.0, None)
        if refusal := self._refusals.get(workload.name):
            return dataclasses.replace(measurement, failure=refusal)
        seconds = self._settings.seconds
        try:
            with self.server.awake():
                # Every run that writes gets a table that is new and empty.
                reads_from = self._tables[workload.name]
                table = self._new_table(workload) if workload.writes else reads_from
                result = self._run(workload, requests, table, connections, seconds)
        except (ChildError, AnswerError, OSError) as reason:
            return dataclasses.replace(measurement, failure=self._said(reason))
        if not result.answers:
            return dataclasses.replace(measurement, failure=f"no answer in {seconds:g} s")
        rate = result.ok * workload.items_per_request / result.window_s
        return dataclasses.replace(measurement, items_per_s=rate, result=result)

    def _new_table(self, workload: Workload) -> str:
        table = wire.table_name(next(self._numbers))
        control = Control(self.server.port)
        try:
            control.create_table(table, workload.indexed)
        finally:
            control.close()
        return table

    def _check(self, workload: Workload, request: bytes, table: str) -> None:
        control = Control(self.server.port)
        try:
            control.load(table, workload.stock(self._settings.items))
            control.verify(workload, request, table)
        finally:
            control.close()

    def _run(
        self,
        workload: Workload,
        requests: list[bytes],
        table: str,
        connections: int,
        seconds: float,
    ) -> LoadResult:
        """Run the generator with the requests stamped for *table*, in its own process."""
        load = Load(
            port=self.server.port,
            requests=(),
            connections=connections,
            seconds=seconds,
            ramp_s=self._settings.ramp_s,
            expectation=workload.expectation,
        )
        return in_child(
            lambda: run_load(dataclasses.replace(load, requests=wire.stamped(requests, table))),
            load.seconds + load.ramp_s + _GRACE_S,
        )

    def _said(self, reason: Exception) -> str:
        return self.server.ended() or f"{type(reason).__name__}: {reason}"
