"""What surrounds every page: the ways to the others, light and dark, by mouse and by keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.browser import serving_console, visiting

DARK = re.compile(r"\bbody--dark\b")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving_console("--memory") as (_, console):
        yield console


def is_dark(page: Page, so: bool) -> None:
    body = expect(page.locator("body"))
    if so:
        body.to_have_class(DARK)
    else:
        body.not_to_have_class(DARK)


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_systems_colours_count_until_the_reader_chooses(
    browser: Browser, address: str, system: str
) -> None:
    with visiting(browser, address, color_scheme=system) as page:
        is_dark(page, system == "dark")
        page.get_by_role("button", name="Light or dark").click()
        is_dark(page, system == "light")
        page.get_by_role("link", name="Shell").click()
        expect(page.get_by_role("heading", name="Shell", level=1)).to_be_visible()
        is_dark(page, system == "light")
        page.get_by_role("button", name="Light or dark").click()
        is_dark(page, system == "dark")


def test_all_pages_are_one_step_away(browser: Browser, address: str) -> None:
    with visiting(browser, address) as page:
        pages = page.get_by_role("navigation", name="Pages")
        names = [each.inner_text().splitlines()[-1] for each in pages.get_by_role("link").all()]
        assert len(names) == 6
        for name in names:
            pages.get_by_role("link", name=name).click()
            expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
            here = pages.get_by_role("link", name=name)
            expect(here).to_have_attribute("aria-current", "page")


def test_on_a_narrow_screen_the_navigation_is_behind_a_button(
    browser: Browser, address: str
) -> None:
    with visiting(browser, address, viewport={"width": 390, "height": 844}) as page:
        link = page.get_by_role("link", name="Metrics")
        expect(link).not_to_be_in_viewport()
        page.get_by_role("button", name="Show or hide the navigation").click()
        expect(link).to_be_in_viewport()
        link.click()
        expect(page.get_by_role("heading", name="Metrics", level=1)).to_be_visible()


def test_the_first_stop_of_the_keyboard_leads_to_the_content(
    browser: Browser, address: str
) -> None:
    with visiting(browser, address) as page:
        expect(page.get_by_role("heading", name="Tables", level=1)).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_label("Filter by name")).to_be_focused()
