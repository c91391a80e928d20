"""Sums are exact to 38 digits, or refused."""

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.errors import ValidationException
from pannier.expressions.arithmetic import add, subtract
from pannier.model.number import measure

from .asking import error

EXACT = Context(prec=400)
DIGITS = st.integers(-(10**38) + 1, 10**38 - 1)
NUMBERS = st.builds(
    lambda digits, exponent: measure(f"{digits}e{exponent}")[0], DIGITS, st.integers(-60, 60)
)


@given(left=NUMBERS, right=NUMBERS)
def test_a_sum_is_the_exact_sum_or_an_error(left, right):
    for compute, exact in ((add, EXACT.add), (subtract, EXACT.subtract)):
        wanted = exact(Decimal(left), Decimal(right))
        try:
            assert Decimal(compute(left, right)) == wanted
        except ValidationException:
            assert len(wanted.normalize(EXACT).as_tuple().digits) > 38


@given(left=st.integers(-(10**20), 10**20), right=st.integers(-(10**20), 10**20))
def test_integers_are_added_as_integers(left, right):
    assert add(str(left), str(right)) == str(left + right)
    assert subtract(str(left), str(right)) == str(left - right)


@given(left=NUMBERS, right=NUMBERS)
def test_sums_commute_and_differences_are_opposite(left, right):
    try:
        total, difference = add(left, right), subtract(left, right)
    except ValidationException:
        return
    assert total == add(right, left)
    assert Decimal(difference) == Decimal(subtract(right, left)).copy_negate()


def test_results_are_canonical():
    assert add("0.1", "0.2") == "0.3"
    assert add("0.5", "0.5") == "1"
    assert subtract("0.1", "0.1") == "0"
    assert subtract("9" * 38, "9" * 38) == "0"


def test_no_digit_is_lost_beyond_pythons_28():
    assert add("9" * 38, "1") == "1" + "0" * 38
    assert add("1" * 38, "1" * 38) == "2" * 38


@pytest.mark.parametrize(
    ("left", "right"), [("9" * 38, "0.1"), ("5", "9" + "0" * 125), ("5", "0." + "0" * 129 + "1")]
)
def test_more_than_38_digits_are_refused_not_rounded(left, right):
    expected = "Attempting to store more than 38 significant digits in a Number"
    assert error(add, left, right) == expected


def test_results_out_of_range_are_refused():
    huge = "9" + "0" * 125
    assert error(add, huge, huge).startswith("Number overflow.")
    tiny = "0." + "0" * 129
    assert error(subtract, tiny + "15", tiny + "1").startswith("Number underflow.")
