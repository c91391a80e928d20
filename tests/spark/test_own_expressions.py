"""The user's filter and Spark's, in one expression that the service takes."""

import pytest

from pannier.spark.own_expressions import OwnExpressions, with_own


@pytest.mark.parametrize(
    ("own", "both"),
    [
        ("a = :a", "a = :a AND b = :b"),
        ("a = :a AND NOT c = :c", "a = :a AND NOT c = :c AND b = :b"),
        ("a = :a OR c = :c", "(a = :a OR c = :c) AND b = :b"),
        ("a = :a or c = :c", "(a = :a or c = :c) AND b = :b"),
        ("(a = :a OR c = :c)", "(a = :a OR c = :c) AND b = :b"),
        ("(a = :a) OR (c = :c)", "((a = :a) OR (c = :c)) AND b = :b"),
        ("a BETWEEN :a AND :c", "a BETWEEN :a AND :c AND b = :b"),
    ],
)
def test_both_hold_with_no_parentheses_more_than_are_needed(own: str, both: str) -> None:
    assert with_own(own, "b = :b") == both


def test_one_alone_stays_as_it_is() -> None:
    assert with_own("a = :a OR b = :b", None) == "a = :a OR b = :b"
    assert with_own(None, "b = :b") == "b = :b"
    assert with_own(None, None) is None


def test_without_its_filter_nothing_is_left_that_nobody_uses() -> None:
    own = OwnExpressions("#f = :f", "#p, a", {"#f": "from", "#p": "to"}, {":f": {"S": "x"}})
    assert own.unfiltered() == OwnExpressions(None, "#p, a", {"#p": "to"})


def test_what_comes_whole() -> None:
    own = OwnExpressions(project="a, #b , c.d, e[0], size", names={"#b": "back"})
    assert own.projected() == {"a", "back", "size"}
    assert OwnExpressions("a = :a").projected() is None
