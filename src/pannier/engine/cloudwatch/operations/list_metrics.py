"""ListMetrics: which metrics there are.

| rule | evidence |
|---|---|
| 500 a page | service model |
| only those with data of the last two weeks; on request, of the last three hours | service model |
| a filter on dimensions wants all that it names; a metric may have others | service model |
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch.errors import InvalidParameterValueError
from pannier.engine.cloudwatch.paging import from_token, to_token
from pannier.engine.metrics.series import Metric

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_PAGE_MAX: Final = 500
_TWO_WEEKS_S: Final = 14 * 24 * 3600
_RECENTLY_S: Final = 3 * 3600


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """List metrics."""
    metrics = cloudwatch.metrics
    metrics.collect()
    now_s = metrics.clock()
    oldest_s = now_s - (_RECENTLY_S if "RecentlyActive" in request else _TWO_WEEKS_S)
    found = metrics.archive.metrics() + metrics.provisioned.metrics(now_s)
    names = sorted(
        metric for metric, newest_s in found if newest_s >= oldest_s and _wanted(metric, request)
    )
    start = 0
    if "NextToken" in request:
        start = from_token(request["NextToken"], int, InvalidParameterValueError)
    page = names[max(start, 0) : max(start, 0) + _PAGE_MAX]
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
            }
            for metric in page
        ]
    }
    if start + _PAGE_MAX < len(names):
        answer["NextToken"] = to_token(start + _PAGE_MAX)
    return answer


def _wanted(metric: Metric, request: Mapping[str, Any]) -> bool:
    if request.get("Namespace", metric.namespace) != metric.namespace:
        return False
    if request.get("MetricName", metric.name) != metric.name:
        return False
    dimensions = dict(metric.dimensions)
    return all(
        each["Name"] in dimensions
        and each.get("Value", dimensions[each["Name"]]) == dimensions[each["Name"]]
        for each in request.get("Dimensions", ())
    )
