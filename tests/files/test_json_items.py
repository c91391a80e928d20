"""Items out of records: DynamoDB JSON or plain JSON, told apart by the first, or neither."""

from decimal import Decimal
from typing import Any

import pytest

from pannier.files.json_items import Converter, NoItemError, is_dynamodb

ITEM = {"PK": {"S": "a"}, "price": {"N": "79"}}
PLAIN = {"PK": "a", "price": 79}


def refusal(converter: Converter, value: Any) -> str:
    with pytest.raises(NoItemError) as caught:
        converter.item(value)
    return caught.value.message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ITEM, True),
        ({"a": {"M": {"x": 1}}}, True),  # what is inside is checked later, and better
        ({"a": {"S": "a"}, "b": 1}, False),
        ({"a": {"S": "a", "N": "1"}}, False),
        ({"a": {"X": "a"}}, False),
        ({"a": {}}, False),
        ({}, False),
        ([], False),
        (None, False),
        ("S", False),
    ],
)
def test_what_looks_like_dynamodb_json(value: Any, expected: bool) -> None:
    assert is_dynamodb(value) is expected


@pytest.mark.parametrize("form", ["auto", "dynamodb"])
def test_dynamodb_json_is_taken_as_it_is(form: Any) -> None:
    assert Converter(form).item(ITEM) == ITEM


@pytest.mark.parametrize("form", ["auto", "plain"])
def test_plain_json_is_converted(form: Any) -> None:
    converter = Converter(form)
    assert converter.item(PLAIN) == ITEM
    assert converter.item({"n": Decimal("1.50"), "l": [1, None]}) == {
        "n": {"N": "1.5"},
        "l": {"L": [{"N": "1"}, {"NULL": True}]},
    }


def test_the_first_record_decides_for_the_whole_file() -> None:
    """An item that only happens to look like the other form must not be read as that."""
    plain = Converter()
    plain.item(PLAIN)
    assert plain.item({"a": {"S": "x"}}) == {"a": {"M": {"S": {"S": "x"}}}}

    dynamodb = Converter()
    dynamodb.item(ITEM)
    assert "no DynamoDB JSON" in refusal(dynamodb, PLAIN)
    assert dynamodb.item(ITEM) == ITEM  # and goes on


def test_what_is_no_record_decides_nothing() -> None:
    converter = Converter()
    for value in ("x", [], None, {}):
        refusal(converter, value)
    assert converter.item(ITEM) == ITEM


def test_the_caller_s_word_stands_above_the_looks() -> None:
    assert Converter("plain").item({"a": {"S": "x"}}) == {"a": {"M": {"S": {"S": "x"}}}}
    assert "no DynamoDB JSON" in refusal(Converter("dynamodb"), PLAIN)


def test_an_export_s_wrapping_is_taken_off() -> None:
    """S3 exports write `{"Item": {...}}`, one a line."""
    converter = Converter()
    assert converter.item({"Item": ITEM}) == ITEM
    assert converter.item({"Item": ITEM}) == ITEM
    assert converter.item(ITEM) == ITEM


def test_in_plain_json_item_is_a_name_like_any_other() -> None:
    wrapped = {"Item": {"M": {"a": {"M": {"S": {"S": "x"}}}}}}
    assert Converter("plain").item({"Item": {"a": {"S": "x"}}}) == wrapped
    decided = Converter()
    decided.item(PLAIN)
    assert decided.item({"Item": {"a": {"S": "x"}}}) == wrapped
    assert Converter().item({"Item": "x"}) == {"Item": {"S": "x"}}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "an item must be a JSON object"),
        ([ITEM], "an item must be a JSON object"),
        ("a", "an item must be a JSON object"),
        (5, "an item must be a JSON object"),
        ({}, "the object is empty"),
        ({"n": 10**40 + 1}, "attribute 'n': "),
        ({"n": {"m": [Decimal("1E500")]}}, "attribute 'n': attribute 'm': "),
    ],
)
def test_what_is_no_item_says_why(value: Any, reason: str) -> None:
    assert refusal(Converter("plain"), value).startswith(reason)


def test_a_record_of_any_depth_is_refused_without_harm() -> None:
    """A line of 600 brackets is JSON to the parser; converting it must not end the program."""
    deep: Any = 1
    for _ in range(600):
        deep = [deep]
    assert "nested deeper than 32 levels" in refusal(Converter(), {"a": deep})
