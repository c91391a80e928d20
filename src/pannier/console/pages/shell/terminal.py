"""The log of a shell on the page: what was run and what it said, as it comes.

Text goes into elements as text, never as HTML. It is passed on a few times a second at most,
however fast a command talks.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.pages.shell.scrollback import LINES_MAX, Scrollback

_EVERY_S: Final = 0.15
_PENDING_MAX: Final = 1_000_000
# Stays at the end as text comes, unless the reader has scrolled back.
_FOLLOW: Final = """
(() => {
  const log = getHtmlElement(%d);
  let atEnd = true;
  log.addEventListener("scroll", () => {
    atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  });
  new MutationObserver(() => { if (atEnd) log.scrollTop = log.scrollHeight; })
    .observe(log, {childList: true, subtree: true, characterData: true});
})()
"""


class Terminal:
    """The log; a `Screen` for sessions."""

    def __init__(self) -> None:
        self._kept = Scrollback()
        self._elements: dict[int, TextElement] = {}
        self._pending: list[str] = []
        self._pending_length = 0
        self._flushing: asyncio.TimerHandle | None = None
        self._log = ui.element("div").classes("pn-log")
        self._log.props('role="log" aria-live="polite" aria-label="Output" tabindex="0"')
        with self._log:
            self._dropped = ui.label().classes("pn-note")
            self._dropped.visible = False
        self.when_cleared: Callable[[], None] = lambda: None

    @property
    def text(self) -> str:
        """Everything that is kept."""
        self._flush()
        return self._kept.text

    def follow(self) -> None:
        """Have the end stay in view; once the page stands in the browser."""
        ui.run_javascript(_FOLLOW % self._log.id)

    def begin(self, source: str) -> None:
        """Show a command, as it was written."""
        lines = source.split("\n")
        self._add("$ " + "\n  ".join(lines) + "\n", "pn-log-command")

    def say(self, text: str) -> None:
        """Show text, soon."""
        if not text:
            return
        self._pending.append(text)
        self._pending_length += len(text)
        if self._pending_length > 2 * _PENDING_MAX:
            kept = "".join(self._pending)[-_PENDING_MAX:]
            self._pending, self._pending_length = [kept], len(kept)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_later(_EVERY_S, self._flush)

    def end(self, status: int, seconds: float) -> None:
        """Show how a command ended."""
        self._flush()
        if not self._kept.text.endswith("\n"):
            self._add("\n", "")
        self._add(
            f"exit status {status}, {seconds:.1f} s\n", "pn-log-end" if not status else "pn-bad"
        )

    def clear(self) -> None:
        """Forget everything."""
        self._pending, self._pending_length = [], 0
        self._kept.clear()
        for element in self._elements.values():
            element.delete()
        self._elements = {}
        self._dropped.visible = False

    def _flush(self) -> None:
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        if self._pending:
            text = "".join(self._pending)
            self._pending, self._pending_length = [], 0
            self._add(text, "")

    def _add(self, text: str, classes: str) -> None:
        self._flush() if classes else None
        if self._log.is_deleted:
            return
        last = next(reversed(self._elements.values()), None)
        joins = last is not None and not classes and "pn-log-said" in last.classes
        for number, chunk in self._kept.add(text, join=joins):
            element = self._elements.get(number)
            if element is not None:
                element.text = chunk
                continue
            with self._log:
                element = TextElement(tag="span", text=chunk).classes(classes or "pn-log-said")
            self._elements[number] = element
        for number in self._kept.drop():
            self._elements.pop(number).delete()
        if self._kept.dropped_lines:
            self._dropped.visible = True
            self._dropped.text = (
                f"{self._kept.dropped_lines:,} earlier lines were let go: "
                f"the last {LINES_MAX:,} are kept, of at most 1 MB."
            )
