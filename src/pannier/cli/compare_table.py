"""A comparison as people read it: a table, bars, and what is said of batches."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table

from pannier.comparing.claims import Claim
from pannier.comparing.comparison import (
    BATCH,
    PROJECTED,
    SIDE_BY_SIDE,
    SINGLE,
    Comparison,
    Measured,
)

_MS: Final = 1000
_BAR_CELLS: Final = 40
WORDS: Final = {
    SINGLE: "single calls",
    BATCH: "batches",
    SIDE_BY_SIDE: "side by side",
    PROJECTED: "projected",
}


def show_comparison(comparison: Comparison, found: Sequence[Claim]) -> None:
    """Write a comparison to standard output."""
    console = Console(highlight=False)
    rounds = f"medians of {comparison.rounds} rounds"
    units = "latencies in ms, bytes of JSON"
    console.print(
        f"{comparison.items:,} items, {rounds}, on {comparison.target}; {units}",
        soft_wrap=True,
    )
    for title, ways in (("writes", comparison.writes), ("reads", comparison.reads)):
        if ways:
            console.print(_table(title, ways))
            console.print(_bars(ways))
    for each in found:
        sign = "[green]true[/green] " if each.holds else "[red]false[/red]"
        console.print(f"{sign} {each.said}: {each.measured}", soft_wrap=True)


def _table(title: str, ways: Mapping[str, Measured]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    table.add_column(title, style="bold", no_wrap=True)
    for name in ("calls", "time", "ratio", "p50", "p95", "p99", "units", "sent", "received"):
        table.add_column(name, justify="right")
    single = ways.get(SINGLE)
    for name, each in ways.items():
        ratio = f"{single.seconds / each.seconds:.1f}x" if single and each.seconds else ""
        latencies = (f"{each.latency_s(percentile) * _MS:.2f}" for percentile in (50, 95, 99))
        table.add_row(
            WORDS[name],
            f"{each.calls:,.0f}",
            f"{each.seconds * _MS:,.1f} ms",
            ratio,
            *latencies,
            f"{each.units:,.6g}",
            f"{each.sent_bytes:,.0f}",
            f"{each.received_bytes:,.0f}",
        )
    return table


def _bars(ways: Mapping[str, Measured]) -> Table:
    """Calls and time as bars, each beside the largest of its kind."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for _ in range(3):
        table.add_column()
    for what, values in (
        ("calls", {name: each.calls for name, each in ways.items()}),
        ("time", {name: each.seconds for name, each in ways.items()}),
        ("received", {name: each.received_bytes for name, each in ways.items()}),
    ):
        most = max(values.values()) or 1.0
        for position, (name, value) in enumerate(values.items()):
            bar = "█" * max(1, round(_BAR_CELLS * value / most))
            table.add_row("" if position else what, WORDS[name], bar)
    return table
