"""How a server ends: asked by SIGINT or SIGTERM, it answers what it has accepted, then closes.

In this order: it accepts no more connections; what clients had sent by then is read and answered,
each last answer with `connection: close`; connections that wait for nothing are closed; those that
are owed an answer get it, and so does whatever was pipelined behind it. That takes as long as the
disk takes, and `DRAIN_S_MAX` at most: then the connections that are left are cut. Requests on them
were not answered.

A second signal ends the process at once, as SIGKILL would: nothing that was answered is lost by it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

from pannier.service.http import Connections

DRAIN_S_MAX: Final = 10.0
"""So long the last answers may take, the disk and slow clients included."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_READ_S: Final = 0.05  # what is with the operating system is read within one turn of the loop
_SAY_AFTER_S: Final = 1.0
_STATUS_BY_SIGNAL: Final = 128  # as shells count


class Stopping:
    """Takes the signals while the block lasts, from before the database is opened.

    Asked to end before it serves, a server does not begin to.

    Args:
        leave: ends the process at once, with an exit status.

    Attributes:
        asked: whether it is to end.
    """

    def __init__(self, leave: Callable[[int], Any] = os._exit) -> None:
        self.asked = False
        self._leave = leave
        self._before: dict[signal.Signals, Any] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._event: asyncio.Event | None = None

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    async def wait(self) -> None:
        """Return once it is asked to end."""
        self._event = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        if not self.asked:
            await self._event.wait()
        self._loop = None

    def _take(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.asked:
            os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, b"pannier: ended at once\n")
            self._leave(_STATUS_BY_SIGNAL + number)
        self.asked = True
        if self._loop is not None and self._event is not None:
            self._loop.call_soon_threadsafe(self._event.set)


async def drain(connections: Connections, seconds_max: float = DRAIN_S_MAX) -> None:
    """Answer what is owed, and close all connections.

    Args:
        connections: of a server that accepts no more of them.
        seconds_max: after so long, those that are left are cut.
    """
    connections.announce_end()
    await asyncio.sleep(_READ_S)
    connections.finish()
    if await _closed_within(connections, min(_SAY_AFTER_S, seconds_max)):
        return
    owed = f"connections that are not closed yet: {len(connections.open)}"
    sys.stderr.write(f"pannier: {owed}; a second signal ends it at once\n")
    sys.stderr.flush()
    if not await _closed_within(connections, seconds_max - _SAY_AFTER_S):
        for connection in tuple(connections.open):
            connection.abort()
        await asyncio.sleep(0)  # the loop closes them


async def _closed_within(connections: Connections, seconds: float) -> bool:
    try:
        await asyncio.wait_for(connections.all_closed.wait(), max(0.0, seconds))
    except TimeoutError:
        return False
    return True
