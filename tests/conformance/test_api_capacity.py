"""ConsumedCapacity and ItemCollectionMetrics: what DynamoDB would bill, to the unit.

The arithmetic is that of `facts.md`: writes cost `ceil(bytes / 1024)`, reads `ceil(bytes / 4096)`,
half if eventually consistent; an index pays for its own, projected, entry. A batch is metered item
by item, each rounded up by itself; a query rounds the sum.
"""

from typing import Any

import pytest

from tests.conformance.api import Api, Index, Json, delete, put, sized


def item(name: str, size_bytes: int) -> Json:
    return sized(size_bytes, p={"S": name})


def consumed(api: Api, operation: str, level: str = "TOTAL", **members: Any) -> Any:
    answer = api.call(operation, members, ReturnConsumedCapacity=level)
    return answer["ConsumedCapacity"]


def write_batch(api: Api, table: str, *requests: Json, level: str = "TOTAL") -> Json:
    (of_table,) = consumed(api, "BatchWriteItem", level, RequestItems={table: list(requests)})
    assert of_table["TableName"] == table
    return of_table


SIZES = [10, 1023, 1024, 1025, 2048, 2049, 10_000, 400 * 1024]
WRITE_UNITS = [1, 1, 1, 2, 2, 3, 10, 400]
READ_UNITS = [1, 1, 1, 1, 1, 1, 3, 100]


@pytest.mark.parametrize(
    ("size_bytes", "write_units", "read_units"),
    list(zip(SIZES, WRITE_UNITS, READ_UNITS, strict=True)),
)
def test_units_of_one_item(api: Api, size_bytes: int, write_units: int, read_units: int):
    """By PutItem, GetItem, DeleteItem, and by batches of one. Every byte of names counts, too."""
    table = api.create("p:S")
    content = item("a", size_bytes)
    key = {"p": {"S": "a"}}

    def units(operation: str, **members: Any) -> float:
        return consumed(api, operation, TableName=table, **members)["CapacityUnits"]

    assert units("PutItem", Item=content) == write_units
    assert units("GetItem", Key=key) == read_units / 2
    assert units("GetItem", Key=key, ConsistentRead=True) == read_units
    for consistent, expected in ((False, read_units / 2), (True, read_units)):
        request = {table: {"Keys": [key], "ConsistentRead": consistent}}
        (of_table,) = consumed(api, "BatchGetItem", RequestItems=request)
        assert of_table == {"TableName": table, "CapacityUnits": expected}
    assert units("DeleteItem", Key=key) == write_units
    assert write_batch(api, table, put(content))["CapacityUnits"] == write_units
    assert write_batch(api, table, delete(key))["CapacityUnits"] == write_units


def test_an_overwrite_costs_the_larger_of_old_and_new(api: Api):
    """A small item over a big one is paid like the big one; deleting nothing costs one."""
    table = api.create("p:S")
    big, small = put(item("a", 3000)), put(item("a", 100))
    for request, units in ((small, 1), (big, 3), (small, 3), (small, 1)):
        assert write_batch(api, table, request)["CapacityUnits"] == units
    for units in (1, 1):
        assert write_batch(api, table, delete({"p": {"S": "a"}}))["CapacityUnits"] == units


def test_a_batch_rounds_each_item(api: Api):
    """25 tiny items cost 25 units, not one: to write in batches saves calls, never units."""
    table = api.create("p:S")
    requests = [put(item(f"{number:02}", 100)) for number in range(25)]
    assert write_batch(api, table, *requests)["CapacityUnits"] == 25
    keys = [{"p": {"S": f"{number:02}"}} for number in range(30)]  # five are not there
    (of_table,) = consumed(api, "BatchGetItem", RequestItems={table: {"Keys": keys}})
    assert of_table["CapacityUnits"] == 15.0  # a missing one costs the minimum, too


def test_a_query_rounds_the_sum(api: Api):
    """25 tiny items by one query cost half a unit: the reason to query rather than to get."""
    table = api.create("p:S s:S")
    key = {"p": {"S": "a"}}
    api.put(table, *(sized(100, **key, s={"S": f"{number:02}"}) for number in range(25)))
    request: Json = {
        "TableName": table,
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
    }
    assert consumed(api, "Query", **request)["CapacityUnits"] == 0.5
    assert consumed(api, "Query", **request, ConsistentRead=True)["CapacityUnits"] == 1.0
    assert consumed(api, "Scan", TableName=table, ConsistentRead=True)["CapacityUnits"] == 1.0


def test_one_entry_for_each_table(api: Api):
    """A batch over two tables is metered for each."""
    one, two = api.create("p:S"), api.create("p:S")
    items = {one: [put(item("a", 1500)), put(item("b", 10))], two: [put(item("a", 10))]}
    entries = consumed(api, "BatchWriteItem", RequestItems=items)
    assert sorted((entry["TableName"], entry["CapacityUnits"]) for entry in entries) == sorted(
        [(one, 3.0), (two, 1.0)]
    )


@pytest.mark.parametrize("level", [None, "NONE"])
def test_units_are_only_shown_when_asked_for(api: Api, level: str | None):
    """The default is NONE."""
    table = api.create("p:S")
    answer = api.call(
        "BatchWriteItem", RequestItems={table: [put(item("a", 10))]}, ReturnConsumedCapacity=level
    )
    assert answer == {"UnprocessedItems": {}}
    key = {"p": {"S": "a"}}
    for operation, members in (
        ("PutItem", {"Item": item("a", 10)}),
        ("GetItem", {"Key": key}),
        ("Scan", {}),
        ("DeleteItem", {"Key": key}),
    ):
        answer = api.call(operation, members, TableName=table, ReturnConsumedCapacity=level)
        assert "ConsumedCapacity" not in answer


@pytest.fixture
def indexed(api: Api) -> str:
    """A table with a global index on `g` that carries everything, one on `k` that carries keys."""
    return api.create(
        "p:S s:S", Index("global", "g:S"), Index("keys", "p:S k:S", "KEYS_ONLY", local=True)
    )


def indexed_item(size_bytes: int, **attributes: str) -> Json:
    return sized(size_bytes, **{name: {"S": value} for name, value in attributes.items()})


def test_what_writes_to_indexes_cost(api: Api, indexed: str):
    """Captured on AWS: an entry inserted costs the new, removed the old, changed in place the
    larger, moved to another key both; unchanged, nothing, and then the index is not shown at all.
    """

    def write(request: Json) -> tuple[float, float, float | None, float | None]:
        answer = write_batch(api, indexed, request, level="INDEXES")
        of_index = {
            name: entry["CapacityUnits"]
            for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for name, entry in answer.get(member, {}).items()
        }
        return (answer["CapacityUnits"], answer["Table"]["CapacityUnits"],
                of_index.get("global"), of_index.get("keys"))  # fmt: skip

    key = {"p": "a", "s": "1"}
    bare = indexed_item(1500, **key)
    assert write(put(bare)) == (2, 2, None, None)
    entered = indexed_item(2500, **key, g="x", k="x")
    assert write(put(entered)) == (3 + 3 + 1, 3, 3, 1)
    assert write(put(entered)) == (3, 3, None, None)
    smaller = indexed_item(100, **key, g="x", k="x")
    assert write(put(smaller)) == (3 + 3, 3, 3, None)
    moved = indexed_item(1100, **key, g="y", k="y")
    assert write(put(moved)) == (2 + (1 + 2) + (1 + 1), 2, 3, 2)
    left = indexed_item(100, **key, k="y")
    assert write(put(left)) == (2 + 2, 2, 2, None)
    raw_key = {name: {"S": value} for name, value in key.items()}
    assert write(delete(raw_key)) == (1 + 1, 1, None, 1)
    assert write(delete(raw_key)) == (1, 1, None, None)


def test_indexes_count_in_the_total(api: Api, indexed: str):
    """TOTAL is one figure with the indexes in it."""
    content = indexed_item(1500, p="a", s="1", g="x")
    assert write_batch(api, indexed, put(content)) == {"TableName": indexed, "CapacityUnits": 4.0}
    assert consumed(
        api, "DeleteItem", TableName=indexed, Key={"p": {"S": "a"}, "s": {"S": "1"}}
    ) == {
        "TableName": indexed,
        "CapacityUnits": 4.0,
    }


def test_reads_of_an_index(api: Api, indexed: str):
    """The entry is what is read: of KEYS_ONLY a few bytes, however big the items are."""
    api.put(indexed, *(indexed_item(5000, p="a", s=f"{n}", g="x", k=f"{n}") for n in range(4)))
    values = {":v": {"S": "a"}}
    local = consumed(
        api,
        "Query",
        "INDEXES",
        TableName=indexed,
        IndexName="keys",
        KeyConditionExpression="p = :v",
        ExpressionAttributeValues=values,
        ConsistentRead=True,
    )
    assert local == {
        "TableName": indexed,
        "CapacityUnits": 1.0,
        "Table": {"CapacityUnits": 0.0},
        "LocalSecondaryIndexes": {"keys": {"CapacityUnits": 1.0}},
    }
    everything = consumed(api, "Scan", "INDEXES", TableName=indexed, IndexName="global")
    assert everything == {
        "TableName": indexed,
        "CapacityUnits": 2.5,
        "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"global": {"CapacityUnits": 2.5}},
    }


@pytest.mark.parametrize("operation", ["GetItem", "BatchGetItem", "Scan"])
def test_reads_of_the_table_at_level_indexes(api: Api, indexed: str, operation: str):
    """No index was touched, so none is shown."""
    key = {"p": {"S": "a"}, "s": {"S": "1"}}
    request: Json = {"TableName": indexed, "Key": key}
    if operation == "BatchGetItem":
        request = {"RequestItems": {indexed: {"Keys": [key]}}}
    answer = consumed(api, operation, "INDEXES", **request)
    (entry,) = answer if operation == "BatchGetItem" else [answer]
    assert entry == {"TableName": indexed, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}}


def collections(entries: list[Json]) -> list[tuple[str, list[float]]]:
    return sorted(
        (entry["ItemCollectionKey"]["p"]["S"], entry["SizeEstimateRangeGB"]) for entry in entries
    )


def test_item_collection_metrics(api: Api, indexed: str):
    """All items of a partition key share 10 GB where there is a local index, so AWS tells the size.

    One entry for each partition key that the request touched, in gigabytes from-to.
    """
    requests = [put(indexed_item(100, p=p, s=s)) for p, s in ("a1", "a2", "b1")]
    answer = api.call(
        "BatchWriteItem", RequestItems={indexed: requests}, ReturnItemCollectionMetrics="SIZE"
    )
    assert answer["ItemCollectionMetrics"].keys() == {indexed}
    assert collections(answer["ItemCollectionMetrics"][indexed]) == [
        ("a", [0.0, 1.0]),
        ("b", [0.0, 1.0]),
    ]
    key = {"p": {"S": "a"}, "s": {"S": "1"}}
    for operation, members in (("PutItem", {"Item": key}), ("DeleteItem", {"Key": key})):
        single = api.call(operation, members, TableName=indexed, ReturnItemCollectionMetrics="SIZE")
        assert collections([single["ItemCollectionMetrics"]]) == [("a", [0.0, 1.0])]


def test_no_metrics_without_a_local_index(api: Api):
    """Asked for or not: there is no collection to tell of."""
    table = api.create("p:S s:S", Index("global", "g:S"))
    content = indexed_item(100, p="a", s="1")
    answer = api.call(
        "BatchWriteItem", RequestItems={table: [put(content)]}, ReturnItemCollectionMetrics="SIZE"
    )
    assert answer == {"UnprocessedItems": {}}
    assert (
        api.call("PutItem", TableName=table, Item=content, ReturnItemCollectionMetrics="SIZE") == {}
    )


def test_metrics_only_when_asked_for(api: Api, indexed: str):
    """The default is NONE."""
    content = indexed_item(100, p="a", s="1")
    assert api.call("BatchWriteItem", RequestItems={indexed: [put(content)]}) == {
        "UnprocessedItems": {}
    }
