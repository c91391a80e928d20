"""An event loop on which waiting takes no time: when nothing is left to do, its clock jumps.

So the waits of backoff and the latencies of a fake service are real to the code under test, in
their real order, and a test of minutes ends in milliseconds, the same way each time.
"""

import asyncio
import math
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_Result = TypeVar("_Result")
_END_S = 1e8


class _JumpingSelector(selectors.DefaultSelector):
    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:  # nothing will happen on this loop: wait for other threads
            return super().select(None)
        events = super().select(0)
        if not events and timeout > 0:
            # A little more, as on a real clock: what waits for this moment finds it passed.
            self.now_s = math.nextafter(self.now_s + timeout + 1e-9, math.inf)
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Its clock begins at 0 and moves only while everybody waits."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now_s


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Like `asyncio.run`, on virtual time; what would never end is a `TimeoutError` at once."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(asyncio.wait_for(work, _END_S))
