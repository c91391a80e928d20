"""Throttled for real, seen with boto's eyes only: the answers and CloudWatch tell the same story.

`pannier serve --throttle` with its burst spent. Whatever passes while the test runs: the units are
those that the answers reported, the throttled events are the items that came back, the throttled
requests are the calls in which nothing was admitted.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients import client

from tests.conftest import serving


class Pressed:
    """Batches against a throttled server, and a book of what came back."""

    def __init__(self, url: str) -> None:
        self.database = client("dynamodb", url)
        self.cloudwatch = client("cloudwatch", url)
        self.units = {"Table": 0.0, "by-g": 0.0}
        self.returned = 0
        self.in_vain = 0

    def table(self, name: str, read: int, write: int, index_write: int | None = None) -> str:
        definitions = [{"AttributeName": "p", "AttributeType": "S"}]
        more: dict[str, Any] = {}
        if index_write is not None:
            definitions.append({"AttributeName": "g", "AttributeType": "S"})
            more["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": "by-g",
                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                    "ProvisionedThroughput": {
                        "ReadCapacityUnits": 1,
                        "WriteCapacityUnits": index_write,
                    },
                }
            ]
        self.database.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
            AttributeDefinitions=definitions,
            ProvisionedThroughput={"ReadCapacityUnits": read, "WriteCapacityUnits": write},
            **more,
        )
        return name

    def write(self, table: str, calls: int) -> None:
        """Put batches of 25 items of 1 KB."""
        for call in range(calls):
            items = [
                {"p": {"S": f"{call}-{each}"}, "g": {"S": "x"}, "f": {"S": "x" * 900}}
                for each in range(25)
            ]
            self._ask(
                self.database.batch_write_item,
                {table: [{"PutRequest": {"Item": each}} for each in items]},
                lambda answer: answer["UnprocessedItems"].get(table, []),
            )

    def read(self, table: str, calls: int) -> None:
        """Get batches of 25 keys."""
        keys = [{"p": {"S": str(each)}} for each in range(25)]
        for _ in range(calls):
            self._ask(
                self.database.batch_get_item,
                {table: {"Keys": keys, "ConsistentRead": True}},
                lambda answer: answer["UnprocessedKeys"].get(table, {}).get("Keys", []),
            )

    def _ask(self, operation: Any, items: dict[str, Any], left: Any) -> None:
        try:
            answer = operation(RequestItems=items, ReturnConsumedCapacity="INDEXES")
        except self.database.exceptions.ProvisionedThroughputExceededException:
            self.in_vain += 1
            self.returned += 25
            return
        self.returned += len(left(answer))
        for consumed in answer["ConsumedCapacity"]:
            self.units["Table"] += consumed["Table"]["CapacityUnits"]
            for name, of_index in consumed.get("GlobalSecondaryIndexes", {}).items():
                self.units[name] += of_index["CapacityUnits"]

    def total(self, name: str, table: str, **dimensions: str) -> float:
        """The sum of a metric."""
        now = datetime.now(UTC)
        points = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/DynamoDB",
            MetricName=name,
            Dimensions=[
                {"Name": name, "Value": value}
                for name, value in {"TableName": table, **dimensions}.items()
            ],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(minutes=1),
            Period=86_400,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)


@pytest.fixture(name="pressed")
def _pressed() -> Iterator[Pressed]:
    with serving("--memory", "--throttle", "--burst", "0") as (url, _):
        yield Pressed(url)


def test_a_table_without_capacity(pressed: Pressed):
    table = pressed.table("orders", read=5, write=5)
    pressed.write(table, calls=8)
    assert pressed.units["Table"] >= 5
    assert pressed.in_vain
    assert pressed.total("ConsumedWriteCapacityUnits", table) == pressed.units["Table"]
    assert pressed.total("WriteThrottleEvents", table) == pressed.returned
    assert pressed.total("WriteProvisionedThroughputThrottleEvents", table) == pressed.returned
    assert pressed.total("ThrottledRequests", table, Operation="BatchWriteItem") == pressed.in_vain


def test_an_index_without_capacity(pressed: Pressed):
    """The table has plenty: every item that came back is an event of the index."""
    table = pressed.table("orders", read=5, write=500, index_write=2)
    index = {"GlobalSecondaryIndexName": "by-g"}
    pressed.write(table, calls=4)
    assert pressed.total("ConsumedWriteCapacityUnits", table) == pressed.units["Table"]
    assert pressed.total("ConsumedWriteCapacityUnits", table, **index) == pressed.units["by-g"] > 0
    assert pressed.total("WriteThrottleEvents", table, **index) == pressed.returned > 0
    assert pressed.total("WriteThrottleEvents", table) == 0
    assert pressed.total("ThrottledRequests", table, Operation="BatchWriteItem") == pressed.in_vain


def test_reads_without_capacity(pressed: Pressed):
    table = pressed.table("orders", read=7, write=5)
    pressed.read(table, calls=6)
    assert pressed.total("ConsumedReadCapacityUnits", table) == pressed.units["Table"] >= 7
    assert pressed.total("ReadThrottleEvents", table) == pressed.returned > 0
    assert pressed.total("ThrottledRequests", table, Operation="BatchGetItem") == pressed.in_vain
