"""Dialogs: with a name, closed by Escape, gone when they are closed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nicegui import ui

from pannier.console.elements import heading
from pannier.console.fields import icon_button, text_field


@contextmanager
def dialog(
    title: str, *, wide: bool = False, on_hidden: Callable[[], Any] | None = None
) -> Iterator[ui.dialog]:
    """A dialog that opens at the end of the block, whose elements stand under its title.

    Args:
        title: its heading, and its name for screen readers.
        wide: for editors and long forms.
        on_hidden: called when it is out of sight, and the focus is back where it was.
    """

    def hidden() -> None:
        box.delete()
        if on_hidden is not None:
            on_hidden()

    with ui.dialog() as box:
        box.props["aria-label"] = title
        box.on("hide", hidden)
        classes = "pn-dialog pn-dialog-wide" if wide else "pn-dialog"
        with ui.element("div").classes(classes):
            with ui.element("div").classes("pn-dialog-head"):
                heading(title)
                icon_button("close", "Close", box.close)
            yield box
    box.open()


@contextmanager
def dialog_actions() -> Iterator[None]:
    """The row of buttons at a dialog's end."""
    with ui.element("div").classes("pn-dialog-actions"):
        yield


async def confirmed(title: str, text: str, action: str, *, typed: str = "") -> bool:
    """Ask whether something is to be done that can't be taken back.

    Args:
        title: what.
        text: what follows from it.
        action: the words on the button that does it.
        typed: what has to be typed before that; nothing if empty.
    """
    with dialog(title) as box:
        ui.label(text)

        def is_typed() -> bool:
            return not typed or field.value == typed

        def submit() -> None:
            if is_typed():
                box.submit(True)

        def typing() -> None:
            button.set_enabled(is_typed())

        if typed:
            with ui.element("div").classes("pn-note"):
                ui.label("Type its name to confirm:")
                ui.label(typed).classes("pn-code")
            field = text_field("Name", on_change=typing)
            field.props("autofocus autocomplete=off").on("keydown.enter", submit)
        with dialog_actions():
            cancel = ui.button("Cancel", on_click=box.close).props("flat no-caps")
            button = ui.button(action, on_click=submit).props("no-caps").classes("pn-danger")
            button.set_enabled(is_typed())
            if not typed:
                cancel.props("autofocus")
    answer: Any = await box
    return answer is True
