"""What DynamoDB quotes of an expression it can't read: the token, and its neighbours."""

import pytest

from pannier.expressions.tokens import END, INDEX, NAME, TokenStream, tokenize

from .asking import complaint, condition, key_condition, project, updated


def test_a_token_knows_what_it_is_and_where_it_stands():
    kinds = [token.kind for token in tokenize(" #a.b[10]<=:v And")]
    assert kinds == ["#name", ".", NAME, "[", INDEX, "]", "<=", ":value", "AND", END]
    assert tokenize("  ab ")[0][2:] == (2, 4)


def test_reading_past_the_end_stays_at_the_end():
    stream = TokenStream("a")
    stream.take()
    assert stream.take().kind == stream.take().kind == END


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        # Pasted by users of AWS, from the token before to the token after.
        ("a-b", "-", "a-b"),
        ("dummy-id", "-", "dummy-id"),
        ("#AMZN_MAPPED_2021-03-03", "-", "#AMZN_MAPPED_2021-0"),
        ("!!", "!", "!!"),
        ("a,", "<EOF>", ","),
        ("a, #, b", "#", ", #,"),
        # The same rule at the edges: DynamoDB Local.
        (" ", "<EOF>", " "),
        ("  ,a", ",", "  ,a"),
        ("a b ", "b", "a b "),
        ("a  ,  ", "<EOF>", ",  "),
        ("a..b", ".", "..b"),
        ("a[", "<EOF>", "["),
        ("a[01]", "1", "01]"),
        ("a[-1]", "-", "[-1"),
        ("a[0.1]", ".", "0.1"),
        ("a.[0]", "[", ".[0"),
        ("_a", "_", "_a"),
        ("1a", "1", "1a"),
        ("a:v", ":v", "a:v"),
        ("# n", "#", "# n"),
        ("é", "é", "é"),
        ('"a"', '"', '"a'),
        ("a\x0c,b", "\x0c", "a\x0c,"),
        ("a\xa0,b", "\xa0", "a\xa0,"),
    ],
)
def test_a_syntax_error_quotes_the_token_and_its_neighbours(text, token, near):
    assert complaint(project, text) == f'Syntax error; token: "{token}", near: "{near}"'


def test_other_expressions_quote_alike():
    """`ADD hits : incr` and `()` were pasted by users of AWS."""
    assert complaint(updated, "ADD hits : incr") == 'Syntax error; token: ":", near: "hits : incr"'
    assert complaint(key_condition, "contains()") == 'Syntax error; token: ")", near: "()"'
    text = "INVALID SYNTAX HERE"
    assert complaint(updated, text) == 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'


@pytest.mark.parametrize("word", ["AND", "or", "Not", "IN", "between", "set", "ADD", "Delete"])
def test_keywords_are_no_names_in_any_expression_and_any_letter_case(word):
    assert complaint(project, word) == f'Syntax error; token: "{word}", near: "{word}"'
    assert complaint(project, f"a.{word}") == f'Syntax error; token: "{word}", near: ".{word}"'


def test_blanks_tabs_and_line_ends_separate_tokens():
    item = {"a": {"L": [{"S": "x"}]}, "b": {"S": "y"}}
    assert project("\ta [ 0 ]\r\n,\n b ", item) == item
    assert condition("a\n=\n:v").matches({"a": {"S": "x"}})
