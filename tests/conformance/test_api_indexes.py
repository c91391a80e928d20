"""Secondary indexes: what is in them, what they carry, and how they are asked."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.api import Api, Index, Json, delete, put, texts

ALBUMS = [
    # artist, title, year, genre, label
    ("Ada", "Alpha", "1999", "jazz", "North"),
    ("Ada", "Beta", "2001", "folk", None),
    ("Ada", "Gamma", "1995", "jazz", "South"),
    ("Ada", "Delta", None, None, "South"),
    ("Bo", "Alpha", "1999", "jazz", None),
    ("Bo", "Epsilon", "2010", "rock", "North"),
]
INDEXES = (
    Index("by-year", "artist:S year:N", "KEYS_ONLY", local=True),
    Index("by-label", "artist:S label:S", ["genre"], local=True),
    Index("by-genre", "genre:S year:N", ["label"]),
    Index("by-title", "title:S", "KEYS_ONLY"),
    Index("everything", "genre:S title:S", "ALL"),
)


def album(artist: str, title: str, year: str | None, genre: str | None, label: str | None) -> Json:
    item: Json = {"artist": {"S": artist}, "title": {"S": title}, "tracks": {"L": [{"N": "1"}]}}
    if year:
        item["year"] = {"N": year}
    if genre:
        item["genre"] = {"S": genre}
    if label:
        item["label"] = {"S": label}
    return item


@pytest.fixture(scope="module")
def albums(connected: Api) -> Iterator[str]:
    """A table of albums with five indexes of all kinds; only for reading."""
    table = connected.create("artist:S title:S", *INDEXES)
    connected.tables.remove(table)
    connected.put(table, *(album(*each) for each in ALBUMS))
    yield table
    connected.call("DeleteTable", TableName=table)


def ask(api: Api, table: str, index: str, key: str, value: str, **members: Any) -> list[Json]:
    return api.items(
        "Query",
        TableName=table,
        IndexName=index,
        KeyConditionExpression="#k = :v",
        ExpressionAttributeNames={"#k": key, **members.pop("names", {})},
        ExpressionAttributeValues={":v": {"S": value}, **members.pop("values", {})},
        **members,
    )


def test_a_local_index_sorts_a_partition_another_way(api: Api, albums: str):
    """Same partition key, another sort key; an item without it is not there (Delta has no year)."""
    assert texts(ask(api, albums, "by-year", "artist", "Ada"), "title") == [
        "Gamma", "Alpha", "Beta",
    ]  # fmt: skip


def test_a_global_index_has_a_key_of_its_own(api: Api, albums: str):
    """Any attributes may be its key, and need not be unique: two jazz albums are from 1999."""
    found = ask(api, albums, "by-genre", "genre", "jazz")
    assert texts(found, "year") == ["1995", "1999", "1999"]
    assert sorted(texts(found[1:], "artist")) == ["Ada", "Bo"]
    assert texts(ask(api, albums, "by-title", "title", "Alpha"), "title") == ["Alpha", "Alpha"]


@pytest.mark.parametrize(
    ("index", "key", "carried"),
    [
        ("by-year", "artist", {"artist", "title", "year"}),
        ("by-label", "artist", {"artist", "title", "label", "genre"}),
        ("everything", "genre", {"artist", "title", "year", "genre", "label", "tracks"}),
        ("by-title", "title", {"artist", "title"}),
    ],
)
def test_what_an_index_carries(api: Api, albums: str, index: str, key: str, carried: set[str]):
    """KEYS_ONLY: both keys; INCLUDE: some more; ALL: everything. Less is cheaper to write."""
    value = {"artist": "Ada", "genre": "jazz", "title": "Alpha"}[key]
    found = ask(api, albums, index, key, value)
    whole = {(each[0], each[1]): album(*each) for each in ALBUMS}
    for entry in found:
        item = whole[entry["artist"]["S"], entry["title"]["S"]]
        assert entry == {name: content for name, content in item.items() if name in carried}


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "backward"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_an_index(api: Api, albums: str, limit: int, *, forward: bool):
    """Between equal index keys the item's own key tells where to go on.

    So LastEvaluatedKey carries both keys, and no entry is lost or repeated at a page's edge.
    """
    pages = list(
        api.pages(
            "Query",
            TableName=albums,
            IndexName="by-genre",
            KeyConditionExpression="genre = :g",
            ExpressionAttributeValues={":g": {"S": "jazz"}},
            ScanIndexForward=forward,
            Limit=limit,
        )
    )
    found = [item for page in pages for item in page["Items"]]
    years = ["1995", "1999", "1999"]
    assert texts(found, "year") == (years if forward else years[::-1])
    assert len({(item["artist"]["S"], item["title"]["S"]) for item in found}) == 3
    for page in pages[:-1]:
        assert page["LastEvaluatedKey"].keys() == {"artist", "title", "genre", "year"}


def test_a_start_key_of_an_index_needs_both_keys(api: Api, albums: str):
    """The table's key alone says nothing about the place in the index (captured: dynogels#184)."""
    start = {"artist": {"S": "Ada"}, "title": {"S": "Alpha"}}
    text = api.validation(
        "Query",
        TableName=albums,
        IndexName="by-genre",
        KeyConditionExpression="genre = :g",
        ExpressionAttributeValues={":g": {"S": "jazz"}},
        ExclusiveStartKey=start,
    )
    assert text == "The provided starting key is invalid"


def test_a_local_index_fetches_what_it_does_not_carry(api: Api, albums: str):
    """Entry and item are in one partition, so AWS reads the item too, and charges for it.

    One unit's half for the entries together, and one for each item fetched.
    """
    for members in (
        {"Select": "ALL_ATTRIBUTES"},
        {"ProjectionExpression": "artist, title, #y, genre, label, tracks",
         "names": {"#y": "year"}},
    ):  # fmt: skip
        found = ask(api, albums, "by-year", "artist", "Ada", **dict(members))
        assert found == [album(*ALBUMS[n]) for n in (2, 0, 1)]
    answer = api.call(
        "Query",
        TableName=albums,
        IndexName="by-year",
        KeyConditionExpression="artist = :a",
        ExpressionAttributeValues={":a": {"S": "Ada"}},
        Select="ALL_ATTRIBUTES",
        ReturnConsumedCapacity="INDEXES",
    )
    assert answer["ConsumedCapacity"] == {
        "TableName": albums,
        "CapacityUnits": 2.0,
        "Table": {"CapacityUnits": 1.5},
        "LocalSecondaryIndexes": {"by-year": {"CapacityUnits": 0.5}},
    }


def test_a_global_index_does_not(api: Api, albums: str):
    """Its entries live elsewhere: what it does not carry, it can't answer, and AWS says so."""
    invalid = "One or more parameter values were invalid: "
    request: Json = {
        "TableName": albums,
        "IndexName": "by-genre",
        "KeyConditionExpression": "genre = :g",
        "ExpressionAttributeValues": {":g": {"S": "jazz"}},
    }
    assert api.validation("Query", request, Select="ALL_ATTRIBUTES") == (
        f"{invalid}Select type ALL_ATTRIBUTES is not supported for global secondary index "
        "by-genre because its projection type is not ALL"
    )
    assert api.validation("Query", request, ProjectionExpression="tracks") == (
        f"{invalid}Global secondary index by-genre does not project [tracks]"
    )
    request["ExpressionAttributeValues"][":n"] = {"N": "1"}
    assert api.validation("Query", request, FilterExpression="size(tracks) > :n") == (
        f"{invalid}Secondary index by-genre does not project one or more filter attributes: "
        "[tracks]"
    )


def test_select(api: Api, albums: str):
    """ALL_ATTRIBUTES works where everything is projected; COUNT and the default everywhere."""
    everything = ask(api, albums, "everything", "genre", "jazz", Select="ALL_ATTRIBUTES")
    assert len(everything) == 3
    assert all("tracks" in item for item in everything)
    projected = ask(api, albums, "by-genre", "genre", "jazz", Select="ALL_PROJECTED_ATTRIBUTES")
    assert all("tracks" not in item for item in projected)
    answer = api.call(
        "Query",
        TableName=albums,
        IndexName="by-genre",
        KeyConditionExpression="genre = :g",
        ExpressionAttributeValues={":g": {"S": "jazz"}},
        Select="COUNT",
    )
    assert answer == {"Count": 3, "ScannedCount": 3}


def test_a_filter_on_projected_attributes(api: Api, albums: str):
    """What the index carries can be filtered; its own key attributes belong into the condition."""
    found = ask(api, albums, "by-genre", "genre", "jazz",
                FilterExpression="attribute_exists(label) AND artist = :a",
                values={":a": {"S": "Ada"}})  # fmt: skip
    assert texts(found, "title") == ["Gamma", "Alpha"]


@pytest.mark.parametrize(("index", "consistent"), [("by-year", True), ("by-genre", False)])
def test_consistent_reads(api: Api, albums: str, index: str, *, consistent: bool):
    """A local index is written with its table, a global one later: only the first may promise."""
    key, value = ("artist", "Ada") if consistent else ("genre", "jazz")
    if consistent:
        assert len(ask(api, albums, index, key, value, ConsistentRead=True)) == 3
        return
    text = api.validation(
        "Query",
        TableName=albums,
        IndexName=index,
        KeyConditionExpression="#k = :v",
        ExpressionAttributeNames={"#k": key},
        ExpressionAttributeValues={":v": {"S": value}},
        ConsistentRead=True,
    )
    assert text == "Consistent reads are not supported on global secondary indexes"


def entries(api: Api, table: str, index: str) -> list[Json]:
    return api.items("Scan", TableName=table, IndexName=index)


def test_entries_follow_their_items(api: Api):
    """Put, overwrite, move to another key, lose the key, delete: the index follows each time.

    By single writes and in batches, which AWS keeps in step just the same.
    """
    table = api.create("p:S", Index("by-color", "color:S", ["n"]))

    def write(request: Json) -> None:
        api.call("BatchWriteItem", RequestItems={table: [request]})

    def item(color: str | None, n: str, other: str = "x") -> Json:
        content: Json = {"p": {"S": "a"}, "n": {"N": n}, "other": {"S": other}}
        return {**content, "color": {"S": color}} if color else content

    def entry(color: str, n: str) -> Json:
        return {"p": {"S": "a"}, "color": {"S": color}, "n": {"N": n}}

    for put_item in (
        lambda content: write(put(content)),
        lambda content: api.call("PutItem", TableName=table, Item=content),
    ):
        put_item(item("red", "1"))
        assert entries(api, table, "by-color") == [entry("red", "1")]
        put_item(item("red", "2"))
        assert entries(api, table, "by-color") == [entry("red", "2")]
        put_item(item("blue", "2"))
        assert entries(api, table, "by-color") == [entry("blue", "2")]
        put_item(item("blue", "2", "not projected"))
        assert entries(api, table, "by-color") == [entry("blue", "2")]
        put_item(item(None, "2"))
        assert entries(api, table, "by-color") == []
        put_item(item("green", "3"))
        write(delete({"p": {"S": "a"}}))
        assert entries(api, table, "by-color") == []
    api.call("PutItem", TableName=table, Item=item("red", "1"))
    api.call("DeleteItem", TableName=table, Key={"p": {"S": "a"}})
    assert entries(api, table, "by-color") == []


@pytest.mark.parametrize("operation", ["PutItem", "BatchWriteItem"])
def test_index_keys_have_their_type(api: Api, operation: str):
    """An item may do without an index key, but not have it in another type."""
    table = api.create("p:S", Index("by-color", "color:S"))
    item = {"p": {"S": "a"}, "color": {"SS": ["red", "blue"]}}
    request: Json = {"TableName": table, "Item": item}
    if operation == "BatchWriteItem":
        request = {"RequestItems": {table: [put(item)]}}
    assert api.validation(operation, request) == (
        "One or more parameter values were invalid: Type mismatch for Index Key color "
        "Expected: S Actual: SS IndexName: by-color"
    )
