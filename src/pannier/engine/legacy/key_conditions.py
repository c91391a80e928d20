"""KeyConditions: which items a Query reads, before KeyConditionExpression.

They are held against the key as a KeyConditionExpression is, with its texts and in its order. Their
own rules:

| rule | evidence |
|---|---|
| one or two conditions; the conditions themselves are checked first | Local |
| on the partition attribute EQ only: "Query key condition not supported" | Local |
| on the sort attribute no IN, CONTAINS, NOT_CONTAINS, after its type | Local |
| nor NE, NULL, NOT_NULL | inferred: Local answers status 500, or a text of its own |
"""

from collections.abc import Sequence
from typing import Any, Final

from pannier.engine.legacy import messages
from pannier.engine.legacy.conditions import filter_term
from pannier.errors import ValidationException
from pannier.expressions import KeyCondition
from pannier.expressions import messages as expression_messages
from pannier.expressions.key_condition import BoundKeyCondition
from pannier.expressions.tree import Comparison, Constant, Junction, Path, Term

_STAND_INS: Final = {"S": {"S": "-"}, "N": {"N": "0"}, "B": {"B": "LQ=="}}
_NOT_INDEXABLE: Final = frozenset({"NE", "IN", "CONTAINS", "NOT_CONTAINS", "NULL", "NOT_NULL"})
_MOST: Final = 2


class KeyConditions:
    """Key conditions that are right as conditions, not yet held against a key.

    Args:
        conditions: the parameter, its constraints checked; values are made canonical in place.

    Raises:
        ValidationException: AWS's first complaint that needs no key.
    """

    __slots__ = ("_conditions", "_terms")

    def __init__(self, conditions: dict[str, dict[str, Any]]) -> None:
        self._conditions = conditions
        self._terms = {name: filter_term(name, each) for name, each in conditions.items()}
        if not conditions:
            raise ValidationException(expression_messages.key_condition_count(_MOST))

    def resolve(
        self, partition: Sequence[tuple[str, str]], sort: Sequence[tuple[str, str]]
    ) -> KeyCondition:
        """Hold the conditions against a key.

        Args:
            partition: name and type (`S`, `N`, `B`) of each partition attribute.
            sort: the same of each sort attribute.

        Raises:
            ValidationException: AWS's first complaint.
        """
        terms = dict(self._terms)
        kinds = dict((*partition, *sort))
        not_indexable = [
            name
            for name, each in self._conditions.items()
            if each["ComparisonOperator"] in _NOT_INDEXABLE
        ]
        for name in not_indexable:
            terms[name] = self._stand_in(name, kinds.get(name, "S"))
        resolved = BoundKeyCondition(Junction("AND", tuple(terms.values()))).resolve(
            partition, sort
        )
        if not_indexable:
            raise ValidationException(messages.NOT_INDEXABLE)
        return resolved

    def _stand_in(self, name: str, kind: str) -> Term:
        """For what no key condition can say: a range, so that keys and types are checked first."""
        values = self._conditions[name].get("AttributeValueList") or [_STAND_INS[kind]]
        return Comparison("<", Path((name,)), Constant(values[0]))
