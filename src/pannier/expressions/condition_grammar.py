"""Tokens -> tree, for conditions, filters and key conditions.

    condition  ::= and_terms (OR and_terms)*
    and_terms  ::= not_term (AND not_term)*
    not_term   ::= NOT* (comparison | function | "(" condition ")")
    comparison ::= operand (= | <> | < | <= | > | >=) operand
                 | operand BETWEEN operand AND operand
                 | operand IN "(" operand ("," operand)* ")"
    operand    ::= path | :value | function | "(" operand ")"

An opening parenthesis does not tell whether an operand or a condition follows, and a function may
be either; so a parenthesis is a frame of its own that closes as one or the other.
"""

from functools import lru_cache
from typing import Final, TypeAlias, TypeGuard

from pannier.expressions import messages, tokens
from pannier.expressions.grammar import FunctionRules, Grammar
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    ConditionTree,
    Constant,
    Junction,
    Membership,
    Not,
    Operand,
    Path,
    Placeholder,
    Term,
)

_RULES: Final = FunctionRules(
    where="a condition",
    allowed=frozenset(
        {
            "attribute_exists",
            "attribute_not_exists",
            "attribute_type",
            "begins_with",
            "contains",
            "size",
        }
    ),
    nestable=frozenset({"size"}),
)
_COMPARATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_CACHED_TREES_MAX: Final = 1024

_Piece: TypeAlias = Operand | Term


@lru_cache(maxsize=_CACHED_TREES_MAX)
def read_condition(text: str) -> ConditionTree:
    """The tree of a condition of at most 4 KB.

    Raises:
        ExpressionError: the text breaks a rule that needs neither names nor values.
    """
    grammar = _ConditionGrammar(text, _RULES)
    root = grammar.condition()
    grammar.complain()
    return ConditionTree(root, grammar.operator_count)


class _Frame:
    """The condition inside one pair of parentheses, or the whole text."""

    __slots__ = ("alternatives", "conjuncts", "negations")

    def __init__(self) -> None:
        self.alternatives: list[Term] = []
        self.conjuncts: list[Term] = []
        self.negations = 0

    @property
    def is_fresh(self) -> bool:
        """Nothing but one piece has been read."""
        return not (self.alternatives or self.conjuncts or self.negations)

    def add(self, term: Term) -> None:
        """One more term of the conjunction, negated as often as NOT stood before it."""
        for _ in range(self.negations):
            term = _negated(term)
        self.negations = 0
        self.conjuncts.append(term)

    def close_conjunction(self) -> None:
        """An OR, or the end."""
        self.alternatives.append(_joined("AND", self.conjuncts))
        self.conjuncts = []

    def close(self) -> Term:
        """The condition of this frame."""
        self.close_conjunction()
        return _joined("OR", self.alternatives)


class _ConditionGrammar(Grammar):
    def condition(self) -> Term:
        frames = [_Frame()]
        while True:
            frame = frames[-1]
            while self.stream.accept("NOT"):
                self.operator_count += 1
                frame.negations += 1
            if self.stream.accept("("):
                frames.append(_Frame())
                continue
            whole = self._finish(self.operand(), frames)
            if whole is not None:
                return whole

    def _finish(self, piece: _Piece, frames: list[_Frame]) -> Term | None:
        """Go on after a piece; the whole condition at the end, None where a piece must follow."""
        in_parentheses = False
        while True:
            frame = frames[-1]
            if _is_operand(piece):
                comparison = self._comparison(piece)
                if comparison is not None:
                    piece, in_parentheses = comparison, False
            is_alone = frame.is_fresh
            # An operand or function alone in parentheses may be an operand once they are closed.
            may_be_operand = is_alone and len(frames) > 1 and self.stream.current.kind == ")"
            if not (_is_operand(piece) and may_be_operand):
                frame.add(self._as_term(piece))
                if self._at_junction(frame):
                    return None
                if len(frames) == 1:
                    self.stream.expect(tokens.END)
                    return frame.close()
                piece = frame.close()
            # AWS looks whether a comparison follows an operand before it minds the parentheses.
            is_settled = not isinstance(
                piece, Path | Placeholder
            ) or self.stream.following.kind in _COMPARATORS | {"BETWEEN", "IN"}
            self.close_parenthesis(is_redundant=in_parentheses and is_alone and is_settled)
            in_parentheses = True
            frames.pop()

    def _at_junction(self, frame: _Frame) -> bool:
        if self.stream.accept("AND"):
            self.operator_count += 1
            return True
        if self.stream.accept("OR"):
            self.operator_count += 1
            frame.close_conjunction()
            return True
        return False

    def _as_term(self, piece: _Piece) -> Term:
        if isinstance(piece, Call):
            if piece.function == "size":
                self.flaw(piece.position, messages.function_misplaced(piece.function))
            return piece
        if isinstance(piece, Path | Placeholder | Constant):
            raise self.stream.syntax_error()
        return piece

    def _comparison(self, left: Operand) -> Term | None:
        """The comparison that goes on after its left operand; None if nothing of it follows."""
        kind = self.stream.current.kind
        if kind in _COMPARATORS:
            self.stream.take()
            right = self.operand()
            self._count(left, right)
            return Comparison(kind, left, right)
        if self.stream.accept("BETWEEN"):
            low = self.operand()
            self.stream.expect("AND")
            high = self.operand()
            self._count(left, low, high)
            return Between(left, low, high)
        if self.stream.accept("IN"):
            self.stream.expect("(")
            options = [self.operand()]
            while self.stream.accept(","):
                options.append(self.operand())
            self.stream.expect(")")
            self._count(left, *options)
            return Membership(left, tuple(options))
        return None

    def _count(self, *operands: Operand) -> None:
        """One more operator, none of whose operands may be a condition."""
        self.operator_count += 1
        for operand in operands:
            if isinstance(operand, Call) and operand.function in _RULES.allowed - {"size"}:
                self.flaw(operand.position, messages.function_misplaced(operand.function))


def _is_operand(piece: _Piece) -> TypeGuard[Operand]:
    return isinstance(piece, Path | Placeholder | Call)


def _negated(term: Term) -> Term:
    if isinstance(term, Not) and isinstance(term.term, Not):
        return term.term
    return Not(term)


def _joined(operator: str, terms: list[Term]) -> Term:
    return terms[0] if len(terms) == 1 else Junction(operator, tuple(terms))
