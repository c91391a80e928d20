"""The server: one process, one event loop, one database.

It listens on loopback only, on IPv4 and, where the machine has it, IPv6, since `localhost` may
mean either. The sync of a write happens on `GroupCommit`'s thread; everything else on the loop.
"""

import asyncio
import contextlib
import errno
import logging
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
from pannier.service.json_api import JsonApi
from pannier.service.observing.health import Health
from pannier.service.observing.sight import Sight
from pannier.service.observing.slow_requests import SlowRequests
from pannier.service.routing import Router
from pannier.service.telemetry.scraping import PREFIX as METRICS_PREFIX
from pannier.service.telemetry.scraping import Scraping
from pannier.service.worker import Worker

_LOG: Final = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_6: Final = "::1"
_BACKLOG: Final = 1024
_SWEEP_S: Final = 15.0
_DRAIN_S_MAX: Final = 10.0
# The sync thread must get the interpreter back soon after the disk is done, however busy the loop.
_SWITCH_S: Final = 0.0005


def serve(
    database: Database, port: int, ready: Callable[[str], None], sight: Sight | None = None
) -> None:
    """Serve a database until SIGINT or SIGTERM; then answer what is owed, and return.

    Args:
        database: left open; the caller closes it.
        port: 0 for any free one.
        ready: called with the server's URL once it listens.
        sight: what the server tells of itself; by default warnings on standard error.

    Raises:
        UserError: the port can't be had.
    """
    sockets = _listen(port)
    sys.setswitchinterval(_SWITCH_S)
    uvloop.run(_serve(database, sockets, ready, sight or Sight()))


def new_handler(database: Database, port: int, slow: SlowRequests | None = None) -> Handler:
    """What answers everything that is served. Make it on the loop that it lives on.

    Args:
        database: the database.
        port: that it is served on; the admin API holds requests against it.
        slow: the slow requests that the admin API shows, if they are traced.
    """
    worker = Worker()
    cloudwatch = CloudWatchApi(database, worker)
    return Router(
        JsonApi(database, elsewhere=cloudwatch.take).handle,
        {
            PREFIX: Admin(database, port, slow).handle,
            CLOUDWATCH_PREFIX: cloudwatch.handle,
            METRICS_PREFIX: Scraping(database, worker).handle,
        },
    ).handle


async def _serve(
    database: Database, sockets: list[socket.socket], ready: Callable[[str], None], sight: Sight
) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    port: int = sockets[0].getsockname()[1]
    health = Health(database)
    handler = health.in_front(new_handler(database, port, sight.slow))
    connections = sight.connections(handler, database, HttpLimits())
    if sight.on_hangup is not None:
        loop.add_signal_handler(signal.SIGHUP, sight.on_hangup)
    servers = [
        await loop.create_server(connections.new, sock=each, backlog=_BACKLOG) for each in sockets
    ]
    ready(f"http://{LOOPBACK}:{port}")
    sweeper = asyncio.create_task(_sweep(connections))
    await stop.wait()
    health.stop()
    _LOG.info("stopping")
    sweeper.cancel()
    for server in servers:
        server.close()
    connections.finish()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(connections.all_closed.wait(), _DRAIN_S_MAX)


async def _sweep(connections: Connections) -> None:
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_SWEEP_S)
        connections.drop_stale(loop.time())


def _listen(port: int) -> list[socket.socket]:
    first = _bound(socket.AF_INET, LOOPBACK, port)
    sockets = [first]
    with contextlib.suppress(OSError, UserError):  # no IPv6 here, or the port taken there
        sockets.append(_bound(socket.AF_INET6, _LOOPBACK_6, first.getsockname()[1]))
    return sockets


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
