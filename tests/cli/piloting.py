"""A full screen without a terminal: its keys are pressed, and what it shows is read."""

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

_PAUSE_S = 0.05
_PAUSES_MAX = 600


async def until(pilot: Pilot[Any], is_so: Callable[[], object]) -> None:
    """Wait for what the screen shall come to."""
    for _ in range(_PAUSES_MAX):
        await pilot.pause()
        if is_so():
            return
        await asyncio.sleep(_PAUSE_S)
    raise AssertionError(f"it never came to that; the screen:\n{screen_text(pilot.app)}")


def shown(app: App[Any], name: str) -> str:
    """What a line of the screen says; empty where it is hidden."""
    widget = app.query_one(f"#{name}", Static)
    return str(widget.content) if widget.display else ""


def screen_text(app: App[Any]) -> str:
    """The screen as a person sees it, without colours."""
    width = app.size.width
    return "\n".join(strip.text[:width] for strip in app.screen._compositor.render_strips())
