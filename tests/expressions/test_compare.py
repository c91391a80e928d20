"""Equality and order of values: laws, and the cases where plain Python would differ."""

from binascii import a2b_base64, b2a_base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.expressions.compare import before, equal, order_key
from pannier.model.number import measure

TEXTS = st.text(max_size=5).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text))
NUMBERS = st.decimals(-1000, 1000, places=3).map(lambda number: measure(str(number))[0])
BINARIES = st.binary(max_size=4).map(lambda raw: b2a_base64(raw, newline=False).decode())
SCALARS = (
    TEXTS.map(lambda text: {"S": text})
    | NUMBERS.map(lambda number: {"N": number})
    | BINARIES.map(lambda binary: {"B": binary})
)


@given(first=SCALARS, second=SCALARS, third=SCALARS)
def test_order_is_total_within_a_type_and_void_between_types(first, second, third):
    same_type = set(first) == set(second)
    relations = [before(first, second), equal(first, second), before(second, first)]
    assert sum(relations) == (1 if same_type else 0)
    if before(first, second) and before(second, third):
        assert before(first, third)


@given(first=TEXTS, second=TEXTS)
def test_texts_are_ordered_by_their_utf_8_bytes(first, second):
    assert (order_key("S", first) < order_key("S", second)) == (first.encode() < second.encode())


@given(first=NUMBERS, second=NUMBERS)
def test_numbers_are_ordered_by_value(first, second):
    assert before({"N": first}, {"N": second}) == (Decimal(first) < Decimal(second))


@given(first=BINARIES, second=BINARIES)
def test_binaries_are_ordered_by_unsigned_bytes(first, second):
    assert before({"B": first}, {"B": second}) == (a2b_base64(first) < a2b_base64(second))


def test_numbers_of_38_digits_differ_in_the_last_one():
    assert before({"N": "9" * 37 + "8"}, {"N": "9" * 38})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"L": [{"NS": ["1", "2"]}]}, {"L": [{"NS": ["2", "1"]}]}),
        ({"M": {"a": {"SS": ["a", "b"]}, "b": {"N": "1"}}},
         {"M": {"b": {"N": "1"}, "a": {"SS": ["b", "a"]}}}),
    ],
)  # fmt: skip
def test_sets_are_equal_in_any_order_even_deep_inside(left, right):
    assert equal(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"N": "1"}, {"S": "1"}),
        ({"SS": ["a", "b"]}, {"SS": ["a"]}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}),
        ({"M": {"a": {"N": "1"}}}, {"M": {"b": {"N": "1"}}}),
        ({"BOOL": True}, {"BOOL": False}),
        ({"BOOL": True}, {"NULL": True}),
    ],
)
def test_what_is_not_equal(left, right):
    assert not equal(left, right)
    assert not equal(right, left)
