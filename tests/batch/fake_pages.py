"""A table that is scanned page by page, with a fate for each call: see `fake_service`.

Segments are equal runs of the items. A page holds one to a few items, as chance will have it, and
fewer with a `Limit`. With a filter every third item passes.
"""

import asyncio
import random
from typing import Any

import orjson

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from tests.batch.fake_service import BROKEN, GONE, TABLE, THROTTLED, End, random_fate

_PAGE_ITEMS_MAX = 30


class FakePages:
    """Items of one table, in their order.

    Args:
        count: how many there are.
        chance: decides page sizes, latencies and fates.
        trouble: how probable a bad fate is.

    Attributes:
        calls: one element for each call.
    """

    name = "fake"

    def __init__(self, count: int, chance: random.Random, trouble: float = 0.0) -> None:
        self.items = [{"PK": {"S": f"{n:06}"}, "n": {"N": str(n)}} for n in range(count)]
        self.calls: list[str] = []
        self._chance = chance
        self._trouble = trouble

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "DescribeTable":
            return self.describe(orjson.loads(body)["TableName"])
        await asyncio.sleep(self._chance.uniform(0, 0.1))
        return self.answer(operation, body)

    async def close(self) -> None:
        """There is nothing to close."""

    def describe(self, table: str) -> Reply:
        if table != TABLE:
            return Reply(400, orjson.dumps(GONE))
        key = [{"AttributeName": "PK", "KeyType": "HASH"}]
        definitions = [{"AttributeName": "PK", "AttributeType": "S"}]
        size = {"ItemCount": len(self.items), "TableSizeBytes": 12 * 2**20 * len(self.items)}
        described = {"TableName": TABLE, "KeySchema": key, "AttributeDefinitions": definitions}
        return Reply(200, orjson.dumps({"Table": {**described, **size}}))

    def answer(self, operation: str, body: bytes) -> Reply:
        self.calls.append(operation)
        fate = random_fate(self._chance, self._trouble)
        match fate.end:
            case End.ANSWER:
                return Reply(200, orjson.dumps(self._page(orjson.loads(body))))
            case End.JUNK:
                return Reply(200, b"<html>")
            case End.SILENCE:
                raise OutcomeUnknownError("silence")
            case End.UNREACHABLE:
                raise TargetUnreachableError("unreachable")
            case End.ERROR:
                return Reply(500, orjson.dumps(BROKEN))
        return Reply(400, orjson.dumps(THROTTLED))

    def passes(self, item: dict[str, Any]) -> bool:
        return int(item["n"]["N"]) % 3 == 0

    def _page(self, request: dict[str, Any]) -> dict[str, Any]:
        segment, total = request.get("Segment", 0), request.get("TotalSegments", 1)
        start, end = (each * len(self.items) // total for each in (segment, segment + 1))
        after = request.get("ExclusiveStartKey")
        if after is not None:
            begin = int(after["PK"]["S"]) + 1
            assert start < begin <= end, "a key of another segment"
            start = begin
        count = self._chance.randint(1, min(_PAGE_ITEMS_MAX, request.get("Limit", 1000)))
        stop = min(end, start + count)
        read = self.items[start:stop]
        found = (
            [each for each in read if self.passes(each)] if "FilterExpression" in request else read
        )
        page = {"Items": found, "Count": len(found), "ScannedCount": len(read)}
        if read and (stop < end or self._chance.random() < 0.3):  # the last page may come empty
            page["LastEvaluatedKey"] = {"PK": read[-1]["PK"]}
        return page
