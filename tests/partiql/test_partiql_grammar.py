"""The details behind "Statement wasn't well formed, can't be processed: ".

"Expected data manipulation" and "Unexpected keyword" are captured on AWS; the others are the words
of AWS's reference parser for PartiQL, from which those two come.
"""

import pytest

from pannier.errors import ValidationException
from pannier.partiql.nodes import Name, Operation, SelectNode, WriteNode
from pannier.partiql.statement_grammar import read_statement

HEAD = "Statement wasn't well formed, can't be processed: "


def detail(text: str) -> str:
    with pytest.raises(ValidationException) as raised:
        read_statement(text)
    assert raised.value.message.startswith(HEAD)
    return raised.value.message.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELCT * FROM t", "Expected data manipulation"),
        ("UPDATE Payment-dev SET active = ? WHERE id = ?", "Expected data manipulation"),
        ("INSERT INTO urls (key, other) VALUES (?, ?)", "Unexpected keyword"),
    ],
)
def test_details_that_are_captured(text, expected):
    assert detail(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "Unexpected term"),
        ("SELECT", "Unexpected term"),
        ("SELECT *", "Expected FROM after SELECT list"),
        ("SELECT * FROM", "Unexpected term"),
        (
            "SELECT *, n FROM t",
            (
                "Other expressions may not be present in the select list "
                "when '*' is used without dot notation."
            ),
        ),
        ("SELECT l[*] FROM t", "Invalid use of * in select list"),
        ("SELECT a.*.b FROM t", "Invalid use of * in select list"),
        ("SELECT a. FROM t", "Invalid path dot component"),
        ("SELECT * FROM t JOIN u", "Expected 'ON'"),
        ("SELECT * FROM t WHERE", "Unexpected term"),
        ("SELECT * FROM t WHERE a =", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE a == 1", "Unexpected operator"),
        ("SELECT * FROM t WHERE a = 1 AND", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM t WHERE (a = 1", "Expected RIGHT_PAREN"),
        ("SELECT * FROM t WHERE a = [1", "Expected RIGHT_BRACKET"),
        ("SELECT * FROM t WHERE ()", "Expression group cannot be empty"),
        ("SELECT * FROM t WHERE a IS 'x'", "Expected type name"),
        ("SELECT * FROM t WHERE a BETWEEN 1", "Expected AND"),
        ("SELECT * FROM t WHERE value = 1", "Unexpected keyword"),
        ("SELECT * FROM t WHERE a = 1 END", "Unexpected token after expression"),
        ("SELECT * FROM t WHERE a = 1 b", "Unexpected token after expression"),
        (
            "SELECT * FROM t; SELECT * FROM t",
            "Unexpected token after semicolon. (Only one query is allowed.)",
        ),
        ("THIS IS NOT SQL", "Expected type name"),
        ("INSERT t VALUE {}", "Unexpected keyword"),
        ("INSERT INTO t VALUES {}", "Expected LEFT_PAREN for row value constructor"),
        ("INSERT INTO t VALUE {'a' 1}", "Expected COLON"),
        ("INSERT INTO t VALUE {'a': 1", "Expected RIGHT_CURLY"),
        ("UPDATE 't' SET a = 1", "Expected identifier for simple path"),
        ("UPDATE t WHERE a = 1", "Expected data manipulation"),
        ("UPDATE t SET a", "Expected '='"),
        ("UPDATE t SET a[b] = 1", "Invalid path component for simple path"),
        ("UPDATE t SET a = 1 LIMIT 1", "Unexpected token after expression"),
        ("UPDATE t REMOVE a, b", "Unexpected token after expression"),
        (
            "UPDATE t SET a = 1 RETURNING *",
            "Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element",
        ),
        ("DELETE t WHERE a = 1", "Expected FROM after DELETE"),
        ("(" * 100 + "1" + ")" * 100, "The expression is nested too deeply"),
    ],
)
def test_details_of_the_reference_parser(text, expected):
    assert detail(text) == expected


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a OR b AND NOT c = d", "(or a (and b (not (= c d))))"),
        ("a AND b AND (c AND d)", "(and a b (and c d))"),
        ("a = b < c", "(= a (< b c))"),
        ("a + b * c - d", "(- (+ a (* b c)) d)"),
        ("a BETWEEN b + c AND d AND e", "(and (between a (+ b c) d) e)"),
        ("a NOT BETWEEN b AND c", "(not (between a b c))"),
        ("a != b", "(<> a b)"),
        ("(a = b) = c", "(= (= a b) c)"),
    ],
)
def test_precedence(text, shape):
    def shown(node: object) -> str:
        if isinstance(node, Operation):
            return f"({node.operator} {' '.join(map(shown, node.operands))})"
        assert isinstance(node, Name)
        return node.name

    assert shown(read_statement(text)[0]) == shape


def test_parameters_are_counted_but_not_in_texts_and_comments():
    node, count = read_statement("SELECT * FROM t WHERE a = ? AND b IN [?, '?'] -- ?")
    assert (type(node), count) == (SelectNode, 2)


def test_an_update_has_its_changes_in_order():
    node, _ = read_statement("UPDATE t SET a = 1, b = 2 REMOVE c SET d = 3 WHERE e = 4")
    assert isinstance(node, WriteNode)
    targets = [change.target for change in node.changes]
    assert [target.name for target in targets if isinstance(target, Name)] == ["a", "b", "c", "d"]
