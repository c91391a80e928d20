"""The server: one process, one event loop, one database.

It listens on loopback only, on IPv4 and, where the machine has it, IPv6, since `localhost` may
mean either. The sync of a write happens on `GroupCommit`'s thread; everything else on the loop.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import Callable
from typing import Final

import uvloop

from pannier.engine.database import Database
from pannier.errors import UserError
from pannier.service.admin import PREFIX, Admin
from pannier.service.cloudwatch import PREFIX as CLOUDWATCH_PREFIX
from pannier.service.cloudwatch import CloudWatchApi
from pannier.service.http import Connections, Handler, HttpLimits
from pannier.service.http_sweeping import sweep
from pannier.service.json_api import JsonApi
from pannier.service.open_files import connections_max
from pannier.service.routing import Router
from pannier.service.telemetry.scraping import PREFIX as METRICS_PREFIX
from pannier.service.telemetry.scraping import Scraping
from pannier.service.worker import Worker

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_6: Final = "::1"
_BACKLOG: Final = 1024
_DRAIN_S_MAX: Final = 10.0
# A client whose machine is gone is noticed within two minutes.
_PROBE_AFTER_S: Final = 60
_PROBE_EVERY_S: Final = 15
_PROBES: Final = 4
# The sync thread must get the interpreter back soon after the disk is done, however busy the loop.
_SWITCH_S: Final = 0.0005


def serve(database: Database, port: int, ready: Callable[[str], None]) -> None:
    """Serve a database until SIGINT or SIGTERM; then answer what is owed, and return.

    Args:
        database: left open; the caller closes it.
        port: 0 for any free one.
        ready: called with the server's URL once it listens.

    Raises:
        UserError: the port can't be had.
    """
    sockets = _listen(port)
    sys.setswitchinterval(_SWITCH_S)
    uvloop.run(_serve(database, sockets, ready))


def new_handler(database: Database, port: int) -> Handler:
    """What answers everything that is served. Make it on the loop that it lives on.

    Args:
        database: the database.
        port: that it is served on; the admin API holds requests against it.
    """
    worker = Worker()
    cloudwatch = CloudWatchApi(database, worker)
    return Router(
        JsonApi(database, elsewhere=cloudwatch.take).handle,
        {
            PREFIX: Admin(database, port).handle,
            CLOUDWATCH_PREFIX: cloudwatch.handle,
            METRICS_PREFIX: Scraping(database, worker).handle,
        },
    ).handle


async def _serve(
    database: Database, sockets: list[socket.socket], ready: Callable[[str], None]
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    port: int = sockets[0].getsockname()[1]
    limits = HttpLimits(connections_max=connections_max(HttpLimits().connections_max))
    connections = Connections(new_handler(database, port), limits)
    servers = [
        await loop.create_server(connections.new, sock=each, backlog=_BACKLOG) for each in sockets
    ]
    ready(f"http://{LOOPBACK}:{port}")
    sweeper = asyncio.create_task(sweep(connections))
    await stop.wait()
    sweeper.cancel()
    for server in servers:
        server.close()
    connections.finish()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(connections.all_closed.wait(), _DRAIN_S_MAX)


def _listen(port: int) -> list[socket.socket]:
    first = _bound(socket.AF_INET, LOOPBACK, port)
    sockets = [first]
    with contextlib.suppress(OSError, UserError):  # no IPv6 here, or the port taken there
        sockets.append(_bound(socket.AF_INET6, _LOOPBACK_6, first.getsockname()[1]))
    return sockets


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _keep_alive(listener)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"port {port} is in use", "Use another: --port N, or --port 0 for any free one."
            ) from None
        if error.errno == errno.EACCES:
            raise UserError(
                f"port {port} needs more rights", "Use one above 1023: --port N."
            ) from None
        raise
    listener.setblocking(False)
    return listener


def _keep_alive(listener: socket.socket) -> None:
    """Have the connections that are accepted, which inherit it, notice that a client is gone."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):  # not on macOS, where the system's own times hold
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _PROBE_AFTER_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_EVERY_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
