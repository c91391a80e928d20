"""What the figures are to reach, as data, and whether they do.

    python -m benchmarks.goals RESULT.json [...]

Of several results that tell the same figure, the last one counts. The commands print the goals
that they have measured themselves.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.reporting.figures import figures_of
from benchmarks.reporting.results import ResultError, read
from benchmarks.reporting.tables import table


@dataclass(frozen=True)
class Goal:
    """One figure and its bound.

    Attributes:
        text: what is wanted.
        figures: where it is found; of several, the best counts.
        bound: that must be reached, or kept.
        unit: of both.
        most: whether the bound is the most allowed, and not the least wanted.
    """

    text: str
    figures: tuple[str, ...]
    bound: float
    unit: str = "x"
    most: bool = False

    def met(self, figure: float) -> bool:
        """Whether *figure* reaches it."""
        return figure <= self.bound if self.most else figure >= self.bound

    def best(self, figures: Mapping[str, float]) -> float | None:
        """The figure that counts, or None where none was measured."""
        found = [figures[name] for name in self.figures if name in figures]
        if not found:
            return None
        return min(found) if self.most else max(found)


GOALS: Final = (
    Goal(
        "BatchWriteItem of 25, synced, 8 connections, to the fastest peer",
        ("ratio batch_write_25 pannier 8",),
        7,
    ),
    Goal(
        "BatchWriteItem of 25, synced at 32 connections or relaxed at 8, to the fastest peer",
        ("ratio batch_write_25 pannier 32", "ratio batch_write_25 pannier-relaxed 8"),
        10,
    ),
    Goal(
        "BatchWriteItem of 25 with one index, synced, 8 connections, to the fastest peer",
        ("ratio batch_write_25_gsi pannier 8",),
        6,
    ),
    Goal(
        "BatchGetItem of 100, 8 connections, to the fastest peer",
        ("ratio batch_get_100 pannier 8",),
        6,
    ),
    Goal("Query of 100, 8 connections, to the fastest peer", ("ratio query_100 pannier 8",), 4),
    Goal("GetItem, 8 connections, to the fastest peer", ("ratio get_item pannier 8",), 2),
    Goal("PutItem, synced, 8 connections, to the fastest peer", ("ratio put_item pannier 8",), 1.5),
    Goal(
        "BatchWriteItem of 25, synced, 8 connections, p99 to p50",
        ("p99/p50 batch_write_25 pannier 8",),
        4,
        most=True,
    ),
    Goal("pannier serve, start to first answer", ("start s",), 0.4, "s", most=True),
    Goal("pannier serve, memory when idle", ("idle MB",), 60, "MB", most=True),
    Goal("pannier serve, memory after 100,000 items", ("loaded MB",), 150, "MB", most=True),
    Goal("Library in process, write, to the library over HTTP", ("in process write library",), 1.5),
    Goal("Library in process, read, to the library over HTTP", ("in process read library",), 1.5),
    Goal("Engine in process, write, to the server", ("in process write engine",), 1.5),
    Goal("Engine in process, read, to the server", ("in process read engine",), 1.5),
    Goal("Writes with 10,000,000 items, to 10,000", ("growth write",), 0.7),
    Goal("Reads with 10,000,000 items, to 10,000", ("growth read",), 0.6),
    Goal("pannier write FILE", ("command items/s",), 80_000, "items/s"),
    Goal("Client alone, to boto3's batch_writer", ("client to batch_writer",), 20),
    Goal("Client alone, to the fastest aiodynamo", ("client to aiodynamo",), 2),
    Goal("Client alone, to the lean floor", ("client to floor",), 0.6),
)


def goals_table(results: Iterable[Mapping[str, Any]], *, measured_only: bool = True) -> str:
    """A table of the goals and what *results* say of them; empty where they say nothing.

    Args:
        results: in the form of their JSON.
        measured_only: leave out what none of them has measured.
    """
    figures: dict[str, float] = {}
    for result in results:
        figures.update(figures_of(result))
    lines = []
    for goal in GOALS:
        figure = goal.best(figures)
        wanted = f"{'at most' if goal.most else 'at least'} {_shown(goal.bound, goal.unit)}"
        if figure is not None:
            verdict = "met" if goal.met(figure) else "**not met**"
            lines.append((goal.text, wanted, _shown(figure, goal.unit), verdict))
        elif not measured_only:
            lines.append((goal.text, wanted, "-", "not measured"))
    return table(("goal", "wanted", "measured", "verdict"), lines) if lines else ""


def _shown(figure: float, unit: str) -> str:
    return f"{figure:,.0f} {unit}" if figure >= 1000 else f"{figure:.3g} {unit}"


def main(arguments: Sequence[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.goals", description="Compare results with the goals."
    )
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT.json")
    given = parser.parse_args(arguments)
    try:
        print(goals_table(map(read, given.results), measured_only=False))
    except ResultError as reason:
        parser.error(str(reason))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
