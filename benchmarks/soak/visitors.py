"""What goes on beside the clients: expiry, a stream, tables that come and go, metrics."""

from __future__ import annotations

import json
import random
import struct
import threading
import time
from collections import deque
from socket import SO_LINGER, SOL_SOCKET, create_connection
from typing import Any, Final

from benchmarks.load import wire
from benchmarks.soak.calling import Caller, Json, Tally
from benchmarks.soak.owned_items import TABLE
from benchmarks.soak.pace import Pace

BRIEF: Final = "soak-brief"
STREAMED: Final = "soak-streamed"
INDEXED: Final = "soak-indexed"
_ADDED: Final = "added"
_EXPIRY_S: Final = (20, 90)
SWEPT_AFTER_S: Final = 30
"""So long after its time, an item must be gone: the sweep comes every five seconds."""
_REMEMBERED_S: Final = 600
_STREAMED_KEYS: Final = 200
_INDEXED_ITEMS: Final = 1_000
_POLL_S: Final = 0.1
_POLLS_MAX: Final = 600
_RESET: Final = struct.pack("ii", 1, 0)


class Visitor:
    """One thread, and what it does again and again.

    Args:
        port: the server's.
        tally: gets what comes of the calls.
        per_s: how often a second.
        ending: set when all is over.
    """

    def __init__(self, port: int, tally: Tally, per_s: float, ending: threading.Event) -> None:
        self.port = port
        self.tally = tally
        self.caller = Caller(port, tally)
        self.chance = random.Random(type(self).__name__)
        self.ending = ending
        self.turn = 0
        self._pace = Pace(per_s, self.chance, ending)

    def run(self) -> None:
        """Work until all is over."""
        while self._pace.wait():
            self.turn += 1
            self.visit()
        self.caller.close()

    def visit(self) -> None:
        """Do it once."""
        raise NotImplementedError

    def call(self, kind: str, operation: str, **request: Any) -> Json | None:
        """The answer; None where it is an error."""
        return self.caller.call(kind, operation, request)


class Expiring(Visitor):
    """Puts items whose time comes within a minute or two."""

    def __init__(self, port: int, tally: Tally, per_s: float, ending: threading.Event) -> None:
        super().__init__(port, tally, per_s, ending)
        self.put: deque[tuple[str, int]] = deque()

    def visit(self) -> None:
        """A batch of them."""
        now_s = int(time.time())
        batch = []
        for place in range(25):
            item = (f"{self.turn}-{place}", now_s + self.chance.randrange(*_EXPIRY_S))
            batch.append(item)
        puts = [
            {"PutRequest": {"Item": {"p": {"S": name}, "expires": {"N": str(expires_s)}}}}
            for name, expires_s in batch
        ]
        if self.call("batch of expiring items", "BatchWriteItem", RequestItems={BRIEF: puts}):
            self.put += batch
        while self.put and self.put[0][1] < now_s - _REMEMBERED_S:
            self.put.popleft()


class Streaming(Visitor):
    """Writes to a table with a stream, and reads the stream: every change, once, in order."""

    def __init__(self, port: int, tally: Tally, per_s: float, ending: threading.Event) -> None:
        super().__init__(port, tally, per_s, ending)
        self._iterator: str | None = None
        self._expected: deque[str] = deque()

    def visit(self) -> None:
        """A change; every now and then the records since."""
        if self._iterator is None:
            self._begin()
        item = {"p": {"S": f"{self.turn % _STREAMED_KEYS}"}, "number": {"N": str(self.turn)}}
        if self.call("put, streamed", "PutItem", TableName=STREAMED, Item=item) is not None:
            self._expected.append(str(self.turn))
        if self.turn % 10 == 0:
            self._read()

    def _begin(self) -> None:
        table = self.call("describe", "DescribeTable", TableName=STREAMED)
        assert table is not None
        arn = table["Table"]["LatestStreamArn"]
        stream = self.call("describe a stream", "DescribeStream", StreamArn=arn)
        assert stream is not None
        shard = stream["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = self.call(
            "shard iterator",
            "GetShardIterator",
            StreamArn=arn,
            ShardId=shard,
            ShardIteratorType="LATEST",
        )
        assert iterator is not None
        self._iterator = iterator["ShardIterator"]

    def _read(self) -> None:
        answer = self.call("stream records", "GetRecords", ShardIterator=self._iterator)
        if answer is None:
            self._iterator = None
            self._expected.clear()
            return
        self._iterator = answer["NextShardIterator"]
        for record in answer["Records"]:
            number = record["dynamodb"]["NewImage"]["number"]["N"]
            if not self._expected or number != self._expected.popleft():
                self.tally.failed("stream records", "another record", number)


class Tables(Visitor):
    """Makes a table with an index, fills it a little, deletes it. Each has a name of its own."""

    def visit(self) -> None:
        """One table."""
        name = f"soak-made-{self.turn}"
        kind = "tables come and go"
        keys = [{"AttributeName": "p", "AttributeType": "S"}]
        schema = [{"AttributeName": "p", "KeyType": "HASH"}]
        throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        index = {
            "IndexName": "also",
            "KeySchema": schema,
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": throughput,
        }
        made = self.call(
            kind,
            "CreateTable",
            TableName=name,
            AttributeDefinitions=keys,
            KeySchema=schema,
            GlobalSecondaryIndexes=[index],
            ProvisionedThroughput=throughput,
        )
        if made is None:
            return
        for batch in range(4):
            puts = [
                {"PutRequest": {"Item": {"p": {"S": f"{batch}-{n}"}, "text": {"S": "x" * 500}}}}
                for n in range(25)
            ]
            self.call(kind, "BatchWriteItem", RequestItems={name: puts})
        scanned = self.call(kind, "Scan", TableName=name, IndexName="also", Select="COUNT")
        if scanned is not None and scanned["Count"] != 100:
            self.tally.failed(kind, "another count", scanned)
        self.call(kind, "DeleteTable", TableName=name)


class Indexes(Visitor):
    """Adds an index to a table with items, waits until it is complete, removes it."""

    kind = "indexes come and go"

    def visit(self) -> None:
        """One index."""
        if self.turn == 1:
            self._fill()
        create = {
            "IndexName": _ADDED,
            "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
        made = self.call(
            self.kind,
            "UpdateTable",
            TableName=INDEXED,
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("p", "group")
            ],
            GlobalSecondaryIndexUpdates=[{"Create": create}],
        )
        if made is None or not self._settled(indexes=1):
            return
        scan = self.call(self.kind, "Scan", TableName=INDEXED, IndexName=_ADDED, Select="COUNT")
        if scan is not None and scan["Count"] != _INDEXED_ITEMS:
            self.tally.failed(self.kind, "another count", scan)
        self.call(
            self.kind,
            "UpdateTable",
            TableName=INDEXED,
            GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": _ADDED}}],
        )
        self._settled(indexes=0)

    def _fill(self) -> None:
        for begin in range(0, _INDEXED_ITEMS, 25):
            puts = []
            for number in range(begin, begin + 25):
                item = {
                    "p": {"S": str(number)},
                    "group": {"S": str(number % 7)},
                    "text": {"S": "x" * 300},
                }
                puts.append({"PutRequest": {"Item": item}})
            self.call(self.kind, "BatchWriteItem", RequestItems={INDEXED: puts})

    def _settled(self, indexes: int) -> bool:
        for _ in range(_POLLS_MAX):
            described = self.call("describe", "DescribeTable", TableName=INDEXED)
            if described is not None:
                found = described["Table"].get("GlobalSecondaryIndexes", [])
                if len(found) == indexes and all(each["IndexStatus"] == "ACTIVE" for each in found):
                    return True
            if self.ending.wait(_POLL_S):
                return False
        self.tally.failed(self.kind, "an index that does not become active")
        return False


class Scans(Visitor):
    """Reads the table from end to end, page after page; each page is one turn."""

    def __init__(self, port: int, tally: Tally, per_s: float, ending: threading.Event) -> None:
        super().__init__(port, tally, per_s, ending)
        self._start: Json = {}

    def visit(self) -> None:
        """A page."""
        answer = self.call("scan page", "Scan", TableName=TABLE, Limit=400, **self._start)
        last = None if answer is None else answer.get("LastEvaluatedKey")
        self._start = {} if last is None else {"ExclusiveStartKey": last}


class Watching(Visitor):
    """Asks CloudWatch and `/metrics`."""

    def visit(self) -> None:
        """A list, statistics of two metrics, a scrape."""
        now_s = int(time.time())
        self._cloudwatch("ListMetrics", {"Namespace": "AWS/DynamoDB"})
        queries = [
            {
                "Id": f"q{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/DynamoDB",
                        "MetricName": name,
                        "Dimensions": dimensions,
                    },
                    "Period": 60,
                    "Stat": stat,
                },
            }
            for number, (name, dimensions, stat) in enumerate(_QUERIES)
        ]
        span = {"StartTime": now_s - 1800, "EndTime": now_s, "MetricDataQueries": queries}
        self._cloudwatch("GetMetricData", span)
        self.caller.fetch("metrics", "GET", "/metrics", b"", {})

    def _cloudwatch(self, operation: str, request: Json) -> None:
        headers = {
            **wire.headers(operation),
            "X-Amz-Target": f"GraniteServiceVersion20100801.{operation}",
        }
        body = json.dumps(request).encode()
        self.caller.fetch("cloudwatch", "POST", "/", body, headers)


_TABLE_DIMENSION: Final = {"Name": "TableName", "Value": TABLE}
_QUERIES: Final = (
    ("ConsumedWriteCapacityUnits", [_TABLE_DIMENSION], "Sum"),
    (
        "SuccessfulRequestLatency",
        [_TABLE_DIMENSION, {"Name": "Operation", "Value": "BatchWriteItem"}],
        "p99",
    ),
)


class Passing(Visitor):
    """Connections that come and go: well behaved, dropped, broken off in the middle."""

    def visit(self) -> None:
        """One connection of each kind."""
        whole = wire.request("ListTables", "{}")
        half = wire.request("PutItem", json.dumps({"TableName": TABLE, "x": "y" * 50_000}))
        for request, reset in (
            (b"", False),
            (whole, False),
            (whole, True),  # it is answered into the void
            (whole[:100], False),
            (half[: len(half) // 2], False),
            (half[: len(half) // 2], True),
            (b"\x16\x03\x01 no HTTP at all\r\n\r\n", False),
        ):
            try:
                with create_connection(("127.0.0.1", self.port), timeout=30) as connection:
                    connection.sendall(request)
                    if reset:
                        connection.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
            except OSError as reason:
                self.tally.failed("passing connections", type(reason).__name__, reason)
        one = Caller(self.port, self.tally)
        one.call("one call a connection", "ListTables", {})
        one.close()
