"""How a job did while it was followed: its pace over time, and the units it consumes a second."""

from collections import deque
from typing import Final

from pannier.monitoring.job_status import JobStatus

_WINDOW_S: Final = 10.0
_POINTS_MAX: Final = 3600


class JobHistory:
    """What was seen of one job. The memory it takes is bounded."""

    def __init__(self) -> None:
        self._seen: deque[JobStatus] = deque()
        self.times_s: deque[float] = deque(maxlen=_POINTS_MAX)
        """Seconds since the job began, of each point."""
        self.items_per_s: deque[float] = deque(maxlen=_POINTS_MAX)

    def add(self, status: JobStatus) -> None:
        """Take a status; the same one again changes nothing."""
        seen = self._seen
        if seen and seen[-1].updated_at_s >= status.updated_at_s:
            if not status.is_running:
                seen[-1] = status
            return
        seen.append(status)
        while status.updated_at_s - seen[0].updated_at_s > _WINDOW_S:
            seen.popleft()
        self.times_s.append(status.updated_at_s - status.began_at_s)
        self.items_per_s.append(status.items_per_s)

    def units_per_s(self, kind: str) -> dict[str, float]:
        """Units a second by table or `table/index`.

        They are of the last ten seconds while the job runs, of all its time once it has ended.

        Args:
            kind: `read` or `write`.
        """
        if not self._seen:
            return {}
        last, first = self._seen[-1], self._seen[0]
        spent = getattr(last.report.units, kind)
        passed_s = last.updated_at_s - first.updated_at_s
        if last.is_running and passed_s > 0:
            before = getattr(first.report.units, kind)
            return {
                place: (units - before.get(place, 0.0)) / passed_s for place, units in spent.items()
            }
        passed_s = last.updated_at_s - last.began_at_s
        return {place: units / passed_s for place, units in spent.items()} if passed_s > 0 else {}
