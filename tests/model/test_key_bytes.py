"""Key bytes: they sort as the values do, alone and in a row, and their ranges are exact."""

from base64 import b64decode, b64encode
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.model.key_bytes import encode, encode_prefix, raw_bytes, successor
from tests.model.item_strategies import base64s, decimals, law, texts, thorough

_CONTENTS: dict[str, st.SearchStrategy[str]] = {
    "S": texts,
    "B": base64s,
    "N": decimals().map(str),
}


def _value(kind: str, content: str) -> Any:
    """What DynamoDB compares: UTF-8 bytes, unsigned bytes, numbers."""
    match kind:
        case "S":
            return content.encode()
        case "B":
            return b64decode(content)
    return Decimal(content)


@pytest.mark.parametrize("kind", ["S", "B", "N"])
def test_codes_order_as_the_values_do(kind: str) -> None:
    @thorough
    @given(_CONTENTS[kind], _CONTENTS[kind])
    def law_of_order(one: str, other: str) -> None:
        one_value, other_value = _value(kind, one), _value(kind, other)
        one_code, other_code = encode(kind, one), encode(kind, other)
        assert (one_code < other_code) == (one_value < other_value)
        assert (one_code == other_code) == (one_value == other_value)

    law_of_order()


def test_zero_bytes_and_prefixes_in_one_row() -> None:
    """The cases in which a terminator or an escape that is chosen badly shows."""
    row = [b"", b"\0", b"\0\0", b"\0\x01", b"\0\xff", b"\x01", b"a", b"a\0", b"a\0\0", b"a\0b"]
    row += [b"a\0\xff", b"a\x01", b"ab", b"b", b"\xfe", b"\xff", b"\xff\0", b"\xff\xff"]
    assert sorted(row) == row
    codes = [encode("B", b64encode(raw).decode()) for raw in row]
    assert sorted(codes) == codes
    assert len(set(codes)) == len(codes)


def test_texts_sort_by_utf8_not_by_utf16() -> None:
    """As DynamoDB does, and unlike Java or JavaScript, an emoji sorts above `U+FFFD`."""
    assert encode("S", "Z") < encode("S", "a") < encode("S", "é") < encode("S", "\ufffd")
    assert encode("S", "\ufffd") < encode("S", "😀")


@st.composite
def _rows(draw: st.DrawFn) -> tuple[list[str], list[str], list[str]]:
    """The types of a key of several parts, and two keys that often share their first parts."""
    kinds = draw(st.lists(st.sampled_from(["S", "B", "N"]), min_size=1, max_size=4))
    one = [draw(_CONTENTS[kind]) for kind in kinds]
    shared = draw(st.integers(0, len(kinds)))
    other = one[:shared] + [draw(_CONTENTS[kind]) for kind in kinds[shared:]]
    return kinds, one, other


@thorough
@given(_rows())
def test_codes_in_a_row_order_as_tuples(case: tuple[list[str], list[str], list[str]]) -> None:
    """Each code ends itself, so partition key, sort key and table key can just be joined."""
    kinds, one, other = case
    one_values = tuple(map(_value, kinds, one))
    other_values = tuple(map(_value, kinds, other))
    one_code = b"".join(map(encode, kinds, one))
    other_code = b"".join(map(encode, kinds, other))
    assert (one_code < other_code) == (one_values < other_values)
    assert (one_code == other_code) == (one_values == other_values)
    if one_values != other_values:
        assert not one_code.startswith(other_code)


@pytest.mark.parametrize("kind", ["S", "B"])
def test_the_range_of_a_prefix_holds_what_begins_with_it_and_nothing_else(kind: str) -> None:
    """What `begins_with` in a key condition becomes."""

    @thorough
    @given(_CONTENTS[kind].filter(bool), _CONTENTS[kind], st.booleans())
    def law_of_prefixes(prefix: str, content: str, begin: bool) -> None:
        if begin:
            joined = raw_bytes(kind, prefix) + raw_bytes(kind, content)
            content = joined.decode() if kind == "S" else b64encode(joined).decode()
        # In a row's key a table's own prefix stands in front, so that there is a successor.
        start = b"t" + encode_prefix(kind, prefix)
        inside = start <= b"t" + encode(kind, content) < successor(start)
        assert inside == raw_bytes(kind, content).startswith(raw_bytes(kind, prefix))

    law_of_prefixes()


@law
@given(
    st.lists(st.sampled_from([0, 1, 254, 255]), max_size=4).map(bytes),
    st.lists(st.sampled_from([0, 1, 254, 255]), max_size=5).map(bytes),
)
def test_between_a_prefix_and_its_successor_lies_all_that_begins_with_it(
    prefix: bytes, other: bytes
) -> None:
    if prefix.strip(b"\xff"):
        assert (prefix <= other < successor(prefix)) == other.startswith(prefix)


@pytest.mark.parametrize("prefix", [b"", b"\xff", b"\xff\xff\xff"])
def test_nothing_lies_above_these(prefix: bytes) -> None:
    with pytest.raises(ValueError, match="no successor"):
        successor(prefix)


def test_raw_bytes_are_what_the_length_limits_count() -> None:
    assert raw_bytes("S", "é\0") == b"\xc3\xa9\0"
    assert raw_bytes("B", "AAEC") == b"\0\x01\x02"
