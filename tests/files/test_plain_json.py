"""Items as plain JSON: every digit as it is stored, and readable again by our own reader."""

import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.files.json_items import Converter
from pannier.files.json_text import decode
from pannier.files.plain_json import to_plain_json
from pannier.model.attribute_value import check_item
from pannier.model.number import from_decimal


def _containers(values: Any) -> Any:
    return st.one_of(
        st.lists(values, max_size=4).map(lambda content: {"L": content}),
        st.dictionaries(st.text(max_size=4), values, max_size=4).map(
            lambda content: {"M": content}
        ),
    )


# What plain JSON can express: binaries and sets come back as texts and lists.
_values = st.recursive(
    st.one_of(
        st.text(max_size=8).map(lambda content: {"S": content}),
        st.integers(-(10**38) + 1, 10**38 - 1).map(lambda number: {"N": str(number)}),
        st.decimals(min_value=-(10**12), max_value=10**12, places=15).map(
            lambda number: {"N": from_decimal(number)}
        ),
        st.integers(-130, 125).map(lambda exponent: {"N": from_decimal(Decimal(f"7E{exponent}"))}),
        st.booleans().map(lambda content: {"BOOL": content}),
        st.just({"NULL": True}),
    ),
    _containers,
    max_leaves=10,
)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.text(min_size=1, max_size=6), _values, min_size=1, max_size=5))
def test_what_is_written_is_read_again_the_same(item: Any) -> None:
    """`pannier get --out` and `pannier write` must not change what passes through them."""
    check_item(item)
    before = deepcopy(item)
    line = to_plain_json(item)
    assert b"\n" not in line
    assert item == before
    assert Converter("plain").item(decode(line)) == item


def test_each_type_has_its_json() -> None:
    item = {
        "S": {"S": 'tab\t, quote ", é, 😀'},
        "N": {"N": "12345678901234567890123456789012345678"},
        "B": {"B": "AAEC"},
        "BOOL": {"BOOL": False},
        "NULL": {"NULL": True},
        "M": {"M": {"x": {"N": "0.1"}, "y": {"M": {}}}},
        "L": {"L": [{"N": "1"}, {"L": []}]},
        "SS": {"SS": ["b", "a"]},
        "NS": {"NS": ["1.5", "2"]},
        "BS": {"BS": ["AAEC"]},
    }
    line = to_plain_json(item)
    assert json.loads(line, parse_float=Decimal) == {
        "S": 'tab\t, quote ", é, 😀',
        "N": 12345678901234567890123456789012345678,
        "B": "AAEC",
        "BOOL": False,
        "NULL": None,
        "M": {"x": Decimal("0.1"), "y": {}},
        "L": [1, []],
        "SS": ["b", "a"],
        "NS": [Decimal("1.5"), 2],
        "BS": ["AAEC"],
    }
    assert b'"N":12345678901234567890123456789012345678,' in line  # no exponent, no float


@pytest.mark.parametrize("name", ['"', "\\", "\n", "é", ""])
def test_names_are_quoted(name: str) -> None:
    assert json.loads(to_plain_json({name: {"M": {name: {"BOOL": True}}}})) == {name: {name: True}}


def test_an_empty_item_is_an_empty_object() -> None:
    assert to_plain_json({}) == b"{}"
