"""What must be true of a server before it is measured: tables, stock, right answers.

A plain client on `http.client`, slow and careful where the generator is fast and terse.
"""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Iterable
from typing import Any

from benchmarks.load import wire
from benchmarks.load.workloads import Workload

_REQUEST_TIMEOUT_S = 30.0
_TABLE_TIMEOUT_S = 20.0
_POLL_S = 0.02
_BATCH_ITEMS = 25
_TRIES_MAX = 10
_INDEX = "GSI1"


class AnswerError(Exception):
    """The server does not do the work, so its rate would mean nothing."""


class Control:
    """Calls to one server, one after the other."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, _REQUEST_TIMEOUT_S)

    def call(self, operation: str, body: str) -> dict[str, Any]:
        """The parsed answer of one call; raises AnswerError unless it was 200."""
        try:
            self._http.request("POST", "/", body.encode(), wire.headers(operation))
            answer = self._http.getresponse()
            payload = answer.read()
        except http.client.HTTPException as reason:
            self._http.close()
            raise AnswerError(f"{operation}: {type(reason).__name__} {reason}") from reason
        if answer.status != http.HTTPStatus.OK:
            raise AnswerError(f"{operation}: {answer.status} {payload[:200]!r}")
        try:
            parsed: dict[str, Any] = json.loads(payload)
        except ValueError as reason:
            raise AnswerError(f"{operation}: not JSON: {payload[:200]!r}") from reason
        return parsed

    def create_table(self, name: str, indexed: bool) -> None:
        """Create a table of the workshop's shape and wait until it is active."""
        self.call("CreateTable", json.dumps(table_definition(name, indexed=indexed)))
        deadline = time.monotonic() + _TABLE_TIMEOUT_S
        while time.monotonic() < deadline:
            described = self.call("DescribeTable", json.dumps({"TableName": name}))
            if described["Table"]["TableStatus"] == "ACTIVE":
                return
            time.sleep(_POLL_S)
        raise AnswerError(f"table not active within {_TABLE_TIMEOUT_S:.0f} s")

    def load(self, table: str, stock: Iterable[str]) -> None:
        """Put all of *stock* into *table*; leftovers are sent again, a bounded time."""
        remaining = iter(stock)
        while batch := list(itertools.islice(remaining, _BATCH_ITEMS)):
            puts = ", ".join(f'{{"PutRequest": {{"Item": {item}}}}}' for item in batch)
            body = f'{{"RequestItems": {{"{table}": [{puts}]}}}}'
            for attempt in range(_TRIES_MAX):
                leftovers = self.call("BatchWriteItem", body).get("UnprocessedItems")
                if not leftovers:
                    break
                body = json.dumps({"RequestItems": leftovers})
                time.sleep(_POLL_S * 2**attempt)
            else:
                raise AnswerError(f"items left unprocessed after {_TRIES_MAX} tries")

    def verify(self, workload: Workload, request: bytes, table: str) -> None:
        """Send one prebuilt request and see that it did what it should."""
        [stamped] = wire.stamped([request], table)
        head, _, body = stamped.partition(b"\r\n\r\n")
        operation = head.partition(b"DynamoDB_20120810.")[2].partition(b"\r\n")[0].decode()
        answer = self.call(operation, body.decode())
        try:
            found = workload.items_in(answer)
        except (KeyError, TypeError, AttributeError) as reason:
            raise AnswerError(f"{operation}: no {reason} in the answer") from reason
        if workload.writes:
            scan = {"TableName": table, "Select": "COUNT"}
            if workload.indexed:
                scan["IndexName"] = _INDEX
            found = self.call("Scan", json.dumps(scan))["Count"]
        if found != workload.items_per_request:
            raise AnswerError(f"{operation}: {found} of {workload.items_per_request} items")

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def table_definition(name: str, *, indexed: bool) -> dict[str, Any]:
    """A request that creates a table of the workshop's shape, with its index or without."""
    keys = ["PK", "SK", *(["GSI1PK", "GSI1SK"] if indexed else [])]
    table: dict[str, Any] = {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _key_schema("PK", "SK"),
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexed:
        table["GlobalSecondaryIndexes"] = [
            {
                "IndexName": _INDEX,
                "KeySchema": _key_schema("GSI1PK", "GSI1SK"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    return table


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
