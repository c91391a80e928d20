"""Scan: every item once, in pages and in parallel segments."""

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.api import Api, Index, Json, sized, texts

NAMES = [f"item-{n:03}" for n in range(120)]


@pytest.fixture(scope="module")
def table(connected: Api) -> Iterator[str]:
    """120 items in as many partitions; every third has a color, and so an entry in the index."""
    table = connected.create("p:S", Index("by-color", "color:S", "KEYS_ONLY"))
    connected.tables.remove(table)
    items: list[Json] = [{"p": {"S": name}, "n": {"N": str(n)}} for n, name in enumerate(NAMES)]
    for item in items[::3]:
        item["color"] = {"S": "red"}
    connected.put(table, *items)
    yield table
    connected.call("DeleteTable", TableName=table)


def scan(api: Api, table: str, **members: Any) -> list[str]:
    return texts(api.items("Scan", TableName=table, **members), "p")


@pytest.mark.parametrize("limit", [None, 1, 7, 120, 1000])
def test_every_item_once(api: Api, table: str, limit: int | None):
    """Whatever the page size."""
    assert sorted(scan(api, table, Limit=limit)) == NAMES


def test_the_order_is_that_of_hashes(api: Api, table: str):
    """Partitions come in the order of a hash, so nobody may rely on any; it is a stable one."""
    found = scan(api, table)
    assert found != NAMES
    assert found == scan(api, table, Limit=11)


@pytest.mark.parametrize("total", [1, 2, 3, 7, 200, 1_000_000])
@pytest.mark.parametrize("limit", [None, 3])
def test_segments_are_disjoint_and_complete(api: Api, table: str, total: int, limit: int | None):
    """The way to read a big table in parallel: each item is in exactly one segment.

    With a million segments only those are read that have an item in them when cut by the thousand.
    """
    if total > 1000:
        hits = 0
        for segment in (0, 1, total - 1):
            hits += len(scan(api, table, Segment=segment, TotalSegments=total, Limit=limit))
        assert hits <= 3
        return
    found = Counter(
        name
        for segment in range(total)
        for name in scan(api, table, Segment=segment, TotalSegments=total, Limit=limit)
    )
    assert found == Counter(NAMES)


def test_segments_stay_where_they_are(api: Api, table: str):
    """An item's segment depends on its key alone, not on what else is written meanwhile."""
    other = api.create("p:S")
    api.put(other, *({"p": {"S": name}} for name in NAMES[:60]))
    before = [set(scan(api, other, Segment=segment, TotalSegments=4)) for segment in range(4)]
    api.put(other, *({"p": {"S": name}} for name in NAMES[60:]))
    after = [set(scan(api, other, Segment=segment, TotalSegments=4)) for segment in range(4)]
    assert all(old <= new for old, new in zip(before, after, strict=True))
    assert sum(map(len, after)) == 120


def test_a_filter_comes_after_the_page(api: Api, table: str):
    """Limit counts what is read. A scan's filter may name key attributes, a query's may not."""
    values = {":low": {"N": "100"}, ":name": {"S": "item-118"}}
    pages = list(
        api.pages(
            "Scan",
            TableName=table,
            Limit=50,
            FilterExpression="n >= :low AND p <= :name",
            ExpressionAttributeValues=values,
        )
    )
    assert [page["ScannedCount"] for page in pages] == [50, 50, 20]
    found = [name for page in pages for name in texts(page["Items"], "p")]
    assert sorted(found) == NAMES[100:119]
    assert sum(page["Count"] for page in pages) == 19


def test_count_only(api: Api, table: str):
    """Select COUNT answers numbers without items."""
    assert api.call("Scan", TableName=table, Select="COUNT") == {"Count": 120, "ScannedCount": 120}


def test_a_sparse_index(api: Api, table: str):
    """Only items with the index's key are in it: a cheap way to find the few among the many."""
    items = api.items("Scan", TableName=table, IndexName="by-color", Limit=9)
    assert sorted(texts(items, "p")) == NAMES[::3]
    assert all(item.keys() == {"p", "color"} for item in items)


def test_segments_of_an_index(api: Api, table: str):
    """Each entry is in exactly one segment, as for tables."""
    found = Counter(
        name
        for segment in range(3)
        for name in scan(api, table, IndexName="by-color", Segment=segment, TotalSegments=3)
    )
    assert found == Counter(NAMES[::3])


def test_a_filter_on_what_an_index_does_not_carry(api: Api, table: str):
    """Where a query is refused, a scan takes such attributes for absent: the entry has none.

    Inferred from what an index is; DynamoDB Local looks them up in the table instead.
    """
    request: Json = {
        "TableName": table,
        "IndexName": "by-color",
        "FilterExpression": "n > :zero",
        "ExpressionAttributeValues": {":zero": {"N": "0"}},
    }
    answer = api.call("Scan", request)
    assert (answer["Count"], answer["ScannedCount"]) == (0, 40)
    del request["ExpressionAttributeValues"]
    answer = api.call("Scan", request, FilterExpression="attribute_not_exists(n)")
    assert (answer["Count"], answer["ScannedCount"]) == (40, 40)


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"Segment": 1},
            (
                "The TotalSegments parameter is required but was not present in the request "
                "when Segment parameter is present"
            ),
        ),
        (
            {"TotalSegments": 4},
            (
                "The Segment parameter is required but was not present in the request "
                "when parameter TotalSegments is present"
            ),
        ),
        (
            {"Segment": 4, "TotalSegments": 4},
            (
                "The Segment parameter is zero-based and must be less than parameter "
                "TotalSegments: Segment: 4 is not less than TotalSegments: 4"
            ),
        ),
        (
            {"Segment": 0, "TotalSegments": 1_000_001},
            (
                "1 validation error detected: Value '1000001' at 'totalSegments' failed to "
                "satisfy constraint: Member must have value less than or equal to 1000000"
            ),
        ),
        (
            {"IndexName": "by-color", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"ExclusiveStartKey": {"n": {"N": "1"}}},
            (
                "The provided starting key is invalid: "
                "The provided key element does not match the schema"
            ),
        ),
    ],
)
def test_what_a_scan_must_say(api: Api, table: str, members: Json, text: str):
    """Segments come in pairs with their total, and start keys are keys."""
    assert api.validation("Scan", TableName=table, **members) == text


def test_a_start_key_from_another_segment(api: Api, table: str):
    """It would skip or repeat items; AWS names the segment (captured: scylladb/scylladb#9270)."""
    page = api.call("Scan", TableName=table, Segment=1, TotalSegments=2, Limit=1)
    text = api.validation(
        "Scan",
        TableName=table,
        Segment=0,
        TotalSegments=2,
        ExclusiveStartKey=page["LastEvaluatedKey"],
    )
    assert text == (
        "The provided starting key is invalid: Invalid ExclusiveStartKey. "
        "Please use ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: 0"
    )


def test_pages_of_1_mb(api: Api):
    """As for queries: the item that brings the page to 1 MB ends it."""
    table = api.create("p:S")
    api.put(table, *(sized(300_000, p={"S": str(n)}) for n in range(5)))
    pages = list(api.pages("Scan", TableName=table, ReturnConsumedCapacity="TOTAL"))
    assert [page["Count"] for page in pages] == [4, 1]
    assert "LastEvaluatedKey" not in pages[1]
    units = [page["ConsumedCapacity"]["CapacityUnits"] for page in pages]
    assert units == [293 / 2, 74 / 2]  # 1,200,000 and 300,000 bytes, by 4,096


def test_a_scan_while_others_write(api: Api):
    """Items that are there all the time are found once, whatever comes and goes meanwhile."""
    table = api.create("p:S")
    api.put(table, *({"p": {"S": name}} for name in NAMES))
    stop = threading.Event()

    def disturb() -> None:
        own = Api(api.url)
        for n in range(10_000):
            if stop.is_set():
                break
            key = {"p": {"S": f"passing-{n % 7}"}}
            own.call("PutItem", TableName=table, Item=key)
            own.call("DeleteItem", TableName=table, Key=key)
        own.close()

    writer = threading.Thread(target=disturb)
    writer.start()
    try:
        for _ in range(3):
            found = Counter(name for name in scan(api, table, Limit=5) if name in NAMES)
            assert found == Counter(NAMES)
    finally:
        stop.set()
        writer.join()
