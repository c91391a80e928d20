"""Projections: names that may be reserved words, and the key that is always asked for as well.

An answer of BatchGetItem does not say which item belongs to which key. So the key's attributes are
added to the projection and taken out of the items again; nobody sees the difference.
"""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.batch.reads.projection import Projection, projection_of_names, without

KEY = ("PK", "SK")


def resolved(projection: Projection) -> str | None:
    """The expression with the placeholders replaced by what they stand for."""
    names = projection.names or {}
    if projection.expression is None:
        return None
    return re.sub(r"#p\d+", lambda match: names[match.group()], projection.expression)


def test_whole_items_need_no_widening() -> None:
    assert Projection().widened(KEY) == ({}, frozenset())


def test_a_projection_without_the_key_asks_for_it_too() -> None:
    members, added = Projection("price").widened(KEY)
    assert members == {
        "ProjectionExpression": "price, #pannier_key_0, #pannier_key_1",
        "ExpressionAttributeNames": {"#pannier_key_0": "PK", "#pannier_key_1": "SK"},
    }
    assert added == {"PK", "SK"}


def test_only_what_is_missing_is_added() -> None:
    members, added = Projection("SK, price").widened(KEY)
    assert members["ProjectionExpression"] == "SK, price, #pannier_key_0"
    assert added == {"PK"}


def test_a_key_that_is_named_by_a_placeholder_is_not_asked_for_twice() -> None:
    """DynamoDB refuses overlapping paths."""
    members, added = Projection("#k, price, SK", {"#k": "PK"}).widened(KEY)
    assert members == {
        "ProjectionExpression": "#k, price, SK",
        "ExpressionAttributeNames": {"#k": "PK"},
    }
    assert added == frozenset()


def test_the_callers_names_stay_as_they_are() -> None:
    names = {"#n": "name"}
    members, _ = Projection("#n", names).widened(("PK",))
    assert members["ExpressionAttributeNames"] == {"#n": "name", "#pannier_key_0": "PK"}
    assert names == {"#n": "name"}


@pytest.mark.parametrize("path", ["PK.part", "PK[0]", "PKs", "a.PK"])
def test_a_path_that_does_not_bring_the_whole_key_does_not_count_as_the_key(path: str) -> None:
    _, added = Projection(path).widened(("PK",))
    assert added == {"PK"}


def test_what_was_added_is_taken_out_again() -> None:
    item = {"PK": {"S": "a"}, "SK": {"S": "b"}, "price": {"N": "1"}}
    assert without(item, frozenset({"PK"})) == {"SK": {"S": "b"}, "price": {"N": "1"}}
    assert without(item, frozenset()) == item


@pytest.mark.parametrize(
    ("text", "expression", "names"),
    [
        ("name", "#p0", {"#p0": "name"}),
        ("PK, price", "#p0, #p1", {"#p0": "PK", "#p1": "price"}),
        ("tags[0]", "#p0[0]", {"#p0": "tags"}),
        ("tags[10][2]", "#p0[10][2]", {"#p0": "tags"}),
        ("a.b.c", "#p0.#p1.#p2", {"#p0": "a", "#p1": "b", "#p2": "c"}),
        ("a.b[1].a", "#p0.#p1[1].#p0", {"#p0": "a", "#p1": "b"}),
        ("my-attribute,name", "#p0,#p1", {"#p0": "my-attribute", "#p1": "name"}),
        ("größe, Änderung", "#p0, #p1", {"#p0": "größe", "#p1": "Änderung"}),
        ("2024", "#p0", {"#p0": "2024"}),
        ("a:b", "#p0", {"#p0": "a:b"}),
        ("#n, price", "#n, #p0", {"#p0": "price"}),
    ],
)
def test_names_become_placeholders(text: str, expression: str, names: dict[str, str]) -> None:
    """So `name`, `count` and 570 other reserved words can be written as they are."""
    assert projection_of_names(text) == Projection(expression, names)


NAME = st.text(
    st.characters(codec="utf-8", exclude_characters="#,.[]", exclude_categories=["Z", "C"]),
    min_size=1,
    max_size=8,
)
PATH = st.builds(
    lambda name, rest: name + "".join(rest),
    NAME,
    st.lists(st.one_of(NAME.map(".{}".format), st.integers(0, 99).map("[{}]".format)), max_size=3),
)


@settings(derandomize=True, deadline=None)
@given(st.lists(PATH, min_size=1, max_size=6))
def test_every_path_means_what_was_written(paths: list[str]) -> None:
    text = ", ".join(paths)
    projection = projection_of_names(text)
    assert resolved(projection) == text
    outside = re.sub(r"#p\d+|\[\d+\]|[.,\s]", "", projection.expression or "")
    assert outside == "", "something of a name is left in the expression"
