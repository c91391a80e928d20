"""SET and REMOVE -> the expression language's update (Developer Guide, "PartiQL update").

| PartiQL | update |
|---|---|
| `SET p = value`, `p + value`, `p - value`, `list_append(...)`, `if_not_exists(...)` | SET |
| `SET p = set_add(p, <<...>>)`, `set_delete` | ADD and DELETE of a set |
| `REMOVE p` | REMOVE |

All values are computed from the item as it was, whatever their order. Sums of more than two are
taken as far as all but the first are numbers: the expression language has one operator a value.
"""

from collections.abc import Sequence
from typing import Final

from pannier.errors import ValidationException
from pannier.expressions import arithmetic
from pannier.expressions.binding import bind_operand, bind_path, check_type
from pannier.expressions.compare import SET_TYPES
from pannier.expressions.expression_error import ExpressionError
from pannier.expressions.messages import function_forbidden, operand_count
from pannier.expressions.paths import PathTree, insert
from pannier.expressions.tree import Action, Arithmetic, Call, Constant, NewValue, Operand, Path
from pannier.expressions.update import Update
from pannier.model.attribute_value import AttributeValue, type_of
from pannier.partiql import messages
from pannier.partiql.binding import Spelled
from pannier.partiql.literals import Literals
from pannier.partiql.nodes import (
    FunctionCall,
    Literal,
    Name,
    Node,
    Operation,
    Parameter,
    PathNode,
    RemoveNode,
    SetNode,
)
from pannier.partiql.paths import path_of

_FUNCTIONS: Final = frozenset({"if_not_exists", "list_append"})
_SET_CLAUSES: Final = {"set_add": "ADD", "set_delete": "DELETE"}
_OF_CONDITIONS: Final = frozenset(
    {
        "attribute_exists",
        "attribute_not_exists",
        "attribute_type",
        "begins_with",
        "contains",
        "size",
    }
)
_SIGNS: Final = frozenset({"+", "-"})
_NUMBER: Final = frozenset({"N"})


def bound_update(changes: Sequence[SetNode | RemoveNode], literals: Literals) -> Update:
    """The update that SET and REMOVE describe.

    Raises:
        ValidationException: it is none that DynamoDB takes.
    """
    try:
        actions = [_Lowering(literals).action(change) for change in changes]
        tree: PathTree = {}
        for action in actions:
            insert(tree, action.path.elements)
    except ExpressionError as error:
        raise ValidationException(error.text) from None
    return Update(actions, tree)


class _Lowering:
    """From the nodes of one change to a bound action of the expression language."""

    def __init__(self, literals: Literals) -> None:
        self._spelled = Spelled()
        self._literals = literals

    def action(self, change: SetNode | RemoveNode) -> Action:
        target = self._spelled.path(path_of(change.target))
        path = Path(bind_path(target, self._spelled.placeholders()))
        if isinstance(change, RemoveNode):
            return Action("REMOVE", path, None)
        value = change.value
        if isinstance(value, FunctionCall) and value.name in _SET_CLAUSES:
            return Action(_SET_CLAUSES[value.name], path, self._set(value, path))
        return Action("SET", path, self._new_value(value))

    def _set(self, call: FunctionCall, target: Path) -> Constant:
        if len(call.operands) != 2:
            raise ValidationException(messages.set_operand_count(call.name, call.place))
        first, second = call.operands
        if not isinstance(first, Name | PathNode) or path_of(first) != target.elements:
            raise ValidationException(messages.set_first_operand(call.name))
        if isinstance(second, Name | PathNode | FunctionCall | Operation):
            raise ValidationException(messages.set_second_operand(call.name, first.place))
        value = self._literals.value(second)
        if type_of(value) not in SET_TYPES:
            raise ValidationException(messages.set_second_operand(call.name, first.place))
        return Constant(value)

    def _new_value(self, node: Node) -> NewValue:
        if not isinstance(node, Operation):
            return self._bound(self._operand(node))
        if node.operator not in _SIGNS:
            raise ValidationException(messages.update_operator(node.operator))
        if len(node.operands) != 2:
            raise ExpressionError(operand_count(node.operator, len(node.operands)))
        first, added = _summands(node)
        operator, summand = added[0]
        left = self._bound(self._operand(first))
        if len(added) == 1:
            right = self._bound(self._operand(summand))
        else:
            operator, right = "+", Constant({"N": self._total(added)})
        check_type(operator, left, _NUMBER)
        check_type(operator, right, _NUMBER)
        return Arithmetic(operator, left, right)

    def _total(self, added: Sequence[tuple[str, Node]]) -> str:
        total = "0"
        for operator, node in added:
            if not isinstance(node, Literal | Parameter):
                raise ValidationException(messages.update_operator(operator))
            value = Constant(self._literals.value(node))
            check_type(operator, value, _NUMBER)
            compute = arithmetic.add if operator == "+" else arithmetic.subtract
            total = compute(total, value.value["N"])
        return total

    def _bound(self, operand: Operand) -> Operand:
        return bind_operand(operand, self._spelled.placeholders())

    def _operand(self, node: Node) -> Operand:
        if isinstance(node, Name | PathNode):
            return self._spelled.path(path_of(node))
        if isinstance(node, FunctionCall):
            if node.name in _OF_CONDITIONS:
                raise ExpressionError(function_forbidden(node.name, "an update"))
            if node.name not in _FUNCTIONS:
                raise ValidationException(messages.function_unknown(node.name))
            return Call(node.name, tuple(self._operand(operand) for operand in node.operands))
        if isinstance(node, Operation):
            raise ValidationException(messages.update_operator(node.operator))
        if isinstance(node, Literal) and node.kind == "MISSING":
            raise ValidationException(messages.MISSING_COMPARED)
        value: AttributeValue = self._literals.value(node)
        return self._spelled.value(value)


def _summands(node: Operation) -> tuple[Node, list[tuple[str, Node]]]:
    """The first of a sum, and what is added to or taken from it, from left to right."""
    added = []
    first: Node = node
    while isinstance(first, Operation) and first.operator in _SIGNS and len(first.operands) == 2:
        added.append((first.operator, first.operands[1]))
        first = first.operands[0]
    return first, added[::-1]
