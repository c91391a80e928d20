"""Descriptions of tables in words, and the request that changes their capacity."""

from typing import Any

from pannier.console.pages.tables.capacity_change import Units, change_request
from pannier.console.pages.tables.figures import (
    capacity_text,
    consequence_text,
    index_figures,
    indexes_text,
    is_transient,
    key_texts,
    time_text,
)
from pannier.console.quantities import counted, size_text, units_text

TABLE: dict[str, Any] = {
    "TableName": "shop",
    "TableStatus": "ACTIVE",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": kind} for name, kind in (("PK", "S"), ("SK", "N"))
    ],
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 20},
    "ItemCount": 3,
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "GSI",
            "IndexStatus": "CREATING",
            "KeySchema": [{"AttributeName": "SK", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 2},
        }
    ],
}
ON_DEMAND = {**TABLE, "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}


def test_a_description_in_words() -> None:
    assert key_texts(TABLE["KeySchema"], TABLE["AttributeDefinitions"]) == ("PK (S)", "SK (N)")
    assert capacity_text(TABLE, on_demand=False) == "10 read, 20 write"
    (index,) = index_figures(TABLE)
    assert index.keys == ("SK (N)", "")
    assert index.projection == "keys, a, b"
    assert index.capacity == "1 read, 2 write"
    assert indexes_text(TABLE) == "1 global"
    assert indexes_text({}) == "none"
    assert consequence_text(TABLE) == "3 items and 1 index"
    assert time_text(0.0) == "1970-01-01 00:00:00 UTC"
    assert is_transient(TABLE)  # its index is being made
    assert not is_transient({"TableStatus": "ACTIVE"})


def test_figures_for_people() -> None:
    assert [size_text(size) for size in (0, 1, 1023, 1024, 1536, 200 * 1024, 3 << 40, 9 << 50)] == [
        "0 bytes", "1 byte", "1,023 bytes", "1.0 KiB", "1.5 KiB", "200 KiB", "3.0 TiB", "9,216 TiB",
    ]  # fmt: skip
    assert [counted(count, "index", "indexes") for count in (1, 2000)] == [
        "1 index",
        "2,000 indexes",
    ]
    assert [units_text(units) for units in (1.0, 0.5, 1234.0)] == ["1", "0.5", "1,234"]


def test_only_what_changes_is_asked_for() -> None:
    same = {"": Units(10, 20), "GSI": Units(1, 2)}
    assert change_request(TABLE, same) is None
    request = change_request(TABLE, {**same, "GSI": Units(5, 2)})
    assert request is not None
    assert set(request) == {"TableName", "GlobalSecondaryIndexUpdates"}
    assert change_request(ON_DEMAND, {}) is None
    assert change_request(TABLE, {}) == {"TableName": "shop", "BillingMode": "PAY_PER_REQUEST"}
    provisioned = change_request(ON_DEMAND, same)
    assert provisioned is not None
    assert provisioned["BillingMode"] == "PROVISIONED"
    assert provisioned["ProvisionedThroughput"]["WriteCapacityUnits"] == 20
    assert len(provisioned["GlobalSecondaryIndexUpdates"]) == 1
