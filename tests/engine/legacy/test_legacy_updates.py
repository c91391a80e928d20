"""AttributeUpdates: the UpdateItem of object mappers that are older than expressions."""

from typing import Any

import pytest

from tests.engine.legacy.legacy_asking import INVALID, KEY, Json, Things, n, s

ALL_LETTERS = ("S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS")
VALUES = dict(
    zip(
        ALL_LETTERS,
        (
            s("x"), n(1), {"B": "YQ=="}, {"BOOL": True}, {"NULL": True}, {"M": {}}, {"L": [n(1)]},
            {"SS": ["a"]}, {"NS": ["1"]}, {"BS": ["YQ=="]},
        ),
        strict=True,
    )
)  # fmt: skip


def update(things: Things, updates: Json, **options: Any) -> Json:
    return things.ask("UpdateItem", Key=KEY, AttributeUpdates=updates, **options)


def refused(updates: Json) -> str:
    things = Things(a=s("x"))
    text = things.complaint("UpdateItem", Key=KEY, AttributeUpdates=updates)
    assert things.stored() == {"a": s("x")}
    return text


def action(name: str, value: Json | None = None) -> Json:
    return {"Action": name, "Value": value} if value is not None else {"Action": name}


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (s("x"), {"Value": n(1)}, n(1)),  # PUT is what is done without a word
        (None, action("PUT", {"L": []}), {"L": []}),
        (n("1.5"), action("ADD", n("-0.5")), n(1)),
        (None, action("ADD", n(3)), n(3)),
        ({"SS": ["a"]}, action("ADD", {"SS": ["b", "a"]}), {"SS": ["a", "b"]}),
        ({"L": [n(1)]}, action("ADD", {"L": [s("x"), n(1)]}), {"L": [n(1), s("x"), n(1)]}),
        (None, action("ADD", {"L": [n(1)]}), {"L": [n(1)]}),
        (s("x"), action("DELETE"), None),
        (None, action("DELETE"), None),
        ({"NS": ["1", "2"]}, action("DELETE", {"NS": ["2.0", "9"]}), {"NS": ["1"]}),
        ({"SS": ["a"]}, action("DELETE", {"SS": ["a"]}), None),  # no set is empty
        (None, action("DELETE", {"SS": ["a"]}), None),
    ],
)
def test_what_an_action_makes_of_an_attribute(
    before: Json | None, change: Json, after: Json | None
) -> None:
    things = Things(other=s("stays"), **({"a": before} if before else {}))
    assert update(things, {"a": change}) == {}
    assert things.stored() == {"other": s("stays"), **({"a": after} if after else {})}


def test_updates_make_the_item_where_there_is_none() -> None:
    things = Things()
    update(things, {"a": action("ADD", n(1)), "b": action("DELETE")})
    assert things.stored() == {"a": n(1)}


def test_deletes_alone_make_no_item() -> None:
    """ "Causes nothing to happen; there is no attribute to delete" (Developer Guide).

    Local makes an item of the key alone, as UpdateExpression's REMOVE does.
    """
    things = Things()
    for change in (action("DELETE"), action("DELETE", {"SS": ["a"]})):
        options = {"ReturnValues": "ALL_NEW", "ReturnConsumedCapacity": "TOTAL"}
        answer = update(things, {"a": change}, **options)
        assert "Attributes" not in answer
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 1
        assert things.stored() is None
    assert things.ask("DescribeTable")["Table"]["ItemCount"] == 0


def test_no_updates_make_an_item_of_the_key_alone() -> None:
    things = Things()
    assert update(things, {}, ReturnValues="ALL_NEW") == {"Attributes": KEY}


def test_return_values_show_the_attributes_that_are_named() -> None:
    changes = {
        "a": action("ADD", n(5)),
        "b": action("DELETE"),
        "c": {"Value": s("new")},
    }
    before = {"a": n(1), "b": s("gone"), "d": s("untouched")}
    shown = {
        "ALL_OLD": {**KEY, **before},
        "UPDATED_OLD": {"a": n(1), "b": s("gone")},
        "ALL_NEW": {**KEY, "a": n(6), "c": s("new"), "d": s("untouched")},
        "UPDATED_NEW": {"a": n(6), "c": s("new")},
    }
    for wanted, attributes in shown.items():
        answer = update(Things(**before), changes, ReturnValues=wanted)
        assert answer == {"Attributes": attributes}
    assert update(Things(**before), {"b": action("DELETE")}, ReturnValues="UPDATED_NEW") == {}


def test_a_name_is_a_name_and_no_path_in_updates() -> None:
    things = Things(a={"M": {"b": s("old")}})
    update(things, {"a.b": {"Value": s("dot")}, "a[0]": {"Value": s("bracket")}})
    assert things.stored() == {"a": {"M": {"b": s("old")}}, "a.b": s("dot"), "a[0]": s("bracket")}


@pytest.mark.parametrize("kind", ALL_LETTERS)
def test_add_takes_numbers_sets_and_lists(kind: str) -> None:
    change = {"new": action("ADD", VALUES[kind])}
    if kind in ("N", "L", "SS", "NS", "BS"):
        assert update(Things(), change) == {}
    else:
        assert refused(change) == f"{INVALID}ADD action is not supported for the type {kind}"


@pytest.mark.parametrize("kind", ALL_LETTERS)
def test_delete_with_a_value_takes_sets(kind: str) -> None:
    change = {"new": action("DELETE", VALUES[kind])}
    if kind in ("SS", "NS", "BS"):
        assert update(Things(), change) == {}
    else:
        text = f"{INVALID}DELETE action with value is not supported for the type {kind}"
        assert refused(change) == text


@pytest.mark.parametrize(
    "change",
    [
        action("ADD", n(1)),
        action("ADD", {"L": [n(1)]}),
        action("ADD", {"SS": ["a"]}),
        action("DELETE", {"SS": ["a"]}),
    ],
)
def test_what_is_there_must_have_the_type_of_the_value(change: Json) -> None:
    for there in VALUES.values():
        if there.keys() != change["Value"].keys():
            things = Things(a=there)
            text = things.complaint("UpdateItem", Key=KEY, AttributeUpdates={"a": change})
            assert text == "Type mismatch for attribute to update"
            assert things.stored() == {"a": there}


@pytest.mark.parametrize("change", [{}, action("PUT"), action("ADD")])
def test_only_delete_needs_no_value(change: Json) -> None:
    text = INVALID + "Only DELETE action is allowed when no attribute value is specified"
    assert refused({"a": change}) == text


def test_a_key_is_never_updated() -> None:
    """AWS names the first of the request; whatever is wrong with a value comes before."""
    for first, second in (("h", "r"), ("r", "h")):
        updates = {"b": {"Value": n(1)}, first: action("DELETE"), second: {"Value": s("x")}}
        text = f"{INVALID}Cannot update attribute {first}. This attribute is part of the key"
        assert refused(updates) == text
    text = refused({"h": {"Value": s("x")}, "b": {"Value": {"SS": []}}})
    envelope = "1 validation error detected: "  # for what is wrong without the table
    assert text == envelope + INVALID + "An string set  may not be empty"


def test_sums_keep_thirty_eight_digits() -> None:
    things = Things(a=n("9" * 38))
    text = things.complaint("UpdateItem", Key=KEY, AttributeUpdates={"a": action("ADD", n("0.1"))})
    assert text == "Attempting to store more than 38 significant digits in a Number"


def test_an_unknown_action_is_the_constraints_business() -> None:
    text = refused({"a": action("SET", n(1))})
    assert text.startswith(
        "1 validation error detected: Value 'SET' at 'attributeUpdates.a.member."
    )


def test_updates_are_checked_before_the_table_is_looked_up() -> None:
    things = Things()
    request = {"TableName": "nowhere", "Key": KEY, "AttributeUpdates": {"": action("DELETE")}}
    assert things.complaint("UpdateItem", **request) == "Empty attribute name"


def test_an_item_can_not_grow_beyond_its_limit() -> None:
    text = refused({"b": {"Value": s("x" * 410_000)}})
    assert text == "Item size to update has exceeded the maximum allowed size"
