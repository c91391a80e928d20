"""Attribute values: what is accepted, what it counts, what it becomes, and how the rest is refused.

Sizes are those of the Developer Guide, "DynamoDB item sizes and formats".
"""

import json
from base64 import b64decode
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from pannier.errors import SerializationException, ServiceError, ValidationException
from pannier.model import messages
from pannier.model.attribute_value import binary, check_item, check_value
from pannier.model.number import measure
from tests.model.item_strategies import items, json_values, law, near_values, thorough

EXACTLY_ONE = "must contain exactly one of the supported datatypes"


def nested(levels: int, inner: Any, *, tags: str = "ML") -> Any:
    """A value inside so many maps and lists, in turn."""
    for level in range(levels):
        tag = tags[level % len(tags)]
        inner = {"M": {"x": inner}} if tag == "M" else {"L": [inner]}
    return inner


def refusal(value: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check_item({"a": value})
    return caught.value


@pytest.mark.parametrize(
    ("value", "size_bytes"),
    [
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "é€😀"}, 2 + 3 + 4),  # UTF-8 bytes, not characters
        ({"N": "1299"}, 3),
        ({"N": "-1"}, 3),
        ({"B": ""}, 0),
        ({"B": "AAEC"}, 3),  # the raw bytes, not the base64
        ({"BOOL": True}, 1),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "é", ""]}, 4),
        ({"NS": ["1", "12", "123"]}, 2 + 2 + 3),
        ({"BS": ["AAEC", "AA=="]}, 4),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"NULL": True}]}, 3 + (2 + 1) + (1 + 1)),
        ({"M": {"name": {"S": "ab"}, "é": {"BOOL": True}}}, 3 + (4 + 2 + 1) + (2 + 1 + 1)),
        ({"M": {"x": {"L": [{"M": {}}]}}}, 3 + 1 + 1 + (3 + 1 + (3))),
    ],
)
def test_sizes_of_all_types(value: dict[str, Any], size_bytes: int) -> None:
    assert check_value(deepcopy(value)) == size_bytes
    assert check_item({"a": deepcopy(value)}) == 1 + size_bytes
    assert check_item({"größe": deepcopy(value)}) == 7 + size_bytes


def test_an_item_s_size_is_the_sum_of_its_attributes() -> None:
    assert check_item({"PK": {"S": "a"}, "n": {"N": "7"}, "é": {"S": "é"}}) == 3 + 3 + 4
    assert check_item({}) == 0


def _size(value: Any) -> int:
    """The same rules, written down once more and in another way."""
    ((kind, content),) = value.items()
    if kind in ("L", "M"):
        names = content if kind == "M" else []
        elements = content.values() if kind == "M" else content
        return (
            3 + len(content) + sum(len(name.encode()) for name in names) + sum(map(_size, elements))
        )
    members = content if isinstance(content, list) else [content]
    match kind[0] if kind not in ("BOOL", "NULL") else kind:
        case "S":
            return sum(len(member.encode()) for member in members)
        case "N":
            return sum(measure(member)[1] for member in members)
        case "B":
            return sum(len(b64decode(member)) for member in members)
    return 1


@law
@given(items)
def test_any_item_has_the_size_of_its_parts(item: Any) -> None:
    parts = sum(len(name.encode()) + _size(value) for name, value in item.items())
    assert check_item(item) == parts


@law
@given(items)
def test_a_checked_item_passes_again_unchanged(item: Any) -> None:
    """What is stored, answered and sent again must be a fixed point of the check."""
    size = check_item(item)
    canonical = deepcopy(item)
    assert check_item(item) == size
    assert item == canonical


@law
@given(items)
def test_nothing_but_numbers_and_base64_is_rewritten(item: Any) -> None:
    """Names, types, order and texts stay as they were sent."""

    def outline(value: Any) -> Any:
        if isinstance(value, dict):
            return [
                (key, None if key in ("N", "NS", "B", "BS") else outline(inner))
                for key, inner in value.items()
            ]
        return [outline(inner) for inner in value] if isinstance(value, list) else value

    before = outline({"M": item})
    check_item(item)
    assert outline({"M": item}) == before


def test_numbers_and_base64_become_canonical_in_place_at_every_depth() -> None:
    def written(number: str, base64: str) -> dict[str, Any]:
        return {
            "n": {"N": number},
            "b": {"B": base64},
            "ns": {"NS": [number, "7"]},
            "bs": {"BS": [base64, "AA=="]},
            "l": {"L": [{"N": number}, {"M": {"b": {"B": base64}}}]},
        }

    item = written("+01.50e1", "QR==")  # QR== leaves bits over that mean nothing: it is QQ==
    check_item(item)
    assert item == written("15", "QQ==")


@pytest.mark.parametrize("tags", ["M", "L", "ML"])
@pytest.mark.parametrize("inner", [{"S": "x"}, {"NULL": True}, {"NS": ["1"]}])
def test_thirty_two_levels_are_the_limit(tags: str, inner: Any) -> None:
    check_item({"a": nested(32, inner, tags=tags)})
    error = refusal(nested(33, inner, tags=tags))
    assert isinstance(error, ValidationException)
    assert error.message == messages.NESTING
    assert refusal(nested(32, {"M": {}}, tags=tags)).message == messages.NESTING


def test_a_value_of_any_depth_is_refused_without_harm() -> None:
    """The check is recursive; a hostile request must not reach Python's own limit."""
    assert refusal(nested(50_000, {"S": "x"})).message == messages.NESTING


_NUMBERS_TWICE = "Input collection contains duplicates"
_PREFIX = "One or more parameter values were invalid: Input collection "


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"SS": ["a", "b", "a"]}, _PREFIX + "[a, b, a] contains duplicates."),
        ({"SS": ["", ""]}, _PREFIX + "[, ] contains duplicates."),
        ({"NS": ["1", "1.0"]}, _NUMBERS_TWICE),  # by value, whatever the spelling
        ({"NS": ["1000", "1e3"]}, _NUMBERS_TWICE),
        ({"NS": ["0", "-0"]}, _NUMBERS_TWICE),
        ({"BS": ["QQ==", "QQ=="]}, _PREFIX + "[QQ==, QQ==]of type BS contains duplicates."),
        ({"BS": ["QQ==", "QR=="]}, _PREFIX + "[QQ==, QR==]of type BS contains duplicates."),
    ],
)
def test_a_set_names_no_member_twice(value: Any, text: str) -> None:
    """Each kind of set has a text of its own; the missing blank is AWS's."""
    error = refusal(value)
    assert isinstance(error, ValidationException)
    assert error.message == text
    assert refusal({"L": [deepcopy(value)]}).message == error.message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"SS": []}, "One or more parameter values were invalid: An string set  may not be empty"),
        ({"NS": []}, "One or more parameter values were invalid: An number set  may not be empty"),
        ({"BS": []}, "One or more parameter values were invalid: Binary sets should not be empty"),
        (
            {"NULL": False},
            messages.INVALID + "Null attribute value types must have the value of true",
        ),
        (
            {},
            f"Supplied AttributeValue is empty, {EXACTLY_ONE}",
        ),
        (
            {"X": "1"},
            f"Supplied AttributeValue is empty, {EXACTLY_ONE}",
        ),
        (
            {"S": "a", "N": "1"},
            f"Supplied AttributeValue has more than one datatypes set, {EXACTLY_ONE}",
        ),
        ({"N": "1e"}, "The parameter cannot be converted to a numeric value: 1e"),
        ({"NS": ["1", "x"]}, "The parameter cannot be converted to a numeric value: x"),
        ({"N": "1" * 39}, messages.NUMBER_DIGITS),
        ({"N": "1E126"}, messages.NUMBER_OVERFLOW),
    ],
)
def test_values_that_dynamodb_refuses(value: Any, message: str) -> None:
    """The same answer at the top, in a list and in a map."""
    for around in (value, {"L": [value]}, {"M": {"x": value}}):
        error = refusal(deepcopy(around))
        assert isinstance(error, ValidationException)
        assert error.message == message


_NO_TEXT = [None, True, 1, 1.5, [], {}, ["a"], {"S": "a"}]
_NO_LIST = [None, True, 1, "a", {}, {"S": "a"}]
_NO_FLAG = [None, 1, 0, "true", [], {}]


@pytest.mark.parametrize(
    "value",
    [None, True, 1, 1.5, "S", "a", [], ["a"], [{"S": "a"}]]
    + [{tag: wrong} for tag in ("S", "N", "B") for wrong in _NO_TEXT]
    + [{tag: wrong} for tag in ("SS", "NS", "BS", "L") for wrong in _NO_LIST]
    + [{tag: [wrong]} for tag in ("SS", "NS", "BS") for wrong in _NO_TEXT]
    + [{"L": [wrong]} for wrong in (None, 1, "a", [])]
    + [{"M": wrong} for wrong in (None, 1, "a", [])]
    + [{"M": {"x": wrong}} for wrong in (None, 1, "a", [])]
    + [{tag: wrong} for tag in ("BOOL", "NULL") for wrong in _NO_FLAG],
    ids=json.dumps,
)
def test_wrong_json_types_are_serialization_errors(value: Any) -> None:
    """At every place where the API's shape says text, list, map or boolean."""
    for around in (value, {"L": [value]}, {"M": {"x": value}}):
        assert isinstance(refusal(deepcopy(around)), SerializationException), around


@pytest.mark.parametrize("item", [None, True, 1, "a", [], [1], [{"S": "a"}]])
def test_an_item_that_is_no_object(item: Any) -> None:
    with pytest.raises(SerializationException):
        check_item(item)


@pytest.mark.parametrize("base64", ["Q", "QQ", "QQ=", "QQ===", "Q Q=", "QQ==\n", "!!!!", "é", "=="])
def test_what_is_no_base64(base64: str) -> None:
    with pytest.raises(SerializationException):
        binary(base64)
    assert isinstance(refusal({"BS": [base64]}), SerializationException)


def test_base64_has_one_canonical_text_and_the_size_of_its_bytes() -> None:
    assert binary("QQ==") == ("QQ==", 1)
    assert binary("QR==") == ("QQ==", 1)
    assert binary("") == ("", 0)


def test_half_a_surrogate_pair_is_refused() -> None:
    """JSON can spell it (`"\\ud800"`), UTF-8 cannot: it has neither size nor bytes."""
    for item in ({"a": {"S": "\ud800"}}, {"\ud800": {"S": "a"}}, {"a": {"SS": ["\ud800"]}}):
        with pytest.raises(SerializationException):
            check_item(item)


@thorough
@given(near_values)
def test_any_json_as_a_value_is_accepted_or_refused_in_the_api_s_own_words(value: Any) -> None:
    """No other exception: each of these would be a fault of the engine, not of the request."""
    try:
        check_item({"a": value})
    except ServiceError:
        return
    check_item({"a": value})  # accepted once is accepted for good


@law
@given(json_values)
def test_any_json_as_an_item_is_accepted_or_refused_in_the_api_s_own_words(item: Any) -> None:
    try:
        check_item(item)
    except ServiceError:
        return
    check_item(item)
