"""The latencies of a job's calls, in a histogram: the same memory for ten calls or ten million.

The histogram is HdrHistogram's: buckets that grow with the value, so that every latency from a
microsecond to an hour is known to three significant digits. Its encoded form, which tools for HDR
histograms read, is how the journal and the JSON report carry it. Why this library:
`docs/decisions/0001-dependencies.md`.
"""

import math
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hdrh.histogram import HdrHistogram

_US: Final = 1_000_000
_HIGHEST_US: Final = 3600 * _US
_DIGITS: Final = 3


class Latencies:
    """How long calls took."""

    def __init__(self) -> None:
        self._made: HdrHistogram | None = None

    @property
    def count(self) -> int:
        """How many calls there were."""
        return self._made.get_total_count() if self._made is not None else 0

    @property
    def fastest_s(self) -> float:
        """The shortest; 0 without calls."""
        return self._histogram.get_min_value() / _US if self.count else 0.0

    @property
    def slowest_s(self) -> float:
        """The longest; 0 without calls."""
        return self._histogram.get_max_value() / _US if self.count else 0.0

    @property
    def mean_s(self) -> float:
        """The mean; 0 without calls."""
        return self._histogram.get_mean_value() / _US if self.count else 0.0

    def add(self, latency_s: float) -> None:
        """Note a call."""
        self._histogram.record_value(max(1, min(round(latency_s * _US), _HIGHEST_US)))

    def percentile_s(self, percentile: float) -> float:
        """The latency that `percentile` percent of the calls did not exceed; 0 without calls."""
        if not self.count:
            return 0.0
        # The histogram rounds to the nearest call; of eleven, 95 percent are eleven and not ten.
        calls = math.ceil(percentile * self.count / 100)
        value_us = self._histogram.get_value_at_percentile(100 * calls / self.count)
        return float(value_us / _US)

    def buckets(self) -> Iterator[tuple[float, int]]:
        """Latencies in seconds, rising, and how many calls took so long."""
        if self.count:
            for bucket in self._histogram.get_recorded_iterator():
                yield bucket.value_iterated_to / _US, bucket.count_added_in_this_iter_step

    def encoded(self) -> str:
        """The histogram as HdrHistogram's libraries exchange it; empty without calls."""
        return self._histogram.encode().decode() if self.count else ""

    def add_encoded(self, text: str) -> None:
        """Add what `encoded` gave.

        Raises:
            ValueError: it is no such text.
        """
        if not text:
            return
        from hdrh.codec import HdrCookieException, HdrLengthException
        from hdrh.histogram import HdrHistogram

        try:
            self._histogram.add(HdrHistogram.decode(text))
        except (HdrCookieException, HdrLengthException, IndexError, zlib.error) as error:
            raise ValueError(f"this is no histogram: {error}") from None

    @property
    def _histogram(self) -> "HdrHistogram":
        if self._made is None:
            from hdrh.histogram import HdrHistogram  # slow to import, and useless without calls

            self._made = HdrHistogram(1, _HIGHEST_US, _DIGITS)
        return self._made
