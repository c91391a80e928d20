"""Numbers from 1 to n by Zipf's law: the k-th as frequent as `1 / k^s`.

By rejection-inversion (W. Hörmann and G. Derflinger, "Rejection-inversion to generate variates from
monotone discrete distributions", 1996), which needs no table: the same memory for any n
and any s above 0.
"""

import math
import random


class Zipf:
    """A Zipf distribution.

    Args:
        size: the largest number.
        exponent: above 0; 1.1 is the skew of many real key distributions.
    """

    def __init__(self, size: int, exponent: float) -> None:
        self._size = size
        self._exponent = exponent
        self._low = self._integral(1.5) - 1.0
        self._high = self._integral(size + 0.5)
        self._accepted = 2.0 - self._inverse(self._integral(2.5) - self._weight(2.0))

    def draw(self, chance: random.Random) -> int:
        """The next number, from 1."""
        while True:
            under = self._high + chance.random() * (self._low - self._high)
            exact = self._inverse(under)
            number = min(max(round(exact), 1), self._size)
            if number - exact <= self._accepted:
                return number
            if under >= self._integral(number + 0.5) - self._weight(number):
                return number

    def _weight(self, x: float) -> float:
        return math.exp(-self._exponent * math.log(x))

    def _integral(self, x: float) -> float:
        """The integral of the weight, up to a constant."""
        log = math.log(x)
        return _expm1_over((1.0 - self._exponent) * log) * log

    def _inverse(self, y: float) -> float:
        scaled = max(y * (1.0 - self._exponent), -1.0)
        return math.exp(_log1p_over(scaled) * y)


def _log1p_over(x: float) -> float:
    """`log(1 + x) / x`, also near 0."""
    return math.log1p(x) / x if abs(x) > 1e-8 else 1.0 - x / 2


def _expm1_over(x: float) -> float:
    """`(e^x - 1) / x`, also near 0."""
    return math.expm1(x) / x if abs(x) > 1e-8 else 1.0 + x / 2
