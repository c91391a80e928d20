"""GetMetricData: many metrics at once, and metric math; 100,800 data points a page.

Order of checks: what the model says; the times; the queries one by one; expressions when they are
evaluated. Newest first, unless the request wants it the other way.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from pannier.engine.cloudwatch import messages
from pannier.engine.cloudwatch.errors import ValidationError
from pannier.engine.cloudwatch.expressions import TimeSeries
from pannier.engine.cloudwatch.paging import from_token, to_token
from pannier.engine.cloudwatch.queries import Query, Results, read_queries

if TYPE_CHECKING:
    from pannier.engine.cloudwatch.cloudwatch import CloudWatch

_QUERIES_MAX: Final = 500
_DATAPOINTS_MAX: Final = 100_800


def run(cloudwatch: "CloudWatch", request: Mapping[str, Any]) -> dict[str, Any]:
    """Answer queries."""
    start_s, end_s = request["StartTime"], request["EndTime"]
    if start_s == end_s:
        raise ValidationError(messages.TIMES_EQUAL)
    if start_s > end_s:
        raise ValidationError(messages.TIMES_REVERSED)
    if len(request["MetricDataQueries"]) > _QUERIES_MAX:
        raise ValidationError(
            messages.TOO_MANY.format(path="MetricDataQueries", limit=_QUERIES_MAX)
        )
    queries = read_queries(request["MetricDataQueries"])
    if not any(query.returned for query in queries):
        raise ValidationError(messages.QUERY_NONE_RETURNED)
    metrics = cloudwatch.metrics
    metrics.collect()
    results = Results(metrics, queries, start_s, end_s)
    found = [(query, each) for query in queries if query.returned for each in results.of(query)]
    return _page(found, request)


def _page(found: list[tuple[Query, TimeSeries]], request: Mapping[str, Any]) -> dict[str, Any]:
    """So much of all data points as fits into one answer, from where the last one ended."""
    room = min(max(request.get("MaxDatapoints", _DATAPOINTS_MAX), 1), _DATAPOINTS_MAX)
    start = from_token(request["NextToken"], int) if "NextToken" in request else 0
    ascending = request.get("ScanBy") == "TimestampAscending"
    total = sum(len(series.values) for _, series in found)
    answer: dict[str, Any] = {
        "MetricDataResults": list(_results(found, start, start + room, ascending=ascending)),
        "Messages": [],
    }
    if start + room < total:
        answer["NextToken"] = to_token(start + room)
    return answer


def _results(
    found: list[tuple[Query, TimeSeries]], start: int, stop: int, *, ascending: bool
) -> Iterator[dict[str, Any]]:
    """The results, with those of all their data points that lie between two positions."""
    first = 0
    for query, series in found:
        times = sorted(series.values, reverse=not ascending)
        last = first + len(times)
        shown = times[max(start - first, 0) : max(stop - first, 0)]
        if shown or (not times and start <= first < stop):
            yield {
                "Id": query.id,
                "Label": series.label,
                "Timestamps": [float(time_s) for time_s in shown],
                "Values": [series.values[time_s] for time_s in shown],
                "StatusCode": "Complete" if last <= stop else "PartialData",
            }
        first = last
