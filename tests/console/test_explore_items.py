"""Items changed and exported on the page *Explore items*."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pannier.library.connection import Connection
from tests.console.browser import visiting
from tests.console.explore_site import (
    TYPED,
    Site,
    explore,
    explore_site,
    item_of,
    open_item,
    summary,
    write,
)
from tests.console.explore_tables import shop_item


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


@pytest.fixture
def db(site: Site) -> Connection:
    return site.db


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
    dialog = open_item(visit, "201")
    dialog.get_by_role("button", name="Duplicate").click()
    dialog = visit.get_by_role("dialog", name="Duplicate item")
    expect(dialog.get_by_role("textbox")).to_contain_text('"SK": 201')
    text = dialog.get_by_role("textbox").inner_text()
    write(visit, text.replace('"SK": 201', '"SK": 1001'))
    dialog.get_by_role("button", name="Save").click()
    expect(visit.get_by_role("dialog")).to_have_count(0)
    assert item_of(db, "p4", 1001) is not None
    dialog = visit.get_by_role("dialog")
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
