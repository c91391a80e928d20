"""tables."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import TABLES, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(TABLES.path, title=f"{TABLES.title} - Pannier")
    async def page() -> None:
        with frame(console, TABLES):
            ui.label("to come")
