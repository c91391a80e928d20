"""QueryFilter and ScanFilter: which items of a page are shown, before FilterExpression.

A query's filter may name no attribute of the key that is queried; AWS says so once it has found
the key conditions right, in the words of this parameter.
"""

from collections.abc import Sequence
from typing import Any, Literal

from pannier.engine.legacy import messages
from pannier.engine.legacy.conditions import filter_term, joined
from pannier.errors import ValidationException
from pannier.expressions import Condition


class _QueryFilter(Condition):
    __slots__ = ()

    def check_key_names(self, key_names: Sequence[str]) -> None:
        for name in key_names:
            if name in self.roots:
                raise ValidationException(messages.key_filtered(name))


def compile_filter(
    request: dict[str, Any], member: Literal["QueryFilter", "ScanFilter"]
) -> Condition | None:
    """The condition of a filter, or None.

    Args:
        request: a Query or Scan, its constraints checked; values are made canonical in place.
        member: the filter's name.

    Raises:
        ValidationException: AWS's first complaint about the filter or `ConditionalOperator`.
    """
    terms = [filter_term(*entry) for entry in (request.get(member) or {}).items()]
    term = joined(terms, request.get("ConditionalOperator"))
    if term is None:
        return None
    return _QueryFilter(term) if member == "QueryFilter" else Condition(term)
