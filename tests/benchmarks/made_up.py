"""Results of every kind with figures that nobody measured."""

from __future__ import annotations

from typing import Any

from benchmarks.reporting import results

WHEN = "2026-11-26 00:00:00"
MACHINE = {"processor": "made up"}


def servers(ratio: float = 8.0) -> dict[str, Any]:
    rows = [
        {
            "peer": peer,
            "workload": work,
            "connections": connections,
            "measured": 3,
            "items_per_s": rate * connections**0.5,
            "ratio": ratio if peer.startswith("pannier") else 1.0,
            "p50_ms": 2.0,
            "p99_ms": 6.0,
        }
        for work in ("batch_write_25", "get_item")
        for connections in (1, 8, 32)
        for peer, rate in (("pannier", 50_000.0), ("moto", 2_000.0), ("unheard-of", 900.0))
    ]
    footprint = {"start_s": 0.3, "idle_mb": 50.0, "items": 100_000, "loaded_mb": 151.0}
    return {
        "kind": results.SERVERS,
        "taken_at": WHEN,
        "rows": rows,
        "servers": [{"name": "pannier", "footprint": footprint}, {"name": "moto"}],
    }


def growth(*sizes: int) -> dict[str, Any]:
    return {
        "kind": results.GROWTH,
        "taken_at": WHEN,
        "sizes": [
            {
                "items": size,
                "memory_mb": 60.0,
                "folder_mb": size / 10_000,
                "items_per_s": {
                    "write": 80_000 / (1 + number),
                    "overwrite": 60_000 / (1 + number),
                    "read": 200_000 / (1 + number),
                },
            }
            for number, size in enumerate(sizes)
        ],
    }


def clients() -> dict[str, Any]:
    """As `benchmarks.clients` writes it: it names no kind."""
    rates = {
        "boto3 batch_writer": [10_000.0],
        "aiodynamo, httpx": [20_000.0],
        "aiodynamo, aiohttp": [80_000.0],
        "pannier": [210_000.0, 200_000.0, 190_000.0],
        "pannier async": [100_000.0],
        "lean floor": [400_000.0],
        "not there": [],
    }
    return {
        "taken_at": WHEN,
        "clients": [{"name": name, "items_per_s": each} for name, each in rates.items()],
    }


def stages() -> dict[str, Any]:
    stage = {"median": 2.0, "minimum": 1.5}
    of_work = {"whole": {"median": 5.0, "minimum": 4.0}, "JSON decoding": stage, "the rest": stage}
    return {
        "kind": results.STAGES,
        "taken_at": WHEN,
        "items": {"GetItem": 1},
        "figures": {"before": {"GetItem": of_work}, "after": {"GetItem": of_work}},
    }


def in_process() -> dict[str, Any]:
    rates = {
        "memory": 60_000.0,
        "local": 45_000.0,
        "http": 30_000.0,
        "engine": 90_000.0,
        "server": 50_000.0,
    }
    return {
        "kind": results.IN_PROCESS,
        "taken_at": WHEN,
        "rows": [
            {"work": work, "way": way, "items_per_s": rate}
            for work in ("write", "read")
            for way, rate in rates.items()
        ],
    }


def command() -> dict[str, Any]:
    return {"kind": results.COMMAND, "taken_at": WHEN, "items_per_s": 79_999.0}
