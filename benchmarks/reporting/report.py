"""The results of a run, as Markdown for people and as JSON for plots and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.goals import goals_table
from benchmarks.load.calibrate import Calibration
from benchmarks.load.workloads import WORKLOADS
from benchmarks.reporting import results
from benchmarks.reporting.summary import Measurement, Row
from benchmarks.reporting.tables import cell, table
from benchmarks.servers.footprint import Footprint
from benchmarks.settings import Settings

_WORK_HEAD = (
    *("server", "conn.", "items/s", "ratio"),
    *("p50 ms", "p99 ms", "p99/p50", "generator busy", "bad"),
)
_SERVER_HEAD = ("server", "version", "keeps items in", "start", "memory idle", "loaded", "at end")
_COST_HEAD = ("work", "conn.", "own code, µs a request", "kernel, µs", "items/s at most")


@dataclass(frozen=True)
class ServerFacts:
    """One server that was asked for. `unavailable` says why it was not measured."""

    name: str
    version: str
    storage: str
    start_s: float | None = None
    idle_mb: float | None = None
    end_mb: float | None = None
    footprint: Footprint | None = None
    unavailable: str = ""


@dataclass(frozen=True)
class Report:
    """Everything that a run found."""

    taken_at: str
    machine: dict[str, str]
    settings: Settings
    servers: Sequence[ServerFacts]
    calibrations: Sequence[Calibration]
    rows: Sequence[Row]
    measurements: Sequence[Measurement]

    def markdown(self) -> str:
        """The tables, with what one must know to read them."""
        parts = [
            f"# Benchmark of {self.taken_at}",
            "; ".join(f"{name}: {fact}" for name, fact in self.machine.items()) + ".",
            self._reading_aid(),
            *(self._work(name) for name in self.settings.work),
            "## Servers",
            table(_SERVER_HEAD, self._servers()),
            "## The generator, against a server that does nothing",
            table(_COST_HEAD, self._costs()),
            *self._goals(),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def found(self) -> dict[str, Any]:
        """All that `markdown` is made from, and each single measurement; no local paths."""
        found = {"kind": results.SERVERS, **asdict(self)}
        for folder in ("cache", "results"):
            del found["settings"][folder]
        return found

    def write(self) -> Path:
        """Write it as Markdown and JSON; the path of the Markdown."""
        return results.write(self.settings.results, self.found(), self.markdown())

    def _goals(self) -> list[str]:
        goals = goals_table([self.found()])
        return ["## Goals", goals] if goals else []

    def _reading_aid(self) -> str:
        settings = self.settings
        return (
            f"{settings.rounds} rounds of {settings.seconds:g} s, interleaved; tables for reads "
            f"hold {settings.items:,} items. Medians of the rounds, lowest and highest in "
            "brackets; *ratio* is to the fastest peer other than Pannier. Trust the ratios."
        )

    def _work(self, name: str) -> str:
        rows = [row for row in self.rows if row.workload == name]
        lines = [_figures(row) for row in rows]
        missing = [each for each in self.servers if each.unavailable]
        lines += [
            (
                each.name,
                "",
                f"not measured: {cell(each.unavailable)}",
                *("",) * (len(_WORK_HEAD) - 3),
            )
            for each in missing
        ]
        notes = [
            f"- {row.peer}, {row.connections} conn.: {cell(note)}"
            for row in rows
            for note in row.notes
        ]
        notes += [
            f"- {row.peer}, {row.connections} conn.: {row.reused:.0%} of the requests were "
            "sent a second time"
            for row in rows
            if row.reused and WORKLOADS[name].writes
        ]
        return "\n\n".join(
            part
            for part in (f"## {WORKLOADS[name].title}", table(_WORK_HEAD, lines), "\n".join(notes))
            if part
        )

    def _servers(self) -> list[tuple[str, ...]]:
        return [_facts(each) for each in self.servers]

    def _costs(self) -> list[tuple[str, ...]]:
        return [
            (
                each.workload,
                str(each.connections),
                f"{each.user_us:.1f}",
                f"{each.kernel_us:.1f}",
                f"{each.items_per_s_max:,.0f}",
            )
            for each in self.calibrations
        ]


def _figures(row: Row) -> tuple[str, ...]:
    head = (row.peer, str(row.connections))
    if not row.measured:
        return (*head, "not measured: see below", *("",) * (len(_WORK_HEAD) - 3))
    return (
        *head,
        f"{row.items_per_s:,.0f} ({row.items_per_s_low:,.0f}-{row.items_per_s_high:,.0f})",
        _ratio(row),
        f"{row.p50_ms:.2f}",
        f"{row.p99_ms:.2f}",
        f"{row.p99_ms / row.p50_ms:.1f}" if row.p50_ms else "-",
        f"{row.generator_busy:.0%}",
        str(row.bad),
    )


def _facts(server: ServerFacts) -> tuple[str, ...]:
    head = (server.name, server.version, server.storage)
    if server.unavailable:
        return (*head, cell(f"not measured: {server.unavailable}"), "", "", "")
    start_s, idle_mb, loaded = server.start_s, server.idle_mb, "-"
    if (own := server.footprint) is not None:
        start_s, idle_mb = own.start_s, own.idle_mb
        loaded = f"{_megabytes(own.loaded_mb)} with {own.items:,} items"
    start = "-" if start_s is None else f"{start_s:.2f} s"
    return (*head, start, _megabytes(idle_mb), loaded, _megabytes(server.end_mb))


def _ratio(row: Row) -> str:
    if row.ratio is None or row.ratio_low is None or row.ratio_high is None:
        return "-"
    return f"{row.ratio:.2f} ({row.ratio_low:.2f}-{row.ratio_high:.2f})"


def _megabytes(amount: float | None) -> str:
    return "?" if amount is None else f"{amount:.0f} MB"
