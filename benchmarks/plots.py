"""Pictures of results, for the documents.

    python -m benchmarks.plots RESULT.json [...] --into docs/performance/

What is drawn depends on the kind of result: items a second and latencies of a run with servers,
growth, stages, clients. The same result gives the same bytes. Needs matplotlib, which `make setup`
installs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, TypeAlias

from benchmarks.load.workloads import WORKLOADS
from benchmarks.reporting import results
from benchmarks.reporting.results import ResultError

Result: TypeAlias = Mapping[str, Any]
Drawn: TypeAlias = Any
"""A figure of matplotlib, whose types would need it installed."""

WIDTH_IN: Final = 7.6
_PANEL_HEIGHT_IN: Final = 2.2
_COLUMNS: Final = 2
_LATENCY_CONNECTIONS: Final = 8
_STYLE: Final[Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "path",  # no fonts are needed where it is shown
    "svg.hashsalt": "pannier",
}
# Okabe and Ito's colours, which those who see red and green alike can tell apart.
_COLOURS: Final = {
    "pannier": "#0072B2",
    "pannier-relaxed": "#56B4E9",
    "dynoxide": "#E69F00",
    "dynalite": "#D55E00",
    "dynamodb-local": "#009E73",
    "moto": "#CC79A7",
    "ministack": "#F0E442",
    "roto": "#999999",
    "roto-durable": "#333333",
}
_LINES: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#999999")
_OURS: Final = "#0072B2"
_OTHERS: Final = "#999999"
_NONE: Final = "nothing: no picture is made of this kind of result"


def throughput(result: Result) -> Drawn:
    """Items a second by work, one panel each: groups by connections, a bar a server."""
    works = _works(result)
    figure, panels = _panels(len(works))
    servers = list(dict.fromkeys(row["peer"] for row in result["rows"]))
    connections = sorted({row["connections"] for row in result["rows"]})
    width = 0.84 / len(servers)
    for panel, work in zip(panels, works, strict=True):
        rows = _measured(result, work)
        for number, server in enumerate(servers):
            own = {row["connections"]: row for row in rows if row["peer"] == server}
            places = [
                place + (number - (len(servers) - 1) / 2) * width
                for place, count in enumerate(connections)
                if count in own
            ]
            shown = [own[count] for count in connections if count in own]
            rates = [row["items_per_s"] / 1000 for row in shown]
            panel.bar(places, rates, width * 0.92, color=_colour(server, number), label=server)
            if server == "pannier":
                for place, rate, row in zip(places, rates, shown, strict=True):
                    if row["ratio"] is not None:  # over the gap, not over the next bar
                        panel.text(
                            place + width / 2,
                            rate,
                            f"{row['ratio']:.1f}x",
                            ha="right",
                            va="bottom",
                            size=7,
                        )
        panel.set_xticks(range(len(connections)), [str(count) for count in connections])
        panel.tick_params(axis="x", length=0)
        panel.margins(x=0.07, y=0.14)
        panel.set_title(WORKLOADS[work].title if work in WORKLOADS else work)
        panel.set_xlabel("connections")
        panel.set_ylabel("thousand items/s")
    _legend(figure, panels[0])
    return figure


def latency(result: Result) -> Drawn:
    """p50 and p99 of a call by work, one panel each, a line a server."""
    from matplotlib.ticker import LogLocator, NullLocator

    works = _works(result)
    connections = {row["connections"] for row in result["rows"]}
    chosen = min(connections, key=lambda count: abs(count - _LATENCY_CONNECTIONS))
    figure, panels = _panels(len(works), share_y=True)
    servers = list(dict.fromkeys(row["peer"] for row in result["rows"]))[::-1]
    for panel, work in zip(panels, works, strict=True):
        for row in _measured(result, work):
            if row["connections"] != chosen:
                continue
            place = servers.index(row["peer"])
            colour = _OURS if row["peer"].startswith("pannier") else _OTHERS
            panel.plot([row["p50_ms"], row["p99_ms"]], [place, place], color=colour, linewidth=1.4)
            panel.plot(row["p50_ms"], place, "o", color=colour, markersize=4)
            panel.plot(
                row["p99_ms"], place, "o", color=colour, markersize=4, markerfacecolor="white"
            )
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.xaxis.set_major_formatter("{x:g}")
        panel.xaxis.set_minor_locator(NullLocator())
        panel.grid(axis="x")
        panel.set_yticks(range(len(servers)), servers)
        panel.set_title(WORKLOADS[work].title if work in WORKLOADS else work)
        panel.set_xlabel(f"ms a call, {chosen} connections (filled: p50, hollow: p99)")
    return figure


def growth(result: Result) -> Drawn:
    """Rates, memory and folder over the table's size."""
    from matplotlib.ticker import NullLocator

    figure, panels = _panels(3, columns=3)
    sizes = [size["items"] for size in result["sizes"]]
    words = {"write": "new items", "overwrite": "overwritten", "read": "read, 100 a call"}
    for (work, label), colour, mark in zip(words.items(), _LINES, "os^", strict=False):
        rates = [size["items_per_s"][work] / 1000 for size in result["sizes"]]
        panels[0].plot(sizes, rates, marker=mark, markersize=4, color=colour, label=label)
    panels[0].legend(fontsize=7)
    panels[0].set_ylabel("thousand items/s")
    for panel, member, label in (
        (panels[1], "memory_mb", "memory of the server, MB"),
        (panels[2], "folder_mb", "folder, MB"),
    ):
        panel.plot(
            sizes, [size[member] or 0 for size in result["sizes"]], "o-", markersize=4, color=_OURS
        )
        panel.set_ylabel(label)
    for panel in panels:
        panel.set_xscale("log")
        panel.set_xticks(sizes, [_short(size) for size in sizes])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_ylim(bottom=0)
        panel.set_xlabel("items in the table")
    return figure


def stages(result: Result) -> Drawn:
    """Microseconds an item, stacked by stage; where two versions were measured, both."""
    versions = result["figures"]
    works = list(next(iter(versions.values())))
    figure, [panel] = _panels(1, columns=1, height_in=0.42 * len(works) * len(versions) + 1.2)
    names = list(next(iter(versions.values()))[works[0]])[1:]  # the first is the whole
    bars = [(work, version) for work in works for version in versions][::-1]
    left = [0.0] * len(bars)
    for name, colour in zip(names, _LINES, strict=False):
        widths = [
            max(0.0, versions[version][work].get(name, {}).get("median", 0.0))
            / result["items"][work]
            for work, version in bars
        ]
        panel.barh(range(len(bars)), widths, 0.7, left, color=colour, label=name)
        left = [begin + width for begin, width in zip(left, widths, strict=True)]
    labels = [f"{work}, {version}" if len(versions) > 1 else work for work, version in bars]
    panel.set_yticks(range(len(bars)), labels)
    panel.margins(y=0.02)
    panel.grid(axis="y", visible=False)
    panel.grid(axis="x")
    panel.set_xlabel("µs an item")
    _legend(figure, panel)
    return figure


def clients(result: Result) -> Drawn:
    """Items a second of each client."""
    measured = [each for each in result["clients"] if each["items_per_s"]][::-1]
    figure, [panel] = _panels(1, columns=1, height_in=0.3 * len(measured) + 0.7)
    bars = panel.barh(
        [each["name"] for each in measured],
        [statistics.median(each["items_per_s"]) / 1000 for each in measured],
        0.7,
        color=[_OURS if each["name"].startswith("pannier") else _OTHERS for each in measured],
    )
    panel.bar_label(bars, fmt="{:,.0f}", fontsize=7, padding=2)
    panel.grid(axis="y", visible=False)
    panel.grid(axis="x")
    panel.set_xlabel("thousand items/s")
    return figure


_PICTURES: Final[Mapping[str, tuple[Callable[[Result], Drawn], ...]]] = {
    results.SERVERS: (throughput, latency),
    results.GROWTH: (growth,),
    results.STAGES: (stages,),
    results.CLIENTS: (clients,),
}


def draw(result: Result, folder: Path, ending: str = "svg") -> list[Path]:
    """Draw all pictures of a result into *folder*; their paths, none where there is none to draw.

    Raises:
        ResultError: matplotlib is missing, or the result does not have what its kind should.
    """
    written = []
    with _style():
        for picture in _PICTURES.get(result["kind"], ()):
            try:
                drawn = picture(result)
            except (KeyError, IndexError, TypeError, ValueError) as reason:
                raise ResultError(
                    f"The result of kind {result['kind']!r} is not whole ({reason!r}). "
                    "Measure again with this version of benchmarks."
                ) from reason
            path = folder / f"{picture.__name__}.{ending}"
            folder.mkdir(parents=True, exist_ok=True)
            metadata = {"Date": None, "Creator": None} if ending == "svg" else {"Software": None}
            drawn.savefig(path, dpi=130, metadata=metadata)
            written.append(path)
    return written


def _style() -> AbstractContextManager[None]:
    try:
        import matplotlib as mpl
    except ImportError:
        raise ResultError(
            "Pictures need matplotlib, which is not installed. Install it with: make setup"
        ) from None
    context: AbstractContextManager[None] = mpl.rc_context(_STYLE)
    return context


def _panels(
    count: int,
    *,
    columns: int = _COLUMNS,
    height_in: float = _PANEL_HEIGHT_IN,
    share_y: bool = False,
) -> tuple[Drawn, list[Any]]:
    from matplotlib.figure import Figure

    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(WIDTH_IN, height_in * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, sharey=share_y)
    panels = list(grid.flat)
    for panel in panels[count:]:
        panel.remove()
    return figure, panels[:count]


def _legend(figure: Drawn, panel: Any) -> None:
    handles, labels = panel.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="outside lower center", ncols=min(5, len(labels)), fontsize=7.5
    )


def _works(result: Result) -> list[str]:
    return list(dict.fromkeys(row["workload"] for row in result["rows"]))


def _measured(result: Result, work: str) -> list[Mapping[str, Any]]:
    return [row for row in result["rows"] if row["workload"] == work and row["measured"]]


def _short(count: int) -> str:
    return f"{count / 1e6:g} M" if count >= 1_000_000 else f"{count / 1e3:g} k"


def _colour(server: str, number: int) -> str:
    return _COLOURS.get(server, _LINES[number % len(_LINES)])


def main(arguments: Sequence[str]) -> int:
    """Draw, and tell what was written."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.plots", description="Draw results for the documents."
    )
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT.json")
    parser.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--format", choices=("svg", "png"), default="svg")
    given = parser.parse_args(arguments)
    for path in given.results:
        try:
            written = draw(results.read(path), given.into, given.format)
        except ResultError as reason:
            parser.error(str(reason))
        for each in written or (_NONE,):
            print(f"{path.name}: {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
