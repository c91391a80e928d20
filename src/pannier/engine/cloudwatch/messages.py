"""The texts of CloudWatch's errors.

Evidence: *captured* texts are pasted from the service in public issue threads; the others are
worded after them.
"""

from collections.abc import Iterable, Sequence
from typing import Final

NO_OPERATION: Final = "Could not find operation {operation} for version 2010-08-01"
UNSUPPORTED: Final = "{operation} is not supported by this engine"
TOO_LARGE: Final = "The request is larger than 1 MB"
INTERNAL: Final = "The engine failed; its log says why"

# captured
REQUIRED: Final = "The parameter {path} is required."
NOT_IN_SET: Final = "The parameter {path} must be a value in the set [ {values} ]."
TIMES_EQUAL: Final = "The parameter StartTime must not equal parameter EndTime."
TIMES_REVERSED: Final = "The parameter StartTime must be less than the parameter EndTime."
DATAPOINTS: Final = (
    "You have requested up to {count:,} datapoints, which exceeds the limit of {limit:,}. You may "
    "reduce the datapoints requested by increasing Period, or decreasing the time range."
)
NOT_A_STATISTIC: Final = "The value for parameter {path} is not a valid statistic."
TOO_OLD: Final = "The parameter {path} must specify a time within the past two weeks."
NO_VALUE: Final = (
    "At least one of the parameters {path}.Value and {path}.StatisticValues must be specified."
)
TWO_VALUES: Final = (
    "The parameters {path}.{first} and {path}.{second} are mutually exclusive and you have "
    "specified both."
)
STATISTIC_NEEDLESS: Final = "{member} should not be set if list of Metrics is set."
SYNTAX: Final = "Error in expression '{id}': Syntax error at position {position}: {what}"

# worded after them
INVALID_VALUE: Final = "The value {value} for parameter {path} is invalid."
TOO_NEW: Final = "The parameter {path} must specify a time no more than two hours in the future."
TOO_MANY: Final = "The collection {path} must not have a size greater than {limit}."
NOT_PERIOD: Final = (
    "The parameter {path} must be 1, 5, 10, 20, 30, 60, or any multiple of 60; it is {value}."
)
STATISTICS_MISSING: Final = (
    "At least one of the parameters Statistics and ExtendedStatistics must be specified."
)
STATISTICS_BOTH: Final = (
    "The parameters Statistics and ExtendedStatistics are mutually exclusive and you have "
    "specified both."
)
COUNTS_LENGTH: Final = (
    "The parameters {path}.Values and {path}.Counts must have the same number of elements."
)
COUNTS_NEEDLESS: Final = "The parameter {path}.Counts may only be specified with {path}.Values."
SERIES_MAX: Final = "There may be no more than {limit:,} metrics in this engine."
ENTITIES_UNSUPPORTED: Final = (
    "EntityMetricData is not supported by this engine; send the data as MetricData."
)

QUERY_ID: Final = (
    "The value for parameter MetricDataQueries.member.{number}.Id must begin with a lowercase "
    "letter and have only letters, digits and underscores; it is '{id}'."
)
QUERY_ID_TWICE: Final = (
    "The values for parameter MetricDataQueries.Id must be unique; '{id}' is not."
)
QUERY_EITHER: Final = (
    "Exactly one of Expression and MetricStat must be specified for '{id}' in MetricDataQueries."
)
QUERY_PARTS: Final = (
    "The parameter MetricDataQueries.member.{number}.MetricStat.Metric must have a Namespace and a "
    "MetricName."
)
QUERY_NONE_RETURNED: Final = "At least one of the MetricDataQueries must return data."
EXPRESSION: Final = "Error in expression '{id}': {what}"
NOT_OURS: Final = "The NextToken is not valid for this request."

ALARM_NOT_FOUND: Final = "Alarm {name} does not exist."
RESOURCE_NOT_FOUND: Final = "Resource {arn} does not exist."
ALARMS_MAX: Final = "There may be no more than {limit:,} alarms."
ALARM_METRIC: Final = "Exactly one of MetricName and Metrics must be specified."
ALARM_REQUIRED: Final = "The parameter {member} is required for an alarm on a metric."
ALARM_STATISTIC: Final = (
    "Exactly one of Statistic and ExtendedStatistic must be specified for an alarm on a metric."
)
ALARM_NAME: Final = "AlarmName must not have control characters"
TAGS_MAX: Final = "A resource may have no more than {limit} tags"
ALARM_PERIOD: Final = "Period must be 10, 20, 30 or a multiple of 60; it is {period}"
ALARM_RANGE: Final = (
    "Metrics cannot be checked across more than {days} "
    "(EvaluationPeriods * Period must be <= {limit})"
)
ALARM_DATAPOINTS: Final = "DatapointsToAlarm must be less than or equal to EvaluationPeriods"
ALARM_MISSING_DATA: Final = (
    "Option {value} is not supported for TreatMissingData; use breaching, notBreaching, ignore or "
    "missing"
)
ALARM_LOW_SAMPLES: Final = (
    "Option {value} is not supported for EvaluateLowSampleCountPercentile; use evaluate or ignore"
)
ALARM_UNSUPPORTED: Final = "{member} is not supported by this engine"
ALARM_BAND: Final = "{operator} needs an anomaly detection band, which this engine does not have"
ALARM_RETURNS: Final = "Exactly one element of the Metrics list must return data."
ALARM_METRICS_MAX: Final = "An alarm may look at no more than {limit} metrics."
ALARM_PREFIX_AND_NAMES: Final = (
    "The parameters AlarmNames and AlarmNamePrefix are mutually exclusive and you have specified "
    "both."
)
REASON_DATA: Final = "StateReasonData is not valid JSON"


def constraint_errors(problems: Sequence[str]) -> str:
    """The text that gathers violated constraints (captured)."""
    plural = "s" if len(problems) != 1 else ""
    return f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}"


def lines(texts: Iterable[str]) -> str:
    """Several errors in one text, as the older operations answer them (captured)."""
    return "\n".join(texts)
