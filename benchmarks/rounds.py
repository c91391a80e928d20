"""What was measured several times: each round, and the medians."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Rounds:
    """Items a second, and the processor's µs an item; both are medians of `rounds`."""

    items_per_s: float = 0.0
    cpu_us_per_item: float = 0.0
    rounds: list[tuple[float, float]] = field(default_factory=list)

    def add(self, items_per_s: float, cpu_us_per_item: float) -> None:
        """One round more."""
        self.rounds.append((items_per_s, cpu_us_per_item))
        self.items_per_s = statistics.median(each[0] for each in self.rounds)
        self.cpu_us_per_item = statistics.median(each[1] for each in self.rounds)
