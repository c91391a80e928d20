"""Statistics: one number out of the samples of a period.

| name | what it is |
|---|---|
| SampleCount, Sum, Average, Minimum, Maximum | of all samples |
| p90 | the value that 90 % of the samples do not exceed |
| tm90, TM(10%:90%), TM(5:50) | mean of the samples between two bounds |
| wm90, WM(...) | the same, with samples beyond a bound counted as the bound |
| tc90, TC(...) / ts90, TS(...) | number / sum of the samples between the bounds |
| PR(:300), PR(5:50) | percentage of samples that lie between two values |
| IQM | TM(25%:75%) |

Source: CloudWatch User Guide, "CloudWatch statistics definitions". Bounds in percent cut through
the sorted samples; a bound that is a value excludes what is equal to it below, includes it above.
All but the first line need the samples themselves: there is none where a client published sums
alone, nor where a sample is negative (service model).
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from pannier.engine.metrics.point import Point

Statistic: TypeAlias = Callable[[Point], float | None]
"""Computes one number of a point with counts; None where it can't be told."""

SIMPLE: Final[dict[str, Statistic]] = {
    "SampleCount": lambda point: point.count,
    "Sum": lambda point: point.total,
    "Average": lambda point: point.total / point.count if point.count else None,
    "Minimum": lambda point: point.minimum,
    "Maximum": lambda point: point.maximum,
}

_NUMBER: Final = r"\d+(?:\.\d{1,10})?"
_SHORT: Final = re.compile(rf"(p|tm|wm|tc|ts)({_NUMBER})", re.IGNORECASE)
_RANGE: Final = re.compile(
    rf"(tm|wm|tc|ts|pr)\(\s*({_NUMBER})?(%)?\s*:\s*({_NUMBER})?(%)?\s*\)", re.IGNORECASE
)
_ALL: Final = 100.0


def is_simple(name: str) -> bool:
    """Whether a statistic needs no counts."""
    return name in SIMPLE


@cache
def statistic(name: str) -> Statistic | None:
    """The statistic of a name; None if there is none."""
    if name in SIMPLE:
        return SIMPLE[name]
    if name.upper() == "IQM":
        return _between("tm", 25.0, 75.0)
    short = _SHORT.fullmatch(name)
    if short is not None:
        kind, percent = short[1].lower(), float(short[2])
        if percent > _ALL:
            return None
        return _percentile(percent) if kind == "p" else _between(kind, 0.0, percent)
    return _of_range(name)


def percentile_of(name: str) -> float | None:
    """The percentile that a statistic is, e.g. 99.9; None if it is another statistic."""
    match = _SHORT.fullmatch(name)
    if match is None or match[1].lower() != "p" or float(match[2]) > _ALL:
        return None
    return float(match[2])


def _of_range(name: str) -> Statistic | None:
    match = _RANGE.fullmatch(name)
    if match is None:
        return None
    kind, low, low_percent, high, high_percent = match.groups()
    if low is None and high is None:
        return None
    percent = bool(low_percent or high_percent)
    if percent and (
        (low is not None) != bool(low_percent) or (high is not None) != bool(high_percent)
    ):
        return None  # one bound in percent, the other not
    if not percent and (low_percent or high_percent):
        return None
    lower = float(low) if low is not None else None
    upper = float(high) if high is not None else None
    if lower is not None and upper is not None and lower >= upper:
        return None
    kind = kind.lower()
    if not percent:
        return _within(kind, lower, upper)
    if kind == "pr" or max(lower or 0, upper or 0) > _ALL:
        return None
    return _between(kind, lower or 0.0, _ALL if upper is None else upper)


def _sorted(point: Point) -> list[tuple[float, float]] | None:
    """Values and their counts, by value; None where nobody knows, or a value is negative."""
    if point.counts is None or point.minimum < 0:
        return None
    # What stands for a bucket may lie beyond the true bounds.
    return sorted(
        (min(max(value, point.minimum), point.maximum), often)
        for value, often in point.counts.items()
    )


def _percentile(percent: float) -> Statistic:
    def compute(point: Point) -> float | None:
        values = _sorted(point)
        if not values:
            return None
        wanted = sum(often for _, often in values) * percent / _ALL
        seen = 0.0
        for value, often in values:
            seen += often
            if seen >= wanted * (1 - 1e-12):
                return value
        return values[-1][0]

    return compute


def _between(kind: str, low: float, high: float) -> Statistic:
    """Bounds in percent."""

    def compute(point: Point) -> float | None:
        values = _sorted(point)
        if not values:
            return None
        count = sum(often for _, often in values)
        first, last = count * low / _ALL, count * high / _ALL
        kept: list[tuple[float, float]] = []
        seen = 0.0
        for value, often in values:
            share = min(seen + often, last) - max(seen, first)
            if share > 0:
                kept.append((value, share))
            seen += often
        if kind == "wm" and kept:
            kept += [(kept[0][0], first), (kept[-1][0], count - last)]
        return _result(kind, kept)

    return compute


def _within(kind: str, low: float | None, high: float | None) -> Statistic:
    """Bounds that are values."""

    def compute(point: Point) -> float | None:
        values = _sorted(point)
        if not values:
            return None
        kept = [
            (value, often)
            for value, often in values
            if (low is None or value > low) and (high is None or value <= high)
        ]
        if kind == "pr":
            return _ALL * sum(often for _, often in kept) / sum(often for _, often in values)
        if kind == "wm":
            kept = [
                (
                    min(max(value, value if low is None else low), value if high is None else high),
                    often,
                )
                for value, often in values
            ]
        return _result(kind, kept)

    return compute


def _result(kind: str, kept: list[tuple[float, float]]) -> float | None:
    count = sum(often for _, often in kept)
    if kind == "tc":
        return count
    total = sum(value * often for value, often in kept)
    if kind == "ts":
        return total
    return total / count if count else None
