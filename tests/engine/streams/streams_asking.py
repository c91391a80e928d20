"""What the tests of streams and of time to live share: a database whose clock they move."""

from typing import Any

import orjson

from pannier.engine.database import Database
from pannier.storage.store import Store

HOUR_S = 60 * 60.0
DAY_S = 24 * HOUR_S


class MovedClock:
    """A clock that moves only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now_s


class Streamed:
    """A database, asked as over the wire."""

    def __init__(self, store: Store | None = None) -> None:
        self.clock = MovedClock()
        if store is None:
            self.database = Database.in_memory(clock=self.clock, sweep_interval_s=None)
        else:
            self.database = Database(store, clock=self.clock, sweep_interval_s=None)

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """An answer, good or bad; no request may ever cause a 500."""
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status < 500, answer.body
        decoded: dict[str, Any] = orjson.loads(answer.body)
        return decoded

    def do(self, operation: str, **request: Any) -> dict[str, Any]:
        """An answer that must be good."""
        answer = self.ask(operation, **request)
        assert "__type" not in answer, answer
        return answer

    def error(self, operation: str, **request: Any) -> tuple[str, str]:
        """The short name and the text of an error."""
        answer = self.ask(operation, **request)
        return answer["__type"].partition("#")[2], answer.get("message", "")

    def create(
        self, name: str = "orders", view_type: str | None = "NEW_AND_OLD_IMAGES", **more: Any
    ) -> str:
        """A table with a partition and a sort key, both S. Returns its stream's ARN, if any."""
        if view_type is not None:
            more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view_type}
        description = self.do(
            "CreateTable",
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            **more,
        )["TableDescription"]
        return str(description.get("LatestStreamArn", ""))

    def put(self, pk: str, table: str = "orders", **values: dict[str, Any]) -> None:
        self.do("PutItem", TableName=table, Item={**key(pk), **values})

    def delete(self, pk: str, table: str = "orders") -> None:
        self.do("DeleteItem", TableName=table, Key=key(pk))

    def item(self, pk: str, table: str = "orders") -> dict[str, Any] | None:
        return self.do("GetItem", TableName=table, Key=key(pk)).get("Item")

    def shard(self, arn: str) -> dict[str, Any]:
        (shard,) = self.do("DescribeStream", StreamArn=arn)["StreamDescription"]["Shards"]
        assert isinstance(shard, dict)
        return shard

    def iterator(self, arn: str, kind: str = "TRIM_HORIZON", **more: Any) -> str:
        answer = self.do(
            "GetShardIterator",
            StreamArn=arn,
            ShardId=self.shard(arn)["ShardId"],
            ShardIteratorType=kind,
            **more,
        )
        return str(answer["ShardIterator"])

    def records(self, arn: str, kind: str = "TRIM_HORIZON", **more: Any) -> list[dict[str, Any]]:
        """All records from a place on, in one answer."""
        iterator = self.iterator(arn, kind, **more)
        records: list[dict[str, Any]] = self.do("GetRecords", ShardIterator=iterator)["Records"]
        return records

    def disable(self, table: str = "orders") -> None:
        """Disable a table's stream."""
        self.do("UpdateTable", TableName=table, StreamSpecification={"StreamEnabled": False})

    def enable(self, view_type: str, table: str = "orders") -> str:
        """Enable a table's stream. Returns its ARN."""
        specification = {"StreamEnabled": True, "StreamViewType": view_type}
        answer = self.do("UpdateTable", TableName=table, StreamSpecification=specification)
        return str(answer["TableDescription"]["LatestStreamArn"])


def key(pk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": "s"}}


def told(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What happened to which partition key."""
    return [(each["eventName"], each["dynamodb"]["Keys"]["pk"]["S"]) for each in records]
