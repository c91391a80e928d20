"""The page Batch for everybody: by keyboard and screen reader, light and dark, on any screen."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import pannier
from tests.console.accessibility import serious_findings
from tests.console.browser import serving_console, visiting
from tests.console.test_batch_page import (
    SMALL,
    open_batch,
    press,
    shown,
    small_table,
    write_text,
)

WIDTHS = (1280, 390)
SETTLED = "!document.getAnimations().some((each) => each.effect.getTiming().iterations === 1)"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    with serving_console("--memory") as urls:
        yield urls


def fits_everybody(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(f"window.innerWidth === {width}")
        page.wait_for_function(SETTLED)
        assert serious_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_people_from_using_it(
    browser: Browser, served: tuple[str, str], scheme: Any
) -> None:
    url, own = served
    with (
        pannier.connect(url) as db,
        visiting(browser, own, color_scheme=scheme, bypass_csp=True) as page,
    ):
        small_table(db)
        open_batch(page)
        many = [{"PutRequest": {"Item": {"PK": {"S": f"k{n}"}}}} for n in range(30)]
        bad = [{"PutRequest": {}}, many[0]]
        write_text(page, json.dumps({SMALL: [*many, *bad]}, indent=1))
        shown(page, "1 problem, 1 note")
        press(page, "Write 32")
        shown(page, "30 of 32 are done, in 2 calls")
        press(page, "Compare")
        shown(page, "What is said of batches")
        fits_everybody(page)

        key = {"PK": {"S": "k0"}}
        write_text(page, json.dumps({SMALL: {"Keys": [key], "ProjectionExpression": "PK"}}))
        press(page, "Read 1")
        shown(page, "1 read = 1 found")
        press(page, "Read both ways")
        expect(page.get_by_role("region", name="Projected answer")).to_be_visible()
        page.get_by_role("button", name="Request and answer 1").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("button", name="Close")).to_be_focused()
        fits_everybody(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
