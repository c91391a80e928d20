"""DescribeAlarms and DescribeAlarmsForMetric: the alarms, brought up to date.

There are metric alarms only, so whoever asks for others, or for children and parents of composite
alarms, gets none. Up to 100 a page.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.alarms import Alarm
from pannier.engine.cloudwatch.errors import ValidationError
from pannier.engine.cloudwatch.paging import from_token, to_token
from pannier.engine.cloudwatch.queries import metric_of

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_PAGE_MAX: Final = 100
_ACTIONS: Final = ("OKActions", "AlarmActions", "InsufficientDataActions")


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe alarms."""
    if "AlarmNames" in request and "AlarmNamePrefix" in request:
        raise ValidationError(messages.ALARM_PREFIX_AND_NAMES)
    last = from_token(request["NextToken"], str) if "NextToken" in request else ""
    limit = request.get("MaxRecords", _PAGE_MAX)
    with cloudwatch.alarms.lock:
        wanted = [
            alarm
            for alarm in cloudwatch.alarms.all()
            if alarm.name > last and _is_wanted(alarm, request)
        ]
        page = wanted[:limit]
        answer: dict[str, Any] = {
            "CompositeAlarms": [],
            "MetricAlarms": [alarm.describe() for alarm in page],
        }
    if len(wanted) > limit:
        answer["NextToken"] = to_token(page[-1].name)
    return answer


def run_for_metric(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the alarms on a metric; what the request leaves open, may be anything."""
    metric = metric_of(request)
    options = [
        member
        for member in ("Statistic", "ExtendedStatistic", "Period", "Unit")
        if member in request
    ]
    with cloudwatch.alarms.lock:
        found = [
            alarm.describe()
            for alarm in cloudwatch.alarms.all()
            if "MetricName" in alarm.configuration
            and metric_of(alarm.configuration) == metric
            and all(alarm.configuration.get(each) == request[each] for each in options)
        ]
    return {"MetricAlarms": found}


def _is_wanted(alarm: Alarm, request: Mapping[str, Any]) -> bool:
    if "ChildrenOfAlarmName" in request or "ParentsOfAlarmName" in request:
        return False
    if "MetricAlarm" not in request.get("AlarmTypes", ("MetricAlarm",)):
        return False
    if alarm.name not in request.get("AlarmNames", (alarm.name,)):
        return False
    if not alarm.name.startswith(request.get("AlarmNamePrefix", "")):
        return False
    if alarm.state != request.get("StateValue", alarm.state):
        return False
    prefix = request.get("ActionPrefix")
    return prefix is None or any(
        action.startswith(prefix)
        for member in _ACTIONS
        for action in alarm.configuration.get(member, ())
    )
