"""The page *Explore items*, used as people use it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import pannier
from pannier.library.connection import Connection
from tests.console.accessibility import serious_findings
from tests.console.browser import read_only_console, serving_console, visiting
from tests.console.explore_tables import CREATE, shop_item

TYPED: dict[str, Any] = {
    "PK": {"S": "typed"},
    "SK": {"N": "1"},
    "status": {"S": "open"},
    "digits": {"N": "12345678901234567890.123456789012345678"},
    "tags": {"SS": ["x", "y"]},
    "raw": {"B": "AAEC"},
    ":evil": {"S": "<img src=x onerror=alert(1)>"},
    "size": {"N": "1"},
}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    with serving_console("--memory") as addresses:
        yield addresses


@pytest.fixture(scope="module")
def db(served: tuple[str, str]) -> Iterator[Connection]:
    with pannier.connect(served[0]) as connection:
        for name in ("shop", "empty"):
            connection.call("CreateTable", {**CREATE, "TableName": name})
            while connection.table(name).describe()["TableStatus"] != "ACTIVE":
                pass
        connection.write([shop_item(number) for number in range(300)], "shop")
        connection.call("PutItem", {"TableName": "shop", "Item": TYPED})
        yield connection


@pytest.fixture(scope="module")
def visit(served: tuple[str, str], db: Connection, browser: Browser) -> Iterator[Page]:
    with visiting(browser, served[1]) as page:
        yield page


@pytest.fixture
def base(served: tuple[str, str], visit: Page) -> str:
    return served[1].split("/?")[0]


def explore(page: Page, base: str, **parameters: Any) -> None:
    page.goto(f"{base}/explore?{urlencode({'table': 'shop', **parameters}, doseq=True)}")


def summary(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text=re.compile("^Page "))


def column(page: Page, name: str) -> list[str]:
    """The texts of a column, from the top."""
    header = page.get_by_role("columnheader", name=name, exact=True)
    identity = header.get_attribute("col-id")
    cells = page.locator(f'.ag-row [col-id="{identity}"]').all()
    return [cell.inner_text() for cell in cells]


def open_item(page: Page, text: str) -> Locator:
    page.get_by_role("gridcell", name=text, exact=True).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Save")).to_be_visible()
    return dialog


def write(page: Page, text: str) -> None:
    editor = page.get_by_role("dialog").get_by_role("textbox")
    editor.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def item_of(db: Connection, partition: str, sort: int) -> dict[str, Any] | None:
    key = {"PK": {"S": partition}, "SK": {"N": str(sort)}}
    answer = db.call("GetItem", {"TableName": "shop", "Key": key, "ConsistentRead": True})
    return answer.get("Item")


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


def test_an_item_is_edited_in_both_forms(visit: Page, base: str, db: Connection) -> None:
    explore(visit, base, op="query", pk="typed")
    dialog = open_item(visit, "typed")
    text = dialog.get_by_role("textbox").inner_text()
    assert "12345678901234567890.123456789012345678" in text
    plain = json.loads(text, parse_float=str)
    write(visit, json.dumps({**plain, "tags": ["x", "z"]}))
    expect(dialog.get_by_text("plain JSON would make something else of a set")).to_be_visible()
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    write(visit, '{\n "PK": "typed",\n "SK": 1,,\n}')
    expect(dialog.get_by_text(re.compile("^Line 3: this is not JSON"))).to_be_visible()
    write(visit, text.replace("open", "shipped"))
    dialog.get_by_text("DynamoDB JSON").click()
    expect(dialog.get_by_role("textbox")).to_contain_text('"SS"')
    edited = json.loads(dialog.get_by_role("textbox").inner_text())
    assert edited == {**TYPED, "status": {"S": "shipped"}}
    edited["tags"]["SS"] = ["x", "z"]
    write(visit, json.dumps(edited))
    dialog.get_by_role("button", name="Save").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    expect(visit.get_by_role("gridcell", name="{x, z}")).to_be_visible()
    assert item_of(db, "typed", 1) == edited


def test_what_somebody_else_changed_is_shown_before_it_is_overwritten(
    visit: Page, base: str, db: Connection
) -> None:
    explore(visit, base, op="query", pk="p5", size=25)
    dialog = open_item(visit, "251")
    text = dialog.get_by_role("textbox").inner_text()
    write(visit, text.replace("shipped", "mine"))
    db.write([{**shop_item(251), "status": "theirs"}], "shop")
    dialog.get_by_role("button", name="Save").click()
    asked = visit.get_by_role("dialog", name="The item has changed meanwhile")
    expect(asked.get_by_role("row", name="status theirs mine")).to_be_visible()
    asked.get_by_role("button", name="Go on editing").click()
    found = item_of(db, "p5", 251)
    assert found is not None
    assert found["status"] == {"S": "theirs"}
    dialog.get_by_role("button", name="Save").click()
    visit.get_by_role("button", name="Overwrite with mine").click()
    expect(visit.get_by_role("gridcell", name="mine")).to_be_visible()
    found = item_of(db, "p5", 251)
    assert found is not None
    assert found["status"] == {"S": "mine"}


def test_another_key_makes_another_item(visit: Page, base: str, db: Connection) -> None:
    explore(visit, base, op="query", pk="p5", size=25)
    dialog = open_item(visit, "252")
    text = dialog.get_by_role("textbox").inner_text()
    write(visit, text.replace('"SK": 252', '"SK": 253'))
    expect(dialog.get_by_text("This is another key")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_text("There is an item with the key PK = p5, SK = 253")).to_be_visible()
    write(visit, text.replace('"SK": 252', '"SK": 999'))
    dialog.get_by_role("button", name="Save").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    assert item_of(db, "p5", 252) is not None
    assert item_of(db, "p5", 999) is not None


def test_items_are_duplicated_and_made(visit: Page, base: str, db: Connection) -> None:
    explore(visit, base, op="query", pk="p4", size=25)
    expect(visit.get_by_role("button", name="Duplicate")).to_be_disabled()
    visit.locator('.ag-row[row-index="0"]').get_by_role("checkbox").click()
    visit.get_by_role("button", name="Duplicate").click()
    dialog = visit.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_contain_text('"SK": 200')
    text = dialog.get_by_role("textbox").inner_text()
    write(visit, text.replace('"SK": 200', '"SK": 1000'))
    dialog.get_by_role("button", name="Save").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    assert item_of(db, "p4", 1000) == {**(item_of(db, "p4", 200) or {}), "SK": {"N": "1000"}}
    visit.get_by_role("button", name="New item").click()
    expect(dialog.get_by_text("PK: a key can't be empty")).to_be_visible()
    write(visit, '{"PK": "fresh", "SK": 1}')
    dialog.get_by_role("button", name="Save").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    assert item_of(db, "fresh", 1) == {"PK": {"S": "fresh"}, "SK": {"N": "1"}}


def test_items_are_deleted_together_and_alone(visit: Page, base: str, db: Connection) -> None:
    explore(visit, base, op="query", pk="p3", size=25, sk='["<","180",""]')
    expect(summary(visit)).to_contain_text("25 items")
    visit.get_by_role("checkbox", name="Select all items of this page").click()
    visit.get_by_role("button", name="Delete selected (25)").click()
    visit.get_by_role("button", name="Delete 25 items").click()
    expect(visit.get_by_text("25 items deleted in 1 call")).to_be_visible()
    expect(summary(visit)).to_contain_text("5 items")
    dialog = open_item(visit, "179")
    dialog.get_by_role("button", name="Delete").click()
    visit.get_by_role("dialog", name="Delete item").get_by_role("button", name="Delete").click()
    expect(summary(visit)).to_contain_text("4 items")
    assert item_of(db, "p3", 150) is None
    assert item_of(db, "p3", 179) is None
    assert item_of(db, "p3", 180) is not None


def test_the_keyboard_is_enough(visit: Page, base: str) -> None:
    explore(visit, base, op="query", pk="p0", size=25)
    visit.get_by_role("gridcell", name="p0", exact=True).first.wait_for()
    visit.locator('.ag-row[row-index="0"] [col-id="c0"]').focus()
    visit.keyboard.press("ArrowDown")
    visit.keyboard.press("Enter")
    editor = visit.get_by_role("dialog").get_by_role("textbox")
    expect(editor).to_be_focused()
    visit.keyboard.press("Tab")
    expect(editor).not_to_be_focused()
    visit.keyboard.press("Escape")
    expect(visit.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("title", "ending"), [("DynamoDB JSON lines", "jsonl"), ("CSV, with types", "csv")]
)
def test_what_is_shown_and_all_of_it_is_exported(
    visit: Page, base: str, tmp_path: Path, title: str, ending: str
) -> None:
    explore(visit, base, op="query", pk="p2", size=25)
    visit.get_by_role("button", name="Export").click()
    dialog = visit.get_by_role("dialog")
    dialog.get_by_label("Format").first.click()
    visit.get_by_role("option", name=title).click()
    for choice, count in (("This page", 25), ("All pages", 50)):
        dialog.get_by_role("radio", name=choice).click()
        with visit.expect_download() as download:
            dialog.get_by_role("button", name="Export", exact=True).click()
        path = tmp_path / f"{count}.{ending}"
        download.value.save_as(path)
        assert download.value.suggested_filename == f"shop.{ending}"
        lines = path.read_text().splitlines()
        assert len(lines) == count + (ending == "csv")
        expect(dialog.get_by_text(f"{count} items exported")).to_be_visible()


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
    browser: Browser, served: tuple[str, str], base: str, scheme: str, width: int
) -> None:
    size = {"width": width, "height": 900}
    with visiting(
        browser, served[1], viewport=size, color_scheme=scheme, bypass_csp=True
    ) as visitor:
        condition = json.dumps(["status", "=", "S", "open", ""])
        explore(visitor, base, op="query", pk="p0", f=condition, size=25)
        expect(visitor.get_by_role("gridcell", name="40", exact=True).first).to_be_attached()
        assert serious_findings(visitor) == []
        assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
        open_item(visitor, "p0")
        assert serious_findings(visitor, ".q-dialog") == []


def test_a_read_only_console_shows_and_exports_only(
    browser: Browser, served: tuple[str, str], base: str
) -> None:
    with read_only_console(served[0]) as url, visiting(browser, url) as visitor:
        explore(visitor, url.split("/?")[0], op="query", pk="p0", size=25)
        expect(visitor.get_by_text("This console is read only")).to_be_visible()
        expect(visitor.get_by_role("button", name="New item")).to_be_disabled()
        visitor.locator('.ag-row[row-index="0"]').get_by_role("checkbox").click()
        for name in ("Duplicate", "Delete selected (1)"):
            expect(visitor.get_by_role("button", name=name)).to_be_disabled()
        dialog = open_item(visitor, "p0")
        for name in ("Save", "Delete", "Duplicate"):
            expect(dialog.get_by_role("button", name=name)).to_be_disabled()
