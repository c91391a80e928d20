"""A server that does nothing: it reads a request and gives the next answer of a list.

What a run against it costs is the generator's own cost, and its rate is the most that
this generator could show of any server.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Sequence
from itertools import cycle

from benchmarks.framing import FramingError, Message

_REQUEST_BYTES_MAX = 2_000_000
_STOP_CHECK_S = 0.05


class NullServer:
    """Gives *answers* in turn, whatever is asked, on a free loopback port."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = cycle(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._stopped = False

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._listener.getsockname()[1]
        return port

    def stop(self) -> None:
        """Let `run` return soon; may be called from another thread."""
        self._stopped = True

    def run(self) -> None:
        """Serve until stopped, then close everything."""
        while not self._stopped:
            for key, _ in self._selector.select(_STOP_CHECK_S):
                if key.data is None:
                    self._accept()
                else:
                    self._attend(key.data)
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            if key.data is not None:
                key.data[0].close()
        self.close()

    def close(self) -> None:
        """Give up the port, where `run` was left to another process."""
        self._listener.close()
        self._selector.close()

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(
            accepted, selectors.EVENT_READ, (accepted, Message(_REQUEST_BYTES_MAX))
        )

    def _attend(self, served: tuple[socket.socket, Message]) -> None:
        connection, request = served
        try:
            arrived = connection.recv_into(request.view[request.filled :])
            request.filled += arrived
            if not arrived:
                raise FramingError("the client has gone")
            if request.complete():
                request.clear()
                connection.sendall(next(self._answers))
        except (FramingError, OSError):
            self._selector.unregister(connection)
            connection.close()
