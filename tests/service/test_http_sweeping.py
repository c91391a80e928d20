"""Connections are looked at again and again, and never so many in a row that others wait."""

import asyncio
from typing import Any

import pytest

from pannier.service.http import sweeping


def test_connections_are_looked_at_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """For as long as the server lives; which took too long, they know themselves."""
    monkeypatch.setattr(sweeping, "SWEEP_S", 0.001)
    looked: list[tuple[float, int]] = []
    others: list[int] = []

    async def run() -> None:
        enough = asyncio.Event()

        class Looked:
            open = frozenset(range(1000))

            def drop_stale(self, now_s: float, some: Any) -> None:
                looked.append((now_s, len(some)))
                asyncio.get_running_loop().call_soon(others.append, len(looked))
                if len(looked) == 12:
                    enough.set()

        connections: Any = Looked()
        sweeper = asyncio.create_task(sweeping.sweep(connections))
        await asyncio.wait_for(enough.wait(), 5)
        sweeper.cancel()

    asyncio.run(run())
    assert [now_s for now_s, _ in looked] == sorted(now_s for now_s, _ in looked)
    assert [count for _, count in looked[:8]] == [256, 256, 256, 232] * 2
    assert others[:11] == list(range(1, 12))  # whoever waited had a turn between any two
