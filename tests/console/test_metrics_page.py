"""The page *Metrics*, in a browser, of a server whose time stands still."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import pannier
from pannier.batch.calls import CallError
from pannier.batch.report import Report
from pannier.monitoring.job_status import FINISHED, RUNNING, JobStatus
from pannier.monitoring.running_jobs import leave, process_began
from pannier.targets.admin import AdminClient
from tests.console.accessibility import serious_findings
from tests.console.browser import serving_console, visiting
from tests.console.test_capacity_page import table
from tests.console.test_console_process import console


def metrics_url(url: str, query: str = "") -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/metrics?{query}&{parts.query}"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of our own for what jobs leave."""
    folder = tmp_path_factory.mktemp("runtime")
    folder.chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        yield folder / "pannier" / "jobs"


@pytest.fixture(scope="module")
def served(runtime: Path) -> Iterator[tuple[str, str]]:
    with serving_console("--memory", "--clock", "manual") as (url, console_url):
        with pannier.connect(url) as db:
            db.call("CreateTable", table("orders"))
            db.call("CreateTable", table("quiet"))
            rule = {"operations": "BatchWriteItem", "throttle": True, "times": 1}
            AdminClient(url).post("faults", rule)
            for number in range(12):
                item = {"PK": {"S": str(number)}, "G": {"S": "g"}}
                db.call("PutItem", {"TableName": "orders", "Item": item})
            puts = [{"PutRequest": {"Item": {"PK": {"S": "x"}}}}]
            for request in (
                ("BatchWriteItem", {"RequestItems": {"orders": puts}}),
                ("PutItem", {"TableName": "orders", "Item": {"G": {"S": "no key"}}}),
            ):
                with suppress(CallError):
                    db.call(*request)
            db.call("GetItem", {"TableName": "quiet", "Key": {"PK": {"S": "1"}}})
        yield url, console_url


@pytest.fixture(scope="module")
def page(served: tuple[str, str], browser: Browser) -> Iterator[Page]:
    with visiting(browser, metrics_url(served[1], "range=15m"), bypass_csp=True) as page:
        expect(page.get_by_role("heading", name="Write units of orders")).to_be_visible()
        yield page


def tile(page: Page, label: str) -> str:
    # A definition's term and what it says of it stand in one element.
    found = page.locator("dl > div").filter(has=page.get_by_text(label, exact=True))
    return found.locator("dd").inner_text()


def test_the_figures_are_those_of_the_engine(page: Page) -> None:
    assert tile(page, "Write units") == "13"
    assert tile(page, "Requests") == "13"
    assert tile(page, "Success rate") == "92.86 %"
    assert tile(page, "Throttled requests") == "1"
    assert tile(page, "User errors, all tables") == "1"
    assert tile(page, "System errors") == "0"


def test_charts_are_drawn_and_say_what_they_show(page: Page) -> None:
    picture = page.get_by_role("img", name=re.compile("^Write units of orders: consumed"))
    expect(picture).to_have_attribute("aria-label", re.compile("13 in all"))
    expect(picture.locator("svg path").first).to_be_attached()
    expect(page.get_by_role("heading", name="Throttled requests of orders")).to_be_visible()
    expect(page.get_by_text("Nothing in this range")).to_contain_text("system errors")


def test_all_figures_of_a_chart_are_there_on_demand(page: Page) -> None:
    section = page.locator("section").filter(
        has=page.get_by_role("heading", name="Write units of orders")
    )
    section.get_by_text("Figures", exact=True).click()
    row = section.get_by_role("row", name=re.compile("^consumed"))
    expect(row.get_by_role("cell").last).to_have_text("13")
    section.get_by_text("Figures", exact=True).click()


def test_charts_follow_when_it_is_refreshed(served: tuple[str, str], page: Page) -> None:
    with pannier.connect(served[0]) as db:
        db.call("PutItem", {"TableName": "orders", "Item": {"PK": {"S": "new"}}})
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("dd").filter(has_text=re.compile("^14$")).first).to_be_visible()
    picture = page.get_by_role("img", name=re.compile("^Write units of orders: consumed"))
    expect(picture).to_have_attribute("aria-label", re.compile("14 in all"))


def test_all_charts_are_shown_on_demand(page: Page) -> None:
    page.get_by_role("checkbox", name="All charts").click()
    expect(page.get_by_role("heading", name="System errors of orders")).to_have_count(0)
    expect(page.get_by_role("heading", name="Latency p50 of orders")).to_be_visible()
    expect(page).to_have_url(re.compile("all=1"))
    page.get_by_role("checkbox", name="All charts").click()
    expect(page.get_by_role("heading", name="Latency p50 of orders")).to_have_count(0)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_label(label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    expect(page.get_by_role("option")).to_have_count(0)


def test_index_range_period_and_table_are_chosen_and_stay_in_the_address(page: Page) -> None:
    choose(page, "Index", "GSI1")
    expect(page.get_by_role("heading", name="Write units of orders/GSI1")).to_be_visible()
    expect(page.get_by_text("Success rate")).to_have_count(0)
    choose(page, "Range", "7 days")
    expect(page.get_by_text("by 1 h.")).to_be_visible()
    choose(page, "Period", "1 day")
    expect(page.get_by_text("by 24 h.")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Write units of orders/GSI1")).to_be_visible()
    expect(page.get_by_text("by 24 h.")).to_be_visible()
    choose(page, "Table", "quiet")
    expect(page.get_by_role("heading", name="Read units of quiet")).to_be_visible()
    expect(page).to_have_url(re.compile("table=quiet&range=7d&period=86400"))


def test_times_can_be_given_and_what_can_not_be_is_said(page: Page) -> None:
    choose(page, "Range", "From ... to")
    page.get_by_label("From", exact=True).fill("2023-11-14T20:00")
    page.get_by_label("To", exact=True).fill("2023-11-14T19:00")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("the range ends before it begins")).to_be_visible()
    page.get_by_label("To", exact=True).fill("2023-11-14T23:59")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text(re.compile("2023-11-14 .* to 2023-11-15"))).to_be_visible()
    choose(page, "Period", "1 minute")
    expect(page.get_by_text("by 1 min.")).to_be_visible()


def test_jobs_are_followed_to_their_end(runtime: Path, page: Page) -> None:
    expect(page.get_by_text("No job of the command has run")).to_be_visible()
    job = JobStatus(
        os.getpid(), RUNNING, "write", "writing", "pannier write x", "here", ("orders",),
        1.7e9, 1.7e9, Report("write", read=1000, written=400, leftovers=25, retries=25),
        fraction=0.4, items_per_s=812.0, left_s=3.0, process_began=process_began(os.getpid()),
    )  # fmt: skip
    leave(job, runtime)
    row = page.get_by_role("row", name=re.compile(r"^write \(\d+\)"))
    expect(row).to_contain_text("writing, 40%, 3 s left")
    expect(row.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    expect(row.get_by_role("cell").nth(4)).to_have_text("25")
    leave(replace(job, state=FINISHED, fraction=1.0), runtime)
    expect(row).to_contain_text("done")
    expect(page.get_by_text("0 running, 1 ended")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{page.url.partition('?')[0]}?table=orders&range=15m")
    expect(page.get_by_text("Success rate").first).to_be_visible()
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_metrics_it_says_when_they_begin(browser: Browser) -> None:
    with serving_console("--memory") as (_, url), visiting(browser, metrics_url(url)) as page:
        expect(page.get_by_text("No metrics yet")).to_be_visible()


def test_where_nobody_answers_it_says_so_and_tries_again(browser: Browser, tmp_path: Path) -> None:
    with (
        console("--target", "http://127.0.0.1:9", cwd=tmp_path) as (_, url, _),
        visiting(browser, metrics_url(url)) as page,
    ):
        alert = page.get_by_role("alert").filter(has_text="127.0.0.1:9")
        expect(alert).to_be_visible()
        expect(alert.get_by_role("button", name="Try again")).to_be_visible()


def test_the_charts_have_one_axis_of_time(page: Page) -> None:
    groups = page.evaluate(
        "[...document.querySelectorAll('.nicegui-echart')]"
        ".map(each => getElement(Number(each.id.slice(1))).chart.group)"
    )
    assert len(groups) > 1
    assert set(groups) == {"pannier"}
