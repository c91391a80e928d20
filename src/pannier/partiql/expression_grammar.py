"""Tokens -> nodes, for expressions: operators by precedence, as PartiQL has them.

From loose to tight: OR; AND; NOT; `= <> != IS IN`; `< <= > >= BETWEEN LIKE`; `+ - ||`; `* / %`. All
infix operators group to the left. More than DynamoDB takes is read here, since what is no PartiQL
is complained of before what is no DynamoDB.

AND and OR gather all their operands in one node, so that long conditions are not deep ones. What
is deep, in parentheses, brackets or chains of other operators, is limited: it would exhaust the
stack. The limit is Pannier's.
"""

from typing import Final

from pannier.errors import ValidationException
from pannier.partiql import messages, tokens
from pannier.partiql.keywords import FUNCTION_KEYWORDS, KEYWORDS
from pannier.partiql.nodes import (
    Bag,
    FunctionCall,
    ListNode,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    PathNode,
    Place,
    Struct,
    TypeName,
    Wildcard,
)
from pannier.partiql.tokens import Token

DEPTH_MAX: Final = 80

_NOT_PRECEDENCE: Final = 30
_PRECEDENCE: Final = {
    "or": 10,
    "and": 20,
    **dict.fromkeys(("=", "<>", "!=", "is", "in"), 40),
    **dict.fromkeys(("<", "<=", ">", ">=", "between", "like"), 50),
    **dict.fromkeys(("+", "-", "||"), 60),
    **dict.fromkeys(("*", "/", "%"), 70),
}
_NEGATED: Final = frozenset({"in", "between", "like"})
_JUNCTIONS: Final = frozenset({"and", "or"})
_CONSTANTS: Final = {
    "true": ("BOOL", "true"),
    "false": ("BOOL", ""),
    "null": ("NULL", ""),
    "missing": ("MISSING", "MISSING"),
}
_TYPE_NAMES: Final = {
    "int": "INTEGER",
    "bool": "BOOLEAN",
    **{
        name: name.upper()
        for name in (
            "bag", "blob", "boolean", "char", "character", "clob", "date", "decimal", "float",
            "integer", "list", "missing", "null", "numeric", "real", "sexp", "smallint", "string",
            "struct", "symbol", "timestamp", "tuple", "varchar",
        )
    },
}  # fmt: skip
_SYMBOL_NAMES: Final = {
    ")": "RIGHT_PAREN",
    "]": "RIGHT_BRACKET",
    ">>": "RIGHT_DOUBLE_ANGLE_BRACKET",
    "}": "RIGHT_CURLY",
    ":": "COLON",
}


def malformed(detail: str) -> ValidationException:
    """The error for a statement that breaks the grammar."""
    return ValidationException(messages.malformed(detail))


class ExpressionGrammar:
    """A parser of one statement's tokens."""

    def __init__(self, statement: str) -> None:
        self._tokens = tokens.tokenize(statement)
        self._index = 0
        self._depth = 0
        self.parameter_count = 0

    @property
    def current(self) -> Token:
        """The token to be read next."""
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        """The token after it."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """The current token; the next one becomes current."""
        token = self._tokens[self._index]
        if token.kind != tokens.END:
            self._index += 1
        return token

    def accept(self, *kinds: str) -> bool:
        """Take the next tokens if they are of these kinds."""
        found = [token.kind for token in self._tokens[self._index : self._index + len(kinds)]]
        if found != list(kinds):
            return False
        self._index += len(kinds)
        return True

    def expect(self, symbol: str) -> None:
        """Take a symbol that must stand here."""
        if not self.accept(symbol):
            raise malformed(messages.expected(_SYMBOL_NAMES[symbol]))

    def expression(self, precedence: int = -1) -> Node:
        """An expression of operators that bind more tightly than `precedence`."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise malformed(messages.NESTED_TOO_DEEP)
        left = self._unary()
        length = 0
        while True:
            negated = self.current.kind == "not" and self.following.kind in _NEGATED
            operator = self.following.kind if negated else self.current.kind
            own = _PRECEDENCE.get(operator, -1)
            if own <= precedence:
                break
            place = self.take().place
            if negated:
                self.take()
            left = self._infix(operator, own, left, place, negated=negated)
            length += operator not in _JUNCTIONS
            if length > DEPTH_MAX:
                raise malformed(messages.NESTED_TOO_DEEP)
        self._depth -= 1
        return left

    def _infix(
        self, operator: str, precedence: int, left: Node, place: Place, *, negated: bool
    ) -> Node:
        if operator == "is":
            negated = self.accept("not")
            node: Node = Operation("is", (left, self._type_name()), place)
        else:
            if self.current.kind == tokens.END:
                raise malformed(messages.RIGHT_SIDE)
            if operator == "in" and self.current.kind == "(" and self.following.kind != "select":
                list_place = self.take().place
                right: Node = ListNode(self._list(")"), list_place)
            else:
                right = self.expression(precedence)
            operands: tuple[Node, ...] = (left, right)
            if operator == "between":
                if not self.accept("and"):
                    raise malformed(messages.expected("AND"))
                if self.current.kind == tokens.END:
                    raise malformed(messages.AFTER_AND)
                operands = (left, right, self.expression(precedence))
            if operator in _JUNCTIONS and isinstance(left, Operation) and left.operator == operator:
                operands = (*left.operands, right)
            node = Operation("<>" if operator == "!=" else operator, operands, place)
        return Operation("not", (node,), place) if negated else node

    def _type_name(self) -> TypeName:
        token = self.current
        name = _TYPE_NAMES.get(token.kind)
        if name is None:
            raise malformed(messages.TYPE_NAME)
        self.take()
        return TypeName(name, token.place)

    def _unary(self) -> Node:
        """A term with the signs and NOTs in front of it, read without recursion."""
        signs: list[Token] = []
        while self.current.kind in ("+", "-"):
            signs.append(self.take())
        if self.current.kind == "not":
            place = self.take().place
            node: Node = Operation("not", (self.expression(_NOT_PRECEDENCE),), place)
        else:
            node = self.path()
        for sign in reversed(signs):
            node = _signed(sign, node)
        return node

    def path(self) -> Node:
        """A term and the steps behind it."""
        return self._steps(self.term(), simple=False)

    def simple_path(self) -> Node:
        """A name and the steps behind it, as targets of writes are."""
        if self.current.kind not in (tokens.NAME, tokens.QUOTED):
            raise malformed(messages.SIMPLE_PATH)
        token = self.take()
        return self._steps(Name(token.text, token.place), simple=True)

    def _steps(self, root: Node, *, simple: bool) -> Node:
        steps: list[Node] = []
        while True:
            if self.accept("."):
                token = self.take()
                if token.kind in (tokens.NAME, tokens.QUOTED):
                    steps.append(Name(token.text, token.place))
                elif token.kind == "*" and not simple:
                    steps.append(Wildcard(token.place))
                else:
                    is_star = token.kind == "*"
                    raise malformed(messages.PATH_DOT_SIMPLE if is_star else messages.PATH_DOT)
            elif self.current.kind == "[":
                self.take()
                steps.append(self._bracket(simple=simple))
            else:
                break
        return PathNode(root, tuple(steps), root.place) if steps else root

    def _bracket(self, *, simple: bool) -> Node:
        token = self.current
        step = Wildcard(token.place, in_brackets=True) if self.accept("*") else self.expression()
        self.expect("]")
        if simple and not isinstance(step, Literal):
            raise malformed(messages.PATH_COMPONENT_SIMPLE)
        return step

    def term(self) -> Node:
        """A constant, a name, a call, a parameter, or something in brackets of any kind."""
        token = self.current
        kind, place = token.kind, token.place
        if kind in _CONSTANTS:
            self.take()
            return Literal(*_CONSTANTS[kind], place)
        if kind in (tokens.NAME, tokens.QUOTED) or kind in FUNCTION_KEYWORDS:
            if self.following.kind == "(":
                return self._call()
            if kind in FUNCTION_KEYWORDS:
                raise malformed(messages.KEYWORD)
            self.take()
            return Name(token.text, place)
        if kind in KEYWORDS:
            return self.keyword_term()
        self.take()
        match kind:
            case tokens.TEXT:
                return Literal("S", token.text, place)
            case tokens.NUMBER:
                return Literal("N", token.text, place)
            case tokens.ION:
                return Literal("ION", token.text, place)
            case tokens.PARAMETER:
                self.parameter_count += 1
                return Parameter(self.parameter_count - 1, place)
            case "(":
                return self._group(place)
            case "[":
                return ListNode(self._list("]"), place)
            case "<<":
                return Bag(self._list(">>"), place)
            case "{":
                return self._struct(place)
        is_operator = kind in _PRECEDENCE and kind != "*"
        raise malformed(messages.OPERATOR if is_operator or kind == "@" else messages.TERM)

    def keyword_term(self) -> Node:
        """A term that begins with a keyword: none in plain expressions."""
        raise malformed(messages.KEYWORD)

    def _call(self) -> Node:
        token = self.take()
        self.take()
        star = self.current.place
        if token.kind == "count" and self.accept("*"):
            self.expect(")")
            return FunctionCall("count", (Wildcard(star),), token.place)
        return FunctionCall(token.text.lower(), self._list(")"), token.place)

    def _group(self, place: Place) -> Node:
        members = self._list(")")
        if not members:
            raise malformed(messages.EMPTY_GROUP)
        return members[0] if len(members) == 1 else ListNode(members, place)

    def _list(self, closing: str) -> tuple[Node, ...]:
        if self.accept(closing):
            return ()
        members = [self.expression()]
        while self.accept(","):
            members.append(self.expression())
        self.expect(closing)
        return tuple(members)

    def _struct(self, place: Place) -> Node:
        fields: list[tuple[Node, Node]] = []
        if not self.accept("}"):
            while True:
                name = self.expression()
                self.expect(":")
                fields.append((name, self.expression()))
                if not self.accept(","):
                    break
            self.expect("}")
        return Struct(tuple(fields), place)


def _signed(sign: Token, node: Node) -> Node:
    """A sign in front of a term; of a number it becomes a part."""
    if isinstance(node, Literal) and node.kind == "N":
        if sign.kind == "+":
            return node
        text = node.text[1:] if node.text.startswith("-") else "-" + node.text
        return Literal("N", text, node.place)
    return Operation(sign.kind, (node,), sign.place)
