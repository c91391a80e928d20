"""What planners have in common with the jobs they stand for, and the figures around units."""

import pytest

from pannier.batch.operation import Operation, Origin
from pannier.batch.reads import read_job
from pannier.batch.report import Failure
from pannier.batch.writes import write_job
from pannier.cost.free_tier import MONTH_S, free_tier_share
from pannier.cost.prices import US_EAST_1
from pannier.cost.size_histogram import SizeHistogram
from pannier.cost.storage_cost import Stored
from pannier.cost.table_shape import TableShape
from pannier.errors import UserError
from pannier.planning import read_planner, write_planner
from pannier.planning.capacity_time import durations
from pannier.planning.scan_units import scan_units
from pannier.planning.write_planner import WritePlanner


def shape(**more: object) -> TableShape:
    throughput = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 20}
    index = {
        "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 5},
    }
    return TableShape.of(
        {
            "TableName": "shop",
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "AttributeDefinitions": [
                {"AttributeName": "PK", "AttributeType": "S"},
                {"AttributeName": "kind", "AttributeType": "S"},
            ],
            "ProvisionedThroughput": throughput,
            "GlobalSecondaryIndexes": [{"IndexName": "g", **index}],
            "LocalSecondaryIndexes": [{"IndexName": "l", **index}],
            **more,
        }
    )


def test_the_windows_are_those_of_the_jobs() -> None:
    assert write_planner.WINDOW == write_job._WINDOW
    assert write_planner._WINDOW_BYTES == write_job._WINDOW_BYTES
    assert read_planner.WINDOW == read_job._WINDOW


def test_what_the_service_would_refuse_is_counted_with_its_reason() -> None:
    """A key that is missing, an index key of the wrong type, an unreadable line."""
    origin = Origin("f", 1)
    with WritePlanner(lambda _: shape()) as planner:
        planner.feed(Operation.put("shop", {"PK": {"S": "a"}}, origin))
        planner.feed(Operation.put("shop", {"kind": {"S": "a"}}, origin))
        planner.feed(Operation.put("shop", {"PK": {"S": "b"}, "kind": {"N": "1"}}, origin))
        planner.feed(Failure("shop", "parse", "{", "not JSON", origin))
        planner.end()
    counts = planner.counts
    assert (counts.read, counts.puts, counts.failed) == (4, 1, 3)
    assert counts.reasons["not JSON"] == 1
    assert any("Missing the key PK" in reason for reason in counts.reasons)
    assert any("Type mismatch for Index Key kind" in reason for reason in counts.reasons)


def test_time_is_that_of_the_slowest_capacity() -> None:
    """A global index has its own; a local index spends its table's."""
    units = {"shop": 100.0, "shop/l": 100.0, "shop/g": 100.0}
    (own,) = durations([shape()], units, "write", None)
    assert (own.seconds, own.slowest) == (20, "shop/g")
    given, _ = durations([shape()], units, "write", "50")
    assert (given.seconds, given.slowest) == (4, "shop")
    half, _ = durations([shape()], units, "write", "50%")
    assert half.seconds == 40
    on_demand = shape(ProvisionedThroughput={}, GlobalSecondaryIndexes=[])
    (start,) = durations([on_demand], {"shop": 8000.0}, "write", None)
    assert (start.seconds, start.is_paid_by_hour) == (2, False)
    (start,) = durations([on_demand], {"shop": 24_000.0}, "read", None)
    assert start.seconds == 2
    warmed = shape(
        ProvisionedThroughput={},
        GlobalSecondaryIndexes=[],
        WarmThroughput={"ReadUnitsPerSecond": 24_000, "WriteUnitsPerSecond": 8000},
    )
    (warm,) = durations([warmed], {"shop": 8000.0}, "write", None)
    assert (warm.at, warm.seconds, warm.is_paid_by_hour) == ("warm throughput", 1, False)
    with pytest.raises(UserError, match="nothing provisioned"):
        durations([on_demand], {"shop": 1.0}, "write", "50%")


def test_the_free_tier_is_25_units_a_second_for_a_month() -> None:
    share = free_tier_share(
        write_units=25 * MONTH_S, read_units=12.5 * MONTH_S, storage_bytes=25 * 2**30
    )
    assert (share.write, share.read, share.storage) == (1, 0.5, 1)


def test_storage_has_100_bytes_more_for_each_item_and_entry() -> None:
    stored = Stored(items=2, entries=3, size_bytes=2**30 - 500)
    assert stored.billed_bytes == 2**30
    assert stored.month_usd(US_EAST_1) == pytest.approx(0.25)


def test_sizes_are_counted_in_classes_that_double() -> None:
    sizes = SizeHistogram()
    for size in (1, 128, 129, 1024, 1025, 400 * 1024):
        sizes.add(size)
    shown = sizes.to_json()
    assert [(each["up_to"], each["items"]) for each in shown["histogram"]] == [
        (128, 2), (256, 1), (1024, 1), (2048, 1), (400 * 1024, 1),
    ]  # fmt: skip
    assert (shown["min"], shown["max"], shown["items"]) == (1, 400 * 1024, 6)


def test_a_scan_costs_its_bytes_in_pages() -> None:
    """An empty table costs the minimum; 10 MB cost 10 x 256 units, half if eventual."""
    assert scan_units(shape(), consistent=True).units == 1
    assert scan_units(shape(), consistent=False).units == 0.5
    big = shape(ItemCount=10_240, TableSizeBytes=10 * 2**20)
    found = scan_units(big, consistent=True)
    assert found.units == pytest.approx(2560, rel=0.01)
    assert found.calls == 10
    assert scan_units(big, consistent=False, segments=4).units == pytest.approx(1280, rel=0.01)
