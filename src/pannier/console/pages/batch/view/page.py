"""The page: its parts, and what happens between them."""

import asyncio
from typing import Final

from nicegui import background_tasks, ui

from pannier.console.console import Console
from pannier.console.elements import card, failure, notify_done
from pannier.console.frame import BATCH, frame, loaded, once_shown
from pannier.console.pages.batch.checked import Checked, Checker
from pannier.console.pages.batch.comparisons import compare, side_by_side
from pannier.console.pages.batch.desk import Desk
from pannier.console.pages.batch.drafts import What
from pannier.console.pages.batch.guessed_table import guessed_table
from pannier.console.pages.batch.plans import plan_after_looking
from pannier.console.pages.batch.runs import BatchRun, Run
from pannier.console.pages.batch.single_call import SingleCall
from pannier.console.pages.batch.view.comparison import ComparisonPart, show_comparison
from pannier.console.pages.batch.view.editor import Editor
from pannier.console.pages.batch.view.projection import ProjectionPart, show_side_by_side
from pannier.console.pages.batch.view.run_controls import RunControls
from pannier.console.pages.batch.view.run_result import show_progress, show_result
from pannier.console.pages.batch.view.style import STYLE
from pannier.console.pages.batch.view.verdict import show_problems, show_status, show_verdict
from pannier.cost.table_shape import TableShape
from pannier.errors import UserError

_REST_S: Final = 0.35  # of the keyboard, before a text is checked
_REFRESH_S: Final = 1.0


def add(console: Console) -> None:
    """Add the page."""
    desk = Desk()

    @ui.page(BATCH.path, title=f"{BATCH.title} - Pannier")
    async def page(example: str = "", table: str = "") -> None:
        ui.add_css(STYLE)
        with frame(console, BATCH):
            desk.take(example, table)
            BatchPage(console, desk)


class BatchPage:
    """One visit to the page."""

    def __init__(self, console: Console, desk: Desk) -> None:
        self._console = console
        self._desk = desk
        self._checker = Checker(console)
        self._checked = Checked()
        self._asked = 0  # how often a check was asked for; only the last one is shown
        self._lay_out()
        self._timer = ui.timer(_REFRESH_S, self._refresh, active=False)
        once_shown(self._first)

    def _lay_out(self) -> None:
        console = self._console
        with ui.element("div").classes("pn-batch-top"):
            with card("Request"):
                self._editor = Editor(console, self._desk, self._changed, self._start)
                self._status = ui.element("div")
                self._problems = ui.element("div")
            with card("Check and plan"):
                self._verdict = ui.element("div").classes("pn-batch-result")
        with card("Run"):
            self._controls = RunControls(console.read_only, self._start, self._cancel_run)
            self._run = ui.element("div").classes("pn-batch-result")
        with card("Single calls against batches"):
            self._comparison = ComparisonPart(console.read_only, self._compare)
        with card("Full against projected answers"):
            self._projection = ProjectionPart(self._side_by_side)

    async def _first(self) -> None:
        await self._check()
        run = self._desk.run
        if run is not None:
            background_tasks.create(self._watch(run))
        await self._editor.load_tables()

    # The text

    def _changed(self) -> None:
        self._asked += 1
        self._comparison.result.clear()  # it was of another text
        self._projection.result.clear()
        background_tasks.create(self._check_later(self._asked))

    async def _check_later(self, number: int) -> None:
        await asyncio.sleep(_REST_S)
        if number == self._asked and not self._verdict.is_deleted:
            await self._check()

    async def _check(self) -> bool:
        """Check what stands in the editor; False if that was not to be known."""
        editor, desk = self._editor, self._desk
        number = self._asked
        text = editor.text
        try:
            checked = await self._checker.check(text, desk.name, desk.table, editor.use)
        except Exception as error:  # whatever it is, the reader has to see it
            self._show_trouble(error)
            return False
        if number != self._asked or self._verdict.is_deleted:
            return False
        self._checked = checked
        self._show_checked()
        return True

    async def _check_again(self) -> None:
        self._checker.forget()
        await self._check()

    def _show_trouble(self, error: Exception) -> None:
        if self._verdict.is_deleted:
            return
        self._verdict.clear()
        with self._verdict:
            failure(error, self._check_again)

    def _show_checked(self) -> None:
        checked = self._checked
        with self._verdict:
            self._editor.mark(checked.problems)
        self._editor.show_uses(shown=checked.draft.what is What.ITEMS)
        self._status.clear()
        with self._status:
            show_status(checked)
        self._problems.clear()
        with self._problems:
            show_problems(checked, self._editor.jump)
        self._verdict.clear()
        with self._verdict:
            create = None if self._console.read_only else self._create
            show_verdict(checked, create, self._look)
        self._controls.show(checked, busy=self._desk.is_busy)
        self._comparison.show(checked)
        self._projection.show(checked)

    async def _look(self) -> None:
        checked, connection = self._checked, self._console.connection
        shapes = {name: TableShape.of(about) for name, about in checked.descriptions.items()}
        checked.plan = await plan_after_looking(connection, checked.draft, shapes)
        if checked is self._checked and not self._verdict.is_deleted:
            self._show_checked()

    async def _create(self, table: str) -> None:
        entry = next(e for e in self._checked.draft.entries if e.element.table == table)
        is_key = self._checked.draft.is_read or getattr(entry.element, "kind", "") == "delete"
        request = guessed_table(table, getattr(entry.element, "attributes", {}), is_key=is_key)
        if request is None:
            raise UserError(f"nobody knows the key of {table}", "Create it on the page Tables.")
        await self._console.call("CreateTable", request)
        self._checker.forget()
        notify_done(f"{table} is created.")
        await self._check()
        await self._editor.load_tables()

    # The run

    async def _start(self) -> None:
        # Of what stands there now, however fast the keyboard was.
        if not await self._check():
            return
        if self._desk.is_busy:
            raise UserError("a run is under way", "Wait for its end, or cancel it.")
        reason = self._controls.reason_against
        if reason:
            raise UserError(reason)
        settings = self._controls.settings
        target = self._console.connection.target
        run: Run
        if settings.single:
            run = SingleCall(target, self._checked.draft, self._desk.title)
        else:
            run = BatchRun(target, self._checked.draft, settings.to_options(), self._desk.title)
        self._desk.run = run
        run.start()
        await self._watch(run)

    async def _watch(self, run: Run) -> None:
        """Show a run until it has ended."""
        if self._desk.is_busy:
            self._show_run(run)
            self._timer.activate()
            await run.ended()
            self._timer.deactivate()
        if not self._run.is_deleted:
            self._show_run(run)

    def _refresh(self) -> None:
        if self._desk.run is not None and self._desk.is_busy:
            self._show_run(self._desk.run)

    def _show_run(self, run: Run) -> None:
        self._controls.show(self._checked, busy=self._desk.is_busy)
        self._run.clear()
        with self._run:
            if self._desk.is_busy:
                show_progress(run)
            else:
                show_result(run, self._editor.fill)

    def _cancel_run(self) -> None:
        if self._desk.run is not None:
            self._desk.run.cancel()

    # Comparisons

    async def _compare(self) -> None:
        async def load() -> None:
            checked = self._checked
            found = await compare(self._console.connection, checked.draft, checked.descriptions)
            show_comparison(found)

        await loaded(self._comparison.result, load)

    async def _side_by_side(self) -> None:
        async def load() -> None:
            checked = self._checked
            found = await side_by_side(
                self._console.connection,
                checked.draft,
                checked.descriptions,
                self._projection.attributes,
            )
            show_side_by_side(found)

        await loaded(self._projection.result, load)
