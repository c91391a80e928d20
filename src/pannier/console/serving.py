"""Serves a console on loopback, on a socket that was made before, until it is told to end."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn

from pannier.console.application import application
from pannier.console.console import Console
from pannier.console.gate import Entry, Gate
from pannier.library.aio import AsyncConnection

_LINGER_S: Final = 1


async def serve(
    open_console: Callable[[], Console],
    listener: socket.socket,
    entry: Entry,
    ready: Callable[[], None],
    lifeline: int | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the other end of the lifeline is closed.

    Args:
        open_console: makes the console, on this event loop; its connection is closed at the end.
        listener: bound to loopback, and listening.
        entry: who gets in.
        ready: called once pages are answered.
        lifeline: the reading end of a pipe whose writing end the one holds who started us.
    """
    console = open_console()
    config = uvicorn.Config(
        Gate(application(console), entry),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_LINGER_S,
        server_header=False,
    )
    server = _Server(config, ready)
    loop = asyncio.get_running_loop()

    def end() -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    if lifeline is not None:
        loop.add_reader(lifeline, _when_closed, loop, lifeline, end)
    try:
        await server.serve(sockets=[listener])
    finally:
        await _close(console.connection)


class _Server(uvicorn.Server):
    """Says when it has started, and leaves signals to us: it would raise them again at its end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _when_closed(loop: asyncio.AbstractEventLoop, lifeline: int, end: Callable[[], None]) -> None:
    if not os.read(lifeline, 1):
        loop.remove_reader(lifeline)
        end()


async def _close(connection: AsyncConnection) -> None:
    with contextlib.suppress(OSError):
        await connection.close()
