"""KeyConditionExpression: which part of one partition a query reads.

It is written in the language of conditions, of which only equality of every partition attribute
and one condition on the sort key are allowed. AWS's order of complaints (DynamoDB Local):

1. whatever is wrong with it as a condition ("Invalid KeyConditionExpression: …");
2. placeholders that the request does not use: the caller's check, hence `bind` and `resolve`;
3. from left to right: an operator no key condition may have; a function as an operand; a path into
   an attribute; two attributes in one condition, or none; a second condition on one attribute;
4. more conditions than the key has attributes (the text counts at least to two);
5. for each attribute of the key in order: no condition; a value of another type than the schema's;
   a partition attribute not by `=`; an empty value; one that is too long for a key.

Keys of several attributes (inferred from the Developer Guide, "multi-attribute keys"): every
partition attribute by `=`; sort attributes from the left without a gap, all but the last by `=`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pannier.errors import ValidationException
from pannier.expressions import messages
from pannier.expressions.condition import bound_condition
from pannier.expressions.evaluation import FLIPPED
from pannier.expressions.placeholders import Placeholders
from pannier.expressions.tree import (
    Between,
    Call,
    Comparison,
    Constant,
    Junction,
    Membership,
    Not,
    Operand,
    Path,
    Term,
)
from pannier.limits import PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX
from pannier.model.attribute_value import AttributeValue, type_of
from pannier.model.key_bytes import raw_bytes
from pannier.model.messages import PARTITION_KEY_SIZE, SORT_KEY_SIZE, key_empty

_KIND = "KeyConditionExpression"
_CONDITIONS_MIN = 2


class SortCondition(NamedTuple):
    """The condition on one sort attribute.

    `operator` is one of `= < <= > >= BETWEEN begins_with`; BETWEEN has two values, others one.
    """

    name: str
    operator: str
    values: tuple[AttributeValue, ...]


class KeyCondition(NamedTuple):
    """The value of each partition attribute, and the conditions on sort attributes, in key order.

    All sort conditions but the last are equalities; there may be none.
    """

    partition: tuple[AttributeValue, ...]
    sort: tuple[SortCondition, ...]


class BoundKeyCondition:
    """A key condition that is right as a condition, not yet held against a key."""

    __slots__ = ("_term",)

    def __init__(self, term: Term) -> None:
        self._term = term

    def resolve(
        self, partition: Sequence[tuple[str, str]], sort: Sequence[tuple[str, str]]
    ) -> KeyCondition:
        """Hold the condition against a key.

        Args:
            partition: name and type (`S`, `N`, `B`) of each partition attribute.
            sort: the same of each sort attribute.

        Raises:
            ValidationException: AWS's first complaint.
        """
        key_names = [name for name, _ in (*partition, *sort)]
        conditions: dict[str, SortCondition] = {}
        for term in _conjuncts(self._term):
            condition = _condition(term, key_names)
            if condition.name in conditions:
                raise ValidationException(messages.KEY_CONDITION_TWICE)
            conditions[condition.name] = condition
        most = max(len(key_names), _CONDITIONS_MIN)
        if len(conditions) > most:
            raise ValidationException(messages.key_condition_count(most))
        if len(conditions) > len(key_names):
            raise ValidationException(messages.KEY_CONDITION_NOT_SUPPORTED)
        return KeyCondition(
            tuple(_partition_value(conditions, *attribute) for attribute in partition),
            tuple(_sort_conditions(conditions, sort)),
        )


def bind_key_condition(text: str, placeholders: Placeholders) -> BoundKeyCondition:
    """Read a KeyConditionExpression as a condition.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    return BoundKeyCondition(bound_condition(text, placeholders, _KIND))


def parse_key_condition(
    text: str,
    placeholders: Placeholders,
    partition: Sequence[tuple[str, str]],
    sort: Sequence[tuple[str, str]],
) -> KeyCondition:
    """Read a KeyConditionExpression and hold it against a key; see `BoundKeyCondition.resolve`.

    Raises:
        ValidationException: AWS's first complaint about it.
    """
    return bind_key_condition(text, placeholders).resolve(partition, sort)


def _conjuncts(term: Term) -> Iterator[Term]:
    pending = [term]
    while pending:
        each = pending.pop()
        if isinstance(each, Junction) and each.operator == "AND":
            pending.extend(reversed(each.terms))
        else:
            yield each


def _condition(term: Term, key_names: Sequence[str]) -> SortCondition:
    operator, operands = _taken_apart(term)
    if operator in ("BETWEEN", "begins_with") and isinstance(operands[0], Constant):
        raise ValidationException(messages.key_operand_first(operator))
    names: list[str] = []
    values: list[AttributeValue] = []
    for operand in operands:
        if isinstance(operand, Path):
            _check_scalar(operand, key_names, others=bool(names))
            names.append(str(operand.elements[0]))
        elif isinstance(operand, Constant):
            values.append(operand.value)
        else:
            raise ValidationException(messages.KEY_CONDITION_NESTED_CALL)
    if not names:
        raise ValidationException(messages.KEY_CONDITION_NO_NAME)
    if isinstance(operands[0], Constant):
        operator = FLIPPED[operator]
    return SortCondition(names[0], operator, tuple(values))


def _taken_apart(term: Term) -> tuple[str, tuple[Operand, ...]]:
    if isinstance(term, Comparison) and term.operator != "<>":
        return term.operator, (term.left, term.right)
    if isinstance(term, Between):
        return "BETWEEN", (term.operand, term.low, term.high)
    if isinstance(term, Call) and term.function == "begins_with":
        return "begins_with", term.operands
    raise ValidationException(messages.key_operator(_operator(term)))


def _operator(term: Term) -> str:
    if isinstance(term, Call):
        return term.function
    if isinstance(term, Comparison | Junction):
        return term.operator
    if isinstance(term, Membership):
        return "IN"
    return "NOT" if isinstance(term, Not) else "BETWEEN"


def _check_scalar(path: Path, key_names: Sequence[str], *, others: bool) -> None:
    """Check that a path is one attribute, and the only one of its condition."""
    is_nested = len(path.elements) > 1
    if is_nested and path.elements[0] in key_names:
        raise ValidationException(messages.key_not_scalar(str(path.elements[0])))
    if others:
        raise ValidationException(messages.KEY_CONDITION_NAMES)
    if is_nested:
        raise ValidationException(messages.KEY_CONDITION_NESTED_PATH)


def _partition_value(conditions: dict[str, SortCondition], name: str, kind: str) -> AttributeValue:
    condition = conditions.pop(name, None)
    if condition is None:
        raise ValidationException(messages.key_missed(name))
    _check_types(condition, kind)
    if condition.operator != "=":
        raise ValidationException(messages.KEY_CONDITION_NOT_SUPPORTED)
    _check_sizes(condition, kind, PARTITION_KEY_BYTES_MAX, PARTITION_KEY_SIZE)
    return condition.values[0]


def _sort_conditions(
    conditions: dict[str, SortCondition], sort: Sequence[tuple[str, str]]
) -> Iterator[SortCondition]:
    """The conditions that are left once the partition has taken its own, in key order."""
    is_range = False
    for name, kind in sort:
        if not conditions:
            return
        condition = conditions.pop(name, None)
        if condition is None:
            raise ValidationException(messages.key_missed(name))
        if is_range:
            raise ValidationException(messages.KEY_CONDITION_NOT_SUPPORTED)
        _check_types(condition, kind)
        _check_sizes(condition, kind, SORT_KEY_BYTES_MAX, SORT_KEY_SIZE)
        is_range = condition.operator != "="
        yield condition


def _check_types(condition: SortCondition, kind: str) -> None:
    if any(type_of(value) != kind for value in condition.values):
        raise ValidationException(messages.KEY_CONDITION_TYPE)


def _check_sizes(condition: SortCondition, kind: str, bytes_max: int, too_long: str) -> None:
    for value in condition.values:
        content = value[kind]
        if not content:
            raise ValidationException(key_empty(condition.name, kind))
        if kind != "N" and len(raw_bytes(kind, content)) > bytes_max:
            raise ValidationException(too_long)
