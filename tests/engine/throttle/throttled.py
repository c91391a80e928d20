"""A throttled database under a clock that is moved by hand, and short ways to ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import Throttling

KB = 1024


class RefusedError(Exception):
    """An error answer: its type without the prefix, and its body."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body)
        self.code = body["__type"].rpartition("#")[2]
        self.body = body


class Throttled:
    """A database in memory, with throttling on and a clock that stands still."""

    def __init__(self, settings: Throttling) -> None:
        self.clock = ManualClock()
        self.database = Database.in_memory(
            clock=self.clock, throttling=settings, sweep_interval_s=None
        )

    def answer(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to a request, which may be an error."""
        return orjson.loads(self.database.execute(operation, orjson.dumps(request)).body)

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer to a request; raises what it was refused with."""
        answer = self.answer(operation, **request)
        if "__type" in answer:
            raise RefusedError(answer)
        return answer

    def refused(self, operation: str, **request: Any) -> RefusedError:
        """The error of a request that must fail."""
        try:
            answer = self.ask(operation, **request)
        except RefusedError as error:
            return error
        raise AssertionError(f"{operation} was not refused: {answer}")

    def create(
        self,
        name: str,
        *,
        read: int | None = None,
        write: int | None = None,
        index: tuple[int, int] | None = None,
        **members: Any,
    ) -> str:
        """A table with key `p` and sort key `s`, and maybe a global index on `g` of all attributes.

        On demand unless units are given; the index's are its read and write units.
        """
        definitions = [{"AttributeName": each, "AttributeType": "S"} for each in "ps"]
        request: dict[str, Any] = {
            "TableName": name,
            "KeySchema": [
                {"AttributeName": "p", "KeyType": "HASH"},
                {"AttributeName": "s", "KeyType": "RANGE"},
            ],
            "BillingMode": "PAY_PER_REQUEST" if write is None else "PROVISIONED",
            **members,
        }
        if write is not None:
            request["ProvisionedThroughput"] = _units(read or 1, write)
        if index is not None:
            definitions.append({"AttributeName": "g", "AttributeType": "S"})
            described: dict[str, Any] = {
                "IndexName": "by-g",
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
            if write is not None:
                described["ProvisionedThroughput"] = _units(*index)
            request["GlobalSecondaryIndexes"] = [described]
        self.ask("CreateTable", AttributeDefinitions=definitions, **request)
        return name

    def write(self, table: str, *items: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
        """Put a batch; how many were written, and the items that came back unprocessed."""
        requests = [{"PutRequest": {"Item": each}} for each in items]
        try:
            answer = self.ask("BatchWriteItem", RequestItems={table: requests})
        except RefusedError:
            return 0, list(items)
        left = answer["UnprocessedItems"].get(table, [])
        return len(items) - len(left), [each["PutRequest"]["Item"] for each in left]

    def spend_burst(self, table: str) -> None:
        """Write until nothing passes any more."""
        number = 0
        while self.write(table, *(item("spent", number + each) for each in range(25)))[0]:
            number += 25


def _units(read: int, write: int) -> dict[str, int]:
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def item(p: str, s: int | str, size_bytes: int = 100, **others: Any) -> dict[str, Any]:
    """An item of exactly that size."""
    attributes = {"p": {"S": p}, "s": {"S": str(s)}, **others}
    taken = sum(len(name) + len(value["S"]) for name, value in attributes.items())
    return {**attributes, "f": {"S": "x" * (size_bytes - taken - 1)}}


def key(p: str, s: int | str) -> dict[str, Any]:
    """The key of an item."""
    return {"p": {"S": p}, "s": {"S": str(s)}}


@contextmanager
def throttled(settings: Throttling) -> Iterator[Throttled]:
    """A throttled database, closed at the end."""
    asked = Throttled(settings)
    try:
        yield asked
    finally:
        asked.database.close()
