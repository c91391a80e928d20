"""The page *Tables*, used as people use it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

import pannier
from pannier.library.connection import Connection
from tests.console.accessibility import serious_findings
from tests.console.browser import read_only_console, serving_console, visiting


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    with serving_console("--memory") as addresses:
        yield addresses


@pytest.fixture(scope="module")
def db(served: tuple[str, str]) -> Iterator[Connection]:
    with pannier.connect(served[0]) as connection:
        yield connection


@pytest.fixture(scope="module")
def visit(served: tuple[str, str], browser: Browser) -> Iterator[Page]:
    with visiting(browser, served[1]) as page:
        yield page


@pytest.fixture
def page(visit: Page, served: tuple[str, str]) -> Page:
    visit.goto(served[1].split("/?")[0] + "/tables")
    return visit


def make(db: Connection, name: str, **more: object) -> None:
    keys = [{"AttributeName": "PK", "KeyType": "HASH"}]
    kinds = [{"AttributeName": "PK", "AttributeType": "S"}]
    request = {
        "TableName": name, "KeySchema": keys, "AttributeDefinitions": kinds,
        "BillingMode": "PAY_PER_REQUEST",
    }  # fmt: skip
    db.call("CreateTable", {**request, **more})
    while db.table(name).describe()["TableStatus"] != "ACTIVE":
        pass


def row(page: Page, name: str) -> str:
    found = page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))
    return found.inner_text()


def test_the_first_visit_says_what_to_do(page: Page) -> None:
    expect(page.get_by_text("No tables yet")).to_be_visible()
    expect(page.get_by_text("pannier create-table shop")).to_be_visible()


def test_a_table_is_made_with_what_is_wrong_said_beside_the_fields(
    page: Page, db: Connection
) -> None:
    page.get_by_role("button", name="Create table").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Table name").fill("my shop")
    expect(dialog.get_by_text("Only letters, digits")).to_be_visible()
    dialog.get_by_label("Table name").fill("made-shop")
    expect(dialog.get_by_text("Only letters, digits")).to_be_hidden()
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(dialog.get_by_text("Needed.")).to_be_visible()
    dialog.get_by_label("Partition key", exact=True).fill("PK")
    dialog.get_by_label("Sort key (optional)", exact=True).fill("SK")
    dialog.get_by_text("Provisioned").click()
    dialog.get_by_label("Read units a second").fill("7")
    dialog.get_by_role("button", name="Add global index").click()
    index = dialog.get_by_role("group", name="Index 1, global")
    index.get_by_label("Name of the global index").fill("GSI1")
    index.get_by_label("Partition key", exact=True).fill("GSI1PK")
    dialog.get_by_role("button", name="As a command").click()
    command = dialog.get_by_role("region", name="pannier command")
    expect(command).to_contain_text("--index GSI1=GSI1PK:S")
    expect(command).to_contain_text("--provisioned 7,5")
    expect(dialog.get_by_role("region", name="aws command")).to_contain_text("--key-schema")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name="made-shop", exact=True)).to_be_visible()
    expect(page.get_by_text("ACTIVE")).to_be_visible()
    description = db.table("made-shop").describe()
    assert description["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert [each["IndexName"] for each in description["GlobalSecondaryIndexes"]] == ["GSI1"]
    for text in ("PK (S)", "SK (S)", "1 global", "7 read, 5 write"):
        assert text in row(page, "made-shop")


def test_a_name_that_is_taken_is_said_beside_it(page: Page, db: Connection) -> None:
    make(db, "taken")
    page.get_by_role("button", name="Create table").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Table name").fill("taken")
    dialog.get_by_label("Partition key", exact=True).fill("PK")
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("There is a table of this name")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_hundreds_of_tables_are_listed_by_page_and_filtered(page: Page, db: Connection) -> None:
    for number in range(120):
        make(db, f"many-{number:03}")
    db.write([{"PK": str(number)} for number in range(30)], "many-119")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text(re.compile(r"1 to 50 of 12\d tables"))).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(re.compile(r"51 to 100 of 12\d tables"))).to_be_visible()
    page.get_by_label("Filter by name").fill("MANY-11")
    expect(page.get_by_text("10 tables", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="many-119", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="30", exact=True)).to_be_visible()
    assert page.url.endswith("?filter=MANY-11")
    page.reload()
    expect(page.get_by_text("10 tables", exact=True)).to_be_visible()
    page.get_by_label("Filter by name").fill("nothing")
    expect(page.get_by_text("No table's name matches")).to_be_visible()


def test_a_table_in_detail_its_capacity_changed_and_deleted(page: Page, db: Connection) -> None:
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}}
    make(db, "books", BillingMode="PROVISIONED", Tags=[{"Key": "team", "Value": "a"}], **units)
    page.get_by_role("button", name="Refresh").click()
    page.get_by_label("Filter by name").fill("books")
    page.get_by_role("link", name="books", exact=True).click()
    expect(page.get_by_role("heading", name="books")).to_be_visible()
    expect(page.get_by_text("team=a")).to_be_visible()
    expect(page.get_by_text("5 read, 6 write")).to_be_visible()
    elsewhere = page.get_by_role("group", name="This table elsewhere").get_by_role("link")
    assert {each.get_attribute("href") for each in elsewhere.all()} == {
        "/explore?table=books", "/metrics?table=books", "/batch?table=books",
        "/capacity?table=books",
    }  # fmt: skip
    page.get_by_role("button", name="Change capacity").click()
    page.get_by_label("Read units a second").fill("x")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("A whole number, 1 or more")).to_be_visible()
    page.get_by_label("Read units a second").fill("9")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_text("9 read, 6 write")).to_be_visible()
    assert db.table("books").describe()["ProvisionedThroughput"]["ReadCapacityUnits"] == 9
    page.get_by_role("button", name="Delete table").click()
    dialog = page.get_by_role("dialog")
    delete = dialog.get_by_role("button", name="Delete table")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Name").fill("book")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Name").fill("books")
    delete.click()
    expect(page.get_by_text("The table is deleted: books")).to_be_visible()
    assert "books" not in list(db.tables())


def test_protection_keeps_a_table_from_being_deleted(
    page: Page, db: Connection, served: tuple[str, str]
) -> None:
    make(db, "kept", DeletionProtectionEnabled=True)
    page.goto(served[1].split("/?")[0] + "/tables?table=kept")
    expect(page.get_by_role("button", name="Delete table")).to_be_disabled()
    expect(page.get_by_text("Deletion protection is on:")).to_be_visible()
    page.get_by_role("button", name="Switch protection off").click()
    expect(page.get_by_role("button", name="Delete table")).to_be_enabled()
    assert not db.table("kept").describe().get("DeletionProtectionEnabled")


def test_a_table_that_is_not_there_is_said(page: Page, served: tuple[str, str]) -> None:
    base = served[1].split("/?")[0]
    page.goto(f"{base}/tables?table=nope")
    expect(page.get_by_text("There is no such table: nope")).to_be_visible()
    page.goto(f"{base}/tables?table=%3Cb%3Enope%3C/b%3E")
    expect(page.get_by_role("alert")).to_contain_text("Value '<b>nope</b>' at 'tableName'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(
    browser: Browser, served: tuple[str, str], db: Connection, scheme: str, width: int
) -> None:
    base = served[1].split("/?")[0]
    size = {"width": width, "height": 900}
    with visiting(
        browser, served[1], viewport=size, color_scheme=scheme, bypass_csp=True
    ) as visitor:
        visitor.goto(f"{base}/tables?filter=made")
        expect(visitor.get_by_text("ACTIVE")).to_be_visible()
        assert serious_findings(visitor) == []
        assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")
        visitor.get_by_role("button", name="Create table").click()
        visitor.get_by_role("button", name="Add local index").click()
        visitor.get_by_role("button", name="Create", exact=True).click()
        expect(visitor.get_by_text("Needed.").first).to_be_visible()
        assert serious_findings(visitor, ".q-dialog") == []
        visitor.goto(f"{base}/tables?table=made-shop")
        expect(visitor.get_by_role("cell", name="GSI1", exact=True)).to_be_visible()
        assert serious_findings(visitor) == []
        assert visitor.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_read_only_console_changes_nothing(
    browser: Browser, served: tuple[str, str], db: Connection
) -> None:
    with read_only_console(served[0]) as url, visiting(browser, url) as visitor:
        expect(visitor.get_by_text("This console is read only")).to_be_visible()
        expect(visitor.get_by_role("button", name="Create table")).to_be_disabled()
        visitor.get_by_role("link", name="made-shop", exact=True).click()
        for name in ("Change capacity", "Delete table"):
            expect(visitor.get_by_role("button", name=name)).to_be_disabled()
