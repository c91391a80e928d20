"""The operations of CloudWatch that there are: `run(cloudwatch, request)`, by their names."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pannier.engine.cloudwatch.operations import (
    alarm_tags,
    change_alarms,
    describe_alarm_history,
    describe_alarms,
    get_metric_data,
    get_metric_statistics,
    list_metrics,
    put_metric_alarm,
    put_metric_data,
)

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

Run: TypeAlias = Callable[["CloudWatch", Mapping[str, Any]], dict[str, Any]]

OPERATIONS: Final[Mapping[str, Run]] = {
    "DeleteAlarms": change_alarms.delete,
    "DescribeAlarmHistory": describe_alarm_history.run,
    "DescribeAlarms": describe_alarms.run,
    "DescribeAlarmsForMetric": describe_alarms.run_for_metric,
    "DisableAlarmActions": change_alarms.disable_actions,
    "EnableAlarmActions": change_alarms.enable_actions,
    "GetMetricData": get_metric_data.run,
    "GetMetricStatistics": get_metric_statistics.run,
    "ListMetrics": list_metrics.run,
    "ListTagsForResource": alarm_tags.list_tags,
    "PutMetricAlarm": put_metric_alarm.run,
    "PutMetricData": put_metric_data.run,
    "SetAlarmState": change_alarms.set_state,
    "TagResource": alarm_tags.tag,
    "UntagResource": alarm_tags.untag,
}
