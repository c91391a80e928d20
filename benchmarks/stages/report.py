"""The tables of stages: medians and minima, and one checkout beside another."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from benchmarks.reporting.tables import table
from benchmarks.stages.http_share import HTTP
from benchmarks.stages.taking import STAGES, TOTAL, Samples

REST: Final = "the rest"
_SHOWN_US_MIN: Final = 0.05
_COLUMNS: Final = (TOTAL, *STAGES, REST, HTTP)
_KINDS: Final[Mapping[str, Callable[[Iterable[float]], float]]] = {
    "median": lambda figures: statistics.median(figures),
    "minimum": min,
}

Figures = dict[str, dict[str, dict[str, float]]]
"""Microseconds a request, by work, stage, and `median` or `minimum`."""


def figures(samples: Samples) -> Figures:
    """What all rounds come to, with what is left between the stages."""
    found: Figures = {}
    for work, by_stage in samples.items():
        of_work = {
            stage: {kind: of(each) for kind, of in _KINDS.items()}
            for stage, each in by_stage.items()
        }
        of_work[REST] = {
            kind: of_work[TOTAL][kind] - sum(of_work[stage][kind] for stage in STAGES)
            for kind in _KINDS
        }
        found[work] = {stage: of_work[stage] for stage in _COLUMNS if stage in of_work}
    return found


def markdown(found: Mapping[str, Any]) -> str:
    """The table of one checkout, or of two with their ratios."""
    versions: Mapping[str, Figures] = found["figures"]
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    how = (
        f"Microseconds a request: medians of {found['rounds']} rounds, minima in brackets; on "
        f"disk, {found['durability']}, nobody waits for the sync. *{TOTAL}* is the request in the "
        f"process; *{HTTP}* comes on top, measured by itself with an engine that does nothing. "
        f"{'; '.join(f'{name}: {version}' for name, version in found['versions'].items())}."
    )
    works = list(next(iter(versions.values())))
    if len(versions) == 1:
        [only] = versions.values()
        lines = [(work, *_cells(only[work])) for work in works]
        shown = table(("request", *_COLUMNS), lines)
    else:
        lines = []
        before, after = versions.values()
        for work in works:
            for name, each in versions.items():
                lines.append((work, name, *_cells(each[work])))
            lines.append((work, "before / after", *_ratios(before[work], after[work])))
        shown = table(("request", "version", *_COLUMNS), lines)
    return f"# Stages, {found['taken_at']}\n\n{facts}.\n\n{how}\n\n{shown}\n"


def _cells(of_work: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [_cell(of_work.get(stage)) for stage in _COLUMNS]


def _cell(figure: Mapping[str, float] | None) -> str:
    if figure is None or figure["median"] < _SHOWN_US_MIN:
        return "-"
    return f"{figure['median']:.1f} ({figure['minimum']:.1f})"


def _ratios(
    before: Mapping[str, Mapping[str, float]], after: Mapping[str, Mapping[str, float]]
) -> list[str]:
    return [_ratio(before.get(stage), after.get(stage)) for stage in _COLUMNS]


def _ratio(old: Mapping[str, float] | None, new: Mapping[str, float] | None) -> str:
    """Of the medians, and of the minima, which whatever else the machine does can only raise."""
    if old is None or new is None or min(*old.values(), *new.values()) < _SHOWN_US_MIN:
        return "-"
    median, minimum = (old[kind] / new[kind] for kind in _KINDS)
    return f"{median:.2f} x ({minimum:.2f} x)"
