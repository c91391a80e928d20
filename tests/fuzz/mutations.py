"""Requests made wrong: in their JSON types at any depth, their bytes, their target."""

import json
import random
from typing import Any

from tests.differential.requests import Requests

_JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "é", [], {}, [[]], {"S": "x"}, {"N": "1"},
    {"S": 1}, {"N": 1}, {"N": "1" * 50}, {"B": "!"}, {"M": []}, {"L": {}}, {"SS": "x"},
    {"NULL": "x"}, {"Z": 1}, "a" * 3000, [None], {"": ""},
)  # fmt: skip
_BYTES = (
    b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"a":1,}', b'{"a":NaN}',
    b'{"a":"\\ud800"}', b'{"TableName":"\xc3"}', b"[" * 5000, b'{"a":' * 2000, b"\0" * 64,
    b'{"TableName":1e999}',
)  # fmt: skip
_TARGETS = (
    b"", b"DynamoDB_20120810.", b"DynamoDB_20120810.Nope", b"DynamoDBStreams_20120810.GetRecords",
    b"DynamoDB_20111205.GetItem", b"\xff\xff", b"X" * 2000,
)  # fmt: skip
_OPERATIONS = (
    "DescribeTable", "UpdateTable", "ListTables", "DescribeLimits", "TagResource",
    "ExecuteStatement",
    "BatchExecuteStatement", "ExecuteTransaction", "UpdateTimeToLive", "DescribeTimeToLive",
    "ListTagsOfResource", "CreateBackup", "RestoreTableFromBackup", "DescribeContinuousBackups",
    "ListGlobalTables", "ImportTable", "ListBackups", "DescribeExport",
)  # fmt: skip


class Mutations:
    """An endless stream of (target header, body) from a seed."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._requests = iter(Requests(seed))

    def next(self) -> tuple[bytes, bytes]:
        """One request."""
        c = self.chance
        roll = c.random()
        if roll < 0.04:
            return c.choice(_TARGETS), c.choice(_BYTES)
        if roll < 0.1:
            operation, _ = next(self._requests)
            return _target(operation), c.choice(_BYTES)
        if roll < 0.3:
            members = {
                name: self._any(0)
                for name in c.sample(
                    ["TableName", "Limit", "Statement", "ResourceArn", "Tags", "BackupArn",
                     "KeySchema", "AttributeDefinitions", "TimeToLiveSpecification", "Statements",
                     "GlobalSecondaryIndexUpdates", "BillingMode", "TransactStatements"],
                    c.randint(0, 5),
                )
            }  # fmt: skip
            if c.random() < 0.5:
                members["TableName"] = c.choice(["diff-hash", "diff-range", "fuzz"])
            if c.random() < 0.5:
                members["Statement"] = c.choice(
                    ['SELECT * FROM "diff-hash"', "SELECT", "INSERT INTO x VALUE {", "'", "((((("]
                )
            return _target(c.choice(_OPERATIONS)), json.dumps(members).encode()
        operation, request = next(self._requests)
        for _ in range(c.randint(0, 3)):
            request = self._mutated(request, 0)
        return _target(operation), json.dumps(request).encode()

    def mutated(self, request: dict[str, Any]) -> Any:
        """A request with one thing wrong, if it has any members."""
        return self._mutated(request, 0)

    def _mutated(self, value: Any, depth: int) -> Any:
        c = self.chance
        if not isinstance(value, dict | list) or not value or (depth and c.random() < 0.25):
            return self._any(0)
        if isinstance(value, list):
            position = c.randrange(len(value))
            changed = self._mutated(value[position], depth + 1)
            return [*value[:position], changed, *value[position + 1 :]]
        name = c.choice(list(value))
        roll = c.random()
        if roll < 0.1:
            return {key: each for key, each in value.items() if key != name}
        if roll < 0.2:
            return {**value, c.choice(["Extra", "S", "Item", "Key"]): self._any(0)}
        return {**value, name: self._mutated(value[name], depth + 1)}

    def _any(self, depth: int) -> Any:
        c = self.chance
        roll = c.random()
        if depth < 4 and roll < 0.15:
            return {c.choice(["S", "M", "L", "a", "Keys"]): self._any(depth + 1)}
        if depth < 4 and roll < 0.25:
            return [self._any(depth + 1) for _ in range(c.randint(0, 3))]
        if roll < 0.27:
            deep: Any = {"S": "x"}
            for _ in range(c.choice([31, 33, 40, 300])):
                deep = {"L": [deep]} if c.random() < 0.5 else {"M": {"a": deep}}
            return deep
        return c.choice(_JUNK)


def _target(operation: str) -> bytes:
    return b"DynamoDB_20120810." + operation.encode()
