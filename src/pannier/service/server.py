"""The server: one process, one event loop, one database.

It listens on loopback, unless its `Doors` say more. The sync of a write happens on `GroupCommit`'s
thread; everything else on the loop.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import Final

import uvloop

from pannier.engine.database import Database
from pannier.service.access.server_access import ServerAccess
from pannier.service.admin import PREFIX, Admin
from pannier.service.cloudwatch import PREFIX as CLOUDWATCH_PREFIX
from pannier.service.cloudwatch import CloudWatchApi
from pannier.service.doors import Doors
from pannier.service.hosts import AllowedHosts
from pannier.service.http import Connections, Handler, HttpLimits
from pannier.service.http.sweeping import sweep
from pannier.service.json_api import JsonApi
from pannier.service.listening import hosts_here, listening, url_of
from pannier.service.observing.health import Health
from pannier.service.observing.sight import Sight
from pannier.service.observing.slow_requests import SlowRequests
from pannier.service.open_files import connections_max
from pannier.service.routing import Router
from pannier.service.stopping import Stopping, drain
from pannier.service.telemetry.scraping import PREFIX as METRICS_PREFIX
from pannier.service.telemetry.scraping import Scraping
from pannier.service.tls.connection import encrypted
from pannier.service.worker import Worker

_LOG: Final = logging.getLogger(__name__)

_BACKLOG: Final = 1024
# The sync thread must get the interpreter back soon after the disk is done, however busy the loop.
_SWITCH_S: Final = 0.0005
# A client that begins a handshake and does not go on with it is let go; so is one that does not
# answer the end of an encrypted connection.
_HANDSHAKE_S_MAX: Final = 10.0
_GOODBYE_S_MAX: Final = 0.5


def serve(
    database: Database,
    port: int,
    ready: Callable[[str], None],
    *,
    access: ServerAccess | None = None,
    doors: Doors | None = None,
    sight: Sight | None = None,
    stopping: Stopping | None = None,
) -> None:
    """Serve a database until SIGINT or SIGTERM; then answer what is owed, and return.

    Args:
        database: left open; the caller closes it.
        port: 0 for any free one.
        ready: called with the server's URL once it listens.
        access: who may ask; None for everybody. Its credentials are read again on SIGHUP, and so is
            a certificate.
        doors: how it may be reached; None for from this machine only.
        sight: what the server tells of itself; by default warnings on standard error.
        stopping: takes the signals already; by default they are taken from now on.

    Raises:
        UserError: the port or an address can't be had.
    """
    doors = doors or Doors()
    with contextlib.ExitStack() as held:
        stopping = stopping or held.enter_context(Stopping())
        if stopping.asked:
            return
        sockets = listening(port, doors.addresses)
        sys.setswitchinterval(_SWITCH_S)
        uvloop.run(_serve(database, sockets, ready, access, doors, sight or Sight(), stopping))


def new_handler(
    database: Database,
    hosts: AllowedHosts,
    access: ServerAccess | None = None,
    slow: SlowRequests | None = None,
) -> Handler:
    """What answers everything that is served. Make it on the loop that it lives on.

    Args:
        database: the database.
        hosts: names by which the admin API may be asked, where requests are not signed.
        access: who may ask; None for everybody.
        slow: the slow requests that the admin API shows, if they are traced.
    """
    worker = Worker()
    cloudwatch = CloudWatchApi(database, worker)
    router = Router(
        JsonApi(database, elsewhere=cloudwatch.take).handle,
        {
            PREFIX: Admin(database, hosts if access is None else None, slow).handle,
            CLOUDWATCH_PREFIX: cloudwatch.handle,
            METRICS_PREFIX: Scraping(database, worker).handle,
        },
    )
    if access is None:
        return router.handle
    return access.gate(router.handle, partial(CloudWatchApi, database, worker)).handle


async def _serve(
    database: Database,
    sockets: list[socket.socket],
    ready: Callable[[str], None],
    access: ServerAccess | None,
    doors: Doors,
    sight: Sight,
    stopping: Stopping,
) -> None:
    _on_hang_up(access, doors, sight)
    health = Health(database)
    handler = new_handler(database, doors.hosts, access, sight.slow)
    kept = health.in_front(doors.keep(handler, signed=access is not None))
    limits = HttpLimits(connections_max=connections_max(HttpLimits().connections_max))
    connections = sight.connections(kept, database, limits)
    servers = [await _accepting(connections, each, doors) for each in sockets]
    ready(_url(sockets, doors))
    sweeper = asyncio.create_task(sweep(connections))
    await stopping.wait()
    health.stop()
    _LOG.info("stopping")
    sweeper.cancel()
    for server in servers:
        server.close()
    await drain(connections)


def _on_hang_up(access: ServerAccess | None, doors: Doors, sight: Sight) -> None:
    """What SIGHUP does; where there is nothing to do, it ends the server, as usual."""
    actions = [each.reread for each in (access, doors.certificate) if each is not None]
    if sight.on_hangup is not None:
        actions.append(sight.on_hangup)
    if not actions:
        return

    def act() -> None:
        for each in actions:
            each()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, act)


async def _accepting(
    connections: Connections, listener: socket.socket, doors: Doors
) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    if doors.certificate is None:
        return await loop.create_server(connections.new, sock=listener, backlog=_BACKLOG)
    return await loop.create_server(
        encrypted(connections.new),
        sock=listener,
        backlog=_BACKLOG,
        ssl=doors.certificate.context,
        ssl_handshake_timeout=_HANDSHAKE_S_MAX,
        ssl_shutdown_timeout=_GOODBYE_S_MAX,
    )


def _url(sockets: list[socket.socket], doors: Doors) -> str:
    """By which programs on this machine reach the server, and find its certificate to be right."""
    here = hosts_here(sockets)
    port: int = sockets[0].getsockname()[1]
    if doors.certificate is None:
        return url_of(here[0], port)
    named = doors.certificate.url_hosts
    host = [*(each for each in here if each in named), *named, *here][0]
    return url_of(host, port, is_tls=True)
