"""shell."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import SHELL, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(SHELL.path, title=f"{SHELL.title} - Pannier")
    async def page() -> None:
        with frame(console, SHELL):
            ui.label("to come")
