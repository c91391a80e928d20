"""The chapter in the browser: what its reader does in CloudShell and in AWS's consoles, done here.

Each exercise does what the chapter says, in the console that `pannier workshop start` names, and
asserts every "verify" of it. Where the chapter asks for a screenshot a camera is called, so that
the pictures in docs/workshop are of what was asserted.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from pannier.library.connection import Connection
from pannier.targets.admin import AdminClient
from tests.conftest import TABLE
from tests.workshop.chapter_files import pasted

WAIT_MS = 30_000
PRODUCTS = {
    "PRODUCT#batch-laptop-001": "Gaming Laptop Pro",
    "PRODUCT#batch-mouse-002": "Wireless Gaming Mouse",
    "PRODUCT#batch-keyboard-003": "Mechanical Keyboard RGB",
}
HEADSET = "PRODUCT#batch-headset-004"
MOUSE = "PRODUCT#batch-mouse-002"


@dataclass
class Walk:
    """A reader with the workshop's console in front of them.

    Attributes:
        page: the browser's.
        base: the console's address, without its token.
    server: the engine's.
        db: the engine, to see what is really there.
        folder: the workshop's.
        shoot: takes a picture, of a name.
    """

    page: Page
    base: str
    server: str
    db: Connection
    folder: Path
    shoot: Callable[[str], None]

    def go(self, place: str) -> Page:
        self.page.goto(f"{self.base}/{place}")
        return self.page

    def items(self) -> dict[str, dict[str, Any]]:
        found = self.db.call("Scan", {"TableName": TABLE, "ConsistentRead": True})["Items"]
        return {each["PK"]["S"]: each for each in found}

    def run(self, text: str, commands: int = 1) -> str:
        """Paste so many commands into the shell and wait for the last one's end; what was said."""
        page = self.page
        page.get_by_role("button", name="Clear").click()
        log = page.get_by_role("log")
        expect(log.get_by_text("exit status")).to_have_count(0)
        field = page.get_by_label("Command", exact=True)
        field.fill(text)
        field.press("Enter")
        expect(log.get_by_text("exit status")).to_have_count(commands, timeout=WAIT_MS)
        expect(page.get_by_text("Ready", exact=True)).to_be_visible(timeout=WAIT_MS)
        return log.inner_text()

    def look(self, place: Locator) -> None:
        """Have a place in the middle of the screen."""
        place.evaluate("place => place.scrollIntoView({block: 'center'})")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def shown(self, text: str) -> Locator:
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible(timeout=WAIT_MS)
        return found


def write(walk: Walk) -> None:
    """Exercise 1: a file, one call, and the items in the console."""
    walk.go("shell")
    walk.run(pasted("batch-products.json"))
    told = walk.run("cat batch-products.json\nls", commands=2)
    assert "batch-products.json" in told.rpartition("$ ls")[2]
    assert json.loads((walk.folder / "batch-products.json").read_text()).keys() == {TABLE}
    assert "Gaming Laptop Pro" in told
    walk.shoot("01-batch-file")

    told = walk.run("aws dynamodb batch-write-item --request-items file://batch-products.json")
    assert '"UnprocessedItems": {}' in told
    assert "exit status 0" in told
    walk.shoot("02-batch-write")

    page = walk.go("tables")
    page.get_by_role("link", name=TABLE).first.click()
    page.get_by_role("link", name=re.compile("Explore")).first.click()
    expect(page.get_by_role("heading", name="Explore items")).to_be_visible()
    category = quote("CATEGORY#electronics")
    walk.go(f"explore?table={TABLE}&index=GSI1&op=query&pk={category}")
    for name in PRODUCTS.values():
        expect(page.get_by_role("gridcell", name=name, exact=True)).to_be_visible()
    walk.shoot("03-explore-items")
    found = walk.items()
    assert {key: found[key]["name"]["S"] for key in PRODUCTS} == PRODUCTS


def read(walk: Walk) -> None:
    """Exercise 2: three items in one call, the same one by one, and the two side by side."""
    walk.go("shell")
    walk.run(pasted("batch-get.json"))
    told = walk.run("aws dynamodb batch-get-item --request-items file://batch-get.json")
    answer = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert {each["PK"]["S"] for each in answer["Responses"][TABLE]} == PRODUCTS.keys()
    assert answer["UnprocessedKeys"] == {}
    assert all("brand" in each for each in answer["Responses"][TABLE])
    walk.shoot("04-batch-get")
    told = walk.run(
        "# Single item retrieval (less efficient)\n"
        "aws dynamodb get-item \\\n"
        f"  --table-name {TABLE} \\\n"
        """  --key '{"PK":{"S":"PRODUCT#batch-laptop-001"},"SK":{"S":"DETAILS"}}'\n"""
    )
    assert "Gaming Laptop Pro" in told

    walk.go("batch?example=batch-get")
    walk.shown("no problems")
    walk.press("Compare")
    walk.shown("The units are equal")
    expect(
        walk.page.get_by_role("img", name="Reads: calls: single calls 3, batches 1")
    ).to_be_visible()
    walk.look(walk.page.get_by_role("img", name="Reads: calls"))
    walk.shoot("10-single-against-batch")


def mixed(walk: Walk) -> None:
    """Exercise 3, step 1: a put and a delete in one call."""
    walk.go("shell")
    walk.run(pasted("mixed-batch.json"))
    told = walk.run("aws dynamodb batch-write-item --request-items file://mixed-batch.json")
    assert '"UnprocessedItems": {}' in told
    walk.shoot("05-mixed-batch")
    found = walk.items()
    assert HEADSET in found
    assert MOUSE not in found


def limits(walk: Walk) -> None:
    """Exercise 3, step 2: thirty are refused as one call, by `aws` too; Pannier splits them."""
    walk.go("shell")
    told = walk.run("pannier workshop files large-batch.json")
    assert "large-batch.json" in told
    told = walk.run("aws dynamodb batch-write-item --request-items file://large-batch.json")
    assert "ValidationException" in told
    assert "Member must have length less than or equal to 25" in told

    page = walk.go("batch?example=large-batch")
    walk.shown("30 in 2 calls")
    page.get_by_role("radio", name="As one call, exactly as it stands").click()
    walk.press("Send one call")
    walk.look(walk.shown("Nothing of the call was done."))
    walk.shoot("06-large-batch-refused")
    assert not [key for key in walk.items() if "batch-test" in key]
    page.get_by_role("radio", name="By the batch engine").click()
    walk.press("Write 30")
    walk.shown("large-batch.json: all 30 are done, in 2 calls")
    assert len([key for key in walk.items() if "batch-test" in key]) == 30


def projections(walk: Walk) -> None:
    """Exercise 3, step 3: fewer bytes, and the same units."""
    walk.go("shell")
    walk.run(pasted("batch-get-projection.json"))
    told = walk.run("aws dynamodb batch-get-item --request-items file://batch-get-projection.json")
    answer = json.loads(told[told.index("{") : told.rindex("}") + 1])
    assert len(answer["Responses"][TABLE]) == 3
    wanted = {"PK", "SK", "name", "price", "stock"}
    assert all(each.keys() == wanted for each in answer["Responses"][TABLE])

    page = walk.go("batch?example=batch-get-projection")
    walk.shown("the request's own projection is used")
    walk.press("Read both ways")
    table = page.get_by_role("region", name="Full against projected")
    expect(table.get_by_role("row", name="Read units 1.5 1.5 the same")).to_be_visible()
    expect(table.get_by_role("row", name="Bytes answered")).to_contain_text("saved")
    walk.look(table)
    walk.shoot("07-projection")


def production(walk: Walk) -> None:
    """Exercise 4: leftovers and retries, CloudWatch's metrics, and what it costs."""
    page = walk.go(f"capacity?table={TABLE}")
    page.get_by_role("radio", name="Tables and indexes").click()
    walk.shown("held to their throughput; partitions are not")
    burst = page.get_by_label("Burst, seconds")
    burst.fill("0")
    walk.press("Set burst")
    walk.shown("The burst is 0 s.")
    assert AdminClient(walk.server).get("throttle") == {"mode": "tables", "burst_s": 0}

    walk.go("shell")
    walk.run("pannier workshop files restock.json")
    walk.run("aws dynamodb batch-write-item --request-items file://restock.json")
    restock = (walk.folder / "restock.json").read_text()
    page = walk.go("batch")
    page.locator("input[type=file]").set_input_files(walk.folder / "restock.json")
    walk.shown(f"Write request: 25 operations on {TABLE}; no problems")
    page.get_by_role("radio", name="As one call, exactly as it stands").click()
    walk.press("Send one call")
    walk.shown("restock.json: accepted, with")
    page.get_by_role(
        "button", name="Put what was left into the editor"
    ).scroll_into_view_if_needed()
    walk.shoot("09-throttled")
    page.get_by_role("radio", name="By the batch engine").click()
    walk.press("Write 25")
    walk.shown("restock.json: all 25 are done")
    keys = {each["PutRequest"]["Item"]["PK"]["S"] for each in json.loads(restock)[TABLE]}
    assert keys <= walk.items().keys()

    walk.go(f"metrics?table={TABLE}&range=15m")
    expect(page.get_by_role("heading", name=f"Write units of {TABLE}")).to_be_visible()
    figures = {
        term.inner_text(): meaning.inner_text()
        for term, meaning in zip(
            page.locator("dl dt").all(), page.locator("dl dd").all(), strict=True
        )
    }
    assert float(figures["Write units"].replace(",", "")) > 30
    assert float(figures["Read units"].replace(",", "")) > 0
    assert float(figures["Throttled items"].replace(",", "")) > 0
    assert float(figures["System errors"]) == 0
    assert float(figures["User errors, all tables"]) >= 1
    walk.look(page.get_by_role("heading", name=f"Write units of {TABLE}"))
    walk.shoot("08-metrics")

    walk.go("shell")
    told = walk.run(
        "aws cloudwatch list-metrics --namespace AWS/DynamoDB "
        "--query 'Metrics[].MetricName' --output text"
    )
    for name in ("UserErrors", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"):
        assert name in told
    told = walk.run("pannier plan large-batch.json")
    assert "2 calls" in told or "calls" in told
    assert "write units" in told


EXERCISES = (write, read, mixed, limits, projections, production)
