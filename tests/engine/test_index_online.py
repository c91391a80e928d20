"""Indexes added to and dropped from a table that is in use.

What matters: an index that says ACTIVE is complete and exact, however the writes fell while it was
filled; until then nobody can read half of it; and none of this holds up the table.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pannier.engine import row_groups
from pannier.engine.database import Database
from tests.engine.table_asking import (
    call,
    definitions,
    described,
    fill,
    index,
    keys,
    on_demand,
    refused,
    thing,
)

CREATE: dict[str, Any] = {
    "TableName": "abc",
    "AttributeDefinitions": definitions("g", "n:N"),
    "GlobalSecondaryIndexUpdates": [{"Create": index("gsi", keys("g", "n"))}],
}


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.in_memory(sweep_interval_s=None) as database:
        call(database, "CreateTable", **on_demand())
        yield database


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of 50 rows, so that 200 items take several."""
    monkeypatch.setattr(row_groups, "ROWS_MAX", 50)


def status(database: Database) -> tuple[str, bool | None]:
    (gsi,) = described(database)["GlobalSecondaryIndexes"]
    return gsi["IndexStatus"], gsi.get("Backfilling")


def check_complete(database: Database) -> None:
    """The index holds what the table says, in the right order, and counts it rightly."""
    items = call(database, "Scan", TableName="abc")["Items"]
    wanted = [item for item in items if "g" in item and "N" in item.get("n", {})]
    found = []
    for number in range(7):
        answer = call(
            database,
            "Query",
            TableName="abc",
            IndexName="gsi",
            KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": f"group-{number}"}},
        )
        order = [int(item["n"]["N"]) for item in answer["Items"]]
        assert order == sorted(order)
        found += answer["Items"]

    def by_text(some: list[Any]) -> list[str]:
        return sorted(json.dumps(each, sort_keys=True) for each in some)

    assert by_text(found) == by_text(wanted)
    table = described(database)
    assert table["GlobalSecondaryIndexes"][0]["ItemCount"] == len(wanted)


def test_a_small_table_is_done_at_once(database: Database) -> None:
    """The answer says CREATING, as AWS's does; DescribeTable says ACTIVE."""
    fill(database, 20)
    call(database, "UpdateTable", **CREATE)
    assert status(database) == ("ACTIVE", None)
    check_complete(database)


def test_a_large_table_is_done_in_steps(database: Database) -> None:
    """Meanwhile the table is there, and the index refuses to be read (captured text)."""
    fill(database, 200)
    call(database, "UpdateTable", **CREATE)
    assert status(database) == ("CREATING", True)
    assert described(database)["TableStatus"] == "ACTIVE"
    assert refused(database, "Scan", TableName="abc", IndexName="gsi") == (
        "ValidationException: Cannot read from backfilling global secondary index: gsi"
    )
    steps = 1
    while database.build_indexes():
        steps += 1
    assert steps >= 3
    assert status(database) == ("ACTIVE", None)
    check_complete(database)


@pytest.mark.parametrize("seed", range(5))
def test_writes_while_it_is_filled(database: Database, seed: int) -> None:
    """New items, changed items, deletes, before and behind the place where the filling is."""
    chance = random.Random(seed)
    fill(database, 300)
    call(database, "UpdateTable", **CREATE)
    more = True
    while more:
        for _ in range(40):
            number = chance.randrange(400)
            item = thing(number)
            match chance.randrange(4):
                case 0:
                    call(database, "DeleteItem", TableName="abc", Key={"a": item["a"]})
                case 1:
                    item["g"] = {"S": f"group-{chance.randrange(7)}"}
                    call(database, "PutItem", TableName="abc", Item=item)
                case 2:
                    del item["g"]
                    call(database, "PutItem", TableName="abc", Item=item)
                case 3:
                    call(
                        database,
                        "UpdateItem",
                        TableName="abc",
                        Key={"a": item["a"]},
                        UpdateExpression="SET n = :n",
                        ExpressionAttributeValues={":n": {"N": str(chance.randrange(99))}},
                    )
        more = database.build_indexes()
    check_complete(database)


def test_items_that_do_not_fit_are_left_out(database: Database) -> None:
    """An attribute of another type, or empty, keeps an item out of the index, and only that.

    Such an item can be overwritten and deleted later, though it never had an entry.
    """
    fill(database, 10)
    for wrong in ({"n": {"S": "text"}}, {"g": {"S": ""}}, {"g": {"N": "1"}}):
        item = {**thing(3), "a": {"S": f"wrong-{wrong}"}, **wrong}
        call(database, "PutItem", TableName="abc", Item=item)
    call(database, "UpdateTable", **CREATE)
    table = described(database)
    assert table["ItemCount"] == 13
    assert table["GlobalSecondaryIndexes"][0]["ItemCount"] == 10
    for wrong in ({"n": {"S": "text"}}, {"g": {"S": ""}}):
        call(database, "DeleteItem", TableName="abc", Key={"a": {"S": f"wrong-{wrong}"}})
    replaced = {**thing(3), "a": {"S": f"wrong-{ {'g': {'N': '1'}} }"}}
    call(database, "PutItem", TableName="abc", Item=replaced)
    assert described(database)["GlobalSecondaryIndexes"][0]["ItemCount"] == 11
    text = refused(database, "PutItem", TableName="abc", Item={**thing(1), "n": {"S": "x"}})
    assert "Type mismatch for Index Key n Expected: N Actual: S IndexName: gsi" in text


def test_one_at_a_time(database: Database) -> None:
    """AWS creates or deletes one index of a table at a time (captured text)."""
    limit = (
        "LimitExceededException: Subscriber limit exceeded: "
        "Only 1 online index can be created or deleted simultaneously per table"
    )
    both = {
        **CREATE,
        "GlobalSecondaryIndexUpdates": [
            {"Create": index("one", keys("g"))},
            {"Create": index("two", keys("g"))},
        ],
    }
    assert refused(database, "UpdateTable", **both) == limit
    fill(database, 100)
    call(database, "UpdateTable", **CREATE)
    other = {**CREATE, "GlobalSecondaryIndexUpdates": [{"Create": index("two", keys("g"))}]}
    assert refused(database, "UpdateTable", **other) == limit
    while database.build_indexes():
        pass
    call(database, "UpdateTable", **other)


def test_dropped_while_it_is_filled(database: Database) -> None:
    """A mistake need not be filled to the end (service model, Backfilling)."""
    fill(database, 200)
    call(database, "UpdateTable", **CREATE)
    drop = [{"Delete": {"IndexName": "gsi"}}]
    call(database, "UpdateTable", TableName="abc", GlobalSecondaryIndexUpdates=drop)
    assert not database.build_indexes()
    table = described(database)
    assert "GlobalSecondaryIndexes" not in table
    assert table["AttributeDefinitions"] == definitions("a")
    call(database, "UpdateTable", **CREATE)  # the same name again: nothing is left of the first
    while database.build_indexes():
        pass
    check_complete(database)


def test_definitions_are_merged_and_pruned(database: Database) -> None:
    """AttributeDefinitions is a delta; what no key uses is not kept (captured, eu-west-2)."""
    more = {**CREATE, "AttributeDefinitions": definitions("g", "n:N", "unused")}
    call(database, "UpdateTable", **more)
    assert described(database)["AttributeDefinitions"] == definitions("a", "g", "n:N")
    call(database, "PutItem", TableName="abc", Item=thing(1))


@pytest.mark.parametrize(
    ("updates", "text"),
    [
        ([{"Create": index("gsi", keys("h"))}], "Some index key attributes are not defined"),
        ([{"Create": index("gsi", keys("g", "h"))}], "Some index key attributes are not defined"),
        (
            [{"Create": index("gsi", keys("p", "q")), "Delete": {"IndexName": "gsi"}}],
            "Only one of GlobalSecondaryIndexUpdate.Update",
        ),
        ([{}], "One of GlobalSecondaryIndexUpdate.Update"),
        ([{"Delete": {"IndexName": "nope"}}], "ResourceNotFoundException"),
        (
            [{"Update": {"IndexName": "two"}}, {"Delete": {"IndexName": "two"}}],
            "Only one global secondary index update per index is allowed simultaneously",
        ),
    ],
)
def test_refused(database: Database, updates: list[Any], text: str) -> None:
    request = {**CREATE, "GlobalSecondaryIndexUpdates": updates}
    assert text in refused(database, "UpdateTable", **request)


def test_an_index_that_is_there(database: Database) -> None:
    call(database, "UpdateTable", **CREATE)
    text = refused(database, "UpdateTable", **CREATE)
    assert text == "ValidationException: Attempting to create an index which already exists"


def test_a_restart_in_the_middle(tmp_path: Path) -> None:
    """The filling goes on where it was, by itself."""
    with Database.open(tmp_path) as database:
        database._builder = None  # nobody fills the index in this first life
        call(database, "CreateTable", **on_demand())
        fill(database, 200)
        call(database, "UpdateTable", **CREATE)
        assert database.build_indexes()
        assert status(database) == ("CREATING", True)
    with Database.open(tmp_path) as database:
        assert database._builder is not None
        while database.catalog.building():
            database.build_indexes()  # beside the thread, which may be faster
        assert status(database) == ("ACTIVE", None)
        check_complete(database)


def test_local_and_global_indexes_of_several_attributes(database: Database) -> None:
    """A key of several attributes sorts by all of them, and may be filled like any other."""
    fill(database, 120)
    schema = [
        {"AttributeName": "g", "KeyType": "HASH"},
        {"AttributeName": "a", "KeyType": "HASH"},
        {"AttributeName": "n", "KeyType": "RANGE"},
    ]
    wide = {**CREATE, "GlobalSecondaryIndexUpdates": [{"Create": index("wide", schema)}]}
    call(database, "UpdateTable", **wide)
    while database.build_indexes():
        pass
    answer = call(
        database,
        "Query",
        TableName="abc",
        IndexName="wide",
        KeyConditionExpression="g = :g AND a = :a",
        ExpressionAttributeValues={":g": {"S": "group-1"}, ":a": {"S": "item-00008"}},
    )
    assert answer["Items"] == [thing(8)]
