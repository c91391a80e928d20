"""The table of sizes."""

from __future__ import annotations

from typing import Any

from benchmarks.goals import goals_table
from benchmarks.growth.growing import CONNECTIONS, WORDS
from benchmarks.reporting.tables import table


def markdown(found: dict[str, Any]) -> str:
    """The table, each rate with its ratio to the first size."""
    sizes = found["sizes"]
    head = (
        *("items", *WORDS.values()),
        *("loaded, items/s", "memory, MB", "folder, MB", "bytes an item"),
    )
    lines = []
    for size in sizes:
        rates = [
            f"{size['items_per_s'][work]:,.0f} "
            f"({size['items_per_s'][work] / sizes[0]['items_per_s'][work]:.2f})"
            for work in WORDS
        ]
        lines.append(
            (
                f"{size['items']:,}",
                *rates,
                f"{size['load_items_per_s']:,.0f}",
                "?" if size["memory_mb"] is None else f"{size['memory_mb']:,.0f}",
                f"{size['folder_mb']:,.0f}",
                f"{size['folder_mb'] * 1e6 / size['counted']:,.0f}",
            )
        )
    facts = "; ".join(f"{name}: {fact}" for name, fact in found["machine"].items())
    how = (
        f"`pannier serve` on disk, synced; {CONNECTIONS} connections; medians of "
        f"{found['windows']} windows of {found['seconds']:g} s at each size, in brackets the ratio "
        "to the first."
    )
    goals = goals_table([found])
    parts = [f"# Growth, {found['taken_at']}", f"{facts}.", how, table(head, lines), goals]
    return "\n\n".join(part for part in parts if part) + "\n"
