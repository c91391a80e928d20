"""The requests whose stages are measured: bodies as clients send them, new ones each round."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from benchmarks import items
from benchmarks.load import wire
from benchmarks.load.sequences import samples
from benchmarks.load.workloads import BatchGet100, BatchWrite25, GetItem, PutItem, Query100

LOADED_ITEMS: Final = 20_000
_NEW_FROM: Final = 10_000_000
_BATCHES: Final = 40
_SINGLES: Final = 200
_HEAD_END: Final = b"\r\n\r\n"

PLAIN: Final = wire.table_name(1)
INDEXED: Final = wire.table_name(2)
SHELVES: Final = wire.table_name(3)


@dataclass(frozen=True)
class Work:
    """One kind of request.

    Attributes:
        name: as shown.
        operation: its name in the API.
        table: which it is about.
        items: in one request.
        bodies: the requests of a round, from its number; those that write new items never repeat.
        null_answer: what a handler that does nothing answers.
    """

    name: str
    operation: str
    table: str
    items: int
    bodies: Callable[[int], list[bytes]]
    null_answer: bytes

    def puts(self, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The items that a decoded request writes."""
        if self.operation == "PutItem":
            yield request["Item"]
        elif self.operation == "BatchWriteItem":
            for each in request["RequestItems"][self.table]:
                yield each["PutRequest"]["Item"]

    def keys(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """The keys that a decoded request names."""
        if self.operation == "GetItem":
            return [request["Key"]]
        if self.operation == "BatchGetItem":
            keys: list[dict[str, Any]] = request["RequestItems"][self.table]["Keys"]
            return keys
        return []


def stock() -> Iterator[tuple[str, list[bytes]]]:
    """What the tables hold beforehand, as bodies of BatchWriteItem, by table."""
    for table, make in ((PLAIN, items.product_json), (SHELVES, items.shelf_json)):
        numbers = items.shuffled(LOADED_ITEMS)
        yield (
            table,
            [
                _batch(table, [make(number) for number in numbers[start : start + 25]])
                for start in range(0, len(numbers), 25)
            ],
        )


def _batch(table: str, found: list[str]) -> bytes:
    puts = [{"PutRequest": {"Item": json.loads(each)}} for each in found]
    return json.dumps({"RequestItems": {table: puts}}).encode()


def _bodies(requests: list[bytes], table: str) -> list[bytes]:
    return [each.partition(_HEAD_END)[2] for each in wire.stamped(requests, table)]


def _new(table: str) -> Callable[[int], list[bytes]]:
    def bodies(number: int) -> list[bytes]:
        begin = _NEW_FROM + number * _BATCHES * 25
        numbers = range(begin, begin + _BATCHES * 25)
        made = [BatchWrite25().request(list(numbers[at : at + 25])) for at in range(0, 1000, 25)]
        return _bodies(made, table)

    return bodies


def _overwriting(number: int) -> list[bytes]:
    chosen = samples(LOADED_ITEMS, 25, _BATCHES, number)
    return _bodies([BatchWrite25().request(each) for each in chosen], PLAIN)


def _put(number: int) -> list[bytes]:
    begin = 2 * _NEW_FROM + number * _SINGLES
    made = [PutItem().request([each]) for each in range(begin, begin + _SINGLES)]
    return _bodies(made, PLAIN)


def _batch_get(number: int) -> list[bytes]:
    chosen = samples(LOADED_ITEMS, 100, _BATCHES, number)
    return _bodies([BatchGet100().request(each) for each in chosen], PLAIN)


def _get(number: int) -> list[bytes]:
    return _of_round(_bodies(GetItem().requests(LOADED_ITEMS, 0), PLAIN), _SINGLES, number)


def _query(number: int) -> list[bytes]:
    return _of_round(_bodies(Query100().requests(LOADED_ITEMS, 0), SHELVES), _BATCHES, number)


def _of_round(bodies: list[bytes], count: int, number: int) -> list[bytes]:
    begin = number * count % len(bodies)
    return (bodies[begin:] + bodies)[:count]


_WRITTEN: Final = BatchWrite25().null_answer()
WORKS: Final = (
    Work("BatchWriteItem x25, new", "BatchWriteItem", PLAIN, 25, _new(PLAIN), _WRITTEN),
    Work("BatchWriteItem x25, overwriting", "BatchWriteItem", PLAIN, 25, _overwriting, _WRITTEN),
    Work("BatchWriteItem x25, one GSI", "BatchWriteItem", INDEXED, 25, _new(INDEXED), _WRITTEN),
    Work("BatchGetItem x100", "BatchGetItem", PLAIN, 100, _batch_get, BatchGet100().null_answer()),
    Work("Query of 100", "Query", SHELVES, 100, _query, Query100().null_answer()),
    Work("GetItem", "GetItem", PLAIN, 1, _get, GetItem().null_answer()),
    Work("PutItem", "PutItem", PLAIN, 1, _put, PutItem().null_answer()),
)
