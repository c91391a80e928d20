"""batch."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import BATCH, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(BATCH.path, title=f"{BATCH.title} - Pannier")
    async def page() -> None:
        with frame(console, BATCH):
            ui.label("to come")
