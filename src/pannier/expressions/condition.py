"""ConditionExpression and FilterExpression: does an item meet a condition?"""

from collections.abc import Sequence
from typing import Literal

from pannier.errors import ValidationException
from pannier.expressions import messages
from pannier.expressions.binding import bind_condition
from pannier.expressions.condition_grammar import read_condition
from pannier.expressions.evaluation import compile_term
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.grammar import checked_length
from pannier.expressions.messages import BoundPath
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    Junction,
    Membership,
    Not,
    Operand,
    Path,
    Term,
)


class Condition:
    """A condition, ready to be asked of many items: `matches(item)`."""

    __slots__ = ("_paths", "matches")

    def __init__(self, term: Term) -> None:
        self.matches = compile_term(term)
        self._paths = tuple(_paths(term))

    @property
    def roots(self) -> frozenset[str]:
        """The top-level names that the condition looks at."""
        return frozenset(str(path[0]) for path in self._paths)

    def check_key_names(self, key_names: Sequence[str]) -> None:
        """Check that a query's filter names no attribute of the key that is queried.

        AWS does so after it has found the key condition right.

        Args:
            key_names: the key's attributes, partition first; AWS names the first that is used.

        Raises:
            ValidationException: it does.
        """
        for path in self._paths:
            if len(path) > 1 and path[0] in key_names:
                raise ValidationException(messages.key_not_scalar(str(path[0])))
        for name in key_names:
            if name in self.roots:
                raise ValidationException(messages.key_filtered(name))


def parse_condition(
    text: str,
    placeholders: Placeholders,
    kind: Literal["ConditionExpression", "FilterExpression"],
    key_names: Sequence[str] = (),
) -> Condition:
    """Read a ConditionExpression or FilterExpression.

    Args:
        text: the expression.
        placeholders: names and values of the request.
        kind: the parameter it stands in.
        key_names: attributes that a query's filter may not name; none for scans and conditions.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    condition = Condition(bound_condition(text, placeholders, kind))
    condition.check_key_names(key_names)
    return condition


def bound_condition(text: str, placeholders: Placeholders, kind: str) -> Term:
    """The bound tree of any expression in the language of conditions.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    try:
        checked_length(text, messages.size_of(len(text)))
        return bind_condition(read_condition(text), placeholders)
    except ExpressionError as error:
        raise error.as_validation(kind) from None


def _paths(term: Term) -> list[BoundPath]:
    """Every path of a condition, from left to right."""
    paths: list[BoundPath] = []
    pending: list[Term | Operand] = [term]
    while pending:
        node = pending.pop()
        if isinstance(node, Path):
            paths.append(node.elements)
        pending.extend(reversed(_parts(node)))
    return paths


def _parts(node: Term | Operand) -> Sequence[Term | Operand]:
    if isinstance(node, Junction):
        return node.terms
    if isinstance(node, Not):
        return (node.term,)
    if isinstance(node, Comparison):
        return (node.left, node.right)
    if isinstance(node, Between):
        return (node.operand, node.low, node.high)
    if isinstance(node, Membership):
        return (node.operand, *node.options)
    return node.operands if isinstance(node, Call) else ()
