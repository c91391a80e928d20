"""Rules that all expressions share, and the order in which DynamoDB complains."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pannier.errors import ValidationException
from pannier.expressions import (
    Placeholders,
    parse_condition,
    parse_key_condition,
    parse_projection,
    parse_update,
)

from .asking import ITEM, VALUES, complaint, condition, matches, project, updated

NAMES = {"#s": "s", "#n": "n"}


@pytest.mark.parametrize("ask", [project, condition, updated])
def test_an_expression_can_not_be_empty(ask):
    assert complaint(ask, "") == "The expression can not be empty;"


def test_an_expression_has_at_most_4_kb():
    """Conditions say how long they are; projections and updates do not."""
    long = "a" * 4097
    text = "Expression size has exceeded the maximum allowed size;"
    assert complaint(project, long) == text
    assert complaint(updated, long) == text
    assert complaint(condition, long) == f"{text} expression size: 4097"
    assert project("a" * 4096) == {}


def test_a_path_has_at_most_32_steps():
    assert project(".".join(["a"] * 32)) == {}
    expected = "The document path has too many nesting levels; nesting levels: 33"
    assert complaint(project, ".".join(["a"] * 33)) == expected
    assert complaint(project, "a" + "[0]" * 32) == expected


def test_a_list_index_is_a_32_bit_integer():
    assert project("a[2147483647]") == {}
    expected = "List index is not within the allowable range; index: [2147483648]"
    assert complaint(project, "a[2147483648]") == expected
    assert "index: [" + "9" * 4000 + "]" in complaint(project, "a[" + "9" * 4000 + "]")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        # Syntax before all else, then from left to right.
        ("status = :v AND a = :v b", 'Syntax error; token: "b", near: ":v b"'),
        ("((a = :v)) AND a b", "The expression has redundant parentheses;"),
        ("status = :v AND foo(a)", "Attribute name is a reserved keyword"),
        ("foo(a) AND status = :v", "Invalid function name; function: foo"),
        ("foo(status)", "Invalid function name; function: foo"),
        ("a[99999999999] = :v AND status = :v", "List index is not within"),
        ("size(a) AND foo(b)", "The function is not allowed to be used this way"),
        # Only then names and values, again from left to right.
        ("a = :u AND status = :v", "Attribute name is a reserved keyword"),
        ("#u = :u", "An expression attribute name used in the document path is not defined"),
        (":u = #u", "An expression attribute value used in expression is not defined"),
        # Per operator: operands, their number, their types, whether they are distinct.
        ("attribute_exists(a, :u)", "An expression attribute value used"),
        ("contains(a, a, a)", "Incorrect number of operands"),
        ("a BETWEEN a AND :bo", "Incorrect operand type"),
        ("a = a AND b < :bo", "The first operand must be distinct"),
        ("b < :bo AND a = a", "Incorrect operand type"),
    ],
)
def test_the_first_complaint_is_the_one_that_aws_makes(text, first):
    assert complaint(condition, text).startswith(first)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 4000,
        "(" * 149 + "a = :v" + " AND a = :v)" * 149,
        "NOT " * 299 + "a = :v",
        "NOT (" * 299 + "a = :v" + ")" * 299,
        "(NOT (a = b AND " * 230 + "a = b" + "))" * 230,
        "size(" * 600 + "a" + ")" * 600 + " = :v",
        "size(" * 500 + "a" + ",a)" * 500 + " = :v",
        "f(" * 1300 + "a" + ")" * 1300,
    ],
)
def test_deep_nesting_never_exhausts_the_stack(text):
    with suppress(ValidationException):
        condition(text).matches(ITEM)


def test_deep_nesting_in_updates_never_exhausts_the_stack():
    text = "SET z = " + "if_not_exists(z," * 240 + ":v" + ")" * 240
    assert updated(text)["z"] == {"S": "x"}


WORDS = """
    ( ) [ ] , . + - = <> < <= > >= # : ! 0 1 03 _ é AND OR NOT BETWEEN IN SET REMOVE ADD DELETE
    a s n l m ss pk sk status #s #n #u m.x l[0] l[9] :u size begins_with contains
    attribute_type attribute_exists if_not_exists list_append
"""
SCRAPS = st.lists(st.sampled_from([*WORDS.split(), *VALUES]), max_size=25).map(" ".join)


@given(text=SCRAPS | st.text(max_size=60))
def test_no_text_raises_anything_but_a_validation_exception(text):
    """Nor does a condition or update that was accepted, whatever is in the item."""
    placeholders = Placeholders(NAMES, VALUES)
    answers = [
        lambda: parse_projection(text, placeholders).apply(ITEM),
        lambda: parse_condition(text, placeholders, kind="ConditionExpression").matches(ITEM),
        lambda: parse_update(text, placeholders).apply(ITEM),
        lambda: parse_update(f"SET {text}", placeholders, ("pk",)).apply(ITEM),
        lambda: parse_key_condition(text, placeholders, [("pk", "S")], [("sk", "N")]),
    ]
    for answer in answers:
        with suppress(ValidationException):
            answer()


@given(text=SCRAPS)
def test_an_expression_means_the_same_the_second_time(text):
    """Trees are cached by text; names and values are not."""
    answers = []
    for _ in range(2):
        try:
            answers.append(matches(text, names=NAMES))
        except ValidationException as error:
            answers.append(error.message)
    assert answers[0] == answers[1]
