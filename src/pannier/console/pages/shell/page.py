"""The page: a log, a field, and what joins them."""

import os
import time
from pathlib import Path
from typing import Final

from nicegui import app, ui

from pannier.console.console import Console
from pannier.console.elements import card, empty, note, toolbar, words_of
from pannier.console.frame import SHELL, frame, once_shown
from pannier.console.pages.shell.child import Child
from pannier.console.pages.shell.completing import (
    Programs,
    completed,
    files_for,
    first_words,
    line_before,
)
from pannier.console.pages.shell.environment import environment_of
from pannier.console.pages.shell.files import Files
from pannier.console.pages.shell.history import History, Recall
from pannier.console.pages.shell.policy import Policy
from pannier.console.pages.shell.prompt import Prompt
from pannier.console.pages.shell.session import Session
from pannier.console.pages.shell.terminal import Terminal
from pannier.console.pages.shell.words import IncompleteError
from pannier.errors import PannierError, UserError

_STYLE: Final = Path(__file__).parents[2] / "static" / "shell.css"
_WAYS_MAX: Final = 60


def add(console: Console) -> None:
    """Add the page."""
    history = History()
    sessions: set[Session] = set()

    @app.on_shutdown
    async def end() -> None:
        for session in list(sessions):
            await session.stop()

    @ui.page(SHELL.path, title=f"{SHELL.title} - Pannier")
    async def page() -> None:
        with frame(console, SHELL):
            ui.add_css(_STYLE.read_text())
            if console.shell:
                session = _Page(console, history).session
                sessions.add(session)

                async def gone() -> None:
                    sessions.discard(session)
                    await session.stop()

                ui.context.client.on_delete(gone)
            else:
                _off()


def _off() -> None:
    with card():
        empty(
            "The shell is switched off",
            "This console was started with --no-shell. Start it without that option to have a "
            "command line here, or use a terminal.",
        )


class _Page:
    """One visit.

    Attributes:
        session: what runs the commands.
    """

    def __init__(self, console: Console, history: History) -> None:
        self._console = console
        environment = environment_of(console.address, os.environ)
        self._recall = Recall(history)
        self._files = Files(console.folder)
        self._programs = Programs(console.folder, environment)
        with card():
            self._about()
            with toolbar("The log"):
                self._state = ui.label("Ready").classes("pn-shell-state").props('role="status"')
                self._stop_button = ui.button("Stop", on_click=self._stop)
                self._stop_button.props("outline no-caps color=negative icon=stop")
                self._stop_button.disable()
                ui.button("Copy output", on_click=self._copy).props("outline no-caps")
                ui.button("Clear", on_click=self._clear).props("outline no-caps")
            self._terminal = Terminal()
            self._problem = ui.element("div").classes("pn-shell-problem").props('role="alert"')
            self._prompt = Prompt({
                "run": lambda text, _: self._run(text),
                "older": self._older,
                "newer": self._newer,
                "complete": self._complete,
                "stop": lambda *_: self._stop(),
                "clear": lambda *_: self._clear(),
            })  # fmt: skip
            with toolbar("Run"):
                ui.button("Run", on_click=lambda: self._run(self._prompt.text)).props(
                    "no-caps unelevated"
                )
                keys = note(
                    "Enter runs, Shift+Enter begins a line, Tab completes (after Escape it leaves "
                    "the field), the arrows bring back earlier commands. Try: help"
                )
                keys.props["id"] = "pn-prompt-keys"
        child = Child(console.folder, environment)
        policy = Policy(console.address, read_only=console.read_only)
        self.session = Session(policy, self._files, history, child, self._terminal, time.monotonic)
        once_shown(self._shown)

    def _about(self) -> None:
        note(
            f"pannier and aws (dynamodb, cloudwatch) on {self._console.address}, with the files "
            f"of {self._console.folder}. Whole examples can be pasted."
        )
        if self._console.read_only:
            note("This console only reads: commands that change something are refused.")

    async def _shown(self) -> None:
        self._terminal.follow()
        self._prompt.focus()

    async def _run(self, text: str) -> None:
        self._problem.clear()
        if not text.strip():
            return
        try:
            running = self.session.run(text)
            self._prompt.text = ""
            self._recall.reset()
            self._show_state(running=True)
            await running
        except IncompleteError as error:
            self._prompt.text = text + "\n"
            self._say(error, quiet=True)
        except UserError as error:
            self._prompt.text = text
            self._say(error)
        finally:
            self._show_state(running=self.session.is_busy)

    def _show_state(self, *, running: bool) -> None:
        if self._state.is_deleted:
            return
        self._state.text = "Running" if running else "Ready"
        self._stop_button.set_enabled(running)

    def _say(self, error: PannierError, *, quiet: bool = False) -> None:
        message, advice = words_of(error)
        with self._problem:
            ui.label(f"{message[:1].upper()}{message[1:]}.").classes("" if quiet else "pn-bad")
            if advice:
                ui.label(advice)

    async def _stop(self) -> None:
        if self.session.is_busy:
            self._state.text = "Stopping"
            await self.session.stop()

    async def _clear(self) -> None:
        self._terminal.clear()
        self._prompt.focus()

    def _copy(self) -> None:
        ui.clipboard.write(self._terminal.text)
        ui.notify("The output is in the clipboard.", type="positive")

    async def _older(self, text: str, _: int) -> None:
        found = self._recall.older(text)
        if found is not None:
            self._prompt.text = found

    async def _newer(self, _: str, __: int) -> None:
        found = self._recall.newer()
        if found is not None:
            self._prompt.text = found

    async def _complete(self, text: str, place: int) -> None:
        self._problem.clear()
        line = line_before(text, place)
        word = line.rsplit(" ", 1)[-1]
        found = first_words(line)
        if found is None:
            found = await self._programs.ask(line)
            if not word.startswith("-"):
                found += files_for(word, self._files.names())
                found += [name for name in await self._tables() if name.startswith(word)]
        longer, ways = completed(word, found)
        if longer != word:
            self._prompt.text = text[: place - len(word)] + longer + text[place:]
        elif ways or not found:
            shown = "  ".join(ways[:_WAYS_MAX]) if ways else "Nothing to complete this with."
            with self._problem:
                ui.label(shown).classes("pn-code")

    async def _tables(self) -> list[str]:
        try:
            answer = await self._console.call("ListTables", {})
        except PannierError:
            return []
        return list(answer["TableNames"])
