"""A progress line on a terminal; nothing in a pipe."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from pannier.batch.report import Report

_WINDOW_S: Final = 10.0
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


class Pace:
    """How fast a job goes at the moment, and how long it will take at that.

    Args:
        fraction: how much of the source has been read, from 0 to 1; None where nobody knows.
        clock: seconds since any moment.
    """

    def __init__(
        self,
        fraction: Callable[[], float | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fraction = fraction
        self._clock = clock
        self._samples: deque[tuple[float, int, float]] = deque()
        self.per_s = 0.0
        self.part: float | None = None
        self.left_s: float | None = None

    def look(self, report: Report) -> None:
        """Take a sample."""
        now_s = self._clock()
        self.part = self._fraction() if self._fraction is not None else None
        samples = self._samples
        samples.append((now_s, report.done, self.part or 0.0))
        while now_s - samples[0][0] > _WINDOW_S:
            samples.popleft()
        then_s, done, part = samples[0]
        passed_s = now_s - then_s
        if passed_s <= 0:
            return
        self.per_s = (report.done - done) / passed_s
        self.left_s = None
        if self.part is not None and self.part > part:
            self.left_s = (1 - self.part) * passed_s / (self.part - part)


def line(report: Report, pace: Pace) -> str:
    """What is shown of a job under way."""
    parts = [f"{report.done:,} items", f"{pace.per_s:,.0f}/s", f"{report.in_flight} in flight"]
    if report.failed:
        parts.append(f"{report.failed:,} failed")
    if report.leftovers:
        parts.append(f"{report.leftovers:,} left over")
    if report.throttles:
        parts.append(f"{report.throttles:,} throttled")
    if report.waited_s:
        parts.append(f"{report.waited_s:.1f} s waited")
    if pace.part is not None:
        parts.append(f"{pace.part:.0%}")
    if pace.left_s is not None:
        parts.append(f"{duration(pace.left_s)} left")
    return "  ".join(parts)


@contextmanager
def progress(
    label: str, fraction: Callable[[], float | None] | None = None
) -> Iterator[Callable[[Report], None]]:
    """Show how a job goes, while the block runs.

    Args:
        label: what is being done.
        fraction: how much of the source has been read, from 0 to 1; None where nobody knows.

    Yields:
        What is to be called with the job's report, once.
    """
    reports: list[Report] = []
    if not sys.stderr.isatty():
        yield reports.append
        return
    from rich.console import Console  # slow to import, useless in a pipe
    from rich.live import Live
    from rich.spinner import Spinner

    pace = Pace(fraction)
    spinner = Spinner("dots", label)

    def shown() -> Spinner:
        if reports:
            pace.look(reports[-1])
            spinner.update(text=f"{label}  {line(reports[-1], pace)}")
        return spinner

    with Live(
        console=Console(stderr=True), transient=True, refresh_per_second=8, get_renderable=shown
    ):
        yield reports.append


def duration(seconds: float) -> str:
    """A time in words."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S:02} s"
    return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02} min"
