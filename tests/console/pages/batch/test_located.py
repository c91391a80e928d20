"""JSON with places: the same values as any parser, and where each stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.console.pages.batch.located import Lines, Located, PlaceError, locate

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def _all(node: Located) -> list[Located]:
    below = [*node.members.values(), *node.elements]
    return [node, *(each for child in below for each in _all(child))]


@given(_VALUES, st.sampled_from([None, 1]))
def test_every_value_stands_where_it_is_said_to_stand(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    root = locate(text)
    assert root.value == value
    for node in _all(root):
        assert json.loads(text[node.start : node.end]) == node.value


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ('{"a": }', "a value is expected, not '}'", (1, 7)),
        ('{"a": 1\n "b": 2}', "a comma or } is expected, not '\"'", (2, 2)),
        ('{"a" 1}', "a colon is expected, not '1'", (1, 6)),
        ('{"a": 1,}', "a name in quotes is expected, not '}'", (1, 9)),
        ("[1, 2", "the text breaks off here; a comma or ] is expected", (1, 5)),
        ("[1,]", "a value is expected, not ']'", (1, 4)),
        ("[1,", "the text breaks off here", (1, 3)),
        ("[1 2]", "a comma or ] is expected, not '2'", (1, 4)),
        ('{\n"a": 1,\n"a": 2}', "the name 'a' is there twice in one object", (3, 1)),
        ('"abc', "unterminated string", (1, 1)),
        ("[tru]", "tru is no JSON value", (1, 2)),
        ("[NaN]", "NaN is no JSON value", (1, 2)),
        ("[" * 200, "it is nested too deeply", (1, 102)),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    text: str, reason: str, place: tuple[int, int]
) -> None:
    with pytest.raises(PlaceError) as caught:
        locate(text)
    assert caught.value.reason == reason
    assert Lines(text).place(caught.value.offset) == place
    assert not caught.value.follows


def test_a_second_document_is_told_apart_from_damage() -> None:
    with pytest.raises(PlaceError) as caught:
        locate('{"a": 1}\n{"a": 2}')
    assert caught.value.follows
    assert caught.value.offset == len('{"a": 1}\n')


def test_lines_count_from_one() -> None:
    lines = Lines("ab\n\ncd")
    assert [lines.place(offset) for offset in (0, 2, 3, 4, 5)] == [
        (1, 1),
        (1, 3),
        (2, 1),
        (3, 1),
        (3, 2),
    ]
    assert len(lines) == 3
