"""What happened to alarms: made, changed, deleted, and every change of state. 30 days are kept."""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from pannier.engine.metrics.archive import Archive
from pannier.engine.metrics.space import HISTORY_PREFIX, after

_KEPT_S: Final = 30 * 24 * 3600  # CloudWatch User Guide, "Alarms"
_TIME_BYTES: Final = 8
_NUMBER_BYTES: Final = 4
_TIME_MAX_MS: Final = 2**63
_TRIM_EVERY: Final = 100  # entries
_SUMMARY_MAX: Final = 255
_DATA_MAX: Final = 4095


class History:
    """The history of all alarms.

    Args:
        archive: keeps it.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._number = 0

    def add(self, alarm: str, kind: str, time_s: float, summary: str, data: Any) -> None:
        """Add an entry.

        Args:
            alarm: the alarm's name.
            kind: `ConfigurationUpdate` or `StateUpdate`.
            time_s: when, in seconds since 1970.
            summary: what, in words.
            data: what, as JSON has it.
        """
        shown = orjson.dumps(data).decode()
        entry = {
            "AlarmName": alarm,
            "AlarmType": "MetricAlarm",
            "Timestamp": time_s,
            "HistoryItemType": kind,
            "HistorySummary": summary[:_SUMMARY_MAX],
            "HistoryData": shown[:_DATA_MAX],
        }
        with self._archive.lock:
            self._number += 1
            group = self._archive.store.new_group()
            number = (self._number % 2 ** (8 * _NUMBER_BYTES)).to_bytes(_NUMBER_BYTES, "big")
            group.put(_bound(time_s) + number, orjson.dumps(entry))
            if self._number % _TRIM_EVERY == 1:
                group.delete_range(HISTORY_PREFIX, _bound(time_s - _KEPT_S))
            self._archive.store.write(group)

    def entries(
        self, start_s: float, stop_s: float, *, newest_first: bool
    ) -> Iterator[dict[str, Any]]:
        """The entries from one time up to, not including, another."""
        with self._archive.lock:
            rows = list(
                self._archive.store.range(
                    max(_bound(start_s), HISTORY_PREFIX),
                    min(_bound(stop_s), after(HISTORY_PREFIX)),
                    reverse=newest_first,
                )
            )
        for _, entry in rows:
            yield orjson.loads(entry)


def _bound(time_s: float) -> bytes:
    time_ms = min(max(int(time_s * 1000), 0), _TIME_MAX_MS)
    return HISTORY_PREFIX + time_ms.to_bytes(_TIME_BYTES, "big")
