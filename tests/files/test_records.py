"""Records out of files: JSON in every arrangement, all digits, the place of every error."""

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.errors import ValidationException
from pannier.files.opening import FileError
from pannier.files.records import Record, Unreadable, decode, documents, lines
from pannier.model.number import parse
from pannier.model.plain import ConversionError, to_value

BOM = b"\xef\xbb\xbf"


def read_lines(content: bytes) -> list[Record]:
    return list(lines(io.BytesIO(content)))


def values(records: list[Record]) -> list[Any]:
    return [record.value for record in records]


def refusal(content: bytes) -> FileError:
    with pytest.raises(FileError) as caught:
        documents(content, "request.json")
    return caught.value


# Numbers


@st.composite
def _number_texts(draw: st.DrawFn) -> str:
    """Numbers as JSON spells them, short ones, long ones, and beyond what a float can hold."""
    whole = draw(st.one_of(st.just("0"), st.from_regex(r"[1-9][0-9]{0,24}", fullmatch=True)))
    fraction = draw(st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,24}", fullmatch=True)))
    exponents = st.one_of(st.integers(-400, 400), st.integers(-20, 20)).map(str)
    marked = st.tuples(st.sampled_from("eE"), exponents).map("".join)
    sign, exponent = draw(st.sampled_from(["", "-"])), draw(st.one_of(st.just(""), marked))
    return sign + whole + fraction + exponent


@settings(deadline=None, max_examples=200)
@given(_number_texts())
def test_a_number_keeps_every_digit_that_dynamodb_keeps(text: str) -> None:
    """Whichever parser is chosen for its looks; and what DynamoDB refuses is not rounded away."""
    value = decode(b'{"n": ' + text.encode() + b"}")["n"]
    (document,) = documents(text.encode(), "request.json")
    try:
        expected = parse(text).text
    except ValidationException:
        for read in (value, document.value):
            with pytest.raises(ConversionError):
                to_value(read)
        return
    assert to_value(value) == to_value(document.value) == {"N": expected}


@pytest.mark.parametrize(
    "text",
    [
        "12345678901234567890123456789012345678",
        "-0.12345678901234567890123456789012345678",
        "9007199254740993",  # 2**53 + 1: the first whole number that a float skips
        "18446744073709551617",
        "0.1",
        "123456789.987654321",
    ],
)
def test_long_numbers(text: str) -> None:
    assert to_value(decode(text.encode())) == {"N": text}
    assert to_value(documents(text.encode(), "request.json")[0].value) == {"N": text}


def test_a_number_of_digits_without_end_is_explained() -> None:
    """Python's own text would speak of `sys.set_int_max_str_digits`."""
    content = b'{"n": ' + b"9" * 5000 + b"}"
    assert refusal(content).message == "request.json, line 1: a number has thousands of digits"
    (record,) = read_lines(content)
    assert record.value.reason == "a number has thousands of digits"


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_only_python_calls_json_is_refused(constant: str) -> None:
    """Also beside a long number, where Python's lenient parser does the work."""
    for content in (f'{{"n": {constant}}}', f'{{"n": {constant}, "m": 12345678901234567890}}'):
        assert isinstance(read_lines(content.encode())[0].value, Unreadable)
        assert "JSON" in refusal(content.encode()).message


# Lines


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(-(10**30), 10**30), st.text()),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from(["\n", "\r\n", "\n\n", " \n\t"]),
    st.booleans(),
    st.booleans(),
)
def test_what_was_written_is_read_in_lines_and_in_documents(
    written: list[Any], end: str, with_bom: bool, last_end: bool
) -> None:
    """With line feeds or CRLF, blank lines, a byte order mark, and a last line without an end."""
    content = end.join(json.dumps(value, ensure_ascii=last_end) for value in written)
    encoded = (BOM if with_bom else b"") + (content + (end if last_end else "")).encode()
    assert values(read_lines(encoded)) == written
    assert values(documents(encoded, "request.json")) == written


def test_a_record_knows_its_line_and_blank_lines_count() -> None:
    content = b'{"a": 1}\r\n\r\n  \n{"a": 2}\n\n\n{"a": 3}'
    assert read_lines(content) == [
        Record({"a": 1}, 1),
        Record({"a": 2}, 4),
        Record({"a": 3}, 7),
    ]
    assert documents(content, "request.json") == read_lines(content)


def test_a_bad_line_does_not_stop_the_good_ones() -> None:
    good, bad, last = read_lines(b'{"a": 1}\n{"a": \n{"a": 3}\n')
    assert (good.value, last.value) == ({"a": 1}, {"a": 3})
    assert isinstance(bad.value, Unreadable)
    assert bad.line == 2
    assert bad.value.text == '{"a":'
    assert bad.value.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1,}', "not JSON: "),
        (b'{"a": 1} {"a": 2}', "not JSON: "),
        (b'{"a": 12345678901234567890,}', "not JSON: "),
        (b'{"a": "\xff"}', ""),
        (b'{"a": "\xff", "n": 12345678901234567890}', "utf-8"),
        (b"[" * 100_000, "not JSON: "),
        (b"[" * 100_000 + b"1234567890123456", "nested too deeply"),
    ],
)
def test_a_bad_line_says_what_is_wrong_with_it(line: bytes, reason: str) -> None:
    """Whichever parser saw it."""
    (record,) = read_lines(line)
    assert isinstance(record.value, Unreadable)
    assert reason in record.value.reason
    assert record.value.reason
    assert record.value.text == line.decode("utf-8", "replace")


@pytest.mark.parametrize("content", [b"", b"\n", b"  \r\n\n", BOM, BOM + b"\n"])
def test_an_empty_file_has_no_lines(content: bytes) -> None:
    assert read_lines(content) == []


# Documents


def test_documents_follow_one_another_in_any_arrangement() -> None:
    """One after the other on a line, over several lines, and with the commas of a torn-out list."""
    content = b'{"a": 1}{"a": 2}\n{\n "a": 3\n},\n[4]  "five"'
    assert documents(content, "request.json") == [
        Record({"a": 1}, 1),
        Record({"a": 2}, 1),
        Record({"a": 3}, 2),
        Record([4], 5),
        Record("five", 5),
    ]


def test_lines_are_counted_right_far_into_a_file() -> None:
    records = documents(b'{\n"a":\n1}\n' * 500, "request.json")
    assert [record.line for record in records] == list(range(1, 1501, 3))


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b'{"a": [\n  1,,\n]}', "line 2, column 5"),
        (b'{"a": 1}\n{"b": 2', "line 2, column 8"),
        (b'{"a": 1}\nnonsense', "line 2, column 1"),
        (b"PK,SK\na,b\n", "line 1, column 1"),
        (b"{'a': 1}", "line 1, column 2"),
        (BOM + b'{"a": 1,}', "line 1, column 9"),
        (b'{"a": "\n"}', "line 1, column 8"),
    ],
)
def test_broken_json_is_shown_by_line_and_column(content: bytes, place: str) -> None:
    error = refusal(content)
    assert error.message.startswith(f"request.json, {place}: this is not JSON (")
    assert error.advice.startswith("Near: ")


def test_the_neighbourhood_of_an_error_is_shown_on_one_short_line() -> None:
    error = refusal(b'{"aaa":\n' + b' {"b":' * 100 + b" oops\n" + b" " * 500)
    assert "oops" in error.advice
    assert "\n" not in error.advice
    assert len(error.advice) < 80
    assert refusal(b'{"a": 1').advice.startswith('Near: {"a": 1')


@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t", BOM, BOM + b" \n"])
def test_an_empty_file_is_no_document(content: bytes) -> None:
    error = refusal(content)
    assert error.message == "request.json is empty"
    assert error.advice


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('{"a": 1}'.encode("utf-16"), 1),
        (b'{"a": 1}\n{"a": "\xe9"}', 2),
    ],
)
def test_other_encodings_are_refused_with_advice(content: bytes, line: int) -> None:
    error = refusal(content)
    assert error.message == f"request.json, line {line}: not UTF-8 text"
    assert error.advice == "Save the file as UTF-8."


def test_documents_of_any_depth_are_refused_without_harm() -> None:
    assert refusal(b"\n" + b"[" * 100_000).message == "request.json, line 2: nested too deeply"


def test_all_kinds_of_numbers_are_exact_in_a_document() -> None:
    (record,) = documents(b"[0.1, 1e5, 5, 12345678901234567890.5]", "request.json")
    assert record.value == [Decimal("0.1"), Decimal(100000), 5, Decimal("12345678901234567890.5")]
