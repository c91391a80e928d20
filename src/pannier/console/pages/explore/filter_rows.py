"""The part of the form with conditions on any attribute."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.validation_element import ValidationElement

from pannier.console.fields import choice, icon_button, text_field
from pannier.console.pages.explore.question import FilterRow
from pannier.console.pages.explore.requests import FILTER_OPERATORS, WITHOUT_VALUE
from pannier.console.pages.explore.typed_values import VALUE_KINDS

_HINTS: Final = {
    "in": "a, b, c", "attribute_type": "S, N, M, SS …",
}  # fmt: skip


@dataclass(slots=True)
class _Row:
    element: Element
    attribute: ui.input
    operator: ui.select
    kind: ui.select
    first: ui.input
    second: ui.input

    def read(self) -> FilterRow:
        return FilterRow(
            (self.attribute.value or "").strip(),
            str(self.operator.value),
            str(self.kind.value),
            self.first.value or "",
            self.second.value or "",
        )

    def fit(self) -> None:
        """Show the fields that the operator needs."""
        operator, kind = self.operator.value, self.kind.value
        has_value = operator not in WITHOUT_VALUE
        self.kind.set_visibility(has_value and operator != "attribute_type")
        self.first.set_visibility(has_value and kind != "NULL")
        self.second.set_visibility(operator == "between")
        hint = _HINTS.get(str(operator)) or ("true or false" if kind == "BOOL" else None)
        self.first.props.set_optional("placeholder", hint)


class FilterRows:
    """Conditions that can be added and removed.

    Args:
        rows: those that are there at first.
        any_filter: whether one of them is enough.
        on_enter: called when Enter is pressed in a field.
    """

    def __init__(
        self, rows: tuple[FilterRow, ...], any_filter: bool, on_enter: Callable[[], Any]
    ) -> None:
        self._on_enter = on_enter
        self._rows: list[_Row] = []
        self._container = ui.element("div").classes("pn-stack")
        with ui.element("div").classes("pn-toolbar"):
            ui.button("Add filter", icon="add", on_click=lambda: self._add(focus=True)).props(
                "outline no-caps dense"
            )
            self._joined = ui.radio(
                {False: "all of them", True: "any of them"}, value=any_filter
            ).props('inline dense aria-label="Which filters an item has to meet"')
        for row in rows:
            self._add(row)
        self._fit()

    @property
    def any_filter(self) -> bool:
        """Whether one of them is enough."""
        return bool(self._joined.value)

    @property
    def rows(self) -> tuple[FilterRow, ...]:
        """The conditions as they stand."""
        return tuple(row.read() for row in self._rows)

    @property
    def fields(self) -> dict[str, ValidationElement[Any]]:
        """Where to say what is wrong with each of them."""
        fields: dict[str, ValidationElement[Any]] = {}
        for position, row in enumerate(self._rows):
            named = bool((row.attribute.value or "").strip())
            fields[f"filter{position}"] = row.first if named else row.attribute
        return fields

    def _add(self, given: FilterRow | None = None, *, focus: bool = False) -> None:
        made = given or FilterRow()
        with self._container, ui.element("div").classes("pn-filter") as element:
            element.props("role=group")
            element.props["aria-label"] = f"Filter {len(self._rows) + 1}"
            attribute = text_field(
                "Attribute", made.attribute, hint="price, maker.country, tags[0]"
            )
            operator = choice("Operator", list(FILTER_OPERATORS), made.operator, lambda: row.fit())
            kind = choice("Type", VALUE_KINDS, made.kind, lambda: row.fit())
            first = text_field("Value", made.first)
            second = text_field("and", made.second)
            row = _Row(element, attribute, operator, kind, first, second)
            icon_button("close", "Remove this filter", lambda: self._remove(row))
        for field in (attribute, first, second):
            field.on("keydown.enter", self._on_enter)
        row.fit()
        self._rows.append(row)
        self._fit()
        if focus:
            attribute.run_method("focus")

    def _remove(self, row: _Row) -> None:
        self._rows.remove(row)
        row.element.delete()
        self._fit()

    def _fit(self) -> None:
        self._joined.set_visibility(len(self._rows) > 1)
