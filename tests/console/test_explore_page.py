"""The page *Explore items*: what is asked, and what it shows."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.accessibility import serious_findings
from tests.console.browser import read_only_console, visiting
from tests.console.explore_site import (
    Site,
    column,
    explore,
    explore_site,
    open_item,
    summary,
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with explore_site() as made:
        yield made


@pytest.fixture(scope="module")
def visit(site: Site, browser: Browser) -> Iterator[Page]:
    with visiting(browser, site.console) as page:
        yield page


@pytest.fixture
def base(site: Site) -> str:
    return site.base


def test_a_table_is_chosen_and_its_items_are_paged(visit: Page, base: str) -> None:
    visit.goto(f"{base}/explore")
    visit.get_by_label("Table", exact=True).first.click()
    visit.get_by_role("option", name="shop").click()
    expect(summary(visit)).to_contain_text("Page 1 · 50 items · 50 read")
    assert visit.url.endswith("/explore?table=shop")
    visit.get_by_role("button", name="Next").click()
    expect(summary(visit)).to_contain_text("Page 2 · 50 items")
    second = column(visit, "SK")
    visit.get_by_role("button", name="Next").click()
    expect(summary(visit)).to_contain_text("Page 3")
    assert not set(second) & set(column(visit, "SK"))
    visit.get_by_role("button", name="Previous").click()
    expect(summary(visit)).to_contain_text("Page 2")
    assert column(visit, "SK") == second


def test_a_query_with_conditions_is_in_the_address(visit: Page, base: str) -> None:
    explore(visit, base)
    visit.get_by_text("Query", exact=True).click()
    visit.get_by_role("button", name="Run").click()
    expect(visit.get_by_text("A query needs its value.").first).to_be_visible()
    visit.get_by_label("PK (S) =").fill("p1")
    visit.get_by_label("SK (N)").first.click()
    visit.get_by_role("option", name="between").click()
    visit.get_by_label("Value of SK").fill("60")
    visit.get_by_label("and SK").fill("80x")
    visit.keyboard.press("Enter")
    expect(visit.get_by_text("This is no number that DynamoDB has").first).to_be_visible()
    visit.get_by_label("and SK").fill("80")
    visit.get_by_text("Descending").click()
    visit.get_by_role("button", name="Add filter").click()
    visit.get_by_role("group", name="Filter 1").get_by_label("Attribute").fill("status")
    visit.get_by_label("Value", exact=True).fill("open")
    visit.keyboard.press("Enter")
    expect(summary(visit)).to_contain_text("Page 1 · 3 items · 21 read")
    assert column(visit, "SK") == ["80", "70", "60"]
    visit.reload()
    expect(summary(visit)).to_contain_text("Page 1 · 3 items · 21 read")
    assert column(visit, "SK") == ["80", "70", "60"]
    visit.get_by_role("button", name="As a command").click()
    own = visit.get_by_role("region", name="pannier command")
    expect(own).to_contain_text("PK = :v0 AND SK BETWEEN :v1 AND :v2")
    expect(visit.get_by_role("region", name="aws command")).to_contain_text("aws dynamodb query")
    visit.keyboard.press("Escape")
    expect(visit.get_by_role("dialog")).to_have_count(0)


def test_a_filter_that_leaves_little_fills_its_page_all_the_same(visit: Page, base: str) -> None:
    condition = json.dumps(["status", "=", "S", "open", ""])
    explore(visit, base, f=condition, size=25)
    expect(summary(visit)).to_contain_text("Page 1 · 25 items")
    visit.get_by_role("button", name="Next").click()
    expect(summary(visit)).to_contain_text("Page 2 · 6 items")
    expect(visit.get_by_role("button", name="Next")).to_be_disabled()


def test_values_of_each_type_keep_every_digit_and_are_only_text(visit: Page, base: str) -> None:
    explore(visit, base, op="query", pk="typed")
    expect(summary(visit)).to_contain_text("1 item")
    for text in (
        "12345678901234567890.123456789012345678",
        "{x, y}",
        "base64 AAEC",
        "<img src=x onerror=alert(1)>",
    ):
        expect(visit.get_by_role("gridcell", name=text, exact=True)).to_be_visible()
    expect(visit.get_by_role("columnheader", name=":evil")).to_be_visible()


def test_a_column_is_sorted_by_value(visit: Page, base: str) -> None:
    explore(visit, base, op="query", pk="p0", size=25)
    expect(summary(visit)).to_contain_text("25 items")
    header = visit.get_by_role("columnheader", name="size", exact=True)
    header.click()
    header.click()
    expect(header).to_have_attribute("aria-sort", "descending")
    visit.wait_for_function("""() => {
        const first = document.querySelector('.ag-row[row-index="0"]');
        return first && first.innerText.includes("24");
    }""")


def test_columns_are_chosen(visit: Page, base: str) -> None:
    explore(visit, base)
    expect(visit.get_by_role("columnheader", name="size", exact=True)).to_be_visible()
    visit.get_by_role("button", name="Columns").click()
    visit.get_by_role("dialog").get_by_text("size").click()
    visit.get_by_role("button", name="Show", exact=True).click()
    expect(visit.get_by_role("columnheader", name="size", exact=True)).to_have_count(0)
    expect(visit.get_by_role("columnheader", name="status", exact=True)).to_be_visible()


def test_what_is_wrong_is_said_and_nothing_is_lost(visit: Page, base: str) -> None:
    explore(visit, base, where="size >", values="")
    expect(visit.get_by_role("alert").first).to_contain_text("ValidationException")
    expect(visit.get_by_label("Filter expression")).to_have_value("size >")
    visit.get_by_label("Filter expression").fill("size > :low")
    visit.get_by_label("Its values, as JSON").fill('{":low": 298}')
    visit.keyboard.press("Enter")
    expect(summary(visit)).to_contain_text("1 item ")
    explore(visit, base, f="x")
    expect(visit.get_by_text("the part f=x of the page's address can't be read")).to_be_visible()
    explore(visit, base, table="nope")
    expect(visit.get_by_text("There is no table nope")).to_be_visible()
    explore(visit, base, table="empty")
    expect(visit.get_by_text("The table is empty")).to_be_visible()
    explore(visit, base, f=json.dumps(["none", "attribute_exists", "S", "", ""]))
    expect(visit.get_by_text("Nothing was found")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(
    browser: Browser, site: Site, base: str, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    with visiting(
        browser, site.console, viewport=size, color_scheme=scheme, bypass_csp=True
    ) as visitor:
        condition = json.dumps(["status", "=", "S", "open", ""])
        explore(visitor, base, op="query", pk="p0", f=condition, size=25)
        expect(visitor.get_by_role("gridcell", name="40", exact=True).first).to_be_attached()
        assert serious_findings(visitor) == []
        assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
        open_item(visitor, "p0")
        assert serious_findings(visitor, ".q-dialog") == []


def test_a_read_only_console_shows_and_exports_only(
    browser: Browser, site: Site, base: str
) -> None:
    with read_only_console(site.server) as url, visiting(browser, url) as visitor:
        explore(visitor, url.split("/?")[0], op="query", pk="p0", size=25)
        expect(visitor.get_by_text("This console is read only")).to_be_visible()
        expect(visitor.get_by_role("button", name="New item")).to_be_disabled()
        visitor.locator('.ag-row[row-index="0"]').get_by_role("checkbox").click()
        for name in ("Duplicate", "Delete selected (1)"):
            expect(visitor.get_by_role("button", name=name)).to_be_disabled()
        dialog = open_item(visitor, "p0")
        for name in ("Save", "Delete", "Duplicate"):
            expect(dialog.get_by_role("button", name=name)).to_be_disabled()
