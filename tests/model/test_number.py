"""Numbers: one canonical text and one sortable code for each value, and nothing beyond the limits.

`decimal.Decimal` is the judge: it reads the same texts by code that is not ours.
"""

import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.errors import ValidationException
from pannier.model import messages
from pannier.model.number import from_decimal, measure, parse
from tests.model.item_strategies import decimals, law, spellings, thorough

CANONICAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?")


@thorough
@given(decimals().flatmap(lambda number: st.tuples(st.just(number), spellings(number))))
def test_every_spelling_of_a_number_has_one_canonical_text(case: tuple[Decimal, str]) -> None:
    """Same value, no exponent, no needless zero, no plus, no negative zero."""
    number, spelling = case
    canonical, _ = measure(spelling)
    assert Decimal(canonical) == Decimal(spelling) == number
    assert CANONICAL.fullmatch(canonical)
    assert canonical != "-0"
    assert measure(canonical)[0] == canonical
    assert from_decimal(number) == canonical


@law
@given(decimals().flatmap(lambda number: st.tuples(spellings(number), spellings(number))))
def test_all_spellings_share_size_and_key_bytes(pair: tuple[str, str]) -> None:
    one, other = pair
    assert measure(one) == measure(other)
    assert parse(one).key_bytes == parse(other).key_bytes


@st.composite
def _neighbours(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    """Two numbers that differ in one respect only, where an ordering is most likely to be wrong."""
    number = draw(decimals())
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    kept = draw(st.integers(1, len(digits)))
    # Zeros before a further digit: a pair of them must not look like the end of a code.
    longer = (*digits, *[0] * draw(st.integers(0, 4)), draw(st.integers(1, 9)))
    longer = longer if len(longer) <= 38 else digits
    other = draw(
        st.sampled_from(
            [
                Decimal((1 - sign, digits, exponent)),  # the sign
                Decimal((sign, digits, max(exponent - 1, -130))),  # the exponent
                Decimal((sign, digits[:kept], exponent + len(digits) - kept)),  # cut short
                Decimal((sign, longer, max(exponent + len(digits) - len(longer), -130))),
                Decimal(0),
            ]
        )
    )
    return number, other


@thorough
@given(st.one_of(st.tuples(decimals(), decimals()), _neighbours()))
def test_key_bytes_order_as_the_numbers_do(pair: tuple[Decimal, Decimal]) -> None:
    """For sort keys and for key conditions, bytes are all that is compared."""
    one, other = pair
    one_bytes, other_bytes = parse(str(one)).key_bytes, parse(str(other)).key_bytes
    assert (one < other) == (one_bytes < other_bytes)
    assert (one == other) == (one_bytes == other_bytes)


@thorough
@given(st.one_of(st.tuples(decimals(), decimals()), _neighbours()))
def test_no_code_is_the_beginning_of_another(pair: tuple[Decimal, Decimal]) -> None:
    """So that further parts of a key may follow a number."""
    one, other = pair
    if one != other:
        assert not parse(str(one)).key_bytes.startswith(parse(str(other)).key_bytes)


def test_a_list_of_numbers_sorts_by_its_codes() -> None:
    """The corners in one row: signs, zero, exponents, digits of odd and even number."""
    ascending = """
        -9.9999999999999999999999999999999999999E125 -1E125 -100 -99.5 -99 -12 -11 -10.1 -10 -9
        -1.01 -1 -0.5 -0.05 -1E-130 0 1E-130 1.5E-130 0.05 0.5 0.50001 1 1.00001 1.01 9 10 10.1 11
        12 99 99.5 100 1E125 9.9999999999999999999999999999999999999E125
    """
    codes = [parse(text).key_bytes for text in ascending.split()]
    assert sorted(codes) == codes
    assert not any(after.startswith(before) for before, after in pairwise(codes))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("9." + "9" * 37 + "E125", "9" * 38 + "0" * 88),
        ("-9." + "9" * 37 + "E125", "-" + "9" * 38 + "0" * 88),
        ("1E-130", "0." + "0" * 129 + "1"),
        ("-1E-130", "-0." + "0" * 129 + "1"),
        # The smallest number may have 38 digits, too.
        ("1." + "1" * 37 + "E-130", "0." + "0" * 129 + "1" * 38),
        # Zeros around the digits are no significant digits.
        ("1" + "0" * 125, "1" + "0" * 125),
        ("0" * 500 + "1" * 38 + "." + "0" * 500, "1" * 38),
        ("0." + "0" * 2000 + "1e2000", "0.1"),
        ("1" + "0" * 2000 + "e-2000", "1"),
        ("-0", "0"),
        ("-0.000e-5", "0"),
        ("0e999999999999999999", "0"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1e00000000000000000000003", "1000"),
        ("1e-00000000000000000000003", "0.001"),
    ],
)
def test_what_is_within_the_limits(text: str, canonical: str) -> None:
    assert measure(text)[0] == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1E126", messages.NUMBER_OVERFLOW),
        ("-1E126", messages.NUMBER_OVERFLOW),
        ("1" + "0" * 126, messages.NUMBER_OVERFLOW),
        ("1e99999999999999999999999999", messages.NUMBER_OVERFLOW),
        ("1E-131", messages.NUMBER_UNDERFLOW),
        ("-9.9E-131", messages.NUMBER_UNDERFLOW),
        ("1e-99999999999999999999999999", messages.NUMBER_UNDERFLOW),
        ("1" * 39, messages.NUMBER_DIGITS),
        ("0." + "1" * 39, messages.NUMBER_DIGITS),
        ("1" + "0" * 37 + "1", messages.NUMBER_DIGITS),
        ("1" + "0" * 37 + ".5", messages.NUMBER_DIGITS),
    ],
)
def test_what_is_beyond_the_limits(text: str, message: str) -> None:
    """DynamoDB never rounds: what it cannot keep exactly, it refuses."""
    with pytest.raises(ValidationException) as caught:
        measure(text)
    assert caught.value.message == message


def test_the_texts_of_the_limits_are_those_of_aws() -> None:
    assert messages.NUMBER_DIGITS == (
        "Attempting to store more than 38 significant digits in a Number"
    )
    assert messages.NUMBER_OVERFLOW == (
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    )
    assert messages.NUMBER_UNDERFLOW == (
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"
    )


@pytest.mark.parametrize(
    "text",
    [
        *(" 1", "1 ", "1\n", "e5", ".", "+", "-", "--1", "+-1", "1e", "1e+", "1e1.5", "1.2.3"),
        *("1,5", "0x10", "1_000", "NaN", "Infinity", "-inf", "1\0", "\ud800", "one"),
        *("\u0661", "\uff11"),  # digits of other scripts, which Python would take
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValidationException) as caught:
        measure(text)
    assert caught.value.message == (f"The parameter cannot be converted to a numeric value: {text}")


def test_an_empty_text_is_no_number() -> None:
    with pytest.raises(ValidationException) as caught:
        measure("")
    assert caught.value.message == "The parameter cannot be converted to a numeric value"


@law
@given(st.text("0123456789.eE+-", max_size=14))
def test_texts_of_a_number_s_characters_are_read_as_decimal_reads_them(text: str) -> None:
    """Neither more nor fewer texts are numbers than for `Decimal`, within the limits."""
    try:
        number: Decimal | None = Decimal(text)
    except ArithmeticError:
        number = None
    if number is not None and (not number or -131 < number.adjusted() < 126):
        assert Decimal(measure(text)[0]) == number
    else:
        with pytest.raises(ValidationException) as caught:
            measure(text)
        assert caught.value.message.startswith("Number" if number is not None else "The parameter")


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        *(
            ("0", 1),
            ("-0", 1),
            ("7", 2),
            ("42", 2),
            ("-42", 3),
            ("1200", 2),
            ("123", 3),
            ("0.5", 2),
        ),
        *(("9" * 38, 20), ("-" + "9" * 38, 21), ("0" * 60 + "42", 2), ("42." + "0" * 60, 2)),
    ],
)
def test_sizes(text: str, size_bytes: int) -> None:
    """A byte for two significant digits, one more, and one for a minus; zeros around are free."""
    assert measure(text)[1] == size_bytes


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "1E126", "1" * 39])
def test_decimals_that_are_no_dynamodb_number(text: str) -> None:
    with pytest.raises(ValidationException):
        from_decimal(Decimal(text))
