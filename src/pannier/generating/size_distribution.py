"""How large items shall be, in stored bytes.

500            all of them
200-2000       evenly between
lognormal:800,0.7   the median, and the deviation of its logarithm: a few large ones
"""

import math
import random
from dataclasses import dataclass
from typing import Final

from pannier.errors import UserError
from pannier.limits import ITEM_BYTES_MAX

_ADVICE: Final = "Write it as 500, 200-2000, or lognormal:800,0.7 (median and spread)."
_MEMBERS: Final = 2


@dataclass(frozen=True, slots=True)
class SizeDistribution:
    """A distribution of sizes.

    Attributes:
        low: bytes; the median of a lognormal one.
        high: bytes.
        spread: of a lognormal distribution; 0 for an even one.
    """

    low: int
    high: int
    spread: float = 0.0

    def draw(self, chance: random.Random) -> int:
        """The size of an item in bytes, at most 400 KB."""
        if self.spread:
            size = round(chance.lognormvariate(math.log(self.low), self.spread))
            return min(max(size, 1), ITEM_BYTES_MAX)
        return chance.randint(self.low, self.high)

    @classmethod
    def of(cls, text: str) -> "SizeDistribution":
        """Read what a user wrote.

        Raises:
            UserError: it is no distribution.
        """
        kind, colon, numbers = text.partition(":")
        try:
            if colon:
                median, spread = (float(each) for each in numbers.split(","))
                made = cls(int(median), int(median), spread)
                good = kind == "lognormal" and 0 < spread < math.inf
            else:
                bounds = [int(each) for each in text.split("-")]
                made = cls(bounds[0], bounds[-1])
                good = len(bounds) <= _MEMBERS
        except (ValueError, OverflowError):
            good = False
        if not good or not 0 < made.low <= made.high <= ITEM_BYTES_MAX:
            raise UserError(f"{text!r} is no distribution of item sizes", _ADVICE)
        return made
