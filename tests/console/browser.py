"""A browser for the tests and for the screenshots: Debian's Chromium, driven by Playwright."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from playwright.sync_api import Browser, Page, Response, expect, sync_playwright

from tests.conftest import serving_with_words

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE_MS = 20_000
_MISSING = (
    "No Chromium was found, so the console can't be tested. Install it: apt install chromium "
    "(or have a `chromium` on the PATH)."
)
# Without these Chromium asks for pages of its maker's at every start.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; fails with what to do where there is none."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise FileNotFoundError(_MISSING)
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """A page of a console, opened with its token.

    At the end nothing may have been asked of another host, nothing may have failed to load, and
    no script may have failed.
    """
    host = re.match(r"https?://[^/]+", url)
    assert host is not None
    asked: list[str] = []
    failed: list[str] = []

    def refused(answer: Response) -> None:
        if answer.status >= HTTPStatus.BAD_REQUEST:
            failed.append(f"{answer.status} {answer.url}")

    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    context.set_default_timeout(_PATIENCE_MS)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(f"script: {error}"))
    page.on("response", refused)
    try:
        page.goto(url)
        yield page
    finally:
        context.close()
    foreign = [one for one in asked if not one.startswith((host.group(), "data:", "blob:"))]
    assert not foreign, f"asked elsewhere: {foreign}"
    assert not failed, failed


@contextmanager
def serving_console(*options: str) -> Iterator[tuple[str, str]]:
    """A `pannier serve` with its console: the server's URL, and the console's with its token."""
    with serving_with_words(*options) as (words, _):
        console = re.search(r"console: (http\S+)", words)
        assert console is not None, words
        yield words.split("\n")[0].split(" at ")[1], console.group(1)


@contextmanager
def read_only_console(url: str) -> Iterator[str]:
    """A console of a target that it only reads, as it does of AWS: its address with its token."""
    console = subprocess.Popen(
        [sys.executable, "-m", "pannier", "console", "--target", "aws", "--port", "0"],
        env={**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert console.stderr is not None
    try:
        words = ""
        while not (found := re.search(r"(http://\S+token=\S+)", words)):
            line = console.stderr.readline()
            assert line, words
            words += line
        yield found.group(1)
    finally:
        console.terminate()
        console.communicate(timeout=20)
