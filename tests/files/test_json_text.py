"""One JSON text: all digits of its numbers, and words for what is wrong with it."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.errors import ValidationException
from pannier.files.json_items import Converter, NoItemError
from pannier.files.json_text import (
    decode,
    decode_documents,
    decode_exactly,
    decode_strictly,
    explain,
    place_in,
)
from pannier.model.number import parse


@st.composite
def _number_texts(draw: st.DrawFn) -> str:
    """Numbers as JSON spells them, short ones, long ones, and beyond what a float can hold."""
    whole = draw(st.one_of(st.just("0"), st.from_regex(r"[1-9][0-9]{0,24}", fullmatch=True)))
    fraction = draw(st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,24}", fullmatch=True)))
    exponents = st.one_of(st.integers(-400, 400), st.integers(-20, 20)).map(str)
    marked = st.tuples(st.sampled_from("eE"), exponents).map("".join)
    sign, exponent = draw(st.sampled_from(["", "-"])), draw(st.one_of(st.just(""), marked))
    return sign + whole + fraction + exponent


@settings(deadline=None, max_examples=300)
@given(_number_texts(), st.sampled_from(['{"n": %s}', '{"l": [{"n": %s}], "x": 0.5}']))
def test_a_number_keeps_every_digit_that_dynamodb_keeps(number: str, around: str) -> None:
    """Whichever parser is chosen for its looks; and what DynamoDB refuses is not rounded away.

    1e-400 is the hard case: to a float it is zero, and zero would be taken for the number.
    """
    text = (around % number).encode()
    value = decode(text)
    try:
        expected = parse(number).text
    except ValidationException:
        with pytest.raises(NoItemError):
            Converter("plain").item(value, text)
        return
    item = Converter("plain").item(value, text)
    found = item["n"] if "n" in item else item["l"]["L"][0]["M"]["n"]
    assert found == {"N": expected}


@pytest.mark.parametrize(
    "text",
    [
        "12345678901234567890123456789012345678",
        "-0.12345678901234567890123456789012345678",
        "9007199254740993",  # 2**53 + 1: the first whole number that a float skips
        "18446744073709551617",
        "0.1",
        "123456789.987654321",
        "0.30000000000000004",
    ],
)
def test_long_numbers(text: str) -> None:
    value = decode(text.encode())
    assert Converter("plain").item({"n": value}) == {"n": {"N": text}}


def test_numbers_are_exact_where_that_is_asked_for() -> None:
    assert decode_exactly(b"[0.1, 1e5, 5]") == [Decimal("0.1"), Decimal(100000), 5]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_calls_json_is_refused(constant: str) -> None:
    """Also beside a long number, where Python's lenient parser does the work."""
    for text in (f'{{"n": {constant}}}', f'{{"n": {constant}, "m": 12345678901234567890}}'):
        with pytest.raises(ValueError, match=r"JSON|Expecting"):
            decode(text.encode())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"a": 1,}', "this is not JSON ("),
        (b'{"a": 1} {"a": 2}', "this is not JSON ("),
        (b'{"a": 12345678901234567890,}', "this is not JSON ("),
        (b'{"a": "\xff"}', "this is not UTF-8 text"),
        (b'{"a": "\xff", "n": 12345678901234567890}', "this is not UTF-8 text"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b"[" * 100_000 + b"1234567890123456", "it is nested too deeply"),
        (b'{"n": ' + b"9" * 5000 + b"}", "a number has thousands of digits"),
    ],
)
def test_what_is_wrong_is_said_in_the_same_words_by_both_parsers(text: bytes, reason: str) -> None:
    with pytest.raises((ValueError, RecursionError)) as caught:
        decode(text)
    assert explain(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'{"a": oops}', (0, 6)),
        (b'{"a":\n  oops}', (1, 2)),
        (b'{"a": "\n"}', (0, 7)),
        (b'{"a":\n"\xff"}', (1, 1)),
    ],
)
def test_the_place_of_what_is_wrong(text: bytes, place: tuple[int, int]) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # its place is looked at
        decode(text)
    assert place_in(text, caught.value) == place


def test_a_name_that_is_there_twice_is_refused_where_that_matters() -> None:
    with pytest.raises(ValueError, match="the name 'T' is there twice"):
        decode_strictly('{"T": [], "U": [], "T": []}')
    assert decode_strictly(b'\xef\xbb\xbf{"T": []}') == {"T": []}


def test_documents_follow_one_another_in_any_arrangement() -> None:
    """One after the other on a line, over several lines, and with the commas of a torn-out list."""
    content = b'{"a": 1}{"a": 2}\n{\n "a": 3\n},\n[4]  "five"'
    assert decode_documents(content) == [
        ({"a": 1}, 1),
        ({"a": 2}, 1),
        ({"a": 3}, 2),
        ([4], 5),
        ("five", 5),
    ]
    assert decode_documents(b" \n") == []


def test_lines_are_counted_right_far_into_a_file() -> None:
    found = decode_documents(b'{\n"a":\n1}\n' * 500)
    assert [line for _, line in found] == list(range(1, 1501, 3))
