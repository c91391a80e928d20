"""The short way to the keys of many rows gives the same keys as the long way, or leaves it to that.

A key that differed by a byte would be a lost item. So for any keys, right and wrong ones, the short
way either declines or agrees.
"""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from pannier.engine.row_keys import usual_row_keys
from pannier.engine.rows import row_key, space_prefix
from pannier.errors import ServiceError
from pannier.model.key_schema import KeyAttribute, KeySchema

SPACE = space_prefix(7)
P, S = KeyAttribute("p", "S"), KeyAttribute("s", "S")
SCHEMAS = [
    KeySchema([P], [S]),
    KeySchema([P], []),
    KeySchema([P], [KeyAttribute("s", "N")]),
    KeySchema([P, KeyAttribute("q", "S")], [S]),
]
CONTENTS = st.one_of(
    st.sampled_from(["a", "b", "", "\0", "a\0", "\ud800", "ä" * 600, "x" * 2048, "x" * 2049, "1"]),
    st.text(max_size=3),
    st.integers(0, 1),
    st.none(),
)
VALUES = st.one_of(
    st.fixed_dictionaries({"S": st.sampled_from(["a", "b", "c"])}),
    st.dictionaries(st.sampled_from(["S", "N", "B"]), CONTENTS, max_size=2),
    CONTENTS,
)
KEYS = st.lists(
    st.one_of(st.dictionaries(st.sampled_from(["p", "s", "q"]), VALUES, max_size=3), CONTENTS),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("schema", SCHEMAS)
@given(keys=KEYS)
def test_it_declines_or_agrees(schema, keys):
    usual = usual_row_keys(SPACE, schema, keys)
    if usual is not None:
        assert usual == [row_key(SPACE, schema.exact_key(key)) for key in keys]


def test_usual_keys_take_the_short_way():
    both = [{"p": {"S": "a" * 2048}, "s": {"S": text}} for text in ("b", "b", "ä", "x" * 1024)]
    assert usual_row_keys(SPACE, SCHEMAS[0], both) == [
        row_key(SPACE, SCHEMAS[0].exact_key(key)) for key in both
    ]
    assert usual_row_keys(SPACE, SCHEMAS[1], [{"p": {"S": "a"}}]) is not None


@pytest.mark.parametrize("size", [1025, 1026])
def test_a_key_that_is_too_long_is_left_to_the_long_way(size):
    key = {"p": {"S": "a"}, "s": {"S": "x" * size}}
    assert usual_row_keys(SPACE, SCHEMAS[0], [key]) is None
    with pytest.raises(ServiceError):
        SCHEMAS[0].exact_key(key)
