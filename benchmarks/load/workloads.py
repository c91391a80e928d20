"""The work that is measured: one small class a workload, named as on the command line.

To add one, write a class with the members of `Workload` and put it into `WORKLOADS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Protocol

from benchmarks import items
from benchmarks.load import wire
from benchmarks.load.verdicts import Expectation

_ITEM_BYTES_MIN = 250
"""What an item needs at least in an answer's JSON, however it is spaced."""

_SAMPLES = 500
"""Different requests of a read workload; 50,000 keys where each asks for a hundred."""


class Workload(Protocol):
    """What the harness must know of a workload.

    A workload that writes gets a fresh table for every run; one that reads has one table
    a server, loaded with `stock` before anything is measured.
    """

    name: str
    title: str
    writes: bool
    indexed: bool
    items_per_request: int
    expectation: Expectation

    def stock(self, count: int, /) -> Iterator[str]:
        """About *count* items, as JSON, that the table must hold beforehand."""

    def requests(self, count: int, seconds: float, /) -> list[bytes]:
        """Requests for a run of *seconds* over *count* items, the table left open."""

    def items_in(self, answer: dict[str, Any], /) -> int | None:
        """Items in a parsed answer, or None where the operation answers none."""

    def null_answer(self) -> bytes:
        """The body a server that does nothing would give."""


class _Write:
    """What the writing workloads share."""

    writes = True
    indexed = False
    items_per_request = 1
    expectation = Expectation()
    requests_per_s_max = 20_000
    """Requests are prebuilt for this rate; a faster server is sent some of them again."""

    def stock(self, _count: int, /) -> Iterator[str]:
        """Nothing: its tables start empty."""
        return iter(())

    def requests(self, count: int, seconds: float, /) -> list[bytes]:
        """Enough new items for the fastest server expected, in an order without locality."""
        wanted = int(self.requests_per_s_max * seconds) * self.items_per_request
        numbers = items.shuffled(max(count, wanted))
        size = self.items_per_request
        return [
            self.request(numbers[start : start + size])
            for start in range(0, len(numbers) - size + 1, size)
        ]

    def request(self, numbers: list[int]) -> bytes:
        """One call that writes the products of those *numbers*."""
        raise NotImplementedError

    def items_in(self, _answer: dict[str, Any], /) -> int | None:
        """None: what was written is counted in the table instead."""
        return None

    def null_answer(self) -> bytes:
        """Nothing but success."""
        return b"{}"


class BatchWrite25(_Write):
    """Full batches of new items into a table without indexes."""

    name = "batch_write_25"
    title = "BatchWriteItem, 25 puts a call"
    items_per_request = 25
    expectation = Expectation("UnprocessedItems")
    requests_per_s_max = 6_000

    def request(self, numbers: list[int]) -> bytes:
        """All of them in one batch."""
        puts = ", ".join(
            f'{{"PutRequest": {{"Item": {items.product_json(number)}}}}}' for number in numbers
        )
        table = wire.TABLE_PLACEHOLDER
        return wire.request("BatchWriteItem", f'{{"RequestItems": {{"{table}": [{puts}]}}}}')

    def null_answer(self) -> bytes:
        """Success, with no leftovers."""
        return b'{"UnprocessedItems": {}}'


class BatchWrite25Gsi(BatchWrite25):
    """The same into a table with one global secondary index that projects all."""

    name = "batch_write_25_gsi"
    title = "BatchWriteItem, 25 puts a call, one GSI"
    indexed = True


class PutItem(_Write):
    """One new item a call."""

    name = "put_item"
    title = "PutItem"

    def request(self, numbers: list[int]) -> bytes:
        """The only one of them."""
        item = items.product_json(numbers[0])
        body = f'{{"TableName": "{wire.TABLE_PLACEHOLDER}", "Item": {item}}}'
        return wire.request("PutItem", body)


class _Read:
    """What the reading workloads share."""

    writes = False
    indexed = False

    def stock(self, count: int, /) -> Iterator[str]:
        """Products, each alone under its partition key."""
        return map(items.product_json, items.shuffled(count))


class BatchGet100(_Read):
    """A hundred items from all over the table, a call."""

    name = "batch_get_100"
    title = "BatchGetItem, 100 keys a call"
    items_per_request = 100
    expectation = Expectation("UnprocessedKeys", 100 * _ITEM_BYTES_MIN)

    def requests(self, count: int, _seconds: float, /) -> list[bytes]:
        """Samples of keys that are all there."""
        return [self.request(numbers) for numbers in items.key_samples(count, 100, _SAMPLES)]

    def request(self, numbers: list[int]) -> bytes:
        """One call for the products of those *numbers*."""
        keys = [_product_key(number) for number in numbers]
        body = {"RequestItems": {wire.TABLE_PLACEHOLDER: {"Keys": keys}}}
        return wire.request("BatchGetItem", json.dumps(body))

    def items_in(self, answer: dict[str, Any], /) -> int | None:
        """Items of all its tables."""
        return sum(len(found) for found in answer["Responses"].values())

    def null_answer(self) -> bytes:
        """A hundred products, no leftovers."""
        found = ", ".join(map(items.product_json, range(100)))
        table = wire.TABLE_PLACEHOLDER
        text = f'{{"Responses": {{"{table}": [{found}]}}, "UnprocessedKeys": {{}}}}'
        return text.encode()


class GetItem(_Read):
    """One item a call."""

    name = "get_item"
    title = "GetItem"
    items_per_request = 1
    expectation = Expectation(None, _ITEM_BYTES_MIN)

    def requests(self, count: int, _seconds: float, /) -> list[bytes]:
        """Every key once, in an order without locality."""
        return [self._request(number) for number in items.shuffled(count)]

    def _request(self, number: int) -> bytes:
        body = {"TableName": wire.TABLE_PLACEHOLDER, "Key": _product_key(number)}
        return wire.request("GetItem", json.dumps(body))

    def items_in(self, answer: dict[str, Any], /) -> int | None:
        """One, or none where it was not found."""
        return int("Item" in answer)

    def null_answer(self) -> bytes:
        """One product."""
        return f'{{"Item": {items.product_json(0)}}}'.encode()


class Query100(_Read):
    """One page of a hundred items under one partition key, a call."""

    name = "query_100"
    title = "Query, 100 items a page"
    items_per_request = 100
    expectation = Expectation(None, 100 * _ITEM_BYTES_MIN)

    def stock(self, count: int, /) -> Iterator[str]:
        """Full shelves only, so that every page is full."""
        return map(items.shelf_json, items.shuffled(_shelves(count) * items.SHELF_ITEMS))

    def requests(self, count: int, _seconds: float, /) -> list[bytes]:
        """The first page of every shelf."""
        return [self._request(shelf) for shelf in items.shuffled(_shelves(count))]

    def _request(self, shelf: int) -> bytes:
        body = {
            "TableName": wire.TABLE_PLACEHOLDER,
            "KeyConditionExpression": "PK = :shelf",
            "ExpressionAttributeValues": {":shelf": {"S": items.shelf_key(shelf)}},
            "Limit": 100,
        }
        return wire.request("Query", json.dumps(body))

    def items_in(self, answer: dict[str, Any], /) -> int | None:
        """Items on the page."""
        return len(answer["Items"])

    def null_answer(self) -> bytes:
        """A full page."""
        found = ", ".join(map(items.shelf_json, range(100)))
        return f'{{"Items": [{found}], "Count": 100, "ScannedCount": 100}}'.encode()


def _product_key(number: int) -> dict[str, dict[str, str]]:
    return {"PK": {"S": items.product_key(number)}, "SK": {"S": "DETAILS"}}


def _shelves(count: int) -> int:
    return max(1, count // items.SHELF_ITEMS)


WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        BatchWrite25(),
        BatchWrite25Gsi(),
        BatchGet100(),
        GetItem(),
        PutItem(),
        Query100(),
    )
}
QUICK = ("batch_write_25", "batch_get_100")
