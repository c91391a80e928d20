"""Waiting, by the clock that a test has given.

With a manual clock nobody waits: what would be waited moves the clock. So a backoff fills the
buckets that it waits for, and an hour of it takes no time. Several threads that wait at once move
the clock one after another; the sum of their waits passes.
"""

import time

from pannier.clock import Clock, ManualClock

_REAL_SLEEP = time.sleep  # a test may have its own way with `time.sleep`


def wait(clock: Clock, seconds: float) -> None:
    """Wait, or move a manual clock by as much."""
    if isinstance(clock, ManualClock):
        clock.advance(seconds)
    else:
        _REAL_SLEEP(seconds)
