"""The short way from plain Python to JSON does the same as the long one, which is tested by itself.

What it leaves to the long way is a matter of speed; what it makes must be the same to the byte.
"""

import re
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pannier.batch.encoding import encode_plain
from pannier.batch.operation import Kind, Operation, Origin, plain_put
from pannier.batch.prepared import prepare_write
from pannier.errors import PannierError, ServiceError
from pannier.model.attribute_value import check_item
from pannier.model.key_schema import KeyAttribute, KeySchema
from pannier.model.plain import to_item

SCHEMAS = [
    KeySchema([KeyAttribute("PK", "S")], []),
    KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "S")]),
    KeySchema([KeyAttribute("PK", "S")], [KeyAttribute("SK", "N")]),
    KeySchema([KeyAttribute("PK", "B")], [KeyAttribute("SK", "S")]),
]

_texts = st.text() | st.text('ab"\\/\n\x00\x1f\x7fäß€😀\ud800', max_size=12)
_scalars = st.one_of(
    _texts,
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.integers(0, 40).map(lambda power: 10**power),
    st.floats(),
    st.booleans(),
    st.none(),
    st.binary(max_size=8),
    st.decimals(allow_nan=True),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(_texts, inner, max_size=3),
        st.frozensets(_texts, max_size=3),
        st.frozensets(st.integers(), max_size=3),
        st.just(object()),
    ),
    max_leaves=6,
)
_names = st.sampled_from(["PK", "SK"]) | _texts | st.integers(0, 1)
_items = st.dictionaries(_names, _values, max_size=5)


class _Text(str):
    """A text of somebody's own."""


def _long_way(values: Any) -> tuple[bytes, int] | None:
    try:
        item = to_item(values)
        size_bytes = check_item(item)
        return orjson.dumps(item), size_bytes
    except PannierError:
        return None


@settings(deadline=None, max_examples=500)
@given(_items)
@example({"a": _Text("x")})
@example({_Text("a"): "x"})
@example({"a": "\ud800"})
@example({"n": -100, "z": 0, "m": -0.0, "e": 1e100, "t": 1e-7})
@example({"n": Decimal("1E+3"), "b": bytearray(b"x")})
def test_what_it_makes_is_what_the_long_way_makes(values: dict[Any, Any]) -> None:
    encoded, size_bytes = encode_plain(values)
    if encoded:
        assert (encoded, size_bytes) == _long_way(values)


@pytest.mark.parametrize(
    "values",
    [
        {"PK": "a", "n": 10, "f": 1.5, "yes": True, "no": False, "nothing": None},
        {"text": 'with "quotes", a \\ and a\nline', "ä": "größer €"},
        {"list": [1, "ä", {"x": b"1"}], "set": {"a", "b"}, "name\n": "x"},
    ],
)
def test_usual_items_go_the_short_way(values: dict[str, Any]) -> None:
    assert encode_plain(values) == _long_way(values)


@pytest.mark.parametrize(
    "values", [{}, {1: "a"}, {"a": "\ud800"}, {"a": float("nan")}, {"a": 10**39}, {"a": object()}]
)
def test_what_is_unusual_is_left_to_the_long_way(values: dict[Any, Any]) -> None:
    assert encode_plain(values) == (b"", 0)


@settings(deadline=None, max_examples=300)
@given(_items, st.sampled_from(SCHEMAS))
@example({"PK": "a\0b", "SK": "c"}, SCHEMAS[1])
@example({"PK": "ä" * 1024, "SK": "c" * 1024}, SCHEMAS[1])
@example({"PK": "ä" * 1025, "SK": "c"}, SCHEMAS[1])
@example({"PK": "", "SK": "c"}, SCHEMAS[1])
@example({"PK": "a", "SK": 1.0}, SCHEMAS[2])
@example({"PK": b"a", "SK": "c"}, SCHEMAS[3])
@example({"PK": "a", "v": "x" * 409_600}, SCHEMAS[0])
def test_a_plain_item_is_prepared_as_its_api_form_is(
    values: dict[Any, Any], schema: KeySchema
) -> None:
    try:
        item = to_item(values)
    except PannierError as error:
        with pytest.raises(type(error)):
            plain_put("shop", values, Origin("input", 1))
        return
    operation = plain_put("shop", values, Origin("input", 1))
    try:
        wanted = prepare_write(Operation("shop", Kind.PUT, item, is_own=True), schema)
    except ServiceError as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            prepare_write(operation, schema)
        return
    made = prepare_write(operation, schema)
    assert (made.lane, made.key_bytes) == (wanted.lane, wanted.key_bytes)
    assert (made.encoded, made.size_bytes) == (wanted.encoded, wanted.size_bytes)
    assert (made.payload, made.units) == (wanted.payload, wanted.units)
    assert made.payload_bytes == len(made.payload)
    assert made.operation.attributes == to_item(values)
