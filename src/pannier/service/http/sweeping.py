"""Closes connections that took too long: a few at a time, so that no request waits for that."""

import asyncio
from typing import Final

from pannier.service.http import Connections

SWEEP_S: Final = 5.0
_TOGETHER: Final = 256  # connections; well below a millisecond


async def sweep(connections: Connections) -> None:
    """Look at all connections, again and again. Never returns."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_S)
        everybody = tuple(connections.open)
        for start in range(0, len(everybody), _TOGETHER):
            connections.drop_stale(loop.time(), everybody[start : start + _TOGETHER])
            await asyncio.sleep(0)
