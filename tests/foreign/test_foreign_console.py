"""The console in front of other servers: through public APIs alone, and with words for the rest."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pannier import Connection
from tests.conftest import TABLE
from tests.console.browser import chromium, visiting
from tests.console.test_console_process import console


@pytest.fixture
def page(url: str, tmp_path: Path) -> Iterator[Page]:
    with (
        console("--target", url, cwd=tmp_path) as (_, address, _pid),
        chromium() as browser,
        visiting(browser, address) as found,
    ):
        yield found


def go(page: Page, place: str) -> None:
    page.goto(f"{page.url.rpartition('/')[0]}/{place}")


def test_the_pages_work_as_far_as_the_server_does(page: Page, db: Connection) -> None:
    """A table is made and filled by a batch, looked at, and deleted, all in the browser."""
    go(page, "batch?example=batch-products")
    page.get_by_role("button", name=f"Create {TABLE}").click()
    page.get_by_role("button", name="Write 3", exact=True).click()
    expect(page.get_by_text("batch-products.json: all 3 are done, in 1 call")).to_be_visible()

    go(page, f"explore?table={TABLE}")
    expect(page.get_by_role("gridcell", name="Gaming Laptop Pro", exact=True)).to_be_visible()
    go(page, f"explore?table={TABLE}&index=GSI1&op=query&pk=CATEGORY%23electronics")
    expect(page.get_by_role("gridcell", name="Mechanical Keyboard RGB")).to_be_visible()

    go(page, "metrics")
    # A server of ours has metrics; of another one the page says that it has none, or none yet.
    told = re.compile("Requests|has no CloudWatch|No metrics|CloudWatch at .* refuses")
    expect(page.get_by_role("main").get_by_text(told).first).to_be_visible()

    go(page, f"capacity?table={TABLE}")
    expect(page.get_by_role("heading", name="Throughput", exact=True)).to_be_visible()

    go(page, "tables")
    page.get_by_role("link", name=TABLE, exact=True).click()
    page.get_by_role("button", name="Delete table").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(TABLE)
    dialog.get_by_role("button", name="Delete table").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("link", name=TABLE, exact=True)).to_have_count(0)
    assert TABLE not in db.tables()
