"""Jobs in words: how they do, or how they ended."""

from dataclasses import dataclass
from typing import Final

from pannier.console.pages.metrics.figures import percent
from pannier.monitoring.job_status import BROKEN, DIED, FINISHED, INTERRUPTED, JobStatus

_PERCENT: Final = 100.0
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_OUTCOMES: Final = {INTERRUPTED: "interrupted", BROKEN: "ended by an error", DIED: "died"}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as a row of the page.

    Attributes:
        pid: of its process.
        name: command and process.
        what: its tables and its target.
        state: in words.
        fraction: how much is done, 0 to 1; None where nobody knows.
        is_bad: whether it ended badly.
        cells: items done, items a second, success rate, leftovers, retries, throttles.
    """

    pid: int
    name: str
    what: str
    state: str
    fraction: float | None
    is_bad: bool
    cells: tuple[str, ...]


HEADS: Final = (
    "Job", "State", "Items", "Items/s", "Success", "Leftovers", "Sent again", "Throttled calls",
)  # fmt: skip


def row_of(status: JobStatus) -> JobRow:
    """A job as a row."""
    report = status.report
    rate = status.success_rate
    speed = status.items_per_s if status.is_running else report.operations_per_s
    return JobRow(
        status.pid,
        f"{status.command} ({status.pid})",
        f"{', '.join(status.tables) or '-'} on {status.target}",
        _state(status),
        status.fraction if status.is_running else None,
        not status.is_running and not status.ok,
        (
            f"{report.done:,}",
            f"{speed:,.0f}",
            percent(None if rate is None else rate * _PERCENT),
            f"{report.leftovers:,}",
            f"{report.retries:,}",
            f"{report.throttles:,}",
        ),
    )


def _state(status: JobStatus) -> str:
    if not status.is_running:
        if status.state == FINISHED:
            return "done" if status.ok else "done, with failures"
        return _OUTCOMES.get(status.state, status.state)
    parts = [status.label]
    if status.fraction is not None:
        parts.append(f"{status.fraction:.0%}")
    if status.left_s is not None:
        parts.append(f"{_duration(status.left_s)} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.1f} h"
