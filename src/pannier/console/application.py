"""The console's pages as one ASGI application.

NiceGUI keeps its pages in the process, so a process has one console.
"""

import logging
from typing import Final

from fastapi import FastAPI
from nicegui import ui
from starlette.responses import RedirectResponse

from pannier.console.console import Console
from pannier.console.elements import is_of_a_page_left
from pannier.console.frame import TABLES
from pannier.console.pages import batch, capacity, explore, metrics, shell, tables
from pannier.errors import PannierError

_TITLE: Final = "Pannier"
_ICON: Final = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect width='32' height='32' rx='6' fill='#14283f'/>"
    "<path d='M5 13h9v11H7zM18 13h9l-2 11h-7z' fill='#f1c177'/>"
    "<path d='M9 13c0-8 14-8 14 0' fill='none' stroke='#f1c177' stroke-width='2'/></svg>"
)


def application(console: Console) -> FastAPI:
    """All pages, for one target. Once in a process."""
    logging.getLogger("nicegui").addFilter(_unexpected)
    app = FastAPI(title=_TITLE, openapi_url=None)

    @app.get("/")
    def first() -> RedirectResponse:
        return RedirectResponse(TABLES.path)

    for page in (tables, explore, batch, metrics, capacity, shell):
        page.add(console)
    ui.run_with(
        app,
        title=_TITLE,
        favicon=_ICON,
        dark=None,
        language="en-US",
        tailwind=False,
        binding_refresh_interval=None,  # nothing is bound that changes unseen: no idle loop
        show_welcome_message=False,
    )
    return app


def _unexpected(record: logging.LogRecord) -> bool:
    """What the page tells its reader need not be in the log with a traceback, too."""
    error = (record.exc_info[1] if record.exc_info else None) or record.msg
    return not (isinstance(error, PannierError) or is_of_a_page_left(error))
