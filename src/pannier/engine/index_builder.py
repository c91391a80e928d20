"""The thread that fills new indexes of large tables, while there are any.

It takes one step after another, and requests are answered between them. What a step is,
`backfill.sweep` says. The thread begins with the first work there is and ends with the database.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from pannier.errors import PannierError

_LOG: Final = logging.getLogger(__name__)
_PAUSE_S: Final = 0.001  # lets those in who wait for the database's lock
_RETRY_S: Final = 1.0


class IndexBuilder:
    """Calls a function on a thread of its own, when woken, until nothing is left to do.

    Args:
        step: does some of the work; returns whether there is more.
    """

    def __init__(self, step: Callable[[], bool]) -> None:
        self._step = step
        self._work = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._more = False
        self._failing = False

    def wake(self) -> None:
        """There is work. Never called by two threads at once."""
        self._work.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="pannier-index", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End, after the step that is under way."""
        self._ending.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._work.wait()
            self._work.clear()  # before the steps, so that whoever wakes us now is heard
            while not self._ending.wait(self._stepped()):
                if not self._more:
                    break

    def _stepped(self) -> float:
        """Take a step; how long to pause after it, in seconds."""
        self._more = True
        try:
            self._more = self._step()
            self._failing = False
        except PannierError as error:  # the disk refuses; said once, and tried again
            if not self._failing:
                _LOG.warning("the filling of an index has to wait: %s", error)
            self._failing = True
            return _RETRY_S
        except Exception:  # it is tried again, and requests are answered all the same
            _LOG.exception("the filling of an index failed")
            return _RETRY_S
        return _PAUSE_S
