"""When a client's next call is due."""

from __future__ import annotations

import random
import threading
import time
from typing import Final

_DEBT_S_MAX: Final = 5.0


class Pace:
    """Lets one thread go on at a rate, at uneven distances, as true clients come.

    A thread that could not keep up makes up for five seconds at most.

    Args:
        per_s: how often a second.
        chance: of the distances.
        ending: set when all is over.
    """

    def __init__(self, per_s: float, chance: random.Random, ending: threading.Event) -> None:
        self._per_s = per_s
        self._chance = chance
        self._ending = ending
        self._due_s = time.monotonic() + chance.random() / per_s
        self.dropped_s = 0.0

    def wait(self) -> bool:
        """Wait until the next is due; False once all is over."""
        now_s = time.monotonic()
        if self._due_s < now_s - _DEBT_S_MAX:
            self.dropped_s += now_s - self._due_s
            self._due_s = now_s
        over = self._ending.wait(max(0.0, self._due_s - now_s))
        self._due_s += self._chance.expovariate(self._per_s)
        return not over
