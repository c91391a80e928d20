"""explore."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import EXPLORE, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(EXPLORE.path, title=f"{EXPLORE.title} - Pannier")
    async def page() -> None:
        with frame(console, EXPLORE):
            ui.label("to come")
