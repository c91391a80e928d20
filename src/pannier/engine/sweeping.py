"""The threads that do a database's work in the background, while there is any.

One begins once items of a table expire or a stream is written, another writes the metrics; both
end with the database. They do `Database.sweep` and `Metrics.flush`, which tests call themselves.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final

from pannier.errors import PannierError

_LOG: Final = logging.getLogger(__name__)


class Sweeper:
    """Calls a function again and again, on a thread of its own.

    Args:
        sweep: the function.
        interval_s: the pause between two calls; None never calls.
        what: what is done, for the log.
    """

    def __init__(
        self, sweep: Callable[[], object], interval_s: float | None, what: str = "expired items"
    ) -> None:
        self._sweep = sweep
        self._interval_s = interval_s
        self._what = what
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._failing = False

    def start(self) -> None:
        """Begin, if it has not begun."""
        if self._interval_s is None or self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name="pannier-sweep", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, after the call that is under way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(self._interval_s):
            try:
                self._sweep()
                self._failing = False
            except PannierError as error:  # the disk refuses; said once, and tried again
                if not self._failing:
                    _LOG.warning("the sweep of %s has to wait: %s", self._what, error)
                self._failing = True
            except Exception:  # it is tried again, and requests are answered all the same
                _LOG.exception("the sweep of %s failed", self._what)
