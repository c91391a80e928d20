"""The workshop's own retry loop against a throttled server, seen from outside: boto3 alone.

The server's clock is moved by hand, so that a minute of throttling takes no time. What is checked:
some items of a batch are written and the others returned; re-sent, they all arrive; the sum is what
the buckets allow, to the unit; and CloudWatch tells the same story as the answers.
"""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import serving

TABLE = "orders"
ONE_KB = "x" * 990  # with names and keys a little below 1,024 bytes: one unit
PLAIN = Config(retries={"total_max_attempts": 1})  # the loop is ours, not the SDK's


@dataclass
class Seen:
    """What a client saw of its own calls."""

    units: dict[str, float] = field(default_factory=lambda: {"table": 0.0, "index": 0.0})
    returned: int = 0
    refused: int = 0
    reasons: set[str] = field(default_factory=set)


class Server:
    """A throttled server, its clients and its clock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.dynamodb: Any = boto3.client("dynamodb", endpoint_url=url, config=PLAIN)
        self.cloudwatch: Any = boto3.client("cloudwatch", endpoint_url=url, config=PLAIN)
        self.started = self.now()

    def _clock(self, **content: float) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/_pannier/clock",
            data=json.dumps(content).encode() if content else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def now(self) -> float:
        """The server's time."""
        return self._clock()["now_s"]

    def advance(self, seconds: float) -> None:
        """Move the server's clock."""
        self._clock(advance_s=seconds)

    def create(self, *, write: int, read: int = 1, index: int | None = None) -> None:
        """The table, with keys PK and SK, and maybe an index on G."""
        attributes = ["PK", "SK"] + (["G"] if index else [])
        request: dict[str, Any] = {
            "TableName": TABLE,
            "KeySchema": [
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in attributes
            ],
            "ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write},
        }
        if index:
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": "by-g",
                    "KeySchema": [{"AttributeName": "G", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                    "ProvisionedThroughput": {
                        "ReadCapacityUnits": 1,
                        "WriteCapacityUnits": index,
                    },
                }
            ]
        self.dynamodb.create_table(**request)

    def create_on_demand(self, write_max: int) -> None:
        """The table, on demand, with a maximum of its own."""
        self.dynamodb.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "PK", "KeyType": "HASH"},
                {"AttributeName": "SK", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")
            ],
            BillingMode="PAY_PER_REQUEST",
            OnDemandThroughput={"MaxWriteRequestUnits": write_max},
        )

    def write(self, seen: Seen, puts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One call of the workshop's loop: what is left."""
        try:
            answer = self.dynamodb.batch_write_item(
                RequestItems={TABLE: puts}, ReturnConsumedCapacity="INDEXES"
            )
        except ClientError as error:
            self._refused(seen, error, len(puts))
            return puts
        (consumed,) = answer["ConsumedCapacity"]
        seen.units["table"] += consumed["Table"]["CapacityUnits"]
        indexes = consumed.get("GlobalSecondaryIndexes", {})
        seen.units["index"] += indexes.get("by-g", {"CapacityUnits": 0.0})["CapacityUnits"]
        left = answer["UnprocessedItems"].get(TABLE, [])
        seen.returned += len(left)
        return left

    def read(self, seen: Seen, keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One read of a batch: the keys that are left."""
        try:
            answer = self.dynamodb.batch_get_item(
                RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}},
                ReturnConsumedCapacity="TOTAL",
            )
        except ClientError as error:
            self._refused(seen, error, len(keys))
            return keys
        seen.units["table"] += sum(each["CapacityUnits"] for each in answer["ConsumedCapacity"])
        left = answer["UnprocessedKeys"].get(TABLE, {"Keys": []})["Keys"]
        seen.returned += len(left)
        return left

    @staticmethod
    def _refused(seen: Seen, error: ClientError, items: int) -> None:
        if error.response["Error"]["Code"] == "ThrottlingException":
            reasons = error.response["throttlingReasons"]
        else:
            assert error.response["Error"]["Code"] == "ProvisionedThroughputExceededException"
            reasons = error.response["ThrottlingReasons"]
        seen.reasons |= {each["reason"] for each in reasons}
        seen.refused += 1
        seen.returned += items

    def metric(self, name: str, **dimensions: str) -> float:
        """The sum of a metric since the server began."""
        start = datetime.fromtimestamp(self.started, UTC) - timedelta(minutes=2)
        answer = self.cloudwatch.get_metric_statistics(
            Namespace="AWS/DynamoDB",
            MetricName=name,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=start,
            EndTime=start + timedelta(hours=20),
            Period=60,
            Statistics=["Sum"],
        )
        return sum(point["Sum"] for point in answer["Datapoints"])


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that throttles tables and indexes, and has saved no capacity."""
    with serving("--memory", "--throttle", "tables", "--burst", "0", "--clock", "manual") as (
        url,
        _,
    ):
        yield Server(url)


def puts(count: int, **others: Any) -> list[dict[str, Any]]:
    """Requests for items of one unit each."""
    return [
        {"PutRequest": {"Item": {**key(number), "f": {"S": ONE_KB}, **others}}}
        for number in range(count)
    ]


def key(number: int) -> dict[str, Any]:
    """The key of an item."""
    return {"PK": {"S": "ORDER"}, "SK": {"S": f"{number:05}"}}


def test_a_minute_of_writes_gets_through_at_the_rate_of_the_table(server: Server):
    """25 items a batch, 5 units a second, an index that is not touched: 300 items in 60 seconds."""
    server.create(write=5, index=2)
    seen = Seen()
    first = server.write(seen, puts(25))
    assert len(first) == 20, "five written, twenty returned"
    pending, done = first, 5
    waiting = iter(puts(1000)[25:])
    for _ in range(60):
        server.advance(1)
        pending += [next(waiting) for _ in range(25 - len(pending))]
        for _ in range(2):  # the second call of each second finds nothing left
            left = server.write(seen, pending)
            done += len(pending) - len(left)
            pending = left
    assert done == 305
    assert seen.units == {"table": 305.0, "index": 0.0}
    assert seen.reasons == {"TableWriteProvisionedThroughputExceeded"}
    there = server.dynamodb.scan(TableName=TABLE, Select="COUNT")["Count"]
    assert there == 305
    assert server.metric("ConsumedWriteCapacityUnits", TableName=TABLE) == 305
    assert server.metric("WriteThrottleEvents", TableName=TABLE) == seen.returned
    assert (
        server.metric("ThrottledRequests", TableName=TABLE, Operation="BatchWriteItem")
        == seen.refused
        == 60
    )


def test_an_index_can_be_the_bottleneck(server: Server):
    """Two units a second for the index: two items, whatever the table has."""
    server.create(write=100, index=2)
    seen = Seen()
    pending = puts(25, G={"S": "one"})
    rounds = 0
    while pending:
        pending = server.write(seen, pending)
        server.advance(1)
        rounds += 1
    assert rounds == 13
    assert seen.units == {"table": 25.0, "index": 25.0}
    index = {"TableName": TABLE, "GlobalSecondaryIndexName": "by-g"}
    assert server.metric("ConsumedWriteCapacityUnits", **index) == 25
    assert server.metric("WriteThrottleEvents", **index) == seen.returned
    assert server.metric("WriteThrottleEvents", TableName=TABLE) == 0


def test_a_minute_of_reads_likewise(server: Server):
    """A consistent read of less than 4 KB is a unit: 3 a second, 180 a minute."""
    server.create(write=200, read=3)
    pending = server.write(Seen(), puts(25))
    assert pending == []
    seen = Seen()
    keys = [key(number % 25) for number in range(25)]
    done = 0
    for _ in range(60):
        left = server.read(seen, keys)
        done += len(keys) - len(left)
        assert server.read(seen, left) == left
        server.advance(1)
    assert done == 180
    assert server.metric("ConsumedReadCapacityUnits", TableName=TABLE) == 180 == seen.units["table"]
    assert server.metric("ReadThrottleEvents", TableName=TABLE) == seen.returned
    assert (
        server.metric("ThrottledRequests", TableName=TABLE, Operation="BatchGetItem")
        == seen.refused
        == 60
    )


def test_an_on_demand_table_answers_with_the_exception_of_its_mode(server: Server):
    """Seven a second at most: everything arrives, and the reason is the maximum that was set."""
    server.create_on_demand(write_max=7)
    seen = Seen()
    pending = puts(25)
    rounds = 0
    while pending:
        pending = server.write(seen, pending)
        if pending:
            assert server.write(seen, pending) == pending
        server.advance(1)
        rounds += 1
    assert rounds == 4
    assert seen.reasons == {"TableWriteMaxOnDemandThroughputExceeded"}
    assert server.metric("ConsumedWriteCapacityUnits", TableName=TABLE) == 25 == seen.units["table"]
    assert server.metric("WriteThrottleEvents", TableName=TABLE) == seen.returned
    events = "WriteMaxOnDemandThroughputThrottleEvents"
    assert server.metric(events, TableName=TABLE) == seen.returned
    throttled = server.metric("ThrottledRequests", TableName=TABLE, Operation="BatchWriteItem")
    assert throttled == seen.refused == 3


def test_a_hot_partition_throttles_while_its_table_does_not():
    """40,000 units for the table, 1,000 a second for the one key that everything goes to."""
    with serving("--memory", "--throttle", "--clock", "manual") as (url, _):
        server = Server(url)
        server.create(write=40_000)
        seen = Seen()
        left = [server.write(seen, puts(25)) for _ in range(42)]
        assert [len(each) for each in left] == [0] * 40 + [25, 25]
        assert seen.reasons == {"TableWriteKeyRangeThroughputExceeded"}
        cold = {"PK": {"S": "somewhere else"}, "SK": {"S": "1"}}
        server.dynamodb.put_item(TableName=TABLE, Item=cold)
        server.advance(1)
        assert server.write(seen, left[-1]) == []
        assert server.metric("WriteThrottleEvents", TableName=TABLE) == 50 == seen.returned
        events = "WriteKeyRangeThroughputThrottleEvents"
        assert server.metric(events, TableName=TABLE) == 50


def test_the_same_run_twice_leaves_the_same_over():
    """Byte for byte: nothing depends on the machine, the moment or the process."""

    def run() -> list[Any]:
        with serving("--memory", "--throttle", "--burst", "0", "--clock", "manual") as (url, _):
            server = Server(url)
            server.create(write=7, index=3)
            seen = Seen()
            steps = []
            pending = puts(25, G={"S": "one"})
            while pending:
                pending = server.write(seen, pending)
                steps.append(json.dumps(pending))
                server.advance(0.7)
            return [*steps, seen]

    assert run() == run()
