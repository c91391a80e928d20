"""What tasks ask for."""

import pickle
from typing import Any

import pytest
from pyspark.sql import types as spark
from pyspark.sql.datasource import EqualTo, GreaterThan, In

import pannier
from pannier.batch.pages.extent import Extent
from pannier.errors import UserError
from pannier.limits import MIB
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.spark.described import Described
from pannier.spark.options import ReadOptions
from pannier.spark.own_expressions import OwnExpressions
from pannier.spark.place import Place
from pannier.spark.read_plan import TablePart, planned, segment_count

SCHEMA = spark.StructType(
    [
        spark.StructField("pk", spark.StringType()),
        spark.StructField("sk", spark.LongType()),
        spark.StructField("size", spark.LongType()),  # a reserved word
    ]
)
KEY = KeySchema([KeyAttribute("pk", "S")], [KeyAttribute("sk", "N")])
TABLE = Described(KEY, KEY.names, Extent(1_000_000, 1000 * MIB), None)
HERE = Place("http://127.0.0.1:8000", "eu-west-1")


def parts(
    *filters: Any, described: Described = TABLE, slots: int | None = 8, **options: Any
) -> list[TablePart]:
    return planned(ReadOptions("Orders", **options), SCHEMA, filters, described, HERE, slots)


def request(*filters: Any, **options: Any) -> dict[str, Any]:
    return dict(parts(*filters, **options)[0].plan.request)


@pytest.mark.parametrize(
    ("size_bytes", "slots", "evenly", "count"),
    [
        (0, 8, False, 8),  # not known: whatever it is, all slots have work
        (0, None, False, 1),
        (1, 8, False, 1),
        (16 * MIB, 8, False, 4),
        (100 * MIB, 8, False, 8),
        (1000 * MIB, 8, False, 16),
        (1025 * MIB, 8, False, 17),
        (1025 * MIB, 8, True, 32),  # several rounds
        (5000 * MIB, 8, True, 80),
        (16 * MIB, 8, True, 4),
        (10**15, 8, False, 1_000_000),
    ],
)
def test_segments_by_size(size_bytes: int, slots: int | None, evenly: bool, count: int) -> None:
    assert segment_count(size_bytes, slots, evenly=evenly) == count


def test_a_scan_is_cut_into_segments_and_reads_the_columns_and_the_key() -> None:
    found = parts()
    assert [part.chains for part in found] == [
        [{"Segment": at, "TotalSegments": 16}] for at in range(16)
    ]
    assert found[0].plan.operation == "Scan"
    assert found[0].plan.request == {
        "TableName": "Orders",
        "ProjectionExpression": "#n0, #n1, #n2",
        "ExpressionAttributeNames": {"#n0": "pk", "#n1": "sk", "#n2": "size"},
    }


def test_one_segment_is_a_plain_scan() -> None:
    assert [part.chains for part in parts(segments=1)] == [[{}]]


def test_a_filter_shares_its_names_with_the_projection() -> None:
    assert request(GreaterThan(("size",), 5), consistent=True) == {
        "TableName": "Orders",
        "ConsistentRead": True,
        "FilterExpression": "#n0 > :v0",
        "ProjectionExpression": "#n1, #n2, #n0",
        "ExpressionAttributeNames": {"#n0": "size", "#n1": "pk", "#n2": "sk"},
        "ExpressionAttributeValues": {":v0": {"N": "5"}},
    }


def test_queries_are_dealt_over_the_slots_and_filter_nothing_of_their_key() -> None:
    keys = In(("pk",), ("a", "b", "c"))
    found = parts(keys, GreaterThan(("sk",), 3), GreaterThan(("size",), 5), slots=2)
    plan = found[0].plan
    assert plan.operation == "Query"
    assert plan.request["KeyConditionExpression"] == "#n1 = :k0 AND #n2 >= :v1"
    assert plan.request["FilterExpression"] == "#n0 > :v0"
    assert [len(part.chains) for part in found] == [2, 1]
    values = [chain["ExpressionAttributeValues"] for part in found for chain in part.chains]
    assert sorted(each[":k0"]["S"] for each in values) == ["a", "b", "c"]
    assert all(each[":v0"] == {"N": "5"} and each[":v1"] == {"N": "3"} for each in values)


def test_a_key_that_no_item_has_reads_nothing() -> None:
    assert parts(EqualTo(("pk",), "")) == []


def test_who_names_segments_gets_a_scan() -> None:
    found = parts(EqualTo(("pk",), "a"), segments=3)
    assert [part.plan.operation for part in found] == ["Scan"] * 3


@pytest.mark.parametrize(
    ("options", "slots", "each"),
    [
        ({"read_units": "800"}, 8, 100.0),
        ({"read_units": "800", "segments": 4}, 8, 200.0),  # no more than four at a time
        ({"read_units": "800", "concurrent_tasks": 16}, None, 50.0),
    ],
)
def test_a_budget_is_divided_over_the_tasks_that_run_at_a_time(
    options: dict[str, Any], slots: int | None, each: float
) -> None:
    allowance = parts(slots=slots, **options)[0].plan.options.read_allowance
    assert allowance is not None
    assert (allowance.units_per_s, allowance.turn is not None) == (each, True)


def test_a_budget_needs_the_number_of_tasks() -> None:
    with pytest.raises(UserError, match="concurrentTasks"):
        parts(read_units="800", slots=None)


def test_a_global_index_has_what_is_projected_and_no_consistent_reads() -> None:
    index = KeySchema([KeyAttribute("sk", "N")], [])
    extent = Extent(10, 1000, is_global=True)
    described = Described(index, ("pk", "sk"), extent, frozenset({"pk", "sk"}))
    found = parts(GreaterThan(("size",), 5), described=described, index="by-sk")
    assert "FilterExpression" not in found[0].plan.request
    assert found[0].plan.request["ExpressionAttributeNames"] == {"#n0": "pk", "#n1": "sk"}
    with pytest.raises(UserError, match="no consistent reads"):
        parts(described=described, index="by-sk", consistent=True)


def test_nothing_secret_is_carried_to_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-stays")
    found = parts(GreaterThan(("size",), 5))
    carried = pickle.dumps(found)
    assert b"a-secret-that-stays" not in carried
    assert pickle.loads(carried)[0].plan == found[0].plan


def test_a_table_is_described_with_its_indexes() -> None:
    with pannier.connect("memory") as connection:
        connection.call("CreateTable", {
            "TableName": "Orders",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "by", "of")
            ],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "GlobalSecondaryIndexes": [
                {"IndexName": "all", "Projection": {"ProjectionType": "ALL"},
                 "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}]},
                {"IndexName": "some",
                 "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
                 "KeySchema": [{"AttributeName": "of", "KeyType": "HASH"}]},
            ],
            "BillingMode": "PAY_PER_REQUEST",
        })  # fmt: skip
        assert Described.of(connection, "Orders", None).key_names == ("pk",)
        every = Described.of(connection, "Orders", "all")
        assert (every.key.names, every.key_names, every.projected) == (("by",), ("pk", "by"), None)
        some = Described.of(connection, "Orders", "some")
        assert some.projected == {"pk", "of", "x"}
        assert some.extent.is_global
        with pytest.raises(UserError, match="there is no index none on table Orders"):
            Described.of(connection, "Orders", "none")
        with pytest.raises(UserError, match="there is no table Nope at memory"):
            Described.of(connection, "Nope", None)


# The user's own expressions


def own(**members: Any) -> OwnExpressions:
    return OwnExpressions(**members)


def test_the_users_filter_and_those_of_spark_have_both_to_be_met() -> None:
    wanted = own(filter="price > :v0 AND size < :k", values={":v0": {"N": "1"}, ":k": {"N": "2"}})
    assert request(GreaterThan(("size",), 5), own=wanted) == {
        "TableName": "Orders",
        "FilterExpression": "price > :v0 AND #word_size < :k AND #n1 > :v2",
        "ProjectionExpression": "#n2, #n3, #n1",
        "ExpressionAttributeNames": {
            "#word_size": "size", "#n1": "size", "#n2": "pk", "#n3": "sk",
        },
        "ExpressionAttributeValues": {":v0": {"N": "1"}, ":k": {"N": "2"}, ":v2": {"N": "5"}},
    }  # fmt: skip


def test_placeholders_of_the_user_are_left_alone() -> None:
    """Also where they are called as ours would be."""
    wanted = own(
        filter="#n1 > :k0 OR #n1 = :v1",
        names={"#n1": "price"},
        values={":k0": {"N": "1"}, ":v1": {"N": "2"}},
    )
    (part,) = parts(EqualTo(("pk",), "a"), GreaterThan(("size",), 5), own=wanted)
    found = part.plan.request
    assert part.plan.operation == "Query"
    assert found["FilterExpression"] == "(#n1 > :k0 OR #n1 = :v1) AND #n2 > :v2"
    assert found["KeyConditionExpression"] == "#n3 = :kk0"
    assert found["ExpressionAttributeNames"] == {
        "#n1": "price", "#n2": "size", "#n3": "pk", "#n4": "sk",
    }  # fmt: skip
    assert part.chains[0]["ExpressionAttributeValues"] == {
        ":k0": {"N": "1"}, ":v1": {"N": "2"}, ":v2": {"N": "5"}, ":kk0": {"S": "a"},
    }  # fmt: skip


@pytest.mark.parametrize("condition", ["pk <> :v", "begins_with(pk, :v)", "#k <> :v"])
def test_a_filter_by_the_key_makes_no_query_which_could_not_have_it(condition: str) -> None:
    names = {"#k": "sk"} if "#k" in condition else {}
    wanted = own(filter=condition, names=names, values={":v": {"S": "b"}})
    found = parts(EqualTo(("pk",), "a"), own=wanted)
    assert found[0].plan.operation == "Scan"
    assert found[0].plan.request["FilterExpression"].startswith(f"{condition} AND ")


def test_what_is_projected_is_all_that_can_be_filtered_by() -> None:
    wanted = own(project="size, inner.pk, #s[0]", names={"#s": "sk"})
    keys, size = EqualTo(("pk",), "a"), GreaterThan(("size",), 5)
    found = parts(keys, GreaterThan(("sk",), 3), size, own=wanted)
    assert found[0].plan.operation == "Scan"
    assert found[0].plan.request == {
        "TableName": "Orders",
        "FilterExpression": "#n4 > :v0",
        "ProjectionExpression": "#p0, #p1.#p2, #s[0]",
        "ExpressionAttributeNames": {
            "#s": "sk", "#p0": "size", "#p1": "inner", "#p2": "pk", "#n4": "size",
        },
        "ExpressionAttributeValues": {":v0": {"N": "5"}},
    }  # fmt: skip


def test_whole_items_are_scanned_without_a_word_about_columns() -> None:
    found = parts(EqualTo(("item",), "{}"), items="json", slots=2)
    assert found[0].plan.operation == "Scan"
    assert found[0].plan.request == {"TableName": "Orders"}


def test_a_long_filter_leaves_less_room_for_others() -> None:
    long = " AND ".join(f"a{number} = :a" for number in range(290))
    short = request(GreaterThan(("size",), 5), own=own(filter=long, values={":a": {"N": "1"}}))
    assert len(long) < 4096
    assert short["FilterExpression"].endswith("AND #n0 > :v1")
