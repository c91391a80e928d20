"""WHERE -> the expression language's condition (Developer Guide, "PartiQL operators", "functions").

| PartiQL | condition |
|---|---|
| `= <> != < <= > >=`, BETWEEN, IN, AND, OR, NOT | the same |
| `x IS MISSING` | `attribute_not_exists(x)` |
| `x IS NULL`, `x IS STRING` … | `attribute_type(x, 'NULL')`, `attribute_type(x, 'S')` … |
| begins_with, contains, size, attribute_type | the same, in any letter case |

What the expression language refuses is refused with the same text, but without the parameter's
name in front (Local).
"""

from typing import Final

from pannier.errors import ValidationException
from pannier.expressions.binding import bind_condition
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.messages import function_forbidden
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    ConditionTree,
    Junction,
    Membership,
    Not,
    Operand,
    Term,
)
from pannier.partiql import messages
from pannier.partiql.binding import Spelled
from pannier.partiql.literals import Literals
from pannier.partiql.nodes import (
    FunctionCall,
    ListNode,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    PathNode,
    SelectNode,
    TypeName,
)
from pannier.partiql.paths import path_of

_COMPARATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_TESTS: Final = frozenset(
    {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"}
)
_OF_UPDATES: Final = frozenset({"if_not_exists", "list_append", "set_add", "set_delete"})
_IS_TYPES: Final = {
    "NULL": "NULL",
    "BOOLEAN": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
}


def bound_where(node: Node, literals: Literals) -> Term:
    """The bound condition of a WHERE.

    Raises:
        ValidationException: it is none that DynamoDB takes.
    """
    lowering = _Lowering(literals)
    if not _is_boolean(node):
        raise ValidationException(messages.NOT_BOOLEAN)
    root = lowering.term(node)
    tree = ConditionTree(root, lowering.operator_count)
    try:
        return bind_condition(tree, lowering.spelled.placeholders())
    except ExpressionError as error:
        raise ValidationException(error.text) from None


class _Lowering:
    """From nodes to a tree of the expression language, and how many operators it has."""

    def __init__(self, literals: Literals) -> None:
        self.spelled = Spelled()
        self.operator_count = 0
        self._literals = literals

    def term(self, node: Node) -> Term:
        self.operator_count += 1
        if isinstance(node, FunctionCall):
            return self._test(node)
        if not isinstance(node, Operation):
            raise ValidationException(messages.NOT_BOOLEAN)
        operator, operands = node.operator, node.operands
        if operator in ("and", "or"):
            self.operator_count += len(operands) - 2
            return Junction(operator.upper(), self._terms(operands))
        if operator == "not":
            if not _is_boolean(operands[0]):
                raise ValidationException(messages.NOT_OPERAND)
            return Not(self.term(operands[0]))
        if operator in _COMPARATORS:
            return Comparison(operator, self.operand(operands[0]), self.operand(operands[1]))
        if operator == "between":
            first, low, high = (self.operand(operand) for operand in operands)
            return Between(first, low, high)
        if operator == "in":
            return self._membership(*operands)
        if operator == "is":
            return self._is(node)
        raise ValidationException(messages.condition_operator(operator))

    def operand(self, node: Node) -> Operand:
        if isinstance(node, Name | PathNode):
            return self.spelled.path(path_of(node))
        if isinstance(node, Literal) and node.kind == "MISSING":
            raise ValidationException(messages.MISSING_COMPARED)
        if isinstance(node, FunctionCall):
            _check_function(node)
            self.operator_count += 1
            operands = tuple(self.operand(operand) for operand in node.operands)
            if node.name != "size":
                raise ValidationException(messages.function_unknown(node.name))
            return Call(node.name, operands)
        if isinstance(node, Operation):
            raise ValidationException(messages.condition_operator(node.operator))
        if isinstance(node, SelectNode):
            raise ValidationException(messages.unsupported_token("SELECT", node.place))
        return self.spelled.value(self._literals.value(node))

    def _terms(self, nodes: tuple[Node, ...]) -> tuple[Term, ...]:
        terms = []
        for node in nodes:  # a loop: depth costs one frame a level
            if not _is_boolean(node):
                raise ValidationException(messages.JUNCTION_OPERAND)
            terms.append(self.term(node))
        return tuple(terms)

    def _membership(self, operand: Node, options: Node) -> Membership:
        if not isinstance(options, ListNode) or not options.members:
            raise ValidationException(messages.IN_OPERANDS)
        if isinstance(options.members[0], SelectNode):
            raise ValidationException(messages.IN_OPERANDS)
        members = tuple(self.operand(member) for member in options.members)
        return Membership(self.operand(operand), members)

    def _is(self, node: Operation) -> Term:
        operand, kind = node.operands
        assert isinstance(kind, TypeName)  # the grammar says so
        is_missing = isinstance(operand, Literal) and operand.kind == "MISSING"
        if is_missing or not isinstance(operand, Name | PathNode | Literal | Parameter):
            raise ValidationException(messages.IS_OPERAND)
        if kind.name == "MISSING":
            return Call("attribute_not_exists", (self.operand(operand),))
        if kind.name not in _IS_TYPES:
            raise ValidationException(messages.is_type(kind.name, node.place))
        named = self.spelled.value({"S": _IS_TYPES[kind.name]})
        return Call("attribute_type", (self.operand(operand), named))

    def _test(self, node: FunctionCall) -> Call:
        _check_function(node)
        return Call(node.name, tuple(self.operand(operand) for operand in node.operands))


def _check_function(node: FunctionCall) -> None:
    if node.name in _OF_UPDATES:
        raise ValidationException(function_forbidden(node.name, "a condition"))
    if node.name == "exists" and node.operands and isinstance(node.operands[0], SelectNode):
        place = node.operands[0].place
        raise ValidationException(messages.unsupported_token("SELECT", place))
    if node.name not in _TESTS and node.name != "size":
        raise ValidationException(messages.function_unknown(node.name))


def _is_boolean(node: Node) -> bool:
    """Whether a node may be true or false; what no condition has is refused with its own text."""
    if isinstance(node, FunctionCall):
        return node.name != "size"
    return isinstance(node, Operation)
