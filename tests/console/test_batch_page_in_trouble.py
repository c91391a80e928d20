"""The page Batch where things do not go well: throttled, cancelled, read only, or gone."""

import json
from contextlib import ExitStack
from typing import Any

from playwright.sync_api import Browser, expect

import pannier
from tests.conftest import serving
from tests.console.browser import serving_console, visiting
from tests.console.test_batch_page import (
    SMALL,
    items,
    open_batch,
    press,
    shown,
    small_table,
    write_text,
)
from tests.console.test_console_process import console

THROUGHPUT = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}


def _puts(count: int) -> str:
    puts = [{"PutRequest": {"Item": {"PK": {"S": f"k{n}"}}}} for n in range(count)]
    return json.dumps({SMALL: puts}, indent=1)


def test_leftovers_retries_and_a_cancelled_run(browser: Browser) -> None:
    with (
        serving_console("--memory", "--throttle", "--burst", "1", "--clock", "manual") as (
            url,
            own,
        ),
        pannier.connect(url) as db,
        visiting(browser, own) as page,
    ):
        small_table(db, **THROUGHPUT)
        open_batch(page)
        write_text(page, _puts(8))
        page.get_by_role("radio", name="As one call, exactly as it stands").click()
        press(page, "Send one call")
        shown(page, "Editor: accepted, with 3 left unprocessed")
        assert len(items(db, SMALL)) == 5
        press(page, "Put what was left into the editor")
        shown(page, f"Write request: 3 operations on {SMALL}")
        press(page, "Send one call")
        shown(page, "refused: ProvisionedThroughputExceededException")

        # Time stands still, so there is never any capacity again.
        page.get_by_role("radio", name="By the batch engine").click()
        press(page, "Write 3")
        shown(page, "0 of 3")
        page.reload()
        shown(page, "A run is under way.")
        expect(page.get_by_role("button", name="Write 3", exact=True)).to_be_disabled()
        press(page, "Cancel")
        shown(page, "Editor: cancelled; 0 of 3 are done")
        shown(page, "3 read = 0 written + 0 deleted + 0 superseded + 0 skipped + 0 failed + 3 unr")
        press(page, "Put them into the editor")
        shown(page, f"Write request: 3 operations on {SMALL}; no problems")


def test_a_read_only_console_reads(browser: Browser, tmp_path: Any) -> None:
    with serving("--memory") as (url, _), pannier.connect(url) as db:
        small_table(db)
        db.call("PutItem", {"TableName": SMALL, "Item": {"PK": {"S": "k0"}, "n": {"N": "1"}}})
        where = {"AWS_ENDPOINT_URL_DYNAMODB": url}
        with (
            console("--target", "aws", cwd=tmp_path, **where) as (_, own, _),
            visiting(browser, own) as page,
        ):
            open_batch(page)
            write_text(page, _puts(2))
            shown(page, "Writes are switched off here: the console is read only.")
            expect(page.get_by_role("button", name="Write 2", exact=True)).to_be_disabled()
            expect(page.get_by_role("button", name="Compare", exact=True)).to_be_disabled()
            write_text(page, json.dumps({SMALL: {"Keys": [{"PK": {"S": "k0"}}]}}))
            press(page, "Read 1")
            shown(page, "1 read = 1 found")
            press(page, "Compare")
            shown(page, "Reads: 1 item")
            page.get_by_label("Attributes").fill("n")
            page.keyboard.press("Enter")
            expect(page.get_by_role("region", name="Projected answer")).to_contain_text('"n"')
            write_text(page, _puts(1).replace(SMALL, "other"))
            shown(page, "Create it on the page Tables.")
        assert len(items(db, SMALL)) == 1


def test_a_target_that_is_gone(browser: Browser, tmp_path: Any) -> None:
    with ExitStack() as server:
        url, _ = server.enter_context(serving("--memory"))
        with pannier.connect(url) as db:
            small_table(db)
        with (
            console("--target", url, cwd=tmp_path) as (_, own, _),
            visiting(browser, own) as page,
        ):
            open_batch(page)
            write_text(page, _puts(2))
            shown(page, "2 in 1 call")
            server.close()
            page.get_by_label("Give up after, s").fill("1")
            press(page, "Write 2")
            shown(page, "Editor: it could not be finished")
            expect(page.get_by_role("alert").first).to_contain_text("nobody answers at")
            write_text(page, _puts(1).replace(SMALL, "other"))
            expect(page.get_by_role("button", name="Try again")).to_be_visible()
