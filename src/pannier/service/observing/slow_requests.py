"""The slow requests that came last, stage by stage."""

from collections import deque
from datetime import UTC, datetime
from typing import Any, Final

_KEPT: Final = 100


class SlowRequests:
    """Remembers the last 100.

    Args:
        slow_s: a request that takes at least so long is slow.
    """

    def __init__(self, slow_s: float) -> None:
        self.slow_s = slow_s
        self._kept: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def add(self, trace: dict[str, Any]) -> None:
        """Remember one."""
        self._kept.append(trace)

    def describe(self) -> dict[str, Any]:
        """All of them, the newest first, as the admin API shows them."""
        shown = [
            {**each, "time": datetime.fromtimestamp(each["time"], UTC).isoformat()}
            for each in reversed(self._kept)
        ]
        return {"slow_ms": self.slow_s * 1000, "requests": shown}
