"""Waiting for durability on an event loop, without a thread for each waiter.

`GroupCommit` makes progress on its own thread; this queue brings the news to one loop, once for
each sync, and calls there, in order, whoever waits for a ticket that is durable now.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from pannier.errors import StorageError
from pannier.storage.group_commit import GroupCommit

WhenDurable: TypeAlias = Callable[[StorageError | None], None]


class CommitQueue:
    """Callbacks of one event loop that wait for commits. Make it on that loop."""

    def __init__(self, commits: GroupCommit) -> None:
        self._commits = commits
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[int, WhenDurable]] = deque()
        commits.on_progress(self._wake)

    def call_when_durable(self, ticket: int, callback: WhenDurable) -> None:
        """Call back once a ticket is durable, with None, or once it can't be, with the reason.

        Tickets must come in ascending order, as `Database.submit` gives them out on one loop.
        """
        self._waiting.append((ticket, callback))
        # The sync may have ended between the write and this call.
        if self._commits.durable >= ticket or self._commits.failure is not None:
            self._release()

    def close(self) -> None:
        """Stop listening."""
        self._commits.off_progress(self._wake)

    def _wake(self) -> None:
        """Called on the sync thread."""
        try:
            self._loop.call_soon_threadsafe(self._release)
        except RuntimeError:  # the loop has ended: nobody waits any more
            return

    def _release(self) -> None:
        durable, failure = self._commits.durable, self._commits.failure
        waiting = self._waiting
        while waiting and (waiting[0][0] <= durable or failure is not None):
            ticket, callback = waiting.popleft()
            callback(None if ticket <= durable else failure)
