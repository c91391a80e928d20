"""Floats in decoded JSON are found wherever they are: they may have lost digits."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.files.json_floats import has_floats
from pannier.files.json_text import decode, decode_exactly

_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(max_size=3), st.integers(-9, 9), st.floats(0, 1)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def _floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [each for member in value for each in _floats(member)]
    return [value] if isinstance(value, float) else []


@given(_values)
def test_every_float_is_found(value: Any) -> None:
    floats = _floats(value)
    assert has_floats(value, False) == bool(floats)
    assert has_floats(value, True) == (0.0 in floats)


def test_what_is_nested_deeply_may_hold_one() -> None:
    deep = orjson.loads("[" * 900 + "]" * 900)
    assert has_floats(deep, False)


@pytest.mark.parametrize(
    "text",
    [
        b'{"n": 0.1000000000000000055511151231257827}',
        b'{"n": 123456789012345678901234567890}',
        b'{"n": [{"m": 1.00000000000000000001}]}',
        b'{"n": 18446744073709551615}',
        b'{"n": -9223372036854775809}',
        b'{"n": 1e400}',
        b'{"n": "12345678901234567890.1", "m": 1.5}',
    ],
)
def test_all_digits_of_numbers_are_kept(text: bytes) -> None:
    assert repr(decode(text)) == repr(decode_exactly(text))
