"""How long to wait after trouble, and when to give up.

Backoff is exponential with full jitter: a random time up to a bound that doubles with each troubled
answer in a row, as AWS advises (Developer Guide, "Error retries and exponential backoff": 50, 100,
200 ms ..., with jitter between clients, stop near one minute).

Calls in flight at the same time meet the same trouble. They are one *round*: the bound grows once
for all of them, and a call that was sent before the last wait began has no say in the next.

Where it is known how long a wait must be (`refill`), that is what is waited, and a little jitter.
"""

import random
from typing import Final, NamedTuple

_BASE_S: Final = 0.05
_DELAY_S_MAX: Final = 20.0
_DOUBLINGS_MAX: Final = 16
_KNOWN_JITTER: Final = 0.25  # of a wait whose length is known: clients must still come apart
_RETRY_AFTER_S_MAX: Final = 300.0  # whatever a service asks for


class Backoff:
    """How long one caller waits, given the troubled answers in a row.

    Args:
        chance: a seeded generator makes the delays reproducible.
    """

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._troubles = 0

    def trouble(self, retry_after_s: float | None = None) -> float:
        """Note a troubled answer; returns the seconds to wait."""
        self._troubles += 1
        return _delay_s(self._troubles, self._chance.random(), retry_after_s)


class Trouble(NamedTuple):
    """A troubled answer.

    Attributes:
        now_s: when it came.
        retry_after_s: how long the service asks to wait, if it does.
        jitter: by chance, from 0 to 1: what part of the bound is waited.
    """

    now_s: float
    retry_after_s: float | None
    jitter: float


class SharedBackoff:
    """When calls may be sent again, for calls in flight together.

    Attributes:
        round: changes with each wait. A call carries the round in which it was sent.
        not_before_s: nothing is sent before this time.
        level: how often the bound of the waits has doubled, and one more; 0 without trouble.
    """

    __slots__ = ("level", "not_before_s", "round")

    def __init__(self) -> None:
        self.round = 0
        self.not_before_s = 0.0
        self.level = 0

    def trouble(self, sent_in: int, trouble: Trouble, known_s: float | None = None) -> bool:
        """Note a troubled answer.

        Args:
            sent_in: the round in which the call was sent.
            trouble: the answer's.
            known_s: how long the trouble takes, where that is known; else the bound of the waits
                doubles.

        Returns:
            Whether it was the first news of its round.
        """
        if sent_in != self.round:  # its trouble is known; only what the service asks for is new
            self._wait_until(trouble.now_s + bounded(trouble.retry_after_s))
            return False
        self.round += 1
        if known_s is None:
            self.level += 1
            delay_s = _delay_s(self.level, trouble.jitter, trouble.retry_after_s)
        else:
            jittered_s = known_s * (1 + _KNOWN_JITTER * trouble.jitter)
            delay_s = max(min(jittered_s, _DELAY_S_MAX), bounded(trouble.retry_after_s))
        self._wait_until(trouble.now_s + delay_s)
        return True

    def success(self, sent_in: int) -> None:
        """Note a clean answer: the trouble is over."""
        if sent_in == self.round:
            self.level = 0

    def ease(self, sent_in: int) -> None:
        """Note a clean answer of something that has trouble often: half as many doublings."""
        if sent_in == self.round:
            self.level //= 2

    def hold(self, until_s: float) -> None:
        """Send nothing before a time, though there is no trouble."""
        self._wait_until(until_s)

    def _wait_until(self, later_s: float) -> None:
        self.not_before_s = max(self.not_before_s, later_s)


def _delay_s(level: int, jitter: float, retry_after_s: float | None) -> float:
    """The wait after the `level`-th trouble in a row."""
    bound_s = min(_DELAY_S_MAX, _BASE_S * 2.0 ** min(level - 1, _DOUBLINGS_MAX))
    return max(jitter * bound_s, bounded(retry_after_s))


class Deadline:
    """When a job that makes no progress gives up.

    Args:
        give_up_after_s: seconds of nothing but trouble after which there is no next attempt.
    """

    def __init__(self, give_up_after_s: float) -> None:
        self._give_up_after_s = give_up_after_s
        self._stuck_since_s: float | None = None

    def __str__(self) -> str:
        return f"no progress for {self._give_up_after_s:g} s"

    @property
    def at_s(self) -> float:
        """The time at which it gives up, as it looks now; infinite if there is no trouble."""
        if self._stuck_since_s is None:
            return float("inf")
        return self._stuck_since_s + self._give_up_after_s

    def progress(self) -> None:
        """Something got through."""
        self._stuck_since_s = None

    def trouble(self, now_s: float) -> bool:
        """Note a troubled answer; says whether the time is up."""
        if self._stuck_since_s is None:
            self._stuck_since_s = now_s
        return now_s >= self.at_s


def bounded(retry_after_s: float | None) -> float:
    """What a service asks for, within reason: the header comes from outside."""
    if retry_after_s is None or not retry_after_s > 0:  # not a number, too
        return 0.0
    return min(retry_after_s, _RETRY_AFTER_S_MAX)
