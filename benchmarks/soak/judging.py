"""What the samples say: whether anything grew that must not."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from benchmarks.soak.serving import State

JUDGED_FROM_S: Final = 600.0
_MEMORY_GROWTH_MAX: Final = 0.05
_FOLDER_GROWTH_MAX: Final = 0.10
_OPEN_FILES_MORE_MAX: Final = 4
"""Connections that happen to be open while a sample is taken."""
_QUARTERS: Final = 4
_MB: Final = 1e6
_HOUR_S: Final = 3600.0


@dataclass(frozen=True)
class Sample:
    """A state, and when it was, in seconds since the warming up ended; below 0 before that."""

    at_s: float
    state: State


@dataclass(frozen=True)
class Finding:
    """One thing that was judged; `passed` is None where the run was too short for it."""

    what: str
    figures: str
    passed: bool | None


def judge_growth(samples: Sequence[Sample]) -> list[Finding]:
    """Findings on memory, open files, threads and the folder.

    Args:
        samples: of the whole run; those of the warming up are left out here.
    """
    steady = [each for each in samples if each.at_s >= 0]
    if len(steady) < 2 * _QUARTERS:
        return [Finding("growth", f"{len(steady)} samples after warming up are too few", None)]
    quarters = _quartered(steady)
    long_enough = steady[-1].at_s - steady[0].at_s >= JUDGED_FROM_S

    def medians(of: Callable[[State], float]) -> list[float]:
        return [statistics.median(of(each.state) for each in quarter) for quarter in quarters]

    findings = []
    for what, of in _MEMORY.items():
        each = medians(of)
        growth = each[-1] / each[0] - 1
        slope = _slope([sample.at_s for sample in steady], [of(each.state) for each in steady])
        figures = (
            f"{_row(each, _MB)} MB by quarter, {growth:+.1%}, "
            f"{slope * _HOUR_S / _MB:+.1f} MB an hour by a straight line"
        )
        findings.append(Finding(what, figures, growth < _MEMORY_GROWTH_MAX))
    files = medians(lambda state: state.open_files - state.folder_open)
    findings.append(
        Finding("open files", _row(files), files[-1] <= files[0] + _OPEN_FILES_MORE_MAX)
    )
    threads = medians(lambda state: state.threads)
    findings.append(Finding("threads", _row(threads), threads[-1] <= threads[0]))
    folder = medians(lambda state: state.folder)
    growth = folder[-1] / folder[1] - 1
    findings.append(
        Finding(
            "folder",
            f"{_row(folder, _MB)} MB by quarter, {growth:+.1%} since the second",
            growth < _FOLDER_GROWTH_MAX,
        )
    )
    findings.append(
        Finding("logs of the store", f"{_row(medians(lambda state: state.logs), _MB)} MB", True)
    )
    if long_enough:
        return findings
    return [Finding(each.what, each.figures, None) for each in findings]


_MEMORY: Final[dict[str, Callable[[State], float]]] = {
    "resident memory": lambda state: state.resident,
    "anonymous memory": lambda state: state.anonymous,
}


def _quartered(samples: Sequence[Sample]) -> list[Sequence[Sample]]:
    bounds = [len(samples) * number // _QUARTERS for number in range(_QUARTERS + 1)]
    return [samples[begin:end] for begin, end in pairwise(bounds)]


def _slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    return statistics.linear_regression(xs, ys).slope


def _row(values: Sequence[float], unit: float = 1) -> str:
    return ", ".join(f"{value / unit:,.0f}" for value in values)
