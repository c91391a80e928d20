"""A parsed tree meets the names and values of its request.

Binding resolves every placeholder and makes the checks that need values but no item. For each
operator or function, its operands first, AWS checks in this order (Local's answers; the texts are
in `messages`):

| check | of |
|---|---|
| a path has at most 32 steps, names and values are declared | each operand, left to right |
| number of operands | functions |
| a type that can never be right: of a value, or N of `size` | each operand, left to right |
| the first operand is no path that is among the others | all but `list_append` and arithmetic |
| IN has at most 100 options; BETWEEN's constant bounds have one type and the right order; | |
| `attribute_type` names a type | |

The number of operators (300) is checked when all else is right.
"""

from collections.abc import Iterator
from typing import Final

from pannier.expressions import messages
from pannier.expressions.compare import ORDERED_TYPES, SET_TYPES, before
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.messages import BoundPath
from pannier.expressions.paths import PATH_STEPS_MAX
from pannier.expressions.placeholders import Placeholders
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
from pannier.model.attribute_value import TYPES, AttributeValue, type_of

OPERATORS_MAX: Final = 300
OPTIONS_MAX: Final = 100

_OPERAND_COUNTS: Final = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
    "if_not_exists": 2,
    "list_append": 2,
}
_PATH_FIRST: Final = frozenset({"attribute_exists", "attribute_not_exists", "if_not_exists"})
_OPERAND_TYPES: Final = {
    "begins_with": frozenset({"S", "B"}),
    "size": frozenset({"S", "B", "L", "M"}) | SET_TYPES,
    "list_append": frozenset({"L"}),
}


def bind_condition(tree: ConditionTree, placeholders: Placeholders) -> Term:
    """A condition with its names and values, checked.

    Raises:
        ExpressionError: AWS's first complaint.
    """
    if tree.operator_count <= OPERATORS_MAX:
        return _bind_term(tree.root, placeholders)
    for leaf in _leaves(tree.root):  # too deep, perhaps, for a walk by recursion
        _bind_term(leaf, placeholders)
    # AWS stops counting at the first one too many.
    raise ExpressionError(messages.operator_count(OPERATORS_MAX + 1))


def _leaves(term: Term) -> Iterator[Term]:
    """The comparisons and functions of a condition, from left to right."""
    pending = [term]
    while pending:
        each = pending.pop()
        if isinstance(each, Junction):
            pending.extend(reversed(each.terms))
        elif isinstance(each, Not):
            pending.append(each.term)
        else:
            yield each


def _bind_term(term: Term, placeholders: Placeholders) -> Term:
    if isinstance(term, Junction):
        bound = []
        for part in term.terms:  # a loop, not a comprehension: depth costs one frame a level
            bound.append(_bind_term(part, placeholders))  # noqa: PERF401
        return Junction(term.operator, tuple(bound))
    if isinstance(term, Not):
        return Not(_bind_term(term.term, placeholders))
    if isinstance(term, Call):
        return _bind_call(term, placeholders)
    if isinstance(term, Comparison):
        return _bind_comparison(term, placeholders)
    if isinstance(term, Between):
        return _bind_between(term, placeholders)
    return _bind_membership(term, placeholders)


def bind_operand(operand: Operand, placeholders: Placeholders) -> Operand:
    """One operand with its names and values, checked.

    Raises:
        ExpressionError: AWS's first complaint.
    """
    return (
        _bind_call(operand, placeholders)
        if isinstance(operand, Call)
        else _bind_leaf(operand, placeholders)
    )


def _bind_leaf(operand: Operand, placeholders: Placeholders) -> Operand:
    if isinstance(operand, Path):
        return Path(bind_path(operand, placeholders))
    assert isinstance(operand, Placeholder)
    return Constant(placeholders.value(operand.token))


def bind_path(path: Path, placeholders: Placeholders) -> BoundPath:
    """A path with its names.

    Raises:
        ExpressionError: the path is too long, or a name is not declared.
    """
    if len(path.elements) > PATH_STEPS_MAX:
        raise ExpressionError(messages.too_deep(len(path.elements)))
    return tuple(_resolved(element, placeholders) for element in path.elements)


def _resolved(element: str | int, placeholders: Placeholders) -> str | int:
    if isinstance(element, str) and element[0] in "#:":
        return placeholders.name(element)
    return element


def static_type(operand: Operand) -> str | None:
    """The type an operand has whatever the item; None if that depends on the item."""
    if isinstance(operand, Constant):
        return type_of(operand.value)
    return "N" if isinstance(operand, Call) and operand.function == "size" else None


def check_type(operator: str, operand: Operand, allowed: frozenset[str]) -> None:
    """Check that an operand may have one of some types.

    Raises:
        ExpressionError: it never can.
    """
    kind = static_type(operand)
    if kind is not None and kind not in allowed:
        raise ExpressionError(messages.operand_type(operator, kind))


def _bind_call(call: Call, placeholders: Placeholders) -> Call:
    """Bind a function inside out, with a stack of its own: 4 KB hold 800 of them in each other."""
    frames: list[tuple[Call, list[Operand]]] = [(call, [])]
    while True:
        call, bound = frames[-1]
        if len(bound) < len(call.operands):
            operand = call.operands[len(bound)]
            if isinstance(operand, Call):
                frames.append((operand, []))
            else:
                bound.append(_bind_leaf(operand, placeholders))
            continue
        frames.pop()
        checked = _checked_call(call.function, tuple(bound))
        if not frames:
            return checked
        frames[-1][1].append(checked)


def _checked_call(name: str, operands: tuple[Operand, ...]) -> Call:
    if len(operands) != _OPERAND_COUNTS[name]:
        raise ExpressionError(messages.operand_count(name, len(operands)))
    if name in _PATH_FIRST and not isinstance(operands[0], Path):
        raise ExpressionError(messages.path_required(name))
    if name in _OPERAND_TYPES:
        for operand in operands:
            check_type(name, operand, _OPERAND_TYPES[name])
    if name == "attribute_type":
        check_type(name, operands[1], frozenset({"S"}))
    if name != "list_append":
        _check_distinct(name, operands[0], operands[1:])
    if name == "attribute_type":
        _check_type_name(operands[1])
    return Call(name, operands)


def _check_type_name(operand: Operand) -> None:
    if not isinstance(operand, Constant):
        raise ExpressionError(messages.operand_type("attribute_type", messages.UNKNOWN_TYPES))
    name = operand.value["S"]
    if name not in TYPES:
        raise ExpressionError(messages.type_name_invalid(name))


def _check_distinct(operator: str, first: Operand, others: tuple[Operand, ...]) -> None:
    if isinstance(first, Path) and first in others:
        raise ExpressionError(messages.not_distinct(operator, first.elements))


def _bind_comparison(term: Comparison, placeholders: Placeholders) -> Comparison:
    left = bind_operand(term.left, placeholders)
    right = bind_operand(term.right, placeholders)
    if term.operator not in ("=", "<>"):
        check_type(term.operator, left, ORDERED_TYPES)
        check_type(term.operator, right, ORDERED_TYPES)
    _check_distinct(term.operator, left, (right,))
    return Comparison(term.operator, left, right)


def _bind_between(term: Between, placeholders: Placeholders) -> Between:
    operand = bind_operand(term.operand, placeholders)
    low = bind_operand(term.low, placeholders)
    high = bind_operand(term.high, placeholders)
    for each in (operand, low, high):
        check_type("BETWEEN", each, ORDERED_TYPES)
    _check_distinct("BETWEEN", operand, (low, high))
    if isinstance(low, Constant) and isinstance(high, Constant):
        _check_bounds(low.value, high.value)
    return Between(operand, low, high)


def _check_bounds(low: AttributeValue, high: AttributeValue) -> None:
    if type_of(low) != type_of(high):
        raise ExpressionError(messages.bounds_type(_bound_text(low), _bound_text(high)))
    if before(high, low):
        raise ExpressionError(messages.bounds_order(_bound_text(low), _bound_text(high)))


def _bound_text(value: AttributeValue) -> str:
    ((kind, content),) = value.items()
    if kind == "B":  # AWS prints its own buffer, not what is in it
        size = len(content) * 3 // 4 - content.count("=")
        content = f"java.nio.HeapByteBuffer[pos=0 lim={size} cap={size}]"
    return f"AttributeValue: {{{kind}:{content}}}"


def _bind_membership(term: Membership, placeholders: Placeholders) -> Membership:
    operand = bind_operand(term.operand, placeholders)
    options = tuple(bind_operand(option, placeholders) for option in term.options)
    _check_distinct("IN", operand, options)
    if len(options) > OPTIONS_MAX:
        raise ExpressionError(messages.in_count(len(options)))
    return Membership(operand, options)
