"""Every item in the database against what its client knows."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from benchmarks.soak.calling import Caller, Json, Tally
from benchmarks.soak.owned_items import INDEX, TABLE, OwnedItems
from benchmarks.soak.visitors import BRIEF, SWEPT_AFTER_S, Expiring


def compare(port: int, tally: Tally, owners: Iterable[OwnedItems], expiring: Expiring) -> int:
    """Note every difference in the tally; returns how many items were compared."""
    caller = Caller(port, tally)
    try:
        compared = _compare_owned(caller, tally, owners)
        return compared + _compare_expiring(caller, tally, expiring)
    finally:
        caller.close()


def _compare_owned(caller: Caller, tally: Tally, owners: Iterable[OwnedItems]) -> int:
    found = {(item["p"]["S"], item["s"]["S"]): item for item in _scanned(caller, TABLE)}
    entries = {
        (entry["p"]["S"], entry["s"]["S"]): entry["color"]
        for entry in _scanned(caller, TABLE, IndexName=INDEX)
    }
    compared = 0
    for owner in owners:
        for key, item in owner.all_items().items():
            there = found.pop(key, None)
            if there != item:
                reason = "an item is missing" if there is None else "another item"
                tally.failed("compared", reason, key)
            if entries.pop(key, None) != item["color"]:
                tally.failed("compared", "an entry of the index is wrong or missing", key)
            compared += 1
    for key in found:
        tally.failed("compared", "an item that nobody wrote", key)
    for key in entries:
        tally.failed("compared", "an entry without an item", key)
    return compared


def _compare_expiring(caller: Caller, tally: Tally, expiring: Expiring) -> int:
    now_s = time.time()
    found = {item["p"]["S"]: int(item["expires"]["N"]) for item in _scanned(caller, BRIEF)}
    after_s = time.time()
    for name, expires_s in found.items():
        if expires_s < now_s - SWEPT_AFTER_S:
            tally.failed("compared", "an expired item was not removed", name)
    for name, expires_s in expiring.put:
        if expires_s > after_s and found.get(name) != expires_s:
            tally.failed("compared", "an item is gone before its time", name)
    return len(found)


def _scanned(caller: Caller, table: str, **more: Any) -> list[Json]:
    items: list[Json] = []
    request: Json = {"TableName": table, **more}
    while True:
        answer = caller.call("comparing", "Scan", request)
        if answer is None:
            return items
        items += answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return items
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
