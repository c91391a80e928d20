"""ExpressionAttributeNames and ExpressionAttributeValues: their own rules."""

import pytest

from pannier.expressions import Placeholders, parse_condition, parse_projection

from .asking import error

GIVEN = {"FilterExpression": "a = :v", "ProjectionExpression": None}


def check(names, values, given=GIVEN):
    Placeholders(names, values).check(given)


@pytest.mark.parametrize(
    ("expressions", "text"),
    [
        (["FilterExpression"], "FilterExpression is null"),
        (["KeyConditionExpression", "FilterExpression"],
         "FilterExpression and KeyConditionExpression are null"),
        (["ConditionExpression"], "ConditionExpression is null"),
        (["ConditionExpression", "UpdateExpression"],
         "UpdateExpression and ConditionExpression are null"),
    ],
)  # fmt: skip
def test_values_need_an_expression_that_can_use_them(expressions, text):
    """A projection can't; AWS names the parameters that could."""
    given = {**dict.fromkeys(expressions), "ProjectionExpression": "a"}
    expected = "ExpressionAttributeValues can only be specified when using expressions: "
    assert error(check, None, {":v": {"S": "x"}}, given) == expected + text
    assert error(check, None, {}, given) == expected + text


def test_names_need_any_expression():
    given = {"FilterExpression": None, "ProjectionExpression": None}
    expected = "ExpressionAttributeNames can only be specified when using expressions"
    assert error(check, {"#n": "a"}, {":v": {"S": "x"}}, given) == expected
    check({"#n": "a"}, None, {"ProjectionExpression": "#n"})


def test_empty_maps_are_refused():
    assert error(check, {}, {}) == "ExpressionAttributeNames must not be empty"
    assert error(check, None, {}) == "ExpressionAttributeValues must not be empty"


@pytest.mark.parametrize("key", ["#", "n", "#n-1", "#é", ":n", "#n "])
def test_names_begin_with_a_hash_and_hold_letters_digits_and_underscores(key):
    expected = f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{key}"'
    assert error(check, {key: "a"}, None) == expected


@pytest.mark.parametrize("key", [":", "v", ":v-", "#v"])
def test_values_begin_with_a_colon(key):
    expected = f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{key}"'
    assert error(check, None, {key: {"S": "x"}}) == expected


def test_a_placeholder_has_at_most_255_bytes():
    check({"#" + "n" * 254: "a"}, {":" + "v" * 254: {"S": "x"}})
    tail = "contains invalid key: The expression attribute map contains a key that is too long;"
    names = error(check, {"#" + "n" * 255: "a"}, None)
    assert names == f"ExpressionAttributeNames {tail} size of key: 256"
    values = error(check, None, {":" + "v" * 255: {"S": "x"}})
    assert values == f"ExpressionAttributeValues {tail}"


def test_a_name_has_1_to_65535_bytes():
    start = "ExpressionAttributeNames contains invalid value: "
    assert error(check, {"#n": ""}, None) == f"{start}Empty attribute name for key #n"
    expected = f"{start}Attribute name is too large, must be less than 65536 bytes for key #n"
    assert error(check, {"#n": "é" * 32768}, None) == expected
    check({"#n": "a" * 65535}, None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, ("Supplied AttributeValue is empty, must contain exactly one of the supported "
             "datatypes")),
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        ({"M": {"a": {"N": "1" * 39}}},
         "Attempting to store more than 38 significant digits in a Number"),
    ],
)  # fmt: skip
def test_a_value_is_checked_as_one_that_is_stored(value, text):
    expected = f"ExpressionAttributeValues contains invalid value: {text} for key :v"
    assert error(check, None, {":v": value}) == expected


def test_values_are_made_canonical():
    values = {":v": {"N": "005.0"}}
    check(None, values)
    assert values == {":v": {"N": "5"}}


def test_all_values_together_have_at_most_2_mb():
    big = "x" * (2 * 1024 * 1024 - 2)
    check(None, {":v": {"S": big}})
    expected = "ExpressionAttributeValues exceeds max size"
    assert error(check, None, {":v": {"S": big + "x"}}) == expected


def test_keys_are_checked_before_what_they_stand_for():
    bad_name_and_bad_key = ({"#n": ""}, {":": {"S": "x"}})
    assert error(check, *bad_name_and_bad_key).startswith("ExpressionAttributeValues contains inv")


def test_an_undeclared_placeholder_is_named():
    placeholders = Placeholders(None, None)
    expected = (
        "Invalid ProjectionExpression: An expression attribute name used in the document path is "
        "not defined; attribute name: #n"
    )
    assert error(parse_projection, "a.#n", placeholders) == expected
    expected = (
        "Invalid ConditionExpression: An expression attribute value used in expression is not "
        "defined; attribute value: :v"
    )
    ask = {"kind": "ConditionExpression"}
    assert error(parse_condition, "a = :v", placeholders, **ask) == expected


def test_expressions_of_one_request_share_what_is_used():
    placeholders = Placeholders({"#a": "a", "#b": "b"}, {":v": {"S": "x"}, ":w": {"S": "x"}})
    parse_projection("#a", placeholders)
    expected = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"
    assert error(placeholders.check_unused) == expected
    parse_condition("#b = :w", placeholders, kind="FilterExpression")
    expected = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
    assert error(placeholders.check_unused) == expected
    parse_condition("a = :v", placeholders, kind="FilterExpression")
    placeholders.check_unused()


def test_unused_placeholders_are_listed_in_the_order_of_a_java_hash_set():
    """AWS prints a set as Java iterates it; the order depends on nothing but the names."""
    names = ["#foo", "#bar", "#zeta", "#q1", "#Zb", "#name1", "#name2", "#name3", "#aaaa"]
    expected = "{#name3, #bar, #name2, #foo, #q1, #name1, #aaaa, #Zb, #zeta}"
    assert error(Placeholders(dict.fromkeys(names, "a"), None).check_unused).endswith(expected)
