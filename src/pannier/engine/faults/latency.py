"""How long a slow answer takes: distributions of delays.

Each gives a delay for a number from 0 to 1, by the inverse of its distribution function, so that
one number of chance makes one delay, whatever the version of Python.
"""

import math
from dataclasses import dataclass, fields
from statistics import NormalDist
from typing import Any, Final, TypeAlias

from pannier.engine.faults.checks import RuleError, check_number

DELAY_S_MAX: Final = 900.0
_SHAPE_MAX: Final = 100.0
_EXPONENT_MAX: Final = 700.0  # beyond it, a float has no room
_SMALLEST_CHANCE: Final = 2.0**-53
_STANDARD: Final = NormalDist()


class _Checked:
    """Times are at most `DELAY_S_MAX`; shapes without a unit are above 0."""

    __slots__ = ()

    def __post_init__(self) -> None:
        own: Any = self  # all that inherit are dataclasses
        for field in fields(own):
            value = getattr(self, field.name)
            if field.name.endswith("_s"):
                check_number(field.name, value, 0.0, DELAY_S_MAX, " seconds")
            else:
                check_number(field.name, value, 0.001, _SHAPE_MAX)


@dataclass(frozen=True, slots=True)
class Fixed(_Checked):
    """Always the same delay."""

    delay_s: float

    def at(self, chance: float) -> float:  # noqa: ARG002  # each distribution is asked alike
        """The delay in seconds for a number of chance from 0 to 1."""
        return self.delay_s


@dataclass(frozen=True, slots=True)
class Uniform(_Checked):
    """Anything between two times, equally likely."""

    from_s: float
    to_s: float

    def __post_init__(self) -> None:
        _Checked.__post_init__(self)
        if self.from_s > self.to_s:
            raise RuleError(
                f"'from_s' ({self.from_s:g}) is above 'to_s' ({self.to_s:g})", "Exchange them."
            )

    def at(self, chance: float) -> float:
        """The delay in seconds for a number of chance from 0 to 1."""
        return self.from_s + (self.to_s - self.from_s) * chance


@dataclass(frozen=True, slots=True)
class Normal(_Checked):
    """A normal distribution; below 0 it is 0."""

    mean_s: float
    deviation_s: float

    def at(self, chance: float) -> float:
        """The delay in seconds for a number of chance from 0 to 1."""
        return self.mean_s + self.deviation_s * _STANDARD.inv_cdf(max(chance, _SMALLEST_CHANCE))


@dataclass(frozen=True, slots=True)
class LogNormal(_Checked):
    """A lognormal distribution: half of the delays are above the median, some far above."""

    median_s: float
    sigma: float = 1.0

    def at(self, chance: float) -> float:
        """The delay in seconds for a number of chance from 0 to 1."""
        exponent = self.sigma * _STANDARD.inv_cdf(max(chance, _SMALLEST_CHANCE))
        return self.median_s * math.exp(min(exponent, _EXPONENT_MAX))


@dataclass(frozen=True, slots=True)
class Exponential(_Checked):
    """An exponential distribution."""

    mean_s: float

    def at(self, chance: float) -> float:
        """The delay in seconds for a number of chance from 0 to 1."""
        return -self.mean_s * math.log1p(-chance)


@dataclass(frozen=True, slots=True)
class Pareto(_Checked):
    """A Pareto distribution: the smaller the shape, the longer its tail."""

    minimum_s: float
    shape: float = 2.0

    def at(self, chance: float) -> float:
        """The delay in seconds for a number of chance from 0 to 1."""
        return self.minimum_s * math.exp(min(-math.log1p(-chance) / self.shape, _EXPONENT_MAX))


Latency: TypeAlias = Fixed | Uniform | Normal | LogNormal | Exponential | Pareto

DISTRIBUTIONS: Final[dict[str, type[Latency]]] = {
    "fixed": Fixed,
    "uniform": Uniform,
    "normal": Normal,
    "lognormal": LogNormal,
    "exponential": Exponential,
    "pareto": Pareto,
}
