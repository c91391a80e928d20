"""metrics."""

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import METRICS, frame


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(METRICS.path, title=f"{METRICS.title} - Pannier")
    async def page() -> None:
        with frame(console, METRICS):
            ui.label("to come")
