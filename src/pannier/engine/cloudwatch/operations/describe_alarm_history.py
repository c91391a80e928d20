"""DescribeAlarmHistory: what happened to alarms, newest first unless asked otherwise."""

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch.paging import from_token, to_token

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_PAGE_MAX: Final = 100
_AHEAD_S: Final = 1.0


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Show the history."""
    alarms = cloudwatch.alarms
    alarms.evaluate()
    if "MetricAlarm" not in request.get("AlarmTypes", ("MetricAlarm",)):
        return {"AlarmHistoryItems": []}
    stop_s = request.get("EndDate", cloudwatch.metrics.clock() + _AHEAD_S)
    entries = (
        entry
        for entry in alarms.history.entries(
            request.get("StartDate", 0.0),
            stop_s,
            newest_first=request.get("ScanBy") != "TimestampAscending",
        )
        if entry["AlarmName"] == request.get("AlarmName", entry["AlarmName"])
        and entry["HistoryItemType"] == request.get("HistoryItemType", entry["HistoryItemType"])
    )
    start = max(from_token(request["NextToken"], int), 0) if "NextToken" in request else 0
    limit = request.get("MaxRecords", _PAGE_MAX)
    page = list(islice(entries, start, start + limit + 1))
    answer: dict[str, Any] = {"AlarmHistoryItems": page[:limit]}
    if len(page) > limit:
        answer["NextToken"] = to_token(start + limit)
    return answer
