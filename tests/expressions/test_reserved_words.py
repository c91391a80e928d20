"""The 573 words that need a placeholder."""

import pytest

from pannier.expressions.reserved_words import RESERVED_WORDS, is_reserved

from .asking import complaint, condition, project, updated


def test_there_are_573_of_them():
    assert len(RESERVED_WORDS) == 573


@pytest.mark.parametrize("name", ["name", "Size", "STATUS", "zone"])
def test_letter_case_makes_no_difference(name):
    assert is_reserved(name)
    assert not is_reserved(name + "s_")


@pytest.mark.parametrize("text", ["status", "a.status", "a[0].status[1]"])
def test_a_reserved_word_is_refused_wherever_it_stands_in_a_path(text):
    expected = "Attribute name is a reserved keyword; reserved keyword: status"
    assert complaint(project, text) == expected
    assert complaint(condition, f"{text} = :v") == expected
    assert complaint(updated, f"SET {text} = :v") == expected
    assert complaint(updated, f"SET a = {text}") == expected


def test_a_placeholder_may_stand_for_a_reserved_word():
    assert project("#s", {"status": {"S": "x"}}, {"#s": "status"}) == {"status": {"S": "x"}}
