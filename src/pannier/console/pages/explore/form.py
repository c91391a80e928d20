"""The form: which table or index, scan or query, with which conditions."""

from collections.abc import Callable
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.validation_element import ValidationElement

from pannier.console.elements import note
from pannier.console.fields import choice, text_field
from pannier.console.pages.explore.filter_rows import FilterRows
from pannier.console.pages.explore.key_fields import KeyFields
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import SIZES, Question
from pannier.console.pages.explore.requests import FieldError

_SCAN: Final = "Scan"
_QUERY: Final = "Query"


class Form:
    """The form for one table.

    Args:
        place_part: where table or index and operation are chosen, beside the table.
        layout: of the table.
        question: what is in the form at first.
        on_run: called when the reader wants to see what it finds.
    """

    def __init__(
        self,
        place_part: Element,
        layout: Layout,
        question: Question,
        on_run: Callable[[], Any],
    ) -> None:
        self._layout = layout
        self._on_run = on_run
        self._keys: KeyFields | None = None
        index = question.index if question.index in layout.places else ""
        with place_part:
            places = {name: place.title for name, place in layout.places.items()}
            self._index = choice("Table or index", places, index, self._place_chosen)
            self._index.classes("pn-grow")
            self._mode = ui.radio(
                [_SCAN, _QUERY],
                value=_QUERY if question.is_query else _SCAN,
                on_change=self._mode_chosen,
            ).props("inline aria-label=Operation")
        self._key_part: Element = ui.element("div").classes("pn-fields")
        self._filters = FilterRows(question.filters, question.any_filter, on_run)
        self._more(question)
        self._show_keys(question)

    def question(self) -> Question:
        """What is in the form."""
        is_query = self._mode.value == _QUERY
        keys = self._keys
        return Question(
            table=self._layout.table,
            index=str(self._index.value or ""),
            is_query=is_query,
            partition=keys.partition if keys and is_query else (),
            sort=keys.sort if keys and is_query else (),
            backward=bool(self._order.value) and is_query,
            consistent=bool(self._consistent.value),
            filters=self._filters.rows,
            any_filter=self._filters.any_filter,
            expression=(self._expression.value or "").strip(),
            values=(self._values.value or "").strip(),
            names=(self._names.value or "").strip(),
            projection=(self._projection.value or "").strip(),
            size=int(self._size.value or SIZES[0]),
        )

    def show_error(self, error: FieldError | None) -> bool:
        """Show beside a field what is wrong with it; None takes that away again.

        Returns:
            Whether there is such a field.
        """
        fields = self._fields()
        for field in fields.values():
            field.error = None
        wrong = fields.get(error.field) if error is not None else None
        if error is None or wrong is None:
            return False
        if error.field in ("values", "names", "consistent"):
            self._expansion.open()
        wrong.error = error.message
        wrong.run_method("focus")
        return True

    def _fields(self) -> dict[str, ValidationElement[Any]]:
        keys = self._keys.fields if self._keys is not None else {}
        more: dict[str, ValidationElement[Any]] = {
            "values": self._values, "names": self._names, "consistent": self._index,
        }  # fmt: skip
        return {**keys, **self._filters.fields, **more}

    def _more(self, question: Question) -> None:
        is_open = any((question.expression, question.projection, question.consistent))
        with ui.expansion("More", value=is_open).classes("pn-expansion") as self._expansion:  # noqa: SIM117
            with ui.element("div").classes("pn-stack"):
                with ui.element("div").classes("pn-fields"):
                    self._projection = text_field(
                        "Attributes to show", question.projection, hint="all, or PK, price, tags[0]"
                    )
                    sizes = {str(each): f"{each:,} items" for each in SIZES}
                    self._size = choice("Page size", sizes, str(question.size))
                    self._consistent = ui.checkbox("Consistent read", value=question.consistent)
                note("A filter expression, for what the rows above can't say:")
                self._expression = text_field(
                    "Filter expression", question.expression, hint="size(tags) > :n OR stock < :low"
                )
                with ui.element("div").classes("pn-fields"):
                    self._values = text_field(
                        "Its values, as JSON", question.values, hint='{":n": 2, ":low": 5}'
                    )
                    self._names = text_field(
                        "Its names, as JSON", question.names, hint='{"#n": "a-b"}'
                    )
                note("Reserved words may stand in it as they are.")
        for field in (self._projection, self._expression, self._values, self._names):
            field.on("keydown.enter", self._on_run)

    def _show_keys(self, question: Question) -> None:
        self._key_part.clear()
        with self._key_part:
            place = self._layout.place(str(self._index.value or ""))
            self._keys = KeyFields(place, question)
            self._order = ui.checkbox("Descending", value=question.backward)
            for field in self._key_part.descendants():
                if isinstance(field, ui.input):
                    field.on("keydown.enter", self._on_run)
        self._mode_chosen()

    def _place_chosen(self) -> None:
        self._show_keys(Question())

    def _mode_chosen(self) -> None:
        is_query = self._mode.value == _QUERY
        self._key_part.set_visibility(is_query)
