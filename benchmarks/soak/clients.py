"""Clients that own their keys: batches, single items, queries, transactions."""

from __future__ import annotations

import random
import threading
import uuid
from typing import Any, Final

from benchmarks.soak.calling import Caller, Json, Tally
from benchmarks.soak.owned_items import COLORS, INDEX, TABLE, OwnedItems, Version
from benchmarks.soak.pace import Pace

_BATCH_WRITES: Final = 25
_BATCH_READS: Final = 60
_BATCH_BYTES_MAX: Final = 4_000_000
_CONDITION: Final = "ConditionalCheckFailedException"
_WEIGHTS: Final = {
    "batch write": 25,
    "batch get": 20,
    "batch get, projected": 10,
    "get": 8,
    "put": 8,
    "update": 8,
    "put if absent": 4,
    "delete": 2,
    "query": 7,
    "query of the index": 2,
    "transact write": 4,
    "transact get": 2,
}

Change = tuple[int, Version | None, Json]
"""An item's number, what it will be, and the write of it."""


class OwningClient:
    """One thread with a connection and keys of its own.

    Args:
        port: the server's.
        tally: gets what comes of the calls.
        items: the client's own.
        per_s: calls a second.
        ending: set when all is over.
    """

    def __init__(
        self, port: int, tally: Tally, items: OwnedItems, per_s: float, ending: threading.Event
    ) -> None:
        self.items = items
        self._caller = Caller(port, tally)
        self._tally = tally
        self._chance = random.Random(f"client {items.client}")
        self._pace = Pace(per_s, self._chance, ending)
        self._works = {
            "batch write": self._batch_write,
            "batch get": self._batch_get,
            "batch get, projected": self._batch_get_projected,
            "get": self._get,
            "put": self._put,
            "update": self._update,
            "put if absent": self._put_if_absent,
            "delete": self._delete,
            "query": self._query,
            "query of the index": self._query_index,
            "transact write": self._transact_write,
            "transact get": self._transact_get,
        }

    def run(self) -> None:
        """Work until all is over."""
        kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
        while self._pace.wait():
            [kind] = self._chance.choices(kinds, weights)
            self._works[kind](kind)
        self._caller.close()

    def _number(self) -> int:
        return self._chance.randrange(self.items.keys)

    def _call(self, kind: str, operation: str, request: Json, *expected: str) -> Json | None:
        return self._caller.call(kind, operation, request, expected)

    def _check(self, kind: str, number: int, found: Json | None) -> None:
        wanted = self.items.item(number)
        if found != wanted:
            self._tally.failed(kind, "another item", f"{_short(found)} for {_short(wanted)}")

    def _batch_write(self, kind: str) -> None:
        changes: list[Change] = []
        size_bytes = 0
        for number in self._chance.sample(range(self.items.keys), _BATCH_WRITES):
            if self._chance.random() < 0.2:
                request: Json = {"DeleteRequest": {"Key": self.items.key(number)}}
                changes.append((number, None, request))
                continue
            version, item = self.items.fresh(number)
            size_bytes += len(item["text"]["S"])
            if size_bytes < _BATCH_BYTES_MAX:
                changes.append((number, version, {"PutRequest": {"Item": item}}))
        request = {"RequestItems": {TABLE: [each for _, _, each in changes]}}
        answer = self._call(kind, "BatchWriteItem", request)
        if answer is None:
            return
        if answer["UnprocessedItems"]:
            self._tally.failed(kind, "items left unprocessed without throttling")
        for number, after, _ in changes:
            self.items.put(number, after)

    def _batch_get(self, kind: str, projected: tuple[str, ...] = ()) -> None:
        numbers = self._chance.sample(range(self.items.keys), _BATCH_READS)
        waiting: Json = {TABLE: {"Keys": [self.items.key(number) for number in numbers]}}
        if projected:
            waiting[TABLE]["ProjectionExpression"] = ", ".join(projected)
        found: list[Json] = []
        while waiting:  # 16 MB are the most that one answer has
            answer = self._call(kind, "BatchGetItem", {"RequestItems": waiting})
            if answer is None:
                return
            found += answer["Responses"].get(TABLE, [])
            waiting = answer["UnprocessedKeys"]
        items = [self.items.item(number) for number in numbers]
        wanted = [item for item in items if item is not None]
        if projected:
            wanted = [{name: item[name] for name in projected} for item in wanted]
        if sorted(found, key=_place) != sorted(wanted, key=_place):
            self._tally.failed(kind, "other items", f"{len(found)} for {len(wanted)}")

    def _batch_get_projected(self, kind: str) -> None:
        self._batch_get(kind, ("p", "s", "version", "raised"))

    def _get(self, kind: str) -> None:
        number = self._number()
        request = {"TableName": TABLE, "Key": self.items.key(number)}
        answer = self._call(kind, "GetItem", request)
        if answer is not None:
            self._check(kind, number, answer.get("Item"))

    def _put(self, kind: str) -> None:
        number = self._number()
        version, item = self.items.fresh(number)
        request = {"TableName": TABLE, "Item": item, "ReturnValues": "ALL_OLD"}
        answer = self._call(kind, "PutItem", request)
        if answer is not None:
            self._check(kind, number, answer.get("Attributes"))
            self.items.put(number, version)

    def _put_if_absent(self, kind: str) -> None:
        number = self._number()
        version, item = self.items.fresh(number)
        request = {
            "TableName": TABLE,
            "Item": item,
            "ConditionExpression": "attribute_not_exists(p)",
        }
        if self.items.is_there(number):
            if self._call(kind, "PutItem", request, _CONDITION) is not None:
                self._tally.failed(kind, "a false condition was met")
        elif self._call(kind, "PutItem", request) is not None:
            self.items.put(number, version)

    def _update(self, kind: str) -> None:
        number = self._number()
        there = self.items.version(number)
        if there is None:
            return
        answer = self._call(
            kind,
            "UpdateItem",
            {
                "TableName": TABLE,
                "Key": self.items.key(number),
                "UpdateExpression": "SET raised = raised + :one",
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":one": {"N": "1"}, ":version": {"N": str(there[0])}},
                "ReturnValues": "UPDATED_NEW",
            },
        )
        if answer is not None:
            self.items.put(number, self.items.raised(number))
            if answer["Attributes"] != {"raised": {"N": str(there[1] + 1)}}:
                self._tally.failed(kind, "another number", answer)

    def _delete(self, kind: str) -> None:
        number = self._number()
        request = {
            "TableName": TABLE,
            "Key": self.items.key(number),
            "ReturnValues": "ALL_OLD",
        }
        answer = self._call(kind, "DeleteItem", request)
        if answer is not None:
            self._check(kind, number, answer.get("Attributes"))
            self.items.put(number, None)

    def _query(self, kind: str) -> None:
        number = self._number()
        request: Json = {
            "TableName": TABLE,
            "KeyConditionExpression": "p = :p",
            "ExpressionAttributeValues": {":p": {"S": self.items.shelf(number)}},
            "Limit": 60,
        }
        found: list[Json] = []
        while True:
            answer = self._call(kind, "Query", request)
            if answer is None:
                return
            found += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        wanted = self.items.on_shelf(number)
        if found != wanted:
            self._tally.failed(kind, "other items", f"{len(found)} for {len(wanted)}")

    def _query_index(self, kind: str) -> None:
        color = self._chance.randrange(COLORS)
        request: Json = {
            "TableName": TABLE,
            "IndexName": INDEX,
            "KeyConditionExpression": "color = :color",
            "ExpressionAttributeValues": {":color": {"S": self.items.color(color)}},
            "Select": "COUNT",
        }
        answer = self._call(kind, "Query", request)
        if answer is not None and "LastEvaluatedKey" not in answer:
            wanted = self.items.of_color(color)
            if answer["Count"] != wanted:
                self._tally.failed(kind, "another count", f"{answer['Count']} for {wanted}")

    def _transact_write(self, kind: str) -> None:
        changes: list[Change] = []
        for number in self._chance.sample(range(self.items.keys), 4):
            target: Json = {"TableName": TABLE}
            if self._chance.random() < 0.25:
                delete = {"Delete": {**target, "Key": self.items.key(number)}}
                changes.append((number, None, delete))
            else:
                version, item = self.items.fresh(number)
                changes.append((number, version, {"Put": {**target, "Item": item}}))
        fails = self._chance.random() < 0.1
        first = next(iter(changes[0][2].values()))
        held = self.items.is_there(changes[0][0]) != fails
        first["ConditionExpression"] = f"attribute_{'' if held else 'not_'}exists(p)"
        request: Json = {
            "TransactItems": [each for _, _, each in changes],
            "ClientRequestToken": str(uuid.UUID(int=self._chance.getrandbits(128))),
        }
        if fails:
            canceled = "TransactionCanceledException"
            if self._call(kind, "TransactWriteItems", request, canceled) is not None:
                self._tally.failed(kind, "a false condition was met")
            return
        if self._call(kind, "TransactWriteItems", request) is None:
            return
        for number, after, _ in changes:
            self.items.put(number, after)
        if self._chance.random() < 0.1:  # sent again, it is not done again
            self._call(kind, "TransactWriteItems", request)

    def _transact_get(self, kind: str) -> None:
        numbers = self._chance.sample(range(self.items.keys), 4)
        gets: list[Any] = [
            {"Get": {"TableName": TABLE, "Key": self.items.key(number)}} for number in numbers
        ]
        answer = self._call(kind, "TransactGetItems", {"TransactItems": gets})
        if answer is not None:
            for number, response in zip(numbers, answer["Responses"], strict=True):
                self._check(kind, number, response.get("Item"))


def _place(item: Json) -> tuple[str, str]:
    return item["p"]["S"], item["s"]["S"]


def _short(item: Json | None) -> str:
    if item is None:
        return "none"
    return str({name: item[name] for name in item if name not in ("text", "more")})
