"""What came of a run, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.reporting.tables import table
from benchmarks.soak.running import Outcome, Plan

_WORDS = {True: "good", False: "**failed**", None: "not judged: too short"}


def markdown(plan: Plan, outcome: Outcome, taken_at: str, machine: Mapping[str, Any]) -> str:
    """Findings, latencies by quarter, errors."""
    facts = "; ".join(f"{name}: {fact}" for name, fact in machine.items())
    how = (
        f"{plan.seconds / 60:g} minutes, {plan.warm_up_s / 60:g} of them to warm up; "
        f"{plan.clients} clients with {plan.keys:,} keys each, {plan.rate:g} calls a second "
        f"together; the server used {outcome.server_cpu:.0%} of a processor."
    )
    findings = table(
        ("what", "found", "judged"),
        [(each.what, each.figures, _WORDS[each.passed]) for each in outcome.findings],
    )
    latencies = table(
        ("calls", *_STRETCHES),
        [(kind, *_cells(outcome, kind)) for kind in sorted(outcome.calls) if _seen(outcome, kind)],
    )
    parts = [
        f"# Soak, {taken_at}",
        f"{facts}.",
        how,
        findings,
        "p50 / p95 / p99 / longest, in ms:",
        latencies,
        f"Calls: {sum(outcome.calls.values()):,}.",
        "Refused as they should be: " + (_counted(outcome.refused) or "none") + ".",
        "Errors that nothing explains: " + (_counted(outcome.wrong) or "none") + ".",
        *outcome.examples,
    ]
    return "\n\n".join(parts) + "\n"


_STRETCHES = ("warming up", "1st quarter", "2nd", "3rd", "4th")


def _seen(outcome: Outcome, kind: str) -> bool:
    return any(kind in stretch for stretch in outcome.latencies)


def _cells(outcome: Outcome, kind: str) -> list[str]:
    cells = []
    for stretch in outcome.latencies:
        figures = stretch.get(kind)
        if figures is None:
            cells.append("")
            continue
        values = [figures[name] for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")]
        cells.append(" / ".join(f"{value:.1f}" for value in values))
    return cells + [""] * (len(_STRETCHES) - len(cells))


def _counted(counts: Mapping[str, int]) -> str:
    return "; ".join(f"{name}: {count:,}" for name, count in sorted(counts.items()))
