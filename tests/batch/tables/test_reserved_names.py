"""Reserved words stand for attributes where nothing else can be meant."""

import pytest

from pannier.batch.tables.reserved_names import with_placeholders
from pannier.expressions.condition_grammar import read_condition
from pannier.expressions.reserved_words import RESERVED_WORDS
from pannier.expressions.tokens import KEYWORDS


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("price > :n", "price > :n"),
        ("status = :s", "#word_status = :s"),
        ("size(name) > :n AND Size = :m", "size(#word_name) > :n AND #word_Size = :m"),
        ("a.items[0].name = :n", "a.#word_items[0].#word_name = :n"),
        ("#status = :status", "#status = :status"),
        ("NOT (data IN (:a, :b))", "NOT (#word_data IN (:a, :b))"),
        ("SET total = total + :n", "SET #word_total = #word_total + :n"),
        ("count <> :n", "#word_count <> :n"),
        ("nonsense ((", "nonsense (("),
    ],
)
def test_words_that_are_names_get_placeholders(given: str, made: str) -> None:
    expression, names = with_placeholders(given, {})
    assert expression == made
    assert all(placeholder == f"#word_{name}" for placeholder, name in names.items())


def test_every_reserved_word_but_the_keywords_can_be_a_name() -> None:
    for word in RESERVED_WORDS - KEYWORDS:
        expression, names = with_placeholders(f"{word.lower()} = :v", {})
        assert read_condition(expression)
        assert list(names.values()) == [word.lower()]


def test_placeholders_of_the_user_stay_and_are_not_taken() -> None:
    expression, names = with_placeholders("#word_name = :a AND name = :b", {"#word_name": "x"})
    assert expression == "#word_name = :a AND #word_name_ = :b"
    assert names == {"#word_name": "x", "#word_name_": "name"}
