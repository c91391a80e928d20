"""The pictures in the documents, of what the tests assert: `make screenshots`.

    python -m tests.screenshots

Those of the workshop are taken while the chapter is followed in the browser, with every assertion
of it; those of the console's pages on a server on which a job runs against its capacity.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from pannier.cli.screen.metrics_app import MetricsApp
from pannier.cli.screen.plots import ChartPlot
from pannier.monitoring.cloudwatch_source import CloudWatchSource
from pannier.monitoring.watching import Sight, Watch
from tests.cli.piloting import screen_text, until
from tests.conftest import TABLE
from tests.console.browser import chromium, serving_console, visiting
from tests.workshop.browser_walk import EXERCISES
from tests.workshop.in_the_browser import walking

DOCUMENTS = Path(__file__).parents[1] / "docs"
WORKSHOP_IMAGES = DOCUMENTS / "workshop" / "images"
CONSOLE_IMAGES = DOCUMENTS / "images"
_SETTLE_MS = 800  # charts and notices come and go by themselves
_THROTTLED_MS = 10_000  # until the job has been refused something, and metrics say so
_ITEMS = "3000"


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_timeout(_SETTLE_MS)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    sys.stderr.write(f"{path.relative_to(DOCUMENTS.parent)}\n")


def workshop(browser: Browser) -> None:
    """Follow the chapter, and take the pictures that it asks for."""

    def camera(page: Page, name: str) -> None:
        _shoot(page, WORKSHOP_IMAGES / f"{name}.png")

    with (
        tempfile.TemporaryDirectory() as scratch,
        walking(browser, Path(scratch) / "workshop", camera) as walk,
    ):
        for exercise in EXERCISES:
            exercise(walk)


def _pannier(*words: str) -> list[str]:
    return [sys.executable, "-m", "pannier", *words]


@contextmanager
def _busy(url: str, folder: str) -> Iterator[None]:
    """Tables with items, and a job that loads a third one faster than it may."""
    small = ["--provisioned", "40,80"]
    index = ["--index", "GSI1=GSI1PK:S,GSI1SK:S"]
    for words in (
        ["create-table", "customers", "--key", "PK:S"],
        ["create-table", "orders", "--key", "PK:S,SK:S", *index],
        ["create-table", "events", "--key", "PK:S,SK:S", *small],
        ["fill", "customers", "--count", "250"],
        ["fill", "orders", "--count", _ITEMS],
        ["throttle", "tables", "--burst", "10"],
    ):
        subprocess.run(
            _pannier(*words, "--target", url), cwd=folder, check=True, capture_output=True
        )
    job = subprocess.Popen(
        _pannier("fill", "events", "--count", "100000", "--target", url),
        cwd=folder,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        job.terminate()
        job.wait()


def console(browser: Browser) -> None:
    """Take one picture of each page."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving_console("--memory", "--console-folder", scratch) as (url, address),
        _busy(url, scratch),
        visiting(browser, address) as page,
    ):
        base = address.split("/?")[0]
        for name, place, prepare in _PAGES:
            page.goto(f"{base}/{place}")
            prepare(page)
            _shoot(page, CONSOLE_IMAGES / f"console-{name}.png")


def _tables(page: Page) -> None:
    expect(page.get_by_text("ACTIVE")).to_have_count(3)


def _explore(page: Page) -> None:
    expect(page.get_by_role("gridcell").first).to_be_visible()


def _batch(page: Page) -> None:
    page.get_by_role("button", name=f"Create {TABLE}").click()
    page.get_by_role("button", name="Write 30").click()
    page.get_by_text("all 30 are done").wait_for()
    page.get_by_text("is created.").wait_for(state="hidden")
    page.evaluate("window.scrollTo(0, 0)")


def _metrics(page: Page) -> None:
    page.wait_for_timeout(_THROTTLED_MS)
    heading = page.get_by_role("heading", name="Write units of events")
    heading.evaluate("place => place.scrollIntoView({block: 'center'})")


def _capacity(page: Page) -> None:
    expect(page.get_by_role("heading", name="Left to spend")).to_be_visible()


def _shell(page: Page) -> None:
    field = page.get_by_label("Command", exact=True)
    field.fill("pannier tables --long\npannier count orders")
    field.press("Enter")
    expect(page.get_by_role("log").get_by_text("exit status")).to_have_count(2, timeout=30_000)


_PAGES: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("tables", "tables", _tables),
    ("explore", "explore?table=orders", _explore),
    ("batch", "batch?example=large-batch", _batch),
    ("metrics", "metrics?table=events&range=15m", _metrics),
    ("capacity", "capacity?table=events", _capacity),
    ("shell", "shell", _shell),
)


def monitor() -> None:
    """Take one picture of the screen of `pannier monitor`, which a browser draws afterwards."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving_console("--memory") as (url, _),
        _busy(url, scratch),
    ):
        time.sleep(_THROTTLED_MS / 1000)
        drawn = asyncio.run(_drawn(url))
    # The drawing names a font of another place, which is not fetched: one of the system's does.
    plain = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_content(
            f'<body style="margin: 0">{plain.replace("Fira Code", "DejaVu Sans Mono")}'
        )
        path = CONSOLE_IMAGES / "monitor.png"
        page.locator("svg").screenshot(path=path)
    sys.stderr.write(f"{path.relative_to(DOCUMENTS.parent)}\n")


async def _drawn(url: str) -> str:
    """The screen as an SVG, once there is something on it."""
    sight = Sight(("events",), "15m")
    app = MetricsApp(Watch(lambda: CloudWatchSource.of_target(url, {})), sight, 5.0)
    async with app.run_test(size=(132, 46)) as pilot:
        await until(pilot, lambda: len(app.query(ChartPlot)) > 1)
        await until(pilot, lambda: "fill" in screen_text(app))
        return app.export_screenshot()


def main() -> None:
    """Take all of them."""
    with _own_jobs():
        monitor()
    with chromium() as browser:
        for take in (console, workshop):
            with _own_jobs():
                take(browser)


@contextmanager
def _own_jobs() -> Iterator[None]:
    """Only jobs of ours are to be seen in a picture."""
    with tempfile.TemporaryDirectory() as runtime:
        os.environ["XDG_RUNTIME_DIR"] = runtime
        yield


if __name__ == "__main__":
    main()
