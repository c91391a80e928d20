"""What the pages are made of, so that the same thing looks and reads the same everywhere."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from pannier.batch.calls import CallError
from pannier.errors import PannierError, UserError

_NOTICE_MS: Final = 10_000
_NO_ANSWER: Final = "JavaScript did not respond"


def heading(text: str, level: int = 2) -> TextElement:
    """A heading; each page has one of level 1, which its frame makes."""
    return TextElement(tag=f"h{level}", text=text)


def note(text: str) -> ui.label:
    """A line that explains, less important than what is around it."""
    return ui.label(text).classes("pn-note")


@contextmanager
def card(title: str = "", *, level: int = 2) -> Iterator[Element]:
    """A part of a page, with its heading."""
    with ui.element("section").classes("pn-card") as section:
        if title:
            heading(title, level)
        yield section


@contextmanager
def toolbar(label: str) -> Iterator[Element]:
    """A row of controls that wraps on narrow screens.

    Args:
        label: what the controls are for, for screen readers.
    """
    with ui.element("div").classes("pn-toolbar").props(f'role="group" aria-label="{label}"') as row:
        yield row


def empty(title: str, text: str, action: Callable[[], None] | None = None) -> None:
    """Says that there is nothing to be seen, and what to do about it.

    Args:
        title: what there is none of.
        text: what to do.
        action: makes a button, e.g., below the text.
    """
    with ui.element("div").classes("pn-empty").props('role="status"'):
        ui.label(title).classes("pn-empty-title")
        ui.label(text)
        if action is not None:
            action()


def failure(error: Exception, again: Callable[[], Awaitable[None]] | None = None) -> None:
    """Says in the page what went wrong, what to do, and offers to try again."""
    message, advice = words_of(error)
    with ui.element("div").classes("pn-failure").props('role="alert"'):
        ui.label(message).classes("pn-failure-title")
        if advice:
            ui.label(advice)
        if again is not None:
            ui.button("Try again", on_click=again).props("outline no-caps")


def notify_failure(error: Exception) -> None:
    """Says over the page what went wrong, and what to do."""
    if is_of_a_page_left(error):
        return
    message, advice = words_of(error)
    ui.notify(
        message,
        caption=advice or None,
        type="negative",
        position="bottom",
        multi_line=True,
        timeout=_NOTICE_MS,
        close_button="Close",
    )


def is_of_a_page_left(error: object) -> bool:
    """Whether it is only that a page which its reader has left answers no more."""
    return isinstance(error, TimeoutError) and str(error).startswith(_NO_ANSWER)


def notify_done(text: str) -> None:
    """Says over the page that something was done."""
    ui.notify(text, type="positive", position="bottom")


def words_of(error: Exception) -> tuple[str, str]:
    """What is wrong, and what to do about it, in words for the user."""
    if isinstance(error, UserError):
        return error.message, error.advice
    if isinstance(error, CallError):
        return str(error), f"The target answered this to {error.operation}."
    if isinstance(error, PannierError):
        return str(error), ""
    return (
        f"Something unexpected happened: {type(error).__name__}: {error}",
        "The terminal in which the console runs shows more.",
    )
