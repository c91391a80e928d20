"""Expected and ConditionalOperator: conditions of writes as SDKs sent them before 2014.

Locks and counters of that time are built on them ("put if absent", "delete if still version 5"),
so a condition that is ignored or misread overwrites data.
"""

from typing import Any

import pytest

from tests.engine.legacy.legacy_asking import (
    BOUNDS,
    INVALID,
    KEY,
    OPERATORS,
    Json,
    Things,
    is_,
    n,
    s,
)

DETECTED = "1 validation error detected: " + INVALID
EVERY_TYPE: dict[str, Json] = {
    "S": s("x"),
    "N": n(1),
    "B": {"B": "YQ=="},
    "BOOL": {"BOOL": True},
    "NULL": {"NULL": True},
    "M": {"M": {}},
    "L": {"L": []},
    "SS": {"SS": ["a"]},
    "NS": {"NS": ["1"]},
    "BS": {"BS": ["YQ=="]},
}
VALUE_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}
_SCALARS, _PARTS = ("S", "N", "B"), ("S", "N", "B", "BOOL", "NULL")
ACCEPTED = {
    **dict.fromkeys(("LE", "LT", "GE", "GT", "BETWEEN", "IN"), _SCALARS),
    **dict.fromkeys(("CONTAINS", "NOT_CONTAINS"), _PARTS),
    "BEGINS_WITH": ("S", "B"),
}


def holds(attribute: Json | None, condition: Json) -> bool:
    """Whether a delete takes place under a condition on `a`."""
    things = Things(**({"a": attribute} if attribute else {"other": s("x")}))
    answer = things.ask("DeleteItem", Key=KEY, Expected={"a": condition})
    if answer == {}:
        assert things.stored() is None
        return True
    assert answer["__type"].endswith("#ConditionalCheckFailedException"), answer
    assert answer["message"] == "The conditional request failed"
    assert things.stored() is not None
    return False


def refused(condition: Json, **others: Any) -> str:
    return Things().complaint("PutItem", Item=KEY, Expected={"a": condition}, **others)


@pytest.mark.parametrize(
    ("attribute", "condition", "expected"),
    [
        (s("x"), is_("EQ", s("x")), True),
        (n("1.0"), is_("EQ", n(1)), True),  # numbers by value
        (n(1), is_("EQ", s("1")), False),
        ({"SS": ["a", "b"]}, is_("EQ", {"SS": ["b", "a"]}), True),
        ({"L": [n(1)]}, is_("EQ", {"L": [n("1.0")]}), True),
        (s("x"), is_("NE", s("x")), False),
        (n(1), is_("NE", s("1")), True),
        (n(10), is_("GT", n(9)), True),  # not by text
        (s("b"), is_("GE", s("b")), True),
        (s("b"), is_("LT", s("b")), False),
        (s("b"), is_("LE", n(9)), False),  # another type is neither smaller nor greater
        (n(5), is_("BETWEEN", n(5), n(7)), True),
        (n(8), is_("BETWEEN", n(5), n(7)), False),
        (s("b"), is_("IN", s("a"), s("b")), True),
        (s("c"), is_("IN", s("a"), s("b")), False),
        (s("abc"), is_("CONTAINS", s("bc")), True),
        ({"NS": ["1", "2"]}, is_("CONTAINS", n("2.0")), True),
        ({"L": [{"BOOL": True}]}, is_("CONTAINS", {"BOOL": True}), True),
        (s("abc"), is_("NOT_CONTAINS", s("bc")), False),
        (s("abc"), is_("NOT_CONTAINS", s("z")), True),
        (n(7), is_("NOT_CONTAINS", s("z")), True),
        (s("abc"), is_("BEGINS_WITH", s("ab")), True),
        ({"B": "YWI="}, is_("BEGINS_WITH", {"B": "YQ=="}), True),
        ({"NULL": True}, is_("NOT_NULL"), True),  # asks for the attribute, not for its type
        ({"NULL": True}, is_("NULL"), False),
        (s("x"), {"Value": s("x")}, True),
        (s("x"), {"Value": s("y")}, False),
        (s("x"), {"Value": s("x"), "Exists": True}, True),
        (s("x"), {"Exists": False}, False),
        # Forbidden by the documentation, taken by the service.
        (s("x"), {"Value": s("y"), "ComparisonOperator": "NE"}, True),
    ],
)
def test_a_condition_on_an_attribute(attribute: Json, condition: Json, expected: bool) -> None:
    assert holds(attribute, condition) is expected


@pytest.mark.parametrize("operator", OPERATORS)
def test_on_a_missing_attribute_only_absence_and_difference_hold(operator: str) -> None:
    """NOT_CONTAINS does not: it wants an attribute that does not contain the value."""
    values = [s("x")] * VALUE_COUNTS.get(operator, 1)
    assert holds(None, is_(operator, *values)) is (operator in ("NULL", "NE"))


def test_put_if_absent_puts_once() -> None:
    """The most frequent use of Expected: the second writer must lose."""
    things = Things()
    absent = {"h": {"Exists": False}}
    assert things.ask("PutItem", Item={**KEY, "a": s("first")}, Expected=absent) == {}
    answer = things.ask("PutItem", Item={**KEY, "a": s("second")}, Expected=absent)
    assert answer["__type"].endswith("#ConditionalCheckFailedException")
    assert things.stored() == {"a": s("first")}


@pytest.mark.parametrize(("operator", "expected"), [(None, False), ("AND", False), ("OR", True)])
def test_several_conditions_are_joined(operator: str | None, expected: bool) -> None:
    things = Things(a=s("x"), b=n(1))
    joined = {"ConditionalOperator": operator} if operator else {}
    answer = things.ask(
        "UpdateItem",
        Key=KEY,
        AttributeUpdates={"c": {"Value": s("new")}},
        Expected={"a": {"Value": s("x")}, "b": {"Value": n(2)}},
        **joined,
    )
    assert (answer == {}) is expected


def test_the_item_is_shown_to_the_loser_who_asks_for_it() -> None:
    answer = Things(a=s("x")).ask(
        "PutItem",
        Item=KEY,
        Expected={"a": {"Exists": False}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    assert answer["Item"] == {**KEY, "a": s("x")}


def test_a_name_is_a_name_and_no_path() -> None:
    things = Things(**{"a.b": s("dot"), "a": {"M": {"b": s("path")}}})
    condition = {"a.b": {"Value": s("dot")}}
    assert things.ask("DeleteItem", Key=KEY, Expected=condition) == {}


def test_an_empty_map_is_no_condition() -> None:
    assert Things(a=s("x")).ask("PutItem", Item=KEY, Expected={}) == {}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, "Value must be provided when Exists is null"),
        ({"Exists": True}, "Value must be provided when Exists is true"),
        ({"Exists": False, "Value": s("x")}, "Value cannot be used when Exists is false"),
        (
            {"Exists": True, **is_("EQ", s("x"))},
            "Exists and ComparisonOperator cannot be used together",
        ),
        (
            {"Exists": False, "ComparisonOperator": "NULL"},
            "Exists and ComparisonOperator cannot be used together",
        ),
        (
            {"AttributeValueList": [s("x")], "Exists": True},
            "AttributeValueList can only be used with a ComparisonOperator",
        ),
        (
            {"AttributeValueList": []},
            "AttributeValueList can only be used with a ComparisonOperator",
        ),
        (
            {"Value": s("x"), **is_("EQ", s("x"))},
            "Value and AttributeValueList cannot be used together",
        ),
        (
            {"ComparisonOperator": "LT"},
            "Value or AttributeValueList must be used with ComparisonOperator: LT",
        ),
    ],
)
def test_members_that_do_not_go_together(entry: Json, problem: str) -> None:
    """The service answers these with the prefix of gathered errors; Local without."""
    assert refused(entry) == f"{DETECTED}{problem} for Attribute: a"


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_takes_its_number_of_values(operator: str) -> None:
    text = f"{INVALID}Invalid number of argument(s) for the {operator} ComparisonOperator"
    right = VALUE_COUNTS.get(operator, 1)
    for count in range(4):
        if count != right and not (operator == "IN" and count):
            assert refused(is_(operator, *[s("x")] * count)) == text


@pytest.mark.parametrize("operator", ACCEPTED)
def test_every_operator_takes_its_types(operator: str) -> None:
    count = VALUE_COUNTS.get(operator, 1)
    for kind, value in EVERY_TYPE.items():
        answer = Things().ask("PutItem", Item=KEY, Expected={"a": is_(operator, *[value] * count)})
        if kind in ACCEPTED[operator]:
            assert "ConditionalCheckFailed" in answer["__type"]
        else:
            assert answer["message"] == (
                f"{INVALID}ComparisonOperator {operator} is not valid for {kind} "
                "AttributeValue type"
            )


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (
            is_("BETWEEN", s("a"), n(1)),
            INVALID + "AttributeValues inside AttributeValueList must be of same type",
        ),
        (
            is_("IN", n(1), s("a"), {"SS": ["a"]}),  # value by value: the type of the second first
            INVALID + "AttributeValues inside AttributeValueList must be of same type",
        ),
        (
            is_("IN", n(1), {"SS": ["a"]}, s("a")),
            INVALID + "ComparisonOperator IN is not valid for SS AttributeValue type",
        ),
        (
            is_("BETWEEN", n(2), n(1)),
            BOUNDS,
        ),
        (
            is_("EQ", {}),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        ({"Value": n("x")}, "The parameter cannot be converted to a numeric value: x"),
    ],
)
def test_values_that_are_no_good(condition: Json, text: str) -> None:
    assert refused(condition) == text


def test_the_conditional_operator_needs_two_conditions() -> None:
    alone = "ConditionalOperator cannot be used without Filter or Expected"
    one = "ConditionalOperator can only be used when Filter or Expected has two or more elements"
    for expected, text in (
        ({}, alone),
        ({"Expected": {}}, alone),
        ({"Expected": {"a": {"Exists": False}}}, one),
    ):
        request: Json = {"Item": KEY, "ConditionalOperator": "OR", **expected}
        assert Things().complaint("PutItem", **request) == text


def test_the_first_attribute_of_the_request_is_complained_about() -> None:
    """And the conditions before the operator that joins them."""
    text = Things().complaint(
        "PutItem",
        Item=KEY,
        Expected={"b": is_("EQ"), "a": {"Exists": True}},
        ConditionalOperator="AND",
    )
    assert text == INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator"


def test_an_unknown_operator_is_the_constraints_business() -> None:
    text = refused(is_("LIKE", s("x")))
    assert text.startswith("1 validation error detected: Value 'LIKE' at 'expected.a.member.")


def test_conditions_are_checked_before_the_table_is_looked_up_and_after_the_item() -> None:
    bad = {"a": {"Exists": True}}
    text = Things().complaint("PutItem", TableName="nowhere", Item=KEY, Expected=bad)
    assert text.startswith(DETECTED)
    text = Things().complaint("PutItem", Item={"h": n("x")}, Expected=bad)
    assert text == "The parameter cannot be converted to a numeric value: x"


def test_an_attribute_without_a_name() -> None:
    text = Things().complaint("PutItem", Item=KEY, Expected={"": {"Exists": False}})
    assert text == "Empty attribute name"


def test_transactions_have_no_older_parameters() -> None:
    """Whatever stands there under their names is as unknown as any other member."""
    things = Things()
    put = {"TableName": "things", "Item": KEY, "Expected": 5, "AttributeUpdates": [1]}
    answer = things.ask("TransactWriteItems", TransactItems=[{"Put": put}])
    assert answer == {}
