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
from queue import SimpleQueue

from pannier.errors import StorageError


class GroupCommit:
    """The one thread that syncs a store.

    It shares the interpreter's lock with those who write, so it does as little as it can under that
    lock: it is woken only where it sleeps, and wakes only those who wait.

    Args:
        sync: makes durable everything written before the call.
    """

    def __init__(self, sync: Callable[[], None]) -> None:
        self._sync = sync
        self._written = 0
        self._durable = 0
        self._written_bytes = 0
        self._durable_bytes = 0
        self._failure: StorageError | None = None
        self._closing = False
        self._listeners: list[Callable[[], None]] = []
        self._asleep = False
        self._alarm: SimpleQueue[None] = SimpleQueue()
        self._waiting = 0  # threads
        self._progress = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="pannier-sync", daemon=True)
        self._thread.start()

    @property
    def written(self) -> int:
        """The newest ticket there is."""
        return self._written

    @property
    def durable(self) -> int:
        """The newest ticket that is on disk."""
        return self._durable

    @property
    def failure(self) -> StorageError | None:
        """Why nothing becomes durable any more, or None."""
        return self._failure

    @property
    def unsynced_bytes(self) -> int:
        """How much no sync has covered yet: groups, being synced or not, and answers held back."""
        return self._written_bytes - self._durable_bytes

    def wrote(self, size_bytes: int = 0) -> int:
        """Say that a group was written; returns its ticket. One thread at a time may call this.

        Args:
            size_bytes: of the group, for `unsynced_bytes`.
        """
        self._written_bytes += size_bytes
        ticket = self._written = self._written + 1
        if self._asleep:
            self._asleep = False
            self._alarm.put(None)
        return ticket

    def holding(self, size_bytes: int) -> None:
        """Say that so much of an answer waits for the next sync; it counts as unsynced."""
        self._written_bytes += size_bytes

    def wait(self, ticket: int) -> None:
        """Return when the ticket's group is durable.

        Raises:
            StorageError: the disk refused to sync.
        """
        with self._progress:
            self._waiting += 1
            while self._durable < ticket and self._failure is None:
                self._progress.wait()
            self._waiting -= 1
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
        self._closing = True
        self._alarm.put(None)
        self._thread.join()

    def _run(self) -> None:
        while self._failure is None:
            if self._written == self._durable:
                if self._closing:
                    return
                self._sleep()
                continue
            target_bytes = self._written_bytes  # first: rather too few than too many
            target = self._written
            try:
                self._sync()
                self._durable = target
                self._durable_bytes = target_bytes
            except StorageError as error:  # the store has words of its own for it
                self._failure = error
            except Exception as error:  # whatever it was, the disk's state is unknown
                self._failure = StorageError(
                    f"the disk refused to sync: {error}",
                    "Make room or repair the disk, then open the database again; "
                    "everything answered before is safe.",
                )
            # Whoever begins to wait after this look sees what has become durable.
            if self._waiting:
                with self._progress:
                    self._progress.notify_all()
            for listener in self._listeners:
                listener()

    def _sleep(self) -> None:
        """Sleep until there is something to do, perhaps; the caller looks for itself."""
        self._asleep = True
        # Only now is a further write sure to sound the alarm; one that came before did not.
        if self._written == self._durable and not self._closing:
            self._alarm.get()
        self._asleep = False
