"""From single measurements to the figures of the table: medians, spread, ratios.

A ratio is taken to the fastest peer that is not Pannier, at the same workload and
connections: of the medians, and round by round, since the two were then measured within
seconds of each other.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.load.generator import LoadResult


@dataclass(frozen=True)
class Measurement:
    """One run of the generator: a result, or the reason why there is none."""

    peer: str
    workload: str
    connections: int
    round: int
    items_per_s: float
    result: LoadResult | None
    failure: str = ""


@dataclass(frozen=True)
class Row:
    """All rounds of one server at one workload and number of connections.

    `measured` is how many rounds gave a result; the figures are of those.
    `ratio` is to the fastest peer, or None where there is nothing to compare with;
    `bad` counts errors, leftovers and short answers; `reused` is the share of requests
    sent again because the prebuilt ones ran out (overwrites, where they write).
    """

    peer: str
    workload: str
    connections: int
    measured: int
    items_per_s: float
    items_per_s_low: float
    items_per_s_high: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    p50_ms: float
    p99_ms: float
    generator_busy: float
    reused: float
    bad: int
    notes: tuple[str, ...]


def summarise(measurements: Sequence[Measurement], ours: Iterable[str]) -> list[Row]:
    """Rows in the order in which their servers and workloads were first measured."""
    groups: dict[tuple[str, int], dict[str, list[Measurement]]] = {}
    for each in measurements:
        group = groups.setdefault((each.workload, each.connections), {})
        group.setdefault(each.peer, []).append(each)
    own = frozenset(ours)
    rows: list[Row] = []
    for group in groups.values():
        fastest = _fastest(group, own)
        rows.extend(_row(rounds, group.get(fastest, ())) for rounds in group.values())
    return rows


def _fastest(group: dict[str, list[Measurement]], ours: frozenset[str]) -> str:
    medians = {peer: _median(rounds) for peer, rounds in group.items() if peer not in ours}
    return max(medians, key=medians.__getitem__, default="")


def _row(rounds: Sequence[Measurement], fastest: Sequence[Measurement]) -> Row:
    first = rounds[0]
    results = [each.result for each in rounds if each.result is not None]
    rates = [each.items_per_s for each in rounds if each.result is not None] or [0.0]
    reference = {each.round: each.items_per_s for each in fastest}
    ratios = [
        each.items_per_s / reference[each.round]
        for each in rounds
        if each.result is not None and reference.get(each.round)
    ]
    base = _median(fastest)
    said = [each.failure for each in rounds] + [each.first_bad_answer for each in results]
    return Row(
        peer=first.peer,
        workload=first.workload,
        connections=first.connections,
        measured=len(results),
        items_per_s=statistics.median(rates),
        items_per_s_low=min(rates),
        items_per_s_high=max(rates),
        ratio=statistics.median(rates) / base if base and results else None,
        ratio_low=min(ratios, default=None),
        ratio_high=max(ratios, default=None),
        p50_ms=statistics.median([each.p50_ms for each in results] or [0.0]),
        p99_ms=statistics.median([each.p99_ms for each in results] or [0.0]),
        generator_busy=statistics.median([_busy(each) for each in results] or [0.0]),
        reused=sum(each.requests_reused for each in results)
        / max(1, sum(each.answers for each in results)),
        bad=sum(each.answers - each.ok for each in results),
        notes=tuple(dict.fromkeys(text for text in said if text)),
    )


def _median(rounds: Sequence[Measurement]) -> float:
    """The median rate; zero where nothing was measured."""
    rates = [each.items_per_s for each in rounds if each.result is not None]
    return statistics.median(rates) if rates else 0.0


def _busy(result: LoadResult) -> float:
    """The share of one core that the generator took."""
    return (result.user_us + result.kernel_us) * result.answers / result.window_s / 1e6
