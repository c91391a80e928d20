"""The open connections of one server, and what they share: bounds that hold for all together."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Final, cast

from pannier.service.http.connection import HttpConnection
from pannier.service.http.holdings import Holdings
from pannier.service.http.limits import HttpLimits
from pannier.service.http.messages import Handler, HttpResponse
from pannier.service.http.usual_requests import UsualRequests

# What a connection may always hold: requests that are small are never refused for want of memory.
_SMALL_BYTES: Final = 16 * 1024
# Who holds a part of a request for longer is slow, and goes first when memory runs out.
_SLOW_S: Final = 5.0
_LOOK_S: Final = 1.0
_ROOM_MAX: Final = 256


class Connections:
    """The open connections of one server, and what they share.

    When all of them together hold too much of requests that are not complete, the one that has
    taken longest is refused if it is slow, else the one whose bytes are too many. When they hold
    too many answers that nobody takes, the one that has waited longest is closed.

    Args:
        handler: answers requests.
        limits: on what clients may do.
        opened: given each connection's transport, makes its handler instead, for who must know
            where requests come from.
        refused: told of what never became a request: the transport, and what it was answered;
            None where there are too many connections.

    Attributes:
        finishing: whether the server is about to end.
    """

    def __init__(
        self,
        handler: Handler,
        limits: HttpLimits,
        opened: Callable[[Any], Handler] | None = None,
        refused: Callable[[Any, HttpResponse | None], None] | None = None,
    ) -> None:
        self.handler = handler
        self.limits = limits
        self.opened = opened
        self.refused = refused
        self.open: set[HttpConnection] = set()
        self.usual = UsualRequests(limits.header_bytes_max, limits.body_bytes_max)
        self.received = Holdings()
        self.unsent = Holdings()
        self.all_closed = asyncio.Event()
        self.finishing = False
        self._idle: list[tuple[float, HttpConnection]] = []  # the longest idle last
        self._looked_s = 0.0

    def new(self) -> asyncio.Protocol:
        """A protocol object for a connection that was accepted."""
        return cast("asyncio.Protocol", HttpConnection(self))

    def admit(self, connection: HttpConnection, now_s: float) -> bool:
        """Take a connection in; False if there are too many, all of which are in use."""
        if len(self.open) >= self.limits.connections_max and not self._make_room(now_s):
            return False
        self.open.add(connection)
        return True

    def remove(self, connection: HttpConnection) -> None:
        """A connection has closed."""
        self.received.hold(connection, 0)
        self.unsent.hold(connection, 0)
        self.open.discard(connection)
        if self.finishing and not self.open:
            self.all_closed.set()

    def hold_received(self, connection: HttpConnection, size_bytes: int, now_s: float) -> None:
        """Note what a connection holds of requests, and refuse what is too much."""
        received = self.received
        received.hold(connection, size_bytes if size_bytes > _SMALL_BYTES else 0)
        while received.total_bytes > self.limits.received_bytes_max:
            oldest: HttpConnection = received.oldest
            loser = oldest if now_s - oldest.began_s > _SLOW_S else connection
            received.hold(loser, 0)
            loser.refuse_busy()

    def hold_unsent(self, connection: HttpConnection, size_bytes: int) -> None:
        """Note what a connection has not sent, and close those that take nothing."""
        unsent = self.unsent
        unsent.hold(connection, size_bytes)
        while unsent.total_bytes > self.limits.unsent_bytes_max:
            oldest: HttpConnection = unsent.oldest
            unsent.hold(oldest, 0)
            oldest.abort()

    def announce_end(self) -> None:
        """From now on, each answer behind which nothing waits is the last of its connection."""
        self.finishing = True

    def finish(self) -> None:
        """Close what waits for nothing; the others close after their answers."""
        self.finishing = True
        if not self.open:
            self.all_closed.set()
        for connection in tuple(self.open):
            connection.finish()

    def drop_stale(self, now_s: float, some: Iterable[HttpConnection] | None = None) -> None:
        """Close the connections that took too long.

        Args:
            now_s: the loop's time.
            some: which to look at; all of them by default.
        """
        for connection in tuple(self.open) if some is None else some:
            connection.drop_if_stale(now_s)

    def _make_room(self, now_s: float) -> bool:
        """Close the longest idle connection; False if all are in use."""
        if not self._idle and now_s - self._looked_s >= _LOOK_S:
            self._looked_s = now_s
            idle = [(each.touched_s, each) for each in self.open if each.has_been_idle(now_s)]
            idle.sort(key=_since, reverse=True)
            self._idle = idle[-_ROOM_MAX:]
        while self._idle:
            since_s, connection = self._idle.pop()
            if connection in self.open and connection.touched_s == since_s:
                self.open.discard(connection)
                connection.abort()
                return True
        return False


def _since(idle: tuple[float, HttpConnection]) -> float:
    return idle[0]
