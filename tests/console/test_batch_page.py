"""The page Batch in a real browser: what it shows, and what is then in the engine."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import pannier
from pannier.batch.calls import CallError
from pannier.console.pages.batch.drafts import TEXT_BYTES_MAX
from tests.conftest import EXAMPLES, TABLE
from tests.console.browser import serving_console, visiting

SMALL = "small"
PASTE = """(text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  const event = new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""
expect.set_options(timeout=15_000)
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    with serving_console("--memory") as urls:
        yield urls


@pytest.fixture(scope="module")
def shared(browser: Browser, served: tuple[str, str]) -> Iterator[Page]:
    with visiting(browser, served[1]) as page:
        yield page


@pytest.fixture
def db(served: tuple[str, str]) -> Iterator[Any]:
    """The engine, with an empty table for the test."""
    with pannier.connect(served[0]) as connection:
        yield connection


def open_batch(page: Page, query: str = "") -> Page:
    parts = urlsplit(page.url)
    page.goto(f"{parts.scheme}://{parts.netloc}/batch{query}")
    return page


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Request or items")


def write_text(page: Page, text: str) -> None:
    editor(page).click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def shown(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible()


def small_table(db: Any, name: str = SMALL, **more: Any) -> None:
    with contextlib.suppress(CallError):
        db.call("DeleteTable", {"TableName": name})
    db.call(
        "CreateTable",
        {
            "TableName": name,
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            **(more or {"BillingMode": "PAY_PER_REQUEST"}),
        },
    )


def items(db: Any, table: str) -> dict[str, dict[str, Any]]:
    return {each["PK"]["S"]: each for each in db.call("Scan", {"TableName": table})["Items"]}


# The workshop's requests, one after another, as its reader runs them


def test_the_workshop_from_an_empty_engine(shared: Page, db: Any) -> None:
    page = open_batch(shared, "?example=batch-products")
    shown(page, f"There is no table {TABLE} here")
    press(page, f"Create {TABLE}")
    shown(page, f"Write request: 3 operations on {TABLE}; no problems")
    press(page, "Write 3")
    shown(page, "batch-products.json: all 3 are done, in 1 call")
    shown(page, "3 read = 3 written + 0 deleted")
    query = {
        "TableName": TABLE,
        "IndexName": "GSI1",
        "KeyConditionExpression": "GSI1PK = :c",
        "ExpressionAttributeValues": {":c": {"S": "CATEGORY#electronics"}},
    }
    assert db.call("Query", query)["Count"] == 3

    open_batch(shared, "?example=mixed-batch")
    press(page, "Write 2")
    shown(page, "2 read = 1 written + 1 deleted")
    assert sorted(items(db, TABLE)) == [
        "PRODUCT#batch-headset-004",
        "PRODUCT#batch-keyboard-003",
        "PRODUCT#batch-laptop-001",
    ]

    open_batch(shared, "?example=batch-get")
    press(page, "Read 3")
    shown(page, "3 read = 2 found + 1 missing")
    expect(page.get_by_role("cell", name="Gaming Laptop Pro")).to_be_visible()
    expect(
        page.get_by_role("cell", name="PK: PRODUCT#batch-mouse-002, SK: DETAILS")
    ).to_be_visible()
    with page.expect_download() as download:
        press(page, "Download items")
    lines = Path(download.value.path()).read_text().splitlines()
    assert {json.loads(line)["Item"]["brand"]["S"] for line in lines} == {"TechPro", "KeyMaster"}


def test_thirty_are_refused_as_one_call_and_written_by_the_engine(shared: Page, db: Any) -> None:
    page = open_batch(shared, "?example=large-batch")
    shown(page, "Refused: ValidationException")
    shown(page, "30 in 2 calls")
    page.get_by_role("radio", name="As one call, exactly as it stands").click()
    press(page, "Send one call")
    shown(page, "large-batch.json: refused: ValidationException")
    shown(page, "HTTP 400. Nothing of the call was done.")
    assert not [key for key in items(db, TABLE) if "batch-test" in key]

    page.get_by_role("radio", name="By the batch engine").click()
    press(page, "Write 30")
    shown(page, "large-batch.json: all 30 are done, in 2 calls")
    press(page, "Look at the table first")
    shown(page, "for 15 read units")
    assert len([key for key in items(db, TABLE) if "batch-test" in key]) == 30
    page.get_by_role("button", name="Request and answer 2").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="Request")).to_contain_text("PRODUCT#batch-test-")
    expect(dialog.get_by_role("region", name="Answer")).to_contain_text('"UnprocessedItems": {}')
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_the_files_of_the_workshop_can_be_uploaded(shared: Page) -> None:
    page = open_batch(shared)
    for name, what in (("mixed-batch", "2 operations"), ("batch-get-projection", "3 keys")):
        path = EXAMPLES / "workshop" / f"{name}.json"
        page.locator("input[type=file]").set_input_files(path)
        shown(page, f"{what} on {TABLE}; no problems")


def test_a_projection_saves_bytes_and_no_units(shared: Page) -> None:
    page = open_batch(shared, "?example=batch-get-projection")
    shown(page, "Left empty, the request's own projection is used: PK, SK, #n, price, stock")
    press(page, "Read both ways")
    table = page.get_by_role("region", name="Full against projected")
    expect(table.get_by_role("row", name="Read units 1.5 1.5 the same")).to_be_visible()
    expect(table.get_by_role("row", name="Bytes answered")).to_contain_text("saved")
    expect(page.get_by_role("region", name="Full answer")).to_contain_text("GSI1PK")
    projected = page.get_by_role("region", name="Projected answer")
    expect(projected).to_contain_text("Gaming Laptop Pro")
    expect(projected).not_to_contain_text("GSI1PK")


def test_single_calls_against_batches(shared: Page, db: Any) -> None:
    page = open_batch(shared, "?example=large-batch")
    shown(page, "no problems")
    press(page, "Compare")
    shown(page, "The units are equal: 30 by single calls, 30 by batches.")
    calls = page.get_by_role("img", name="Writes: calls: single calls 30, batches 2")
    expect(calls).to_be_visible()
    expect(
        page.get_by_role("img", name="Reads: units: single calls 15, batches 15")
    ).to_be_visible()
    row = page.get_by_role("region", name="Writes in figures").get_by_role(
        "row", name="single calls"
    )
    expect(row).to_contain_text("30")
    assert not [each for each in db.call("ListTables", {})["TableNames"] if "compare" in each]


# The editor


def test_what_is_typed_is_checked_and_a_problem_leads_to_its_line(shared: Page, db: Any) -> None:
    small_table(db)
    page = open_batch(shared)
    write_text(page, '{\n "small": [\n  {"PutRequest" {}}\n ]\n}')
    shown(page, "This can't be read.")
    problem = page.get_by_role("list", name="Problems").get_by_role("button")
    expect(problem).to_contain_text("this is not JSON: a colon is expected, not '{'")
    problem.click()
    expect(editor(page)).to_be_focused()
    expect(page.locator(".cm-lineNumbers .cm-activeLineGutter")).to_have_text("3")

    request = [
        {"PutRequest": {"Item": {"PK": {"S": "a"}, "n": {"N": "1x"}}}},
        {"PutRequest": {"Itm": {}}},
        {"PutRequest": {"Item": {"PK": {"S": "b"}, "html": {"S": MARKUP}}}},
        {"DeleteRequest": {"Key": {"PK": {"S": "c"}}}},
    ]
    write_text(page, json.dumps({SMALL: request}, indent=1))
    shown(page, f"Write request: 4 operations on {SMALL}; 2 problems")
    expect(problem.first).to_contain_text(f"{SMALL}[0].PutRequest.Item.n")
    shown(page, "2 in 1 call")
    shown(page, "2 would be listed as failed, with line and reason.")

    editor(page).click()
    page.keyboard.press("Control+Enter")
    shown(page, "Editor: 2 of 4 are done, in 1 call")
    shown(page, "4 read = 1 written + 1 deleted + 0 superseded + 0 skipped + 2 failed")
    assert items(db, SMALL) == {"b": {"PK": {"S": "b"}, "html": {"S": MARKUP}}}
    with page.expect_download() as download:
        press(page, "Download failures")
    failures = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert {each["kind"] for each in failures} == {"put", "parse"}
    press(page, "Put them into the editor")
    expect(editor(page)).to_contain_text('"1x"')
    shown(page, f"Write request: 1 operation on {SMALL}; 1 problem")


def test_items_of_other_formats_go_to_the_table_that_is_chosen(shared: Page, db: Any) -> None:
    small_table(db)
    page = open_batch(shared)
    csv = {"name": "items.csv", "mimeType": "text/csv", "buffer": b"PK,n\na,1\nb,2\n"}
    page.locator("input[type=file]").set_input_files(csv)  # type: ignore[arg-type]
    shown(page, "Choose a table in “Table for items”.")
    page.get_by_label("Table for items").click()
    page.get_by_role("option", name=SMALL).click()
    shown(page, f"Items: 2 operations on {SMALL}; no problems")
    assert page.url.endswith(f"/batch?table={SMALL}")
    press(page, "Write 2")
    shown(page, "items.csv: all 2 are done, in 1 call")
    assert items(db, SMALL)["b"]["n"] == {"N": "2"}

    page.get_by_label("Items are").click()
    page.get_by_role("option", name="read by key").click()
    press(page, "Read 2")
    shown(page, "2 read = 2 found")
    page.get_by_label("Items are").click()
    page.get_by_role("option", name="deleted by key").click()
    press(page, "Write 2")
    shown(page, "2 read = 0 written + 2 deleted")
    assert items(db, SMALL) == {}
    page.reload()  # the text stays on the desk
    expect(editor(page)).to_contain_text("PK,n")


def test_what_a_read_finds_is_shown_as_text(shared: Page, db: Any) -> None:
    small_table(db)
    db.call("PutItem", {"TableName": SMALL, "Item": {"PK": {"S": "a"}, "html": {"S": MARKUP}}})
    page = open_batch(shared)
    write_text(page, json.dumps({SMALL: {"Keys": [{"PK": {"S": "a"}}]}}))
    press(page, "Read 1")
    expect(page.get_by_role("cell", name=MARKUP)).to_be_visible()
    page.get_by_role("button", name="JSON 1").click()
    expect(page.get_by_role("dialog")).to_contain_text(MARKUP)
    page.keyboard.press("Escape")
    assert page.locator("img[src=x]").count() == 0


def test_what_is_too_large_gets_a_command(shared: Page, served: tuple[str, str]) -> None:
    page = open_batch(shared)
    large = b"x" * (TEXT_BYTES_MAX + 1)
    file = {"name": "large items.csv", "mimeType": "text/csv", "buffer": large}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    dialog = page.get_by_role("dialog", name="Too large for the editor")
    expect(dialog.get_by_role("region", name="Write it")).to_contain_text(
        f"pannier write 'large items.csv' --table {SMALL} --target {served[0]}"
    )
    press(page, "Close")
    expect(dialog).to_be_hidden()
    editor(page).click()
    page.evaluate(PASTE, "y" * (TEXT_BYTES_MAX + 1))
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Save the text as a file first.")
    page.keyboard.press("Escape")
    expect(editor(page)).not_to_contain_text("yyy")


def test_fields_say_what_they_take(shared: Page) -> None:
    page = open_batch(shared, "?example=large-batch")
    page.get_by_label("Units a second").fill("fast")
    page.get_by_label("Calls in flight").fill("0")
    shown(page, "Units a second, such as 500, or a share such as 50%")
    shown(page, "A whole number from 1 to 256")
    press(page, "Write 30")
    shown(page, "Put it right in “How to run it”.")


def test_requests_without_anything_in_them(shared: Page) -> None:
    page = open_batch(shared)
    write_text(page, '{"small": {"Keys": []}}')
    shown(page, "the list of keys is empty")
    shown(page, "Refused: ValidationException")
    shown(page, "Nothing in it can be sent")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()


def test_an_empty_page_says_what_to_do(shared: Page) -> None:
    page = open_batch(shared)
    write_text(page, " ")
    shown(page, "Take an example, upload a file, or paste a request.")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Examples").click()
    page.get_by_role("menuitem", name="Put one, delete another").click()
    shown(page, f"Write request: 2 operations on {TABLE}")
    assert "/batch?example=mixed-batch" in page.url
