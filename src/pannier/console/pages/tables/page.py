"""The page's two views: all tables, and one of them."""

from pathlib import Path
from typing import Final

from nicegui import ui

from pannier.console.console import Console
from pannier.console.frame import TABLES, frame
from pannier.console.pages.tables.details import Details
from pannier.console.pages.tables.overview import Overview

_STYLE: Final = (Path(__file__).parents[2] / "static" / "tables.css").read_text()


def add(console: Console) -> None:
    """Add the page."""

    @ui.page(TABLES.path, title=f"{TABLES.title} - Pannier")
    async def page(table: str = "", filter: str = "") -> None:  # noqa: A002  # the URL's word
        with frame(console, TABLES):
            ui.add_css(_STYLE)
            if table:
                Details(console, table)
            else:
                Overview(console, filter)
