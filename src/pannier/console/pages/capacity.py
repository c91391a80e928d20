"""capacity."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import CAPACITY, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(CAPACITY.path, title=f"{CAPACITY.title} - Pannier")
    async def page() -> None:
        with frame(console, CAPACITY):
            ui.label("to come")
