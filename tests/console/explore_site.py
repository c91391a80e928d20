"""A console on a table of items, and what the tests of *Explore items* do on its page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

import pannier
from pannier.library.connection import Connection
from tests.console.browser import serving_console
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


@dataclass(frozen=True)
class Site:
    """A server and its console: their addresses, the console's with and without its token."""

    server: str
    console: str
    db: Connection

    @property
    def base(self) -> str:
        return self.console.split("/?")[0]


@contextmanager
def explore_site() -> Iterator[Site]:
    """A table `shop` of 300 items and `TYPED`, and one that is empty."""
    with serving_console("--memory") as (server, console), pannier.connect(server) as db:
        for name in ("shop", "empty"):
            db.call("CreateTable", {**CREATE, "TableName": name})
            while db.table(name).describe()["TableStatus"] != "ACTIVE":
                pass
        db.write([shop_item(number) for number in range(300)], "shop")
        db.call("PutItem", {"TableName": "shop", "Item": TYPED})
        yield Site(server, console, db)


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
