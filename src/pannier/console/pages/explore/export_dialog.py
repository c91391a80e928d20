"""The dialog that exports what is shown, or all of it."""

import tempfile
from pathlib import Path
from typing import Final

from nicegui import background_tasks, ui

from pannier.batch.report import Report
from pannier.console.console import Console
from pannier.console.dialogs import dialog, dialog_actions
from pannier.console.elements import note, notify_failure
from pannier.console.fields import choice, text_field
from pannier.console.pages.explore.exporting import FORMATS, Export
from pannier.console.pages.explore.question import Question
from pannier.console.pages.explore.walk import Walk
from pannier.console.quantities import count_text, counted

_LIMIT: Final = "100000"
_MOST: Final = 100_000_000
_STEP_S: Final = 1.0


class ExportDialog:
    """An export: which items, into which format.

    Args:
        console: whose.
        question: what was asked.
        walk: its pages.
    """

    def __init__(self, console: Console, question: Question, walk: Walk) -> None:
        self._console = console
        self._question = question
        self._walk = walk
        self._export: Export | None = None
        self._report: Report | None = None

    async def asked(self) -> None:
        """Show it, until the reader closes it; an export under way ends then."""
        shown = len(self._walk.page.items)
        with dialog("Export") as self._box:
            self._what = ui.radio(
                {"page": f"This page: {counted(shown, 'item')}", "all": "All pages"}, value="page"
            ).props("dense aria-label=Items")
            formats = {each.name: each.title for each in FORMATS}
            self._format = choice("Format", formats, FORMATS[0].name)
            self._limit = text_field("Items at most", _LIMIT)
            self._limit.bind_visibility_from(self._what, "value", value="all")
            note(
                "Reading all pages consumes read units for everything that is read."
            ).bind_visibility_from(self._what, "value", value="all")
            self._progress = ui.label().classes("pn-note").props("role=status")
            with dialog_actions():
                ui.button("Close", on_click=self._box.close).props("flat no-caps")
                self._cancel = ui.button("Cancel export", on_click=self._cancelled)
                self._cancel.props("outline no-caps").set_visibility(False)
                self._start = ui.button("Export", on_click=self._begin)
                self._start.props("no-caps unelevated")
            self._timer = ui.timer(_STEP_S, self._show_progress, active=False)
        self._box.on("hide", self._cancelled)
        await self._box

    def _begin(self) -> None:
        limit = (self._limit.value or "").replace(",", "")
        if not (limit.isascii() and limit.isdigit() and 0 < int(limit) <= _MOST):
            self._limit.error = f"A whole number from 1 to {_MOST:,}."
            return
        self._limit.error = None
        background_tasks.create(self._run(int(limit)), name="export", context=self._box)

    async def _run(self, limit: int) -> None:
        chosen = next(each for each in FORMATS if each.name == self._format.value)
        folder = tempfile.TemporaryDirectory(prefix="pannier-export-", ignore_cleanup_errors=True)
        path = Path(folder.name) / f"items{chosen.ending}"
        # Until the page is left: the browser fetches the file after we are done.
        ui.context.client.on_delete(folder.cleanup)
        export = self._export = Export(path, chosen.name)
        self._busy(True)
        try:
            whole = True
            if self._what.value == "page":
                await export.items(list(self._walk.page.items))
            else:
                walk = self._walk
                whole = await export.pages(
                    self._console.connection, walk.operation, walk.request, limit, self._note
                )
        except Exception as error:  # whatever it is, the reader has to see it
            folder.cleanup()
            if not self._box.is_deleted:
                self._progress.set_text("")
                notify_failure(error)
            return
        finally:
            self._export = None
            if not self._box.is_deleted:
                self._busy(False)
        if self._box.is_deleted:
            return
        if not whole:
            self._progress.set_text("Cancelled; nothing was saved.")
            return
        self._progress.set_text(f"{counted(export.count, 'item')} exported.")
        ui.download.file(path, f"{self._question.table}{chosen.ending}")

    def _note(self, report: Report) -> None:
        self._report = report

    def _show_progress(self) -> None:
        if self._export is not None and self._report is not None:
            read = count_text(self._report.read)
            self._progress.set_text(f"{counted(self._export.count, 'item')} of {read} read …")

    def _cancelled(self) -> None:
        if self._export is not None:
            self._export.cancel()

    def _busy(self, is_busy: bool) -> None:
        self._cancel.set_visibility(is_busy and self._what.value == "all")
        self._start.set_enabled(not is_busy)
        self._timer.active = is_busy
        if is_busy:
            self._report = None
            self._progress.set_text("Begun …")
