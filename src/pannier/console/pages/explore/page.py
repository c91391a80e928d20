"""The page: a table, a form, and what it finds."""

from pathlib import Path
from typing import Final

from nicegui import ui
from nicegui.element import Element
from starlette.requests import Request

from pannier.console.console import Console
from pannier.console.elements import card, empty, failure, note, notify_failure
from pannier.console.fields import choice
from pannier.console.frame import EXPLORE, TABLES, frame, loaded, once_shown
from pannier.console.pages.explore.form import Form
from pannier.console.pages.explore.layout import Layout
from pannier.console.pages.explore.question import Question
from pannier.console.pages.explore.requests import FieldError, read_request
from pannier.console.pages.explore.results import Results
from pannier.console.pages.explore.walk import Walk
from pannier.console.table_listing import description, table_names
from pannier.errors import UserError

_STYLE: Final = (Path(__file__).parents[2] / "static" / "explore.css").read_text()


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(EXPLORE.path, title=f"{EXPLORE.title} - Pannier")
    async def page(request: Request) -> None:
        with frame(console, EXPLORE):
            ui.add_css(_STYLE)
            Explorer(console, list(request.query_params.multi_items()))


class Explorer:
    """The page's parts, and how one follows from the other.

    Args:
        console: whose.
        parameters: of the page's address.
    """

    def __init__(self, console: Console, parameters: list[tuple[str, str]]) -> None:
        self._console = console
        self._form: Form | None = None
        self._layout: Layout | None = None
        try:
            self._question = Question.of_address(parameters)
        except UserError as error:
            failure(error)
            table = dict(parameters).get("table", "")
            self._question = Question(table=table)
        with card():
            with ui.element("div").classes("pn-toolbar"):
                self._tables: Element = ui.element("div").classes("pn-grow")
                self._place: Element = ui.element("div").classes("pn-toolbar pn-place")
            self._ask: Element = ui.element("div").classes("pn-stack")
        self._found: Element = ui.element("div").classes("pn-stack")
        # Side by side: items need not wait for the names of thousands of tables.
        once_shown(self._show_tables)
        if self._question.table:
            once_shown(self._show_form)

    async def _show_tables(self) -> None:
        await loaded(self._tables, self._load_tables)

    async def _show_form(self) -> None:
        await loaded(self._ask, self._load_layout)

    async def _load_tables(self) -> None:
        names = [name async for some in table_names(self._console.call) for name in some]
        table = self._question.table
        if not names and not table:
            empty("No tables yet", "Items are in tables; make one first.")
            ui.link("Tables", TABLES.path)
            return
        if table and table not in names:
            names.insert(0, table)
        options = {"": "Choose a table"} | {name: name for name in names}
        self._table = choice("Table", options, table, self._table_chosen, searched=True)

    async def _table_chosen(self) -> None:
        table = str(self._table.value or "")
        if not table or table == self._question.table:
            return
        self._question = Question(table=table)
        await self._show_form()

    async def _load_layout(self) -> None:
        """The form of the table; and at once what it finds, as far as it can be asked."""
        self._place.clear()
        self._found.clear()
        question = self._question
        found = await description(self._console.call, question.table)
        if found is None:
            empty(f"There is no table {question.table}", "Choose another one.")
            return
        layout = self._layout = Layout.of(found)
        self._form = Form(self._place, layout, question, self._run)
        with ui.element("div").classes("pn-toolbar"):
            ui.button("Run", icon="play_arrow", on_click=self._run).props("no-caps unelevated")
            note("Enter runs it, too.")
        if not question.is_query or (question.partition and all(question.partition)):
            ui.timer(0, self._run, once=True)

    async def _run(self) -> None:
        form, layout = self._form, self._layout
        if form is None or layout is None:
            return
        question = form.question()
        form.show_error(None)
        try:
            operation, request = read_request(question, layout)
        except FieldError as error:
            if not form.show_error(error):
                notify_failure(error)
            return
        self._question = question
        ui.navigate.history.replace(f"{EXPLORE.path}?{question.parameters}")
        key_names = layout.key_names(question.index)
        walk = Walk(self._console.call, operation, request, key_names, question.size)

        self._found.clear()
        with self._found:
            place = ui.element("div").classes("pn-stack")

        async def show() -> None:
            try:
                await Results(self._console, layout, question, walk).start()
            except Exception:
                if not place.is_deleted:  # else another question has been asked meanwhile
                    raise

        await loaded(place, show)
