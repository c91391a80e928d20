"""Text -> tokens, and the places by which texts name them."""

import pytest

from pannier.errors import ValidationException
from pannier.partiql.nodes import Place
from pannier.partiql.tokens import tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokenize(text)[:-1]]


def test_words_are_keywords_in_any_case_and_names_as_written():
    assert kinds("Select SIZE Name $x _1") == [
        ("select", "Select"), ("size", "SIZE"), ("name", "Name"), ("name", "$x"), ("name", "_1"),
    ]  # fmt: skip


def test_quotes_hold_anything_and_are_doubled_inside():
    assert kinds("""'it''s' "a ""b"" -- c" '' "" """) == [
        ("text", "it's"), ("quoted", 'a "b" -- c'), ("text", ""), ("quoted", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["0", "12", "1.5", "5.", ".5", "1e3", "1.5E-2"])
def test_numbers(number):
    assert kinds(number) == [("number", number)]


def test_what_looks_like_a_number_and_is_none():
    assert kinds("0x1 1_0") == [("number", "0"), ("name", "x1"), ("number", "1"), ("name", "_0")]


def test_symbols_are_as_long_as_they_can_be():
    assert [kind for kind, _ in kinds("<<1>> <= <> != a<-1 || ?")] == [
        "<<", "number", ">>", "<=", "<>", "!=", "name", "<", "-", "number", "||", "?",
    ]  # fmt: skip


def test_comments_are_blanks():
    assert kinds("a -- to the end\n/* over\nlines */ b --") == [("name", "a"), ("name", "b")]


def test_places_count_lines_and_columns_from_one():
    tokens = tokenize("a\n  'bc' /*\n*/ d")
    assert [token.place for token in tokens] == [
        Place(1, 1, 1), Place(2, 3, 4), Place(3, 4, 1), Place(3, 5, 0),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["a # b", "é", "'open", '"open', "`open", "a & b", "\x00"])
def test_characters_that_begin_no_token(text):
    with pytest.raises(ValidationException, match="Lexer Error: at line 1, column"):
        tokenize(text)
