"""A comparison finds exactly the items that differ, by value, whatever happens to its calls."""

import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.options import Options
from pannier.batch.reads.projection import projection_of_names
from pannier.batch.tables.canonical_item import canonical_text, different_attributes, digest
from pannier.batch.tables.differences import Difference, Extract, Summary
from pannier.batch.tables.seen_items import SeenItems
from pannier.batch.tables.table_diff import Side, TableDiff
from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.engine.database import Database
from pannier.engine.throttle import OFF
from pannier.errors import UserError
from pannier.model.attribute_value import Item
from tests.batch.driving import FOREVER_S
from tests.batch.fake_service import BROKEN, THROTTLED, End, random_fate
from tests.batch.virtual_time import run

Contents = dict[int, int]
SEEDS = st.integers(0, 2**32)


class Flaky:
    """The embedded engine behind a bad connection.

    Attributes:
        before_reading: called before each call that reads by key.
    """

    name = "flaky"

    def __init__(self, chance: random.Random, trouble: float = 0.0) -> None:
        self.database = Database.in_memory(throttling=OFF, sweep_interval_s=None)
        self.before_reading = lambda: None
        self._chance, self._trouble = chance, trouble

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = self.database.execute(operation, orjson.dumps(request))
        assert answer.status == 200, answer.body
        return orjson.loads(answer.body)  # type: ignore[no-any-return]

    def create(self, table: str, contents: Contents, kind: str = "N") -> None:
        self.call(
            "CreateTable",
            {
                "TableName": table,
                "KeySchema": [{"AttributeName": "size", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "size", "AttributeType": kind}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
        for key, value in contents.items():
            self.put(table, key, value)

    def put(self, table: str, key: int, value: int) -> None:
        item = {"size": {"N": str(key)}, "v": {"N": str(value)}, "same": {"S": "x" * 50}}
        self.call("PutItem", {"TableName": table, "Item": item})

    async def send(self, operation: str, body: bytes) -> Reply:
        if operation == "BatchGetItem":
            self.before_reading()
        end = random_fate(self._chance, self._trouble).end
        if operation != "DescribeTable":
            match end:
                case End.THROTTLE:
                    return Reply(400, orjson.dumps(THROTTLED))
                case End.UNREACHABLE:
                    raise TargetUnreachableError("unreachable")
                case End.SILENCE:
                    raise OutcomeUnknownError("silence")
                case End.ERROR:
                    return Reply(500, orjson.dumps(BROKEN))
                case End.JUNK:
                    return Reply(200, b"<html>")
        answer = self.database.execute(operation, body)
        return Reply(answer.status, answer.body)

    async def close(self) -> None:
        """There is nothing to close."""


def compare(
    a: Flaky, b: Flaky, extract: Extract, chance: random.Random
) -> tuple[Summary, list[Difference]]:
    found: list[Difference] = []

    async def compared() -> Summary:
        options = Options(give_up_after_s=FOREVER_S, parallel=4)
        sides = Side(a, "one"), Side(b, "other")
        return await TableDiff(*sides, options, extract, found.append, chance).run()

    return run(compared()), found


def told(found: list[Difference]) -> list[tuple[int, Any]]:
    shown = (each.to_json() for each in found)
    return sorted(
        (int(each["key"]["size"]["N"]), each.get("only_in") or each["differs"]) for each in shown
    )


CONTENTS = st.dictionaries(st.integers(0, 150), st.integers(0, 2), max_size=150)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    CONTENTS,
    CONTENTS,
    SEEDS,
    st.sampled_from([0.0, 0.3]),
    st.sampled_from(["all", "keys", "v", "same", "sample"]),
)
def test_a_comparison_finds_what_differs_and_nothing_else(
    one: Contents, other: Contents, seed: int, trouble: float, what: str
) -> None:
    chance = random.Random(seed)
    a, b = Flaky(chance, trouble), Flaky(chance, trouble)
    a.create("one", one)
    b.create("other", other)
    extract = {
        "all": Extract(),
        "keys": Extract(keys_only=True),
        "v": Extract(projection_of_names("v")),
        "same": Extract(projection_of_names("same")),
        "sample": Extract(sample=1000),  # more than there are
    }[what]
    summary, found = compare(a, b, extract, chance)
    expected: list[tuple[int, Any]] = []
    for key in sorted(one.keys() | other.keys()):
        if key not in other or key not in one:
            expected.append((key, "a" if key in one else "b"))
        elif one[key] != other[key] and what not in ("keys", "same"):
            expected.append((key, ["v"]))
    assert told(found) == expected
    assert summary.is_equal == (not expected)
    assert summary.items == {"a": len(one), "b": len(other)}


@settings(derandomize=True, deadline=None, max_examples=20)
@given(SEEDS, st.integers(1, 40))
def test_a_sample_tells_only_true_differences(seed: int, size: int) -> None:
    chance = random.Random(seed)
    a, b = Flaky(chance), Flaky(chance)
    a.create("one", {n: n % 3 for n in range(200)})
    b.create("other", {n: n % 2 for n in range(50, 250)})
    summary, found = compare(a, b, Extract(sample=size), chance)
    for key, what in told(found):
        if what == "a":
            assert key < 50
        elif what == "b":
            assert key >= 200
        else:
            assert key % 3 != key % 2
    assert 0 < sum(summary.items.values()) <= 2 * size


def test_what_became_equal_meanwhile_is_no_difference() -> None:
    chance = random.Random(1)
    a, b = Flaky(chance), Flaky(chance)
    a.create("one", {1: 1, 2: 2, 3: 3, 4: 4})
    b.create("other", {1: 1, 2: 0, 3: 0})

    def settle() -> None:
        b.put("other", 2, 2)
        a.call("DeleteItem", {"TableName": "one", "Key": {"size": {"N": "4"}}})

    a.before_reading = b.before_reading = settle
    summary, found = compare(a, b, Extract(), chance)
    assert told(found) == [(3, ["v"])]
    assert (summary.different, summary.resolved) == (1, 2)
    assert summary.read_units > 0


def test_tables_of_different_keys_are_refused() -> None:
    chance = random.Random(1)
    a, b = Flaky(chance), Flaky(chance)
    a.create("one", {})
    b.create("other", {}, kind="S")
    with pytest.raises(UserError, match="size:N and size:S"):
        compare(a, b, Extract(), chance)


def test_a_table_that_cant_be_read_ends_the_comparison() -> None:
    chance = random.Random(1)
    a, b = Flaky(chance), Flaky(chance)
    a.create("one", {1: 1})
    b.create("other", {})
    with pytest.raises(UserError, match="one could not be read: ValidationException"):
        compare(a, b, Extract(projection_of_names("v[")), chance)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"N": "1.00"}),
        ({"N": "1e3"}, {"N": "1000"}),
        ({"N": "-0"}, {"N": "0"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2.0"]}, {"NS": ["2", "1e0"]}),
        ({"M": {"a": {"N": "1"}, "b": {"L": []}}}, {"M": {"b": {"L": []}, "a": {"N": "1.0"}}}),
        ({"L": [{"BS": ["AA==", "AQ=="]}]}, {"L": [{"BS": ["AQ==", "AA=="]}]}),
        ({"N": "no number"}, {"N": "no number"}),
    ],
)
def test_equal_values_have_one_text(one: Any, other: Any) -> None:
    assert canonical_text({"x": one}) == canonical_text({"x": other})
    assert digest({"x": one, "y": {"S": ""}}) == digest({"y": {"S": ""}, "x": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"NULL": True}, {"BOOL": True}),
        ({"N": "0.1"}, {"N": "0.10000000000000000001"}),
    ],
)
def test_different_values_have_two_texts(one: Any, other: Any) -> None:
    assert digest({"x": one}) != digest({"x": other})
    both: Item = {"z": {"S": "same"}}
    assert different_attributes({"x": one, **both}, {"x": other, **both}) == ["x"]
    assert different_attributes({"x": one, **both}, both) == ["x"]


def test_of_a_key_that_is_seen_twice_the_later_item_counts() -> None:
    seen = SeenItems()
    seen.add("a", [(b"k", b"1"), (b"m", b"1"), (b"k", b"2")])
    seen.add("b", [(b"k", b"2")])
    assert (seen.count("a"), seen.count("b")) == (2, 1)
    assert list(seen.different()) == [[b"m"]]
    seen.close()
