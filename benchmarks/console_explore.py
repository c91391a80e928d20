"""How long the console's page *Explore items* takes from a click to the rows on the screen.

    python -m benchmarks.console_explore FOLDER TABLE [--filter ATTRIBUTE=VALUE]

FOLDER holds a database with a large table (`pannier fill`); it is served, with its console, by this
program. A real browser clicks; the time ends when the rows of the next page stand in the document.
The filter should leave about one item in ten.
"""

import argparse
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

import orjson
from playwright.sync_api import Page

from tests.console.browser import chromium

_TURNS: Final = 12
_SIZES: Final = (100, 1000)
_SHOWN: Final = """([label, number]) => new Promise((resolve) => {
  const first = () => document.querySelector('.ag-row[row-index="0"]')?.getAttribute("row-id");
  const before = first();
  const words = () => [...document.querySelectorAll('[role="status"]')].map((e) => e.innerText);
  const began = performance.now();
  const look = () => {
    const shown = first();
    const there = words().some((text) => text.startsWith(`Page ${number} ·`));
    if (there && shown && shown !== before) resolve(performance.now() - began);
    else requestAnimationFrame(look);
  };
  [...document.querySelectorAll("button")].find((e) => e.innerText.trim().endsWith(label)).click();
  look();
})"""


def main() -> None:
    """Measure, and print a line for each kind of page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("table")
    parser.add_argument("--filter", default="status=open", metavar="ATTRIBUTE=VALUE")
    options = parser.parse_args()
    name, _, value = options.filter.partition("=")
    filtered = {"f": orjson.dumps([name, "=", "S", value, ""]).decode()}
    with _served(options.folder) as url, chromium() as browser:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(url)
        for size in _SIZES:
            for label, condition in (("all items", {}), (options.filter, filtered)):
                asked = {"table": options.table, "size": size, **condition}
                _measure(page, url.split("/?")[0], asked, f"{size:>5} a page, {label}")
        context.close()


def _measure(page: Page, base: str, asked: dict[str, object], label: str) -> None:
    page.goto(f"{base}/explore?{urlencode(asked)}")
    page.wait_for_selector('.ag-row[row-index="0"]')
    page.wait_for_selector('button:has-text("Next"):not([disabled])')
    first_ms = []
    for _ in range(3):
        first_ms.append(page.evaluate(_SHOWN, ["Run", 1]))
        page.wait_for_selector('button:has-text("Next"):not([disabled])')
    next_ms = []
    for number in range(2, _TURNS + 2):
        next_ms.append(page.evaluate(_SHOWN, ["Next", number]))
        page.wait_for_selector('button:has-text("Next"):not([disabled])')
    print(
        f"{label}: first page {statistics.median(first_ms):.0f} ms; "
        f"Next {statistics.median(next_ms):.0f} ms, slowest of {_TURNS}: {max(next_ms):.0f} ms"
    )


@contextmanager
def _served(folder: str) -> Iterator[str]:
    """A `pannier serve` of a folder: the console's address."""
    server = subprocess.Popen(
        [sys.executable, "-m", "pannier", "serve", "--port", "0", "--path", folder],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        words = ""
        while "Ctrl-C" not in words:
            words += server.stderr.readline()
        console = re.search(r"console: (http\S+)", words)
        assert console is not None, words
        yield console.group(1)
    finally:
        server.terminate()
        server.communicate(timeout=20)


if __name__ == "__main__":
    main()
