"""The comparison: ways that take turns, several rounds, and the medians of each.

In each round every way goes once over the same items; the order moves on by one from round to
round, so that no way is always the first. Before each pass of writes the items are removed again,
outside of the measurement, so that every pass writes new items.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, TypeAlias

from pannier.batch.report import Report

FORM: Final = 1
"""The version of the JSON form. New members may come without a new version."""

SINGLE: Final = "single"
BATCH: Final = "batch"
SIDE_BY_SIDE: Final = "side-by-side"
PROJECTED: Final = "batch-projected"

Way: TypeAlias = Callable[[], Awaitable[Report]]
_PERCENTILES: Final = (50, 95, 99)


@dataclass(slots=True)
class Measured:
    """A way of doing it, and the reports of its passes, one for each round."""

    name: str
    passes: list[Report] = field(default_factory=list)

    @property
    def calls(self) -> float:
        """Calls of a pass; the median."""
        return median(each.calls for each in self.passes)

    @property
    def seconds(self) -> float:
        """The time of a pass; the median."""
        return median(each.elapsed_s for each in self.passes)

    @property
    def sent_bytes(self) -> float:
        """JSON sent in a pass; the median."""
        return median(each.sent_bytes for each in self.passes)

    @property
    def received_bytes(self) -> float:
        """JSON received in a pass; the median."""
        return median(each.received_bytes for each in self.passes)

    @property
    def units(self) -> float:
        """Units of a pass, of tables and indexes; the median."""
        return median(each.units.write_total + each.units.read_total for each in self.passes)

    def latency_s(self, percentile: float) -> float:
        """The latency of a call; the median of the passes' percentiles."""
        return median(each.latency_s(percentile) for each in self.passes)

    def to_json(self) -> dict[str, Any]:
        """The measurement as plain values."""
        return {
            "way": self.name,
            "calls": self.calls,
            "seconds": self.seconds,
            "seconds_of_rounds": [each.elapsed_s for each in self.passes],
            "latency_s": {f"p{each}": self.latency_s(each) for each in _PERCENTILES},
            "units": self.units,
            "sent_bytes": self.sent_bytes,
            "received_bytes": self.received_bytes,
            "leftovers": median(each.leftovers for each in self.passes),
            "throttles": median(each.throttles for each in self.passes),
        }


@dataclass(slots=True)
class Comparison:
    """What was measured.

    Attributes:
        target: its name.
        table: the table whose shape was used.
        items: how many, in each pass.
        rounds: how many passes each way has.
        projection: the attributes of the projected way.
        writes: by way; empty if nothing was written.
        reads: likewise.
    """

    target: str
    table: str
    items: int
    rounds: int
    projection: str = ""
    writes: dict[str, Measured] = field(default_factory=dict)
    reads: dict[str, Measured] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain values."""
        return {
            "compare": FORM,
            "target": self.target,
            "table": self.table,
            "items": self.items,
            "rounds": self.rounds,
            "projection": self.projection,
            "writes": [each.to_json() for each in self.writes.values()],
            "reads": [each.to_json() for each in self.reads.values()],
        }


async def in_turn(
    ways: Mapping[str, Way], rounds: int, before: Callable[[], Awaitable[None]] | None = None
) -> dict[str, Measured]:
    """Let ways take turns.

    Args:
        ways: by name.
        rounds: how often each has its turn.
        before: done before each pass, and not measured.

    Returns:
        What was measured, in the order of `ways`.
    """
    measured = {name: Measured(name) for name in ways}
    names: Sequence[str] = list(ways)
    for number in range(rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            if before is not None:
                await before()
            measured[name].passes.append(await ways[name]())
    return measured
