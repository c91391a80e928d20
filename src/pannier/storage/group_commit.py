"""Group commit: requests that arrive while a sync is under way share the next one.

A writer calls `wrote` right after `Store.write` and gets a ticket, a number that only grows. One
thread syncs whenever there are tickets that no sync has covered yet; a sync covers every ticket
given out before it began. So one request alone waits for one sync, and a thousand together wait
for two at most.

A failed sync is final: what the disk holds is unknown from then on, so every waiting and every
later ticket fails with the reason, until the database is opened anew.
"""

import threading
from collections.abc import Callable

from pannier.errors import StorageError


class GroupCommit:
    """The one thread that syncs a store.

    Args:
        sync: makes durable everything written before the call.
    """

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._changed = threading.Condition()
        self._written = 0
        self._durable = 0
        self._failure: StorageError | None = None
        self._closing = False
        self._listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name="pannier-sync", daemon=True)
        self._thread.start()

    @property
    def durable(self) -> int:
        """The newest ticket that is on disk."""
        return self._durable

    @property
    def failure(self) -> StorageError | None:
        """Why nothing becomes durable any more, or None."""
        return self._failure

    def wrote(self) -> int:
        """Say that a group was written; returns its ticket."""
        with self._changed:
            self._written += 1
            self._changed.notify_all()
            return self._written

    def wait(self, ticket: int) -> None:
        """Return when the ticket's group is durable.

        Raises:
            StorageError: the disk refused to sync.
        """
        with self._changed:
            while self._durable < ticket and self._failure is None:
                self._changed.wait()
        if self._durable < ticket and self._failure is not None:
            raise self._failure

    def on_progress(self, listener: Callable[[], None]) -> None:
        """Have `listener` called, on the sync thread, whenever `durable` or `failure` moved."""
        self._listeners = [*self._listeners, listener]

    def off_progress(self, listener: Callable[[], None]) -> None:
        """Take a listener away again."""
        self._listeners = [each for each in self._listeners if each != listener]

    def close(self) -> None:
        """Sync what is left and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._written == self._durable and not self._closing:
                    self._changed.wait()
                if self._written == self._durable:
                    return
                target = self._written
            failure = None
            try:
                self._sync()
            except Exception as error:  # whatever it was, the disk's state is unknown
                failure = StorageError(
                    f"the disk refused to sync: {error}",
                    "Make room or repair the disk, then open the database again; "
                    "everything answered before is safe.",
                )
            with self._changed:
                if failure is None:
                    self._durable = target
                self._failure = failure
                self._changed.notify_all()
            for listener in self._listeners:
                listener()
            if failure is not None:
                return
