"""Document paths: which can't stand beside each other, and what they lead to."""

import pytest

from pannier.expressions import project_paths
from pannier.expressions.paths import find

from .asking import ITEM, complaint, project, updated

MUST = "with each other; must remove or rewrite one of these paths"


@pytest.mark.parametrize(
    ("text", "verb", "one", "two"),
    [
        ("a, a", "overlap", "[a]", "[a]"),
        ("a, a.b", "overlap", "[a]", "[a, b]"),
        ("a.b, a", "overlap", "[a, b]", "[a]"),
        ("a[0], a[0].b", "overlap", "[a, [0]]", "[a, [0], b]"),
        ("a.b, a[0]", "conflict", "[a, b]", "[a, [0]]"),
        ("a[0], a.b", "conflict", "[a, [0]]", "[a, b]"),
        ("b, a.b.c, a.b", "overlap", "[a, b, c]", "[a, b]"),
    ],
)
def test_paths_may_not_hold_each_other_nor_disagree_on_a_container(text, verb, one, two):
    """The path that stands first in the text is named first."""
    expected = f"Two document paths {verb} {MUST}; path one: {one}, path two: {two}"
    assert complaint(project, text) == expected
    assert complaint(updated, f"REMOVE {text}") == expected


def test_names_behind_placeholders_overlap_as_well():
    text = complaint(project, "#x, s", names={"#x": "s"})
    assert text.endswith("path one: [s], path two: [s]")


def test_a_placeholder_is_one_name_even_with_dots_in_it():
    item = {"a.b": {"S": "x"}, "a": {"M": {"b": {"S": "y"}}}}
    assert project("#x", item, {"#x": "a.b"}) == {"a.b": {"S": "x"}}


def test_undefined_names_are_found_from_the_last_path_to_the_first():
    """That is the order in which AWS looks at the paths of a projection or update."""
    expected = (
        "An expression attribute name used in the document path is not defined; attribute name: #y"
    )
    assert complaint(project, "#x, #y") == expected
    assert complaint(updated, "SET #x = :v, #y = :v") == expected


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("n",), {"N": "5"}),
        (("m", "y", "z"), {"S": "q"}),
        (("l", 3, "x"), {"S": "y"}),
        (("l", 4), None),
        (("l", "x"), None),
        (("m", 0), None),
        (("s", "x"), None),
        (("z", "x", 1), None),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path, found):
    assert find(ITEM, path) == found


def test_touched_paths_show_what_an_update_changed():
    """What ReturnValues UPDATED_OLD and UPDATED_NEW need."""
    paths = [("m", "x"), ("l", 1), ("l", 0), ("z",)]
    expected = {"m": {"M": {"x": {"N": "1"}}}, "l": {"L": [{"N": "1"}, {"N": "2"}]}}
    assert project_paths(ITEM, paths) == expected
