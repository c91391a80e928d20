"""What stands between an encrypted transport and a connection: their ends differ.

A client of plain TCP may say that it sends no more, and still take its answers. In TLS, as the
event loop has it, the end of one direction is the end of both, so there is nothing to keep open.
"""

import asyncio
from collections.abc import Callable
from typing import cast


class EncryptedConnection:
    """Hands everything on to another protocol; an `asyncio.Protocol` in all but name.

    Args:
        inner: speaks on the connection.
    """

    def __init__(self, inner: asyncio.Protocol) -> None:
        self.data_received = inner.data_received
        self.pause_writing = inner.pause_writing
        self.resume_writing = inner.resume_writing
        self.connection_made = inner.connection_made
        self.connection_lost = inner.connection_lost

    def eof_received(self) -> None:
        """The client has gone."""


def encrypted(new: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
    """As a maker of protocols, for encrypted transports."""
    return lambda: cast("asyncio.Protocol", EncryptedConnection(new()))
