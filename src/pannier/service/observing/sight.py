"""What a server was asked to tell of itself: where its log goes, and which requests stand in it."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from pannier.clock import Clock
from pannier.engine.database import Database
from pannier.service.http import Connections, Handler, HttpLimits
from pannier.service.http.messages import HttpResponse
from pannier.service.observing.events import listen, to_stderr, told
from pannier.service.observing.log_writer import LogWriter
from pannier.service.observing.request_log import RequestLog, address_of
from pannier.service.observing.slow_requests import SlowRequests
from pannier.service.observing.watched_database import WatchedDatabase
from pannier.storage.group_commit import GroupCommit

_LOG: Final = logging.getLogger(__name__)
_SELDOM_S: Final = 10.0


class Sight:
    """What one server tells, from before its database is opened until it has ended.

    Args:
        log: where the log goes; None for warnings on standard error, as the command's own words.
        level: from which on something is told; requests are `info`, those that fail `warning`.
        requests: whether each request is logged.
        slow_s: how long a request takes that is traced; None traces none.
        timer: seconds from anywhere.

    Attributes:
        slow: the requests that took so long, if they are traced.
    """

    def __init__(
        self,
        log: LogWriter | None = None,
        level: str = "info",
        *,
        requests: bool = False,
        slow_s: float | None = None,
        timer: Clock = time.monotonic,
    ) -> None:
        self.slow = None if slow_s is None else SlowRequests(slow_s)
        self._log = log
        self._requests = requests
        self._failures_only = level not in ("debug", "info")
        self._timer = timer
        self._too_many = 0  # connections since that was last told
        self._too_many_s = float("-inf")
        self._end = None
        if log is None:
            to_stderr()
        else:
            self._end = listen(log.say, level)

    @property
    def database_kind(self) -> type[Database]:
        """The class of the database: one that can be watched only where it is."""
        return WatchedDatabase if self._requests or self.slow is not None else Database

    def connections(self, handler: Handler, database: Database, limits: HttpLimits) -> Connections:
        """The connections of the server, with a log around the handler if there is to be one."""
        if database.commits is not None:
            _tell_failure(database.commits)
        if self._log is None or not isinstance(database, WatchedDatabase):
            return Connections(handler, limits, refused=self._refused)
        log = RequestLog(
            handler,
            database,
            self._log.say,
            every=self._requests,
            failures_only=self._failures_only,
            slow=self.slow,
        )

        def refused(transport: asyncio.BaseTransport, response: HttpResponse | None) -> None:
            self._refused(transport, response)
            if response is not None:
                log.refused(transport, response)

        return Connections(handler, limits, log.opened, refused)

    @property
    def on_hangup(self) -> Callable[[], None] | None:
        """What SIGHUP is for: it reopens the log. Without a log it ends the server, as usual."""
        return None if self._log is None else self._log.reopen

    def close(self) -> None:
        """Write what is left."""
        if self._end is not None:
            self._end()
        if self._log is not None:
            self._log.close()

    def _refused(self, transport: asyncio.BaseTransport, response: HttpResponse | None) -> None:
        if response is not None:
            return
        self._too_many += 1
        now_s = self._timer()
        if now_s - self._too_many_s >= _SELDOM_S:
            fields = told(remote=address_of(transport), connections=self._too_many)
            _LOG.warning("connections are refused: there are too many", extra=fields)
            self._too_many, self._too_many_s = 0, now_s


def _tell_failure(commits: GroupCommit) -> None:
    """Say once that the disk refused to sync."""

    def look() -> None:  # on the sync thread, after each sync
        if commits.failure is not None:
            _LOG.error("%s", commits.failure.message)

    commits.on_progress(look)
