"""Looking at a target's metrics again and again, while its server may go and come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pannier.errors import UserError
from pannier.monitoring.reading import Reader, Reading
from pannier.monitoring.source import MetricsError, MetricSource

DEFAULT_RANGE: Final = "1h"
RANGES: Final = ("15m", "1h", "3h", "12h", "1d", "7d", "30d")
"""What a screen offers."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is looked at.

    Attributes:
        tables: none for all that have metrics.
        length: of the time that ends now, e.g. `1h`.
        times_s: from when to when, in seconds since 1970, instead of `length`.
    """

    tables: tuple[str, ...] = ()
    length: str = DEFAULT_RANGE
    times_s: tuple[float, float] | None = None


class Watch:
    """Reads whatever is looked at. After an error it finds the target anew.

    A server that begins again may have another address, which its folder tells.

    Args:
        find: finds the source of the metrics; raises `UserError` where there is none.
    """

    def __init__(self, find: Callable[[], MetricSource]) -> None:
        self._find = find
        self._reader: Reader | None = None

    def look(self, sight: Sight) -> Reading:
        """Read the charts.

        Raises:
            UserError: they can't be had now, or there is no such table; the text says what to do.
        """
        try:
            reader = self._opened()
            if sight.times_s is not None:
                reading = reader.read(*sight.times_s, sight.tables)
            else:
                reading = reader.read_last(sight.length, sight.tables)
        except UserError:
            self._reader = None
            raise
        self._check(reader.source, reading.silent)
        return reading

    @property
    def is_near(self) -> bool:
        """Whether the target is on this machine; False as long as it was not found."""
        return self._reader is not None and self._reader.source.is_near

    def find(self) -> MetricSource:
        """The source, found now if it was not before; raises as `look`."""
        return self._opened().source

    def _opened(self) -> Reader:
        if self._reader is None:
            self._reader = Reader(self._find())
        return self._reader

    def _check(self, source: MetricSource, silent: Sequence[str]) -> None:
        for name in silent:
            if source.has_table(name) is False:
                raise MetricsError(
                    f"there is no table {name} at {source.name}",
                    "See which there are: pannier tables",
                )
