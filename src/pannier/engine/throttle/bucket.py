"""A token bucket: capacity units that gather at a rate, up to a bound."""

from typing import Final

_ROUNDING: Final = 1e-6  # of units: sums of fractions of seconds are not exact


class Bucket:
    """Capacity units, ready to be spent.

    What costs more than the bucket can ever hold passes once the bucket is full, and leaves a debt:
    otherwise an item of 400 KB could never be written to a table of one write unit.

    Args:
        rate: units a second.
        size: units that it holds at most.
        now_s: the time, in seconds since 1970. The bucket begins full.
    """

    __slots__ = ("_at_s", "rate", "size", "units")

    def __init__(self, rate: float, size: float, now_s: float) -> None:
        self.rate = rate
        self.size = size
        self.units = size
        self._at_s = now_s

    def resize(self, rate: float, size: float, now_s: float) -> None:
        """Change rate and size; what has gathered stays, as far as there is room for it."""
        self.fill(now_s)
        self.rate = rate
        self.size = size
        self.units = min(self.units, size)

    def fill(self, now_s: float) -> None:
        """Add what has gathered since the last time. A clock that goes back adds nothing."""
        elapsed_s = now_s - self._at_s
        if elapsed_s > 0:
            units = self.units + elapsed_s * self.rate
            self.units = min(self.size, units)
        self._at_s = now_s

    def holds(self, units: float, now_s: float) -> bool:
        """Whether so many units are there."""
        if now_s != self._at_s:
            self.fill(now_s)
        return self.units >= units

    def has(self, units: float, now_s: float) -> bool:
        """Whether an item that costs so many units passes."""
        if now_s != self._at_s:
            self.fill(now_s)
        return self.units + _ROUNDING >= units or self.units + _ROUNDING >= self.size
