"""The figures that goals speak of, found in a result of any kind.

Each is named once here and looked up by that name in `goals.GOALS`.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from benchmarks.reporting import results

Result: TypeAlias = Mapping[str, Any]
Figures: TypeAlias = dict[str, float]

_OURS: Final = "pannier"
_LOADED_ITEMS: Final = 100_000
_GROWN: Final = 1000
"""The goals of growth are about a table this many times larger than the first."""


def figures_of(result: Result) -> Figures:
    """What *result* says; nothing where no goal is about its kind."""
    read = _READERS.get(result["kind"])
    return {} if read is None else read(result)


def _servers(result: Result) -> Figures:
    found: Figures = {}
    for row in result["rows"]:
        place = f"{row['workload']} {row['peer']} {row['connections']}"
        if row["ratio"] is not None:
            found[f"ratio {place}"] = row["ratio"]
        if row["p50_ms"]:
            found[f"p99/p50 {place}"] = row["p99_ms"] / row["p50_ms"]
    for server in result["servers"]:
        if server["name"] == _OURS:
            found |= _footprint(server.get("footprint"))
    return found


def _footprint(footprint: Mapping[str, Any] | None) -> Figures:
    if footprint is None:
        return {}
    found = {"start s": footprint["start_s"], "idle MB": footprint["idle_mb"]}
    if footprint["items"] >= _LOADED_ITEMS:
        found["loaded MB"] = footprint["loaded_mb"]
    return {name: figure for name, figure in found.items() if figure is not None}


def _in_process(result: Result) -> Figures:
    rates = {(row["work"], row["way"]): row["items_per_s"] for row in result["rows"]}
    found: Figures = {}
    for work in ("write", "read"):
        for name, within, over in (("library", "local", "http"), ("engine", "engine", "server")):
            if (work, within) in rates and (work, over) in rates:
                found[f"in process {work} {name}"] = rates[work, within] / rates[work, over]
    return found


def _growth(result: Result) -> Figures:
    sizes = result["sizes"]
    if not sizes or sizes[-1]["items"] < sizes[0]["items"] * _GROWN:
        return {}
    first, last = sizes[0]["items_per_s"], sizes[-1]["items_per_s"]
    return {f"growth {work}": last[work] / first[work] for work in ("write", "read")}


def _command(result: Result) -> Figures:
    return {"command items/s": result["items_per_s"]}


def _clients(result: Result) -> Figures:
    rates = {
        each["name"]: statistics.median(each["items_per_s"])
        for each in result["clients"]
        if each["items_per_s"]
    }
    own = _best(rates, "pannier")
    others = {
        "batch_writer": _best(rates, "boto3 batch_writer"),
        "aiodynamo": _best(rates, "aiodynamo"),
        "floor": _best(rates, "lean floor"),
    }
    return {f"client to {name}": own / rate for name, rate in others.items() if own and rate}


def _best(rates: Mapping[str, float], start: str) -> float:
    """The fastest of those whose name begins so; 0 where there is none."""
    return max((rate for name, rate in rates.items() if name.startswith(start)), default=0.0)


_READERS: Final[Mapping[str, Callable[[Result], Figures]]] = {
    results.SERVERS: _servers,
    results.IN_PROCESS: _in_process,
    results.GROWTH: _growth,
    results.COMMAND: _command,
    results.CLIENTS: _clients,
}
