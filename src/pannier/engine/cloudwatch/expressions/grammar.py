"""From the text of an expression to its tree.

Loosest first: OR (||), AND (&&), one comparison, + and -, * and /, unary minus, ^. Source:
CloudWatch User Guide, "Metric math syntax and functions"; it gives no precedences, so these are the
usual ones.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from pannier.engine.cloudwatch.expressions.expression_error import ExpressionError
from pannier.engine.cloudwatch.expressions.tree import (
    Array,
    Binary,
    Call,
    Minus,
    Name,
    Node,
    Number,
    Text,
)

_DEPTH_MAX: Final = 50
_LOGICAL: Final = {"AND": "AND", "&&": "AND", "OR": "OR", "||": "OR"}
_COMPARISONS: Final = frozenset(("==", "!=", "<=", ">=", "<", ">"))
_SPACE: Final = re.compile(r"\s*")
_TOKEN: Final = re.compile(
    r"""(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<text>"[^"]*"|'[^']*')
    |(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],])""",
    re.VERBOSE,
)


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


@lru_cache(maxsize=256)
def parse(text: str) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: it is none.
    """
    return _Parser(text).whole()


def _tokens(text: str) -> list[_Token]:
    tokens = []
    at = 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"unexpected {text[at]!r}", at + 1)
        kind = str(match.lastgroup)
        word = match.group()
        if word in _LOGICAL:
            kind, word = "sign", _LOGICAL[word]
        tokens.append(_Token(kind, word, at + 1))
        at = match.end()
    tokens.append(_Token("end", "the end", len(text) + 1))
    return tokens


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._or()
        if self._next.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _unexpected(self) -> ExpressionError:
        return ExpressionError(f"unexpected {self._next.text}", self._next.position)

    def _takes(self, *signs: str) -> str | None:
        token = self._next
        if token.kind == "sign" and token.text in signs:
            self._at += 1
            return token.text
        return None

    def _needs(self, sign: str) -> None:
        if self._takes(sign) is None:
            raise self._unexpected()

    def _or(self) -> Node:
        return self._row(self._and, "OR")

    def _and(self) -> Node:
        return self._row(self._comparison, "AND")

    def _comparison(self) -> Node:
        left = self._sum()
        operator = self._takes(*_COMPARISONS)
        return left if operator is None else Binary(operator, left, self._sum())

    def _sum(self) -> Node:
        return self._row(self._product, "+", "-")

    def _product(self) -> Node:
        return self._row(self._unary, "*", "/")

    def _row(self, operand: Callable[[], Node], *operators: str) -> Node:
        left = operand()
        links = 0
        while (operator := self._takes(*operators)) is not None:
            left = Binary(operator, left, operand())
            links += 1
            if links > _DEPTH_MAX * 4:  # a tree that leans to the left is as deep as it is long
                raise ExpressionError("too many operators in a row", self._next.position)
        return left

    def _unary(self) -> Node:
        minuses = 0
        while self._takes("-") is not None:
            minuses += 1
        node = self._power()
        return Minus(node) if minuses % 2 else node

    def _power(self) -> Node:
        base = self._atom()
        if self._takes("^") is None:
            return base
        return Binary("^", base, self._nested(self._unary))

    def _nested(self, part: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise ExpressionError("nested too deeply", self._next.position)
        node = part()
        self._depth -= 1
        return node

    def _atom(self) -> Node:
        token = self._next
        if token.kind == "number":
            self._at += 1
            return Number(float(token.text))
        if token.kind == "text":
            self._at += 1
            return Text(token.text[1:-1])
        if token.kind == "name":
            self._at += 1
            if self._takes("(") is not None:
                return Call(token.text, self._list(")"))
            return Name(token.text)
        if self._takes("(") is not None:
            node = self._nested(self._or)
            self._needs(")")
            return node
        if self._takes("[") is not None:
            return Array(self._list("]"))
        raise self._unexpected()

    def _list(self, end: str) -> tuple[Node, ...]:
        if self._takes(end) is not None:
            return ()
        members = [self._nested(self._or)]
        while self._takes(",") is not None:
            members.append(self._nested(self._or))
        self._needs(end)
        return tuple(members)
