"""ProjectionExpression: parts of an item, in the shape of the item."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.expressions import parse_projection
from pannier.expressions.paths import find

from .asking import placeholders, project


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n, s", {"n": {"N": "5"}, "s": {"S": "abc"}}),
        ("m.x", {"m": {"M": {"x": {"N": "1"}}}}),
        ("m.y.z, m.x", {"m": {"M": {"y": {"M": {"z": {"S": "q"}}}, "x": {"N": "1"}}}}),
        ("l[3].x", {"l": {"L": [{"M": {"x": {"S": "y"}}}]}}),
    ],
)
def test_a_nested_path_keeps_the_containers_around_it(text, expected):
    assert project(text) == expected


def test_list_elements_close_up_in_the_order_of_the_list():
    expected = {"l": {"L": [{"N": "1"}, {"N": "3"}]}}
    assert project("l[0], l[2]") == project("l[2], l[0]") == project("l[2], l[9], l[0]") == expected


@pytest.mark.parametrize("text", ["z", "m.q", "m.x.y", "l[9]", "l[0].x", "s.x", "s[0]", "m[0]"])
def test_what_is_not_there_is_absent_and_leaves_no_empty_container(text):
    assert project(text) == {}


def test_roots_are_the_top_level_names():
    projection = parse_projection("m.x, l[0].#n, s", placeholders({"#n": "name"}))
    assert projection.roots == {"m", "l", "s"}


STEPS = st.sampled_from(["x", "y", "z", 0, 1])
LEAVES = st.sampled_from([{"S": "a"}, {"N": "1"}, {"NULL": True}, {"SS": ["a"]}])
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda elements: {"L": elements})
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3).map(
            lambda members: {"M": members}
        )
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.sampled_from("xyz"), TREES, max_size=3)
PATHS = st.builds(
    lambda root, steps: (root, *steps), st.sampled_from("xyz"), st.lists(STEPS, max_size=3)
)


def text_of(path):
    first, *rest = path
    return first + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in rest)


@given(item=ITEMS, path=PATHS)
def test_one_path_answers_exactly_what_it_leads_to(item, path):
    before = copy.deepcopy(item)
    projected = project(text_of(path), item)
    closed_up = tuple(0 if isinstance(step, int) else step for step in path)
    assert find(projected, closed_up) == find(item, path)
    assert (projected == {}) == (find(item, path) is None)
    assert item == before


@given(item=ITEMS, names=st.sets(st.sampled_from("xyz"), min_size=1))
def test_top_level_names_answer_whole_attributes(item, names):
    text = ", ".join(sorted(names))
    assert project(text, item) == {name: item[name] for name in names if name in item}
    assert project(text, project(text, item)) == project(text, item)
