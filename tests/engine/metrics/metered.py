"""A database under a clock that is moved by hand, and short ways to ask it and its metrics."""

from pathlib import Path
from typing import Any

import orjson

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import OFF, Throttling

START_S = 1_700_000_040.0  # a whole minute
NAMESPACE = "AWS/DynamoDB"


class MovableClock(ManualClock):
    """A clock that can also be put back."""

    def set(self, now_s: float) -> None:
        self._now_s = now_s


class Metered:
    """A database, in memory unless a folder is given."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        clock: MovableClock | None = None,
        throttling: Throttling = OFF,
    ) -> None:
        self.clock = clock or MovableClock(START_S)
        if folder is None:
            self.database = Database.in_memory(
                clock=self.clock, throttling=throttling, sweep_interval_s=None
            )
        else:
            self.database = Database.open(folder, clock=self.clock, throttling=throttling)

    def ask(self, operation: str, **request: Any) -> tuple[int, dict[str, Any]]:
        """The status and the answer of a request to DynamoDB."""
        answer = self.database.execute(operation, orjson.dumps(request))
        return answer.status, orjson.loads(answer.body or b"{}")

    def must(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to a request that must succeed."""
        status, answer = self.ask(operation, **request)
        assert status == 200, answer
        return answer

    def create(self, name: str, read: int = 5, write: int = 5, **more: Any) -> str:
        """A table with the key `p`; an index on `g` by `index=True`, or a local one on `l`."""
        names, extra = ["p"], {}
        keys = [{"AttributeName": "p", "KeyType": "HASH"}]
        units = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
        if more.pop("index", False):
            names.append("g")
            extra["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": "by-g",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": units,
                }
            ]
        if more.pop("local", False):
            names += ["s", "l"]
            keys.append({"AttributeName": "s", "KeyType": "RANGE"})
            extra["LocalSecondaryIndexes"] = [
                {
                    "IndexName": "by-l",
                    "KeySchema": [
                        {"AttributeName": "p", "KeyType": "HASH"},
                        {"AttributeName": "l", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ]
        self.must(
            "CreateTable",
            TableName=name,
            KeySchema=keys,
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
            ProvisionedThroughput=units,
            **extra,
            **more,
        )
        return name

    def put(self, table: str, count: int, size: int = 10, **attributes: Any) -> dict[str, Any]:
        """Put so many items in one batch."""
        items = [
            {"p": {"S": str(each)}, "f": {"S": "x" * size}, **attributes} for each in range(count)
        ]
        return self.must(
            "BatchWriteItem",
            RequestItems={table: [{"PutRequest": {"Item": each}} for each in items]},
            ReturnConsumedCapacity="INDEXES",
        )

    def cloudwatch(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to a request to CloudWatch."""
        return self.database.cloudwatch.execute(operation, request)

    def statistics(
        self,
        name: str,
        *statistics: str,
        namespace: str = NAMESPACE,
        start_s: float | None = None,
        end_s: float | None = None,
        period: int = 3600,
        unit: str | None = None,
        **dimensions: str,
    ) -> list[dict[str, Any]]:
        """The data points of a metric, over the last hour and a bit unless said otherwise."""
        now_s = self.clock()
        extended = [each for each in statistics if each[0].islower() or "(" in each]
        simple = [each for each in statistics if each not in extended]
        request: dict[str, Any] = {
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": dimensions_of(**dimensions),
            "StartTime": now_s - 3600 if start_s is None else start_s,
            "EndTime": now_s + 60 if end_s is None else end_s,
            "Period": period,
        }
        if unit:
            request["Unit"] = unit
        if simple:
            request["Statistics"] = simple
        if extended:
            request["ExtendedStatistics"] = extended
        return self.cloudwatch("GetMetricStatistics", **request)["Datapoints"]

    def total(self, name: str, **dimensions: str) -> float:
        """The sum of a metric over all that there may be."""
        points = self.statistics(
            name,
            "Sum",
            start_s=self.clock() - 14 * 86400,
            end_s=self.clock() + 14 * 86400,
            period=86400,
            **dimensions,
        )
        return sum(point["Sum"] for point in points)

    def one(self, name: str, *statistics: str, **dimensions: Any) -> dict[str, Any]:
        """The only data point of a metric."""
        (point,) = self.statistics(name, *statistics, **dimensions)
        return point


def dimensions_of(**dimensions: str) -> list[dict[str, str]]:
    """`table`, `index` and `operation` by their names in CloudWatch; others as they are."""
    names = {"table": "TableName", "index": "GlobalSecondaryIndexName", "operation": "Operation"}
    return [{"Name": names.get(name, name), "Value": value} for name, value in dimensions.items()]
