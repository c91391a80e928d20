"""Time, as it is given to everything that depends on it: a function that tells it.

The clock of the machine is `time.time`. A `ManualClock` stands still until it is moved, so that an
hour of throttling, expiry or retention is tested in milliseconds.
"""

import threading
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
"""Tells the time in seconds since 1970."""


class ManualClock:
    """A clock that moves only when told. Safe to share between threads.

    Args:
        start_s: what it shows first, in seconds since 1970.
    """

    def __init__(self, start_s: float = 1_700_000_000.0) -> None:
        self._lock = threading.Lock()
        self._now_s = start_s

    def __call__(self) -> float:
        """The time it shows, in seconds since 1970."""
        return self._now_s

    def advance(self, seconds: float) -> float:
        """Move it forward; returns the time it then shows.

        Raises:
            ValueError: the seconds are negative, or no finite number.
        """
        if not 0 <= seconds < float("inf"):
            raise ValueError(f"a clock moves forward by a number of seconds, not by {seconds}")
        with self._lock:
            self._now_s += seconds
            return self._now_s
