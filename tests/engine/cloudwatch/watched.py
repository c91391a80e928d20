"""CloudWatch over an empty database under a manual clock: publish samples, ask for them."""

from typing import Any

import pytest

from pannier.clock import ManualClock
from pannier.engine.cloudwatch.errors import CloudWatchError
from pannier.engine.database import Database

START_S = 1_700_000_040.0  # a whole minute
NAMESPACE = "Mine"
NAME = "visits"


class Watched:
    """CloudWatch, and a clock that stands still."""

    def __init__(self) -> None:
        self.clock = ManualClock(START_S)
        self.database = Database.in_memory(clock=self.clock, sweep_interval_s=None)

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to a request."""
        return self.database.cloudwatch.execute(operation, request)

    def refused(self, operation: str, **request: Any) -> str:
        """The error of a request that must fail: `Code: text`."""
        with pytest.raises(CloudWatchError) as caught:
            self.ask(operation, **request)
        assert caught.value.status in (400, 404)
        return f"{caught.value.code}: {caught.value.message}"

    def publish(self, *values: float, minute: int = 0, name: str = NAME, **more: Any) -> None:
        """Publish samples of a minute after the start."""
        datum = {
            "MetricName": name,
            "Timestamp": START_S + 60 * minute,
            "Values": list(values),
            **more,
        }
        self.ask("PutMetricData", Namespace=NAMESPACE, MetricData=[datum])

    def series(self, name: str, *values: float | None) -> None:
        """Publish a sample a minute from the start on; None leaves a minute out."""
        for minute, value in enumerate(values):
            if value is not None:
                self.publish(value, minute=minute, name=name)
        self.clock.advance(max(0.0, START_S + 60 * len(values) - 1 - self.clock()))

    def statistics(
        self, *names: str, period: int = 60, minutes: int = 60, **more: Any
    ) -> list[Any]:
        """The data points of the metric since the start."""
        extended = [each for each in names if each not in _SIMPLE]
        request: dict[str, Any] = {
            "Namespace": NAMESPACE,
            "MetricName": NAME,
            "StartTime": START_S,
            "EndTime": START_S + 60 * minutes,
            "Period": period,
            **more,
        }
        if extended:
            request["ExtendedStatistics"] = extended
        else:
            request["Statistics"] = list(names)
        return self.ask("GetMetricStatistics", **request)["Datapoints"]

    def data(self, *queries: dict[str, Any], minutes: int = 5, **more: Any) -> list[dict[str, Any]]:
        """The results of queries over some minutes since the start, oldest first."""
        answer = self.ask(
            "GetMetricData",
            MetricDataQueries=list(queries),
            **{
                "StartTime": START_S,
                "EndTime": START_S + 60 * minutes,
                "ScanBy": "TimestampAscending",
                **more,
            },
        )
        return answer["MetricDataResults"]

    def math(self, expression: str, *metrics: str, minutes: int = 5) -> list[list[float | None]]:
        """What an expression over metrics gives: for each series its value in each minute."""
        queries = [metric_query(each, each, returned=False) for each in metrics]
        results = self.data(*queries, {"Id": "result", "Expression": expression}, minutes=minutes)
        found = []
        for each in results:
            values = dict(zip(each["Timestamps"], each["Values"], strict=True))
            found.append([values.get(START_S + 60 * minute) for minute in range(minutes)])
        return found


_SIMPLE = ("SampleCount", "Sum", "Average", "Minimum", "Maximum")


def metric_query(
    name: str, metric: str = NAME, stat: str = "Sum", *, returned: bool = True, **more: Any
) -> dict[str, Any]:
    """A query for a metric."""
    described = {"Namespace": NAMESPACE, "MetricName": metric}
    stated = {"Metric": described, "Period": 60, "Stat": stat, **more}
    return {"Id": name, "MetricStat": stated, "ReturnData": returned}
