"""Made-up items: the same for the same seed, each by its number, and fitting any table."""

import math
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.operation import Operation
from pannier.cost.table_shape import TableShape
from pannier.errors import UserError
from pannier.generating.items import ItemGenerator, Wanted
from pannier.generating.keys import Layout
from pannier.generating.size_distribution import SizeDistribution
from pannier.generating.templates import Place, Template, compiled
from pannier.generating.zipf import Zipf
from pannier.library.connecting import connect
from pannier.limits import ITEM_BYTES_MAX
from pannier.model.attribute_value import check_item
from pannier.model.plain import from_item


def request(partition: str, sort: str | None, index: str) -> dict[str, Any]:
    """A table with keys of these types, a global index, and a local one if there is a sort key."""
    key = [{"AttributeName": "PK", "KeyType": "HASH"}]
    definitions = [
        {"AttributeName": "PK", "AttributeType": partition},
        {"AttributeName": "kind", "AttributeType": index},
    ]
    made: dict[str, Any] = {
        "TableName": "shop",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": definitions,
        "KeySchema": key,
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
    if sort is not None:
        definitions += [{"AttributeName": "SK", "AttributeType": sort}]
        definitions += [{"AttributeName": "rank", "AttributeType": index}]
        made["KeySchema"] = [*key, {"AttributeName": "SK", "KeyType": "RANGE"}]
        made["LocalSecondaryIndexes"] = [
            {
                "IndexName": "by-rank",
                "KeySchema": [*key, {"AttributeName": "rank", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ]
    return made


SHOP = TableShape.of(request("S", "N", "S"))


def generator(count: int = 100, seed: int = 1, **wanted: Any) -> ItemGenerator:
    layout = wanted.pop("layout", Layout(count))
    return ItemGenerator(SHOP, Wanted(seed, layout, **wanted))


def place(number: int = 5) -> Place:
    return Place(number, 2, 3)


@pytest.mark.parametrize("partition", ["S", "N", "B"])
@pytest.mark.parametrize("sort", ["S", "N", "B", None])
@pytest.mark.parametrize("index", ["S", "N", "B"])
def test_items_fit_the_keys_of_a_table_and_its_indexes(
    partition: str, sort: str | None, index: str
) -> None:
    """All are written, all are different, and all are in each index."""
    create = request(partition, sort, index)
    made = ItemGenerator(TableShape.of(create), Wanted(1, Layout(60)))
    with connect("memory") as db:
        db.call("CreateTable", create)
        assert db.write(made.operations()).written == 60
        described = db.table("shop").describe()
        assert described["ItemCount"] == 60
        assert described["GlobalSecondaryIndexes"][0]["ItemCount"] == 60
        if sort is not None:
            assert described["LocalSecondaryIndexes"][0]["ItemCount"] == 60


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**40), st.integers(0, 99))
def test_an_item_depends_on_the_seed_and_its_number_only(seed: int, number: int) -> None:
    assert generator(seed=seed).item(number) == generator(seed=seed).item(number)
    assert generator(seed=seed).item(number) != generator(seed=seed + 1).item(number)


def test_the_rest_of_a_job_is_the_end_of_the_whole() -> None:
    whole = list(generator().operations())
    assert list(generator().operations(first=70)) == whole[70:]
    assert [each.origin.position for each in whole if isinstance(each, Operation)] == [
        *range(1, 101)
    ]


def test_partitions_hold_so_many_items_each_and_take_turns() -> None:
    made = generator(layout=Layout(100, per_partition=20))
    partitions = [made.item(number)["PK"]["S"] for number in range(100)]
    assert set(Counter(partitions).values()) == {20}
    assert len(set(partitions[:5])) == 5


def test_skewed_keys_are_unique_and_follow_the_law() -> None:
    """With exponent 1 the first partition has twice as many as the second."""
    made = generator(layout=Layout.of(4000, 10, "zipf:1"))
    keys = [(item["PK"]["S"], item["SK"]["N"]) for item in map(made.item, range(4000))]
    assert len(set(keys)) == 4000
    counts = Counter(partition for partition, _ in keys)
    harmonic = sum(1 / k for k in range(1, 401))
    assert counts["pk-000000000"] == pytest.approx(4000 / harmonic, rel=0.15)
    assert counts["pk-000000001"] == pytest.approx(4000 / harmonic / 2, rel=0.2)


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.1, 2.5])
@pytest.mark.parametrize("size", [1, 2, 10, 1000])
def test_zipf_draws_each_number_as_often_as_its_law_says(size: int, exponent: float) -> None:
    chance = random.Random(1)
    law = Zipf(size, exponent)
    count = 20_000
    drawn = Counter(law.draw(chance) for _ in range(count))
    assert set(drawn) <= set(range(1, size + 1))
    total = sum(k**-exponent for k in range(1, size + 1))
    for k in range(1, min(size, 5) + 1):
        expected = count * k**-exponent / total
        assert drawn[k] == pytest.approx(expected, abs=5 * math.sqrt(expected) + 1)


def test_items_are_filled_up_to_their_size() -> None:
    exact = generator(size=SizeDistribution.of("700"))
    assert {check_item(exact.item(number)) for number in range(50)} == {700}
    spread = generator(size=SizeDistribution.of("300-900"))
    sizes = [check_item(spread.item(number)) for number in range(100)]
    assert min(sizes) >= 300
    assert max(sizes) <= 900
    assert len(set(sizes)) > 50
    large = generator(size=SizeDistribution.of(str(ITEM_BYTES_MAX)))
    assert check_item(large.item(0)) == ITEM_BYTES_MAX


def test_a_lognormal_size_has_its_median_and_never_more_than_an_item_may() -> None:
    chance = random.Random(1)
    drawn = sorted(SizeDistribution.of("lognormal:800,3").draw(chance) for _ in range(2001))
    assert 600 < drawn[1000] < 1000
    assert drawn[-1] <= ITEM_BYTES_MAX
    assert drawn[0] >= 1


@pytest.mark.parametrize(
    "text",
    ["", "0", "x", "5-", "9-3", "1-2-3", "lognormal:5", "normal:5,1", "500000", "lognormal:5,0"],
)
def test_what_is_no_distribution_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no distribution"):
        SizeDistribution.of(text)


@pytest.mark.parametrize("text", ["zipf:x", "zipf:0", "even", "zipf:-1", "zipf:11"])
def test_what_is_no_skew_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="no skew"):
        Layout.of(10, 1, text)


TEMPLATE: dict[str, Any] = {
    "PK": {"format": "PRODUCT#{p:03}"},
    "kind": {"choice": ["CATEGORY#a", "CATEGORY#b"], "weights": [9, 1]},
    "constant": True,
    "price": {"number": [1, 2], "decimals": 2},
    "whole": {"number": [5, 5]},
    "title": {"words": 3},
    "note": {"text": [4, 4]},
    "blob": {"bytes": 7},
    "sold": {"bool": 0},
    "at": {"timestamp": ["2025-01-01", "2025-01-02"]},
    "epoch": {"timestamp": ["2025-01-01", "2025-01-01"], "epoch": True},
    "id": {"uuid": True},
    "list": {"list": {"number": [0, 9]}, "size": 4},
    "tags": {"set": {"choice": ["a", "b", "c"]}, "size": [1, 3]},
    "map": {"map": {"city": {"choice": ["x"]}, "zip": {"number": [1, 1]}}},
    "rare": {"words": 1, "share": 0.1},
}


def test_a_template_says_how_each_attribute_is_made() -> None:
    made = generator(template=Template(TEMPLATE))
    items = [from_item(made.item(number)) for number in range(100)]
    first = items[0]
    assert first["PK"] == "PRODUCT#000"
    assert first["constant"] is True
    assert 1 <= first["price"] <= 2
    assert first["whole"] == 5
    assert len(first["title"].split()) == 3
    assert len(first["note"]) == 4
    assert len(first["blob"]) == 7
    assert first["sold"] is False
    assert first["at"].startswith("2025-01-0")
    assert first["epoch"] == 1735689600
    assert len(first["id"]) == 36
    assert len(first["list"]) == 4
    assert first["tags"] <= {"a", "b", "c"}
    assert first["map"] == {"city": "x", "zip": 1}
    assert "text" not in first
    assert 0 < sum("rare" in each for each in items) < 30
    assert Counter(each["kind"] for each in items)["CATEGORY#a"] > 75
    assert len({(each["PK"], each["SK"]) for each in items}) == 100


def test_faker_makes_the_same_for_the_same_seed() -> None:
    template = {"name": {"faker": "name", "locale": "de_DE"}, "lat": {"faker": "pyfloat"}}
    names = [generator(template=Template(template)).item(n)["name"]["S"] for n in range(20)]
    assert names == [generator(template=Template(template)).item(n)["name"]["S"] for n in range(20)]
    assert len(set(names)) > 15


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ([1], "a list"),
        ({}, "has no way to be made"),
        ({"words": 1, "text": 2}, "more than one way"),
        ({"words": 1, "colour": "red"}, "an unknown member colour"),
        ({"number": [1]}, "can't be used"),
        ({"number": [2, 1]}, "the first bound is above"),
        ({"choice": []}, "it needs values"),
        ({"choice": [1], "weights": [1, 2]}, "it needs values"),
        ({"text": [5, 2]}, "no range of sizes"),
        ({"timestamp": ["2025-02-01", "2025-01-01"]}, "after the second"),
        ({"timestamp": ["yesterday", "2025-01-01"]}, "can't be used"),
        ({"format": "{x}"}, "can't be formatted"),
        ({"format": "{n:q}"}, "can't be formatted"),
        ({"list": {"wods": 1}}, "attribute 'a', each"),
        ({"map": {"b": {"wods": 1}}}, "attribute 'a', 'b'"),
        ({"faker": "no_such_thing"}, "faker makes no"),
    ],
)
def test_a_template_that_is_none_says_where_and_why(template: Any, words: str) -> None:
    with pytest.raises(UserError) as caught:
        compiled(template, "attribute 'a'")
    assert words in caught.value.message
    assert "attribute 'a'" in caught.value.message


def test_without_faker_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "faker", None)
    with pytest.raises(UserError, match=r"pannier\[faker\]"):
        compiled({"faker": "name"}, "attribute 'a'")


def test_a_generator_of_the_users_own_gets_number_and_chance() -> None:
    """Its attributes come on top; the key is made unless it makes one."""

    def maker(number: int, chance: random.Random) -> dict[str, Any]:
        return {"twice": 2 * number, "luck": chance.random()}

    item = from_item(generator(maker=maker).item(21))
    assert item["twice"] == 42
    assert 0 <= item["luck"] < 1
    assert {"PK", "SK", "kind", "rank"} <= item.keys()
    assert "name" not in item


def test_an_error_in_it_names_the_item() -> None:
    def maker(number: int, _: random.Random) -> dict[str, Any]:
        return {"x": 1 // (number - 3)}

    made = generator(maker=maker)
    made.item(2)
    with pytest.raises(UserError, match="item 3 can't be made: ZeroDivisionError"):
        made.item(3)
