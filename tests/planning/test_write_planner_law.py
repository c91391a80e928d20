"""The law of the write planner: any operations on any indexes cost what the engine charges.

Nothing is assumed here: the table is empty before, and every write is sent.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.batch.options import Options
from pannier.cost.table_shape import TableShape
from pannier.library.connecting import connect
from pannier.model.plain import to_item
from pannier.planning.write_planner import WritePlanner
from pannier.planning.write_units import Before, units_of

PROJECTIONS = st.sampled_from(
    [
        {"ProjectionType": "ALL"},
        {"ProjectionType": "KEYS_ONLY"},
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["small"]},
        {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["large", "none"]},
    ]
)
ITEMS = st.fixed_dictionaries(
    {"PK": st.sampled_from("abc"), "SK": st.integers(0, 3)},
    optional={
        "kind": st.sampled_from(["x", "y"]),
        "rank": st.integers(0, 2),
        "small": st.sampled_from([1, 2, "é"]),
        "large": st.integers(0, 4000).map("x".__mul__),
        "tags": st.just({"a", "b"}),
    },
)
WRITES = st.lists(
    st.one_of(ITEMS, st.tuples(st.sampled_from("abc"), st.integers(0, 3))), max_size=40
)


def create(projections: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {"PK": "S", "SK": "N", "kind": "S", "rank": "N"}
    key = [{"AttributeName": "PK", "KeyType": "HASH"}]
    range_of = {"AttributeName": "rank", "KeyType": "RANGE"}
    by_kind = {"AttributeName": "kind", "KeyType": "HASH"}
    keys = ([*key, range_of], [by_kind], [by_kind, range_of])
    local, *others = [
        {"IndexName": f"index{number}", "KeySchema": schema, "Projection": projection}
        for number, (schema, projection) in enumerate(zip(keys, projections, strict=True))
    ]
    return {
        "TableName": "shop",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [*key, {"AttributeName": "SK", "KeyType": "RANGE"}],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in kinds.items()
        ],
        "LocalSecondaryIndexes": [local],
        "GlobalSecondaryIndexes": others,
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(PROJECTIONS, min_size=3, max_size=3), WRITES)
def test_a_plan_is_what_the_engine_charges(
    projections: list[dict[str, Any]], writes: list[Any]
) -> None:
    request = create(projections)
    operations = [
        Operation.put("shop", to_item(each))
        if isinstance(each, dict)
        else Operation.delete("shop", to_item({"PK": each[0], "SK": each[1]}))
        for each in writes
    ]
    shape = TableShape.of(request, exists=False)
    with WritePlanner(lambda _: shape, every_write=True) as planner:
        for operation in operations:
            planner.feed(operation)
        planner.end()
    planned: dict[str, float] = {}
    for tally in planner.tallies:
        found = units_of(tally, Before(), None)
        assert found.assumptions == []
        planned = dict(zip(shape.places, found.units, strict=True))
    with connect("memory") as db:
        db.call("CreateTable", request)
        report = db.write(operations, options=Options(every_write=True))
        described = db.table("shop").describe()
    assert {place: units for place, units in planned.items() if units} == dict(report.units.write)
    assert planner.counts.stored.items == described["ItemCount"]
    held = sum(
        each["IndexSizeBytes"]
        for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
        for each in described[member]
    )
    assert planner.counts.stored.size_bytes == described["TableSizeBytes"] + held
