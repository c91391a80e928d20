"""A workshop, its console in a browser, and all exercises done in it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

import pannier
from tests.console.browser import visiting
from tests.workshop.browser_walk import Walk


@contextmanager
def workshop(folder: Path) -> Iterator[tuple[str, str]]:
    """What `pannier workshop start` gives: the server's address and the console's."""
    command = [sys.executable, "-m", "pannier", "workshop"]
    where = ["--path", str(folder)]
    subprocess.run(
        [*command, "start", "--port", "0", *where], check=True, capture_output=True, timeout=60
    )
    try:
        noted = json.loads((folder / ".workshop" / "server.json").read_text())
        yield noted["url"], noted["console"]
    finally:
        subprocess.run([*command, "clean", "--yes", *where], check=True, timeout=60)


@contextmanager
def walking(browser: Browser, folder: Path, camera: Callable[[Page, str], None]) -> Iterator[Walk]:
    """A reader in front of a fresh workshop."""
    with (
        workshop(folder) as (url, console),
        pannier.connect(url) as db,
        visiting(browser, console) as page,
    ):
        yield Walk(page, console.split("/?")[0], url, db, folder, lambda name: camera(page, name))
