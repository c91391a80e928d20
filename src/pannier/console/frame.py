"""What surrounds every page: the name of the target, the way to the other pages, light and dark."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from pannier.console.console import Console
from pannier.console.elements import failure, heading, notify_failure
from pannier.console.sign_in import SIGN_IN, SIGN_OUT

_STYLE: Final = (Path(__file__).parent / "static" / "console.css").read_text()
# The system's setting counts until the reader chooses; the choice stays in the browser.
_DARK: Final = "pannier-dark"
_KEPT: Final = "; Path=/; Max-Age=31536000; SameSite=Strict"
_SIGN_OUT: Final = (
    f"fetch('{SIGN_OUT}', {{method: 'POST'}}).finally(() => window.location.assign('{SIGN_IN}'))"
)
_DRAWER_BREAKPOINT_PX: Final = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """A page as the navigation shows it."""

    path: str
    title: str
    icon: str


TABLES: Final = Place("/tables", "Tables", "table_chart")
EXPLORE: Final = Place("/explore", "Explore items", "search")
BATCH: Final = Place("/batch", "Batch", "inventory_2")
METRICS: Final = Place("/metrics", "Metrics", "show_chart")
CAPACITY: Final = Place("/capacity", "Capacity and faults", "speed")
SHELL: Final = Place("/shell", "Shell", "terminal")
_PLACES: Final = (TABLES, EXPLORE, BATCH, METRICS, CAPACITY, SHELL)


@contextmanager
def frame(console: Console, here: Place) -> Iterator[Element]:
    """A page: what is made inside stands in its middle, under its title."""
    ui.add_css(_STYLE)
    ui.on_exception(notify_failure)
    dark = ui.dark_mode(value=_chosen_dark())
    drawer = _navigation(here)
    _header(console, drawer, dark)
    with ui.element("div").classes("pn-page") as content:
        heading(here.title, 1)
        yield content
    ui.skip_link("Skip to the content", target=content)


async def loaded(container: Element, load: Callable[[], Awaitable[None]]) -> None:
    """Fill a part of a page with what has to be asked for; anew each time that it is awaited.

    Meanwhile it shows that it is busy. If it fails, it says so in the container, with a button to
    try again.

    Args:
        container: emptied first.
        load: makes its elements; runs inside it.
    """
    container.clear()
    with container:
        spinner = ui.spinner(size="2em").props('aria-label="Loading"')
        try:
            await load()
        except Exception as error:  # whatever it is, the reader has to see it
            container.clear()

            async def again() -> None:
                await loaded(container, load)

            failure(error, again)
        else:
            if not spinner.is_deleted:
                spinner.delete()


def once_shown(work: Callable[[], Awaitable[None]]) -> None:
    """Do something as soon as the page stands in the browser."""
    ui.timer(0, work, once=True)


async def is_dark() -> bool:
    """Whether the page is dark at the moment, by choice or by the system's setting."""
    try:
        answer: Any = await ui.run_javascript("Quasar.Dark.isActive")
    except TimeoutError:  # the reader has gone on to another page
        return False
    return answer is True


def _header(console: Console, drawer: ui.left_drawer, dark: ui.dark_mode) -> None:
    with ui.header().classes("pn-header"):
        ui.button(icon="menu", on_click=drawer.toggle).props(
            'flat round dense aria-label="Show or hide the navigation"'
        )
        ui.link("Pannier", TABLES.path).classes("pn-brand")
        with ui.element("div").classes("pn-target").props('role="status" aria-label="Target"'):
            ui.label(console.name).props["title"] = console.name
            if console.read_only:
                ui.label("read only").classes("pn-badge")

        async def toggle() -> None:
            chosen = not await is_dark()
            dark.value = chosen
            ui.run_javascript(f"document.cookie = '{_DARK}={int(chosen)}{_KEPT}'")

        ui.button(icon="contrast", on_click=toggle).props(
            'flat round dense aria-label="Light or dark"'
        )
        if console.signed_in:
            ui.button(icon="logout", on_click=lambda: ui.run_javascript(_SIGN_OUT)).props(
                'flat round dense aria-label="Sign out"'
            )


def _chosen_dark() -> bool | None:
    """Whether the reader has chosen dark, or light; None for neither."""
    chosen = ui.context.client.request.cookies.get(_DARK, "")
    return {"1": True, "0": False}.get(chosen)


def _navigation(here: Place) -> ui.left_drawer:
    drawer = ui.left_drawer(bordered=True).classes("pn-drawer")
    drawer.props(f"width=220 breakpoint={_DRAWER_BREAKPOINT_PX}")
    with drawer, ui.element("nav").props('aria-label="Pages"'):
        for place in _PLACES:
            link = ui.link(target=place.path).classes("pn-link")
            if place is here:
                link.props('aria-current="page"')
            with link:
                ui.icon(place.icon).props('aria-hidden="true"')
                TextElement(tag="span", text=place.title)
    return drawer
