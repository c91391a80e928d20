"""The part of the form that says which keys a query reads."""

from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui
from nicegui.elements.mixins.validation_element import ValidationElement

from pannier.console.fields import choice, text_field
from pannier.console.pages.explore.layout import Place
from pannier.console.pages.explore.question import Question, SortCondition
from pannier.console.pages.explore.requests import SORT_OPERATORS

_ANY: Final = "any"
_HINTS: Final = {"S": "text", "N": "number", "B": "base64"}


@dataclass(slots=True)
class _SortFields:
    operator: ui.select
    first: ui.input
    second: ui.input


class KeyFields:
    """Fields for the keys of a table or index.

    Args:
        place: whose keys.
        question: what is in the fields at first.
    """

    def __init__(self, place: Place, question: Question) -> None:
        self.fields: dict[str, ValidationElement[Any]] = {}
        self._partition: list[ui.input] = []
        self._sort: list[_SortFields] = []
        for position, attribute in enumerate(place.schema.partition):
            value = _at(question.partition, position, "")
            label = f"{attribute.name} ({attribute.kind}) ="
            field = text_field(label, value, hint=_HINTS[attribute.kind])
            self._partition.append(field)
            self.fields[f"pk{position}"] = field
        for position, attribute in enumerate(place.schema.sort):
            condition = _at(question.sort, position, SortCondition())
            self._add_sort(position, attribute.name, attribute.kind, condition)

    @property
    def partition(self) -> tuple[str, ...]:
        """The values of the partition key's attributes, as typed."""
        return tuple(field.value or "" for field in self._partition)

    @property
    def sort(self) -> tuple[SortCondition, ...]:
        """The conditions on the sort key's attributes, up to the last that there is."""
        conditions = [
            SortCondition(
                "" if each.operator.value == _ANY else str(each.operator.value),
                each.first.value or "",
                each.second.value or "",
            )
            for each in self._sort
        ]
        while conditions and not conditions[-1].operator:
            conditions.pop()
        return tuple(conditions)

    def _add_sort(self, position: int, name: str, kind: str, condition: SortCondition) -> None:
        operators = [
            _ANY,
            *(each for each in SORT_OPERATORS if (each, kind) != ("begins_with", "N")),
        ]
        given = condition.operator if condition.operator in operators else _ANY

        def chosen() -> None:
            first.set_visibility(operator.value != _ANY)
            second.set_visibility(operator.value == "between")

        operator = choice(f"{name} ({kind})", operators, given, chosen)
        first = text_field(f"Value of {name}", condition.first, hint=_HINTS[kind])
        second = text_field(f"and {name}", condition.second, hint=_HINTS[kind])
        chosen()
        self._sort.append(_SortFields(operator, first, second))
        self.fields[f"sk{position}"] = first


def _at(values: tuple[Any, ...], position: int, default: Any) -> Any:
    return values[position] if position < len(values) else default
