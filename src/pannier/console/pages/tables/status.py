"""A status, said in a word and a colour."""

from typing import Final

from nicegui import ui

_GOOD: Final = "ACTIVE"


def badge(status: str = "") -> ui.label:
    """A status that `show_status` may change."""
    made = ui.label().classes("pn-status")
    show_status(made, status)
    return made


def show_status(made: ui.label, status: str) -> None:
    """Show another status."""
    made.set_text(status)
    made.classes(remove="pn-good pn-warn", add="pn-good" if status == _GOOD else "pn-warn")
    made.set_visibility(bool(status))
