"""What one action of an update makes of the value at its path.

| clause | on what is there | evidence |
|---|---|---|
| SET | puts the operand, sum, difference, `if_not_exists` or `list_append` | DG |
| ADD | number + number; set with set of the same type; on nothing, the value itself | DG |
| DELETE | set without members; nothing stays nothing; an emptied set goes | DG |
| REMOVE | goes | DG |

The second operand of `if_not_exists` must exist even where it is not used (Local).

A value that is missing or of the wrong type fails with the texts of Local, which users have pasted
from the service too.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from pannier.errors import ValidationException
from pannier.expressions import arithmetic, messages
from pannier.expressions.compare import SET_TYPES
from pannier.expressions.evaluation import Read, read_path
from pannier.expressions.messages import BoundPath
from pannier.expressions.tree import Action, Arithmetic, Call, Constant, Operand, Path
from pannier.model.attribute_value import AttributeValue, Item

# From an item to the new value at the action's path; None for none.
Change: TypeAlias = Callable[[Item], AttributeValue | None]
_Value: TypeAlias = Callable[[Item], AttributeValue]


def compile_change(action: Action) -> Change:
    """The change that a bound action makes."""
    value, path = action.value, action.path.elements
    if value is None:
        return lambda _: None
    if action.clause == "ADD":
        assert isinstance(value, Constant)
        return _addition(path, value.value)
    if action.clause == "DELETE":
        assert isinstance(value, Constant)
        return _deletion(path, value.value)
    if isinstance(value, Arithmetic):
        return _sum(value)
    return _operand(value)


def _operand(operand: Operand) -> _Value:
    if isinstance(operand, Constant):
        constant = operand.value
        return lambda _: constant
    if isinstance(operand, Path):
        return _existing(operand.elements)
    assert isinstance(operand, Call)
    first, second = operand.operands
    if operand.function == "if_not_exists":
        assert isinstance(first, Path)
        return _default(read_path(first.elements), _operand(second))
    return _appended(_operand(first), _operand(second))


def _existing(path: BoundPath) -> _Value:
    read = read_path(path)

    def existing(item: Item) -> AttributeValue:
        value = read(item)
        if value is None:
            raise ValidationException(messages.ATTRIBUTE_MISSING)
        return value

    return existing


def _default(read: Read, default: _Value) -> _Value:
    def value(item: Item) -> AttributeValue:
        existing, otherwise = read(item), default(item)
        return otherwise if existing is None else existing

    return value


def _appended(first: _Value, second: _Value) -> _Value:
    def appended(item: Item) -> AttributeValue:
        elements = _content("L", first(item))
        return {"L": [*elements, *_content("L", second(item))]}

    return appended


def _sum(value: Arithmetic) -> _Value:
    left, right = _operand(value.left), _operand(value.right)
    compute = arithmetic.add if value.operator == "+" else arithmetic.subtract

    def result(item: Item) -> AttributeValue:
        number = _content("N", left(item))
        return {"N": compute(number, _content("N", right(item)))}

    return result


def _content(kind: str, value: AttributeValue) -> Any:
    if kind not in value:
        raise ValidationException(messages.OPERAND_TYPE_IN_UPDATE)
    return value[kind]


def _addition(path: BoundPath, added: AttributeValue) -> Change:
    read = read_path(path)
    ((kind, content),) = added.items()

    def result(item: Item) -> AttributeValue:
        value = read(item)
        if value is None:
            return added
        existing = _content(kind, value)
        if kind not in SET_TYPES:
            return {kind: arithmetic.add(existing, content)}
        known = set(existing)
        return {kind: [*existing, *(member for member in content if member not in known)]}

    return result


def _deletion(path: BoundPath, deleted: AttributeValue) -> Change:
    read = read_path(path)
    ((kind, content),) = deleted.items()
    gone = frozenset(content)

    def result(item: Item) -> AttributeValue | None:
        value = read(item)
        if value is None:
            return None
        left = [member for member in _content(kind, value) if member not in gone]
        return {kind: left} if left else None

    return result
