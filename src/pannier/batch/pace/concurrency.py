"""How many calls may be in flight: as many as the way to the target carries without a queue.

After TCP Vegas (Brakmo and Peterson, "TCP Vegas: End to End Congestion Avoidance on a Global
Internet", 1995): with `limit` calls in flight, of which each takes `latency` where an undisturbed
one takes `base`, about `limit * (1 - base / latency)` of them stand in a queue, and more calls
would only make it longer. The limit grows while the queue is short and shrinks where it is long. It
begins at 2 and doubles, until there is a queue; then it moves by one. Broken calls halve it.

Why latency and not only errors: an endpoint that answers everything, but slower and slower, gives
no other sign. Why a queue and not none: those few calls keep the target busy while an answer is on
its way. `docs/decisions/0009-pacing.md` has the alternatives and the figures.

A round is as many answers as the limit, of calls sent after the last change; its median counts, so
that a single slow call says nothing. From time to time only two calls are let through for a moment,
to learn anew what an undisturbed call takes.
"""

from typing import Final

_START: Final = 2
_QUEUE_MIN: Final = 4  # fewer calls than this in the queue: grow
_QUEUE_MAX: Final = 8  # more than this: shrink
_SAMPLES_MIN: Final = 4
_UNDISTURBED: Final = 2  # so many calls in flight do not disturb each other
_MEASURE_EVERY_S: Final = 30.0
_MEASURE_EVERY_CALLS: Final = 50  # in times of one call's latency: measuring shall cost little


class Concurrency:
    """The calls in flight, and how many there may be.

    Args:
        most: never more than this.

    Attributes:
        in_flight: calls that have not come back.
        limit: how many there may be.
    """

    def __init__(self, most: int) -> None:
        self.in_flight = 0
        self.limit = min(_START, most)
        self._most = most
        self._doubling = True
        self._numbers = 0
        self._round_begins = 0
        self._samples_s: list[float] = []
        self._limit_was_reached = False
        self._base_s: float | None = None
        self._measure_at_s = 0.0
        self._measuring = False

    @property
    def free(self) -> bool:
        """Whether one more call may be sent."""
        return self.in_flight < self._limit_now

    def sent(self) -> int:
        """Note a call; returns its number."""
        number = self._numbers
        self._numbers += 1
        self.in_flight += 1
        if self.in_flight >= self._limit_now:
            self._limit_was_reached = True
        return number

    def returned(self) -> None:
        """Note that a call came back, whatever came of it."""
        self.in_flight -= 1

    def took(self, number: int, latency_s: float, now_s: float) -> None:
        """Note how long a call took that was answered, and did as much as others.

        Args:
            number: the call's.
            latency_s: from sending to answer.
            now_s: the time.
        """
        if number < self._round_begins:  # of another limit
            return
        self._samples_s.append(latency_s)
        if len(self._samples_s) >= max(self._limit_now, _SAMPLES_MIN):
            self._end_round(sorted(self._samples_s)[(len(self._samples_s) - 1) // 2], now_s)

    def broke(self, number: int) -> None:
        """Note a call that the target could not answer; halves the limit, once a round."""
        if number >= self._round_begins:
            self.limit = max(1, self.limit // 2)
            self._doubling = False
            self._begin_round()

    @property
    def _limit_now(self) -> int:
        return min(self.limit, _UNDISTURBED) if self._measuring else self.limit

    def _end_round(self, latency_s: float, now_s: float) -> None:
        if self._base_s is None or self._measuring:
            self._base_s = latency_s
            self._measure_at_s = now_s + max(_MEASURE_EVERY_S, latency_s * _MEASURE_EVERY_CALLS)
        self._base_s = min(self._base_s, latency_s)
        if self._measuring:
            self._measuring = False
        elif now_s >= self._measure_at_s and self.limit > _UNDISTURBED:
            self._measuring = True
        elif self._limit_was_reached:
            self._adjust(self._base_s, latency_s)
        self._begin_round()

    def _adjust(self, base_s: float, latency_s: float) -> None:
        queue = self.limit * (1 - base_s / latency_s) if latency_s else 0.0
        if queue < _QUEUE_MIN:
            self.limit = min(self._most, self.limit * 2 if self._doubling else self.limit + 1)
            return
        self._doubling = False
        if queue > _QUEUE_MAX:
            self.limit -= 1

    def _begin_round(self) -> None:
        self._round_begins = self._numbers
        self._samples_s.clear()
        self._limit_was_reached = self.in_flight >= self._limit_now
