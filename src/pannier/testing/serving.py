"""A real server for a database of this process, on a free port of loopback.

For what speaks HTTP by itself: programs in other languages, the `aws` command, asynchronous
clients. It shares its loop with the requests that need no socket, and ends with it.
"""

import socket
from typing import Final

from pannier.engine.database import Database
from pannier.service.doors import Doors
from pannier.service.http import Connections, HttpLimits
from pannier.service.listening import LOOPBACK
from pannier.service.server import new_handler
from pannier.testing.loop_thread import LoopThread
from pannier.testing.other_services import refusing

_BACKLOG: Final = 128


class Server:
    """Listens from the beginning until `close`.

    Args:
        database: left open; the caller closes it.
        thread: the loop that it runs on.

    Attributes:
        url: where it listens.
    """

    def __init__(self, database: Database, thread: LoopThread) -> None:
        self._thread = thread
        listener = socket.create_server((LOOPBACK, 0), backlog=_BACKLOG)
        listener.setblocking(False)
        port: int = listener.getsockname()[1]
        self.url = f"http://{LOOPBACK}:{port}"
        doors = Doors()
        self._connections = thread.do(
            lambda: Connections(
                doors.keep(refusing(new_handler(database, doors.hosts))), HttpLimits()
            )
        )
        self._server = thread.run(
            thread.loop.create_server(self._connections.new, sock=listener, backlog=_BACKLOG)
        )

    def close(self) -> None:
        """Stop listening and end all connections, whatever they wait for."""
        self._thread.run(self._close())

    async def _close(self) -> None:
        self._server.close()
        self._connections.finish()
        for connection in tuple(self._connections.open):
            connection.abort()
        await self._connections.all_closed.wait()
        # Lets go of what the handler holds, threads among it.
        self._connections.handler = lambda _, respond: respond(None)
