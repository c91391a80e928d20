"""What the three grammars share: paths, operands, and the order of complaints.

Rules (answers of DynamoDB Local; see `messages` on evidence):

| rule | here |
|---|---|
| the first syntax error or redundant parentheses come before all else | reading raises at once |
| then, left to right: reserved names, indexes, unknown or misplaced functions | `Grammar.flaw` |

Reading is a loop with a stack of its own, never recursion: 4 KB of `(` must not exhaust Python's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pannier.expressions import messages, tokens
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.reserved_words import is_reserved
from pannier.expressions.tokens import TokenStream
from pannier.expressions.tree import Call, Operand, Path, Placeholder

EXPRESSION_LENGTH_MAX: Final = 4096
INDEX_MAX: Final = 2**31 - 1
INDEX_DIGITS_MAX: Final = 10

FUNCTIONS: Final = frozenset(
    {
        "attribute_exists",
        "attribute_not_exists",
        "attribute_type",
        "begins_with",
        "contains",
        "size",
        "if_not_exists",
        "list_append",
    }
)


@dataclass(frozen=True, slots=True)
class FunctionRules:
    """Which functions a language has, and which of them may be an operand of another."""

    where: str
    allowed: frozenset[str]
    nestable: frozenset[str]


class Grammar:
    """A reader of one expression, and what it found wrong besides syntax."""

    def __init__(self, text: str, functions: FunctionRules) -> None:
        self.stream = TokenStream(text)
        self.operator_count = 0
        self._functions = functions
        self._flaws: list[tuple[int, str]] = []

    def flaw(self, position: int, text: str) -> None:
        """Remember what is wrong at a place; the leftmost complaint is the one that is answered."""
        self._flaws.append((position, text))

    def complain(self) -> None:
        """Raise the first complaint, once the syntax has turned out to be right."""
        if self._flaws:
            raise ExpressionError(min(self._flaws)[1])

    def close_parenthesis(self, *, is_redundant: bool) -> None:
        """Read `)`; `is_redundant` if all that stood inside was in parentheses itself."""
        self.stream.expect(")")
        if is_redundant:
            raise ExpressionError(messages.REDUNDANT_PARENTHESES)

    def path(self) -> Path:
        """Read a document path."""
        elements: list[str | int] = [self._path_name()]
        while True:
            if self.stream.accept("."):
                elements.append(self._member_name())
            elif self.stream.accept("["):
                elements.append(self._path_index())
                self.stream.expect("]")
            else:
                return Path(tuple(elements))

    def _path_name(self) -> str:
        token = self.stream.current
        if token.kind == tokens.NAME:
            if is_reserved(token.text):
                self.flaw(token.start, messages.reserved(token.text))
        elif token.kind != tokens.NAME_PLACEHOLDER:
            raise self.stream.syntax_error()
        self.stream.take()
        return token.text

    def _member_name(self) -> str:
        # AWS's grammar lets a value stand after the dot, and then finds no such name declared.
        if self.stream.current.kind == tokens.VALUE_PLACEHOLDER:
            return self.stream.take().text
        return self._path_name()

    def _path_index(self) -> int:
        token = self.stream.expect(tokens.INDEX)
        if len(token.text) > INDEX_DIGITS_MAX or int(token.text) > INDEX_MAX:
            self.flaw(token.start, messages.index_range(token.text))
            return 0
        return int(token.text)

    def operand(self) -> Operand:
        """Read a path, a value or a function with its operands, in or without parentheses."""
        open_frames: list[_Frame] = []
        while True:
            if self.stream.accept("("):
                open_frames.append(_Frame())
            elif self._at_call():
                open_frames.append(self._open_call(open_frames))
            else:
                operand = self._close(self._simple_operand(), open_frames)
                if operand is not None:
                    return operand

    def _at_call(self) -> bool:
        stream = self.stream
        return stream.current.kind == tokens.NAME and stream.following.kind == "("

    def _simple_operand(self) -> Operand:
        if self.stream.current.kind == tokens.VALUE_PLACEHOLDER:
            return Placeholder(self.stream.take().text)
        return self.path()

    def _open_call(self, open_frames: "Sequence[_Frame]") -> "_Frame":
        token = self.stream.take()
        self.stream.take()
        self.operator_count += 1
        name, rules = token.text, self._functions
        if name not in FUNCTIONS:
            self.flaw(token.start, messages.function_unknown(name))
        elif name not in rules.allowed:
            self.flaw(token.start, messages.function_forbidden(name, rules.where))
        elif name not in rules.nestable and any(frame.function for frame in open_frames):
            self.flaw(token.start, messages.function_misplaced(name))
        return _Frame(name, token.start)

    def _close(self, operand: Operand, open_frames: "list[_Frame]") -> Operand | None:
        """Close what ends after an operand; None while something is still open."""
        in_parentheses = False
        while open_frames:
            frame = open_frames[-1]
            if frame.function:
                frame.operands.append(operand)
                if self.stream.accept(","):
                    return None
                operand = frame.call()
                self.stream.expect(")")
                in_parentheses = False
            else:
                self.close_parenthesis(is_redundant=in_parentheses)
                in_parentheses = True
            open_frames.pop()
        return operand


class _Frame:
    """A parenthesis, or a function whose operands are being read."""

    __slots__ = ("function", "operands", "position")

    def __init__(self, function: str = "", position: int = 0) -> None:
        self.function = function
        self.position = position
        self.operands: list[Operand] = []

    def call(self) -> Call:
        """The function with the operands read so far."""
        return Call(self.function, tuple(self.operands), self.position)


def checked_length(text: str, too_long: str) -> None:
    """The checks that come before reading.

    Args:
        text: the expression.
        too_long: the text of the error for more than 4 KB.
    """
    if not text:
        raise ExpressionError(messages.EMPTY)
    if len(text) > EXPRESSION_LENGTH_MAX:
        raise ExpressionError(too_long)
