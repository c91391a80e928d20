"""The page *Capacity and faults*, in a browser, beside a server that is switched by it."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import pannier
from pannier.targets.admin import AdminClient
from tests.console.accessibility import serious_findings
from tests.console.browser import serving_console, visiting
from tests.console.test_console_process import console


def table(name: str, units: int = 5) -> dict[str, object]:
    throughput = {"ReadCapacityUnits": units, "WriteCapacityUnits": units}
    return {
        "TableName": name,
        "AttributeDefinitions": [
            {"AttributeName": each, "AttributeType": "S"} for each in ("PK", "G")
        ],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "ProvisionedThroughput": throughput,
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "GSI1",
                "KeySchema": [{"AttributeName": "G", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": throughput,
            }
        ],
    }


def page_url(console: str, query: str = "") -> str:
    parts = urlsplit(console)
    return f"{parts.scheme}://{parts.netloc}/capacity?{query}&{parts.query}"


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    with serving_console("--memory", "--clock", "manual") as (url, console):
        with pannier.connect(url) as db:
            db.call("CreateTable", table("orders"))
            db.call("CreateTable", table("a-table"))
        yield url, console


@pytest.fixture(scope="module")
def page(servers: tuple[str, str], browser: Browser) -> Iterator[Page]:
    url = page_url(servers[1], "table=orders")
    with visiting(browser, url, bypass_csp=True) as page:
        expect(page.get_by_role("heading", name="Throughput", exact=True)).to_be_visible()
        yield page


def admin(servers: tuple[str, str]) -> AdminClient:
    return AdminClient(servers[0])


def test_throttling_and_burst_are_switched(servers: tuple[str, str], page: Page) -> None:
    expect(page.get_by_text("so buckets stay full")).to_be_visible()
    page.get_by_role("radio", name="Partitions too").click()
    expect(page.get_by_text("held to their throughput, as on AWS")).to_be_visible()
    page.get_by_label("Burst, seconds").fill("2")
    page.get_by_label("Burst, seconds").press("Enter")
    expect(page.get_by_text("The burst is 2 s.")).to_be_visible()
    assert admin(servers).get("throttle") == {"mode": "on", "burst_s": 2}


def test_a_burst_that_can_not_be_is_refused_in_the_servers_words(page: Page) -> None:
    page.get_by_label("Burst, seconds").fill("301")
    page.get_by_role("button", name="Set burst").click()
    expect(page.get_by_text("a burst of 301 s is not possible")).to_be_visible()
    page.get_by_label("Burst, seconds").fill("2")


def test_a_bucket_empties_and_fills_as_time_is_let_pass(
    servers: tuple[str, str], page: Page
) -> None:
    meter = page.get_by_role("meter", name="Write units left of orders", exact=True)
    expect(meter).to_have_attribute("aria-valuetext", "10 of 10 units left")
    with pannier.connect(servers[0]) as db:
        for number in range(10):
            item = {"PK": {"S": str(number)}}
            db.call("PutItem", {"TableName": "orders", "Item": item})
    expect(meter).to_have_attribute("aria-valuetext", "0 of 10 units left")
    page.get_by_role("button", name="+ 1 second").click()
    expect(meter).to_have_attribute("aria-valuetext", "5 of 10 units left")
    expect(page.get_by_text("2023-11-14 22:13:21 UTC")).to_be_visible()


def test_the_partitions_say_how_busy_they_are(servers: tuple[str, str], page: Page) -> None:
    with pannier.connect(servers[0]) as db:
        for number in range(5):
            db.call("PutItem", {"TableName": "orders", "Item": {"PK": {"S": str(number)}}})
    words = "Writes: 1 partition, the busiest has used under 1% of its 1,000 write units"
    expect(page.get_by_role("img", name=words)).to_be_visible()


def test_throughput_is_changed_in_place(servers: tuple[str, str], page: Page) -> None:
    units = page.get_by_role("group", name="Units of the table").get_by_label("Write units")
    units.fill("50")
    page.get_by_role("button", name="Change throughput").click()
    expect(page.get_by_text("The throughput of orders is changed.")).to_be_visible()
    with pannier.connect(servers[0]) as db:
        described = db.call("DescribeTable", {"TableName": "orders"})["Table"]
    assert described["ProvisionedThroughput"]["WriteCapacityUnits"] == 50
    row = page.get_by_role("row", name=re.compile("^orders"))
    expect(row).to_contain_text("5 read, 50 write")
    page.get_by_role("button", name="Change throughput").click()
    expect(page.get_by_text("nothing is changed")).to_be_visible()


def test_a_rule_of_the_form_is_in_force_counted_and_removed(
    servers: tuple[str, str], page: Page
) -> None:
    expect(page.get_by_text("No rules in force")).to_be_visible()
    form = page.locator("section", has=page.get_by_role("heading", name="Add a rule"))
    form.get_by_label("Name").fill("mine")
    expect(form.get_by_text("pannier faults add")).to_contain_text('"name":"mine"')
    form.get_by_role("button", name="Add rule").click()
    row = page.get_by_role("row", name=re.compile("^mine"))
    expect(row).to_contain_text("0.4 of the items are left")
    (rule,) = admin(servers).get("faults")["rules"]
    assert rule["operations"] == ["BatchWriteItem", "BatchGetItem"]
    puts = [{"PutRequest": {"Item": {"PK": {"S": f"b{number}"}}}} for number in range(10)]
    with pannier.connect(servers[0]) as db:
        answer = db.call("BatchWriteItem", {"RequestItems": {"a-table": puts}})
    left = len(answer["UnprocessedItems"]["a-table"])
    assert left == 4
    expect(row.get_by_role("cell").nth(3)).to_have_text("4")
    form.get_by_role("button", name="Add rule").click()
    expect(form.get_by_text("already")).to_be_visible()
    page.get_by_role("button", name="Remove the rule mine").click()
    expect(page.get_by_text("No rules in force")).to_be_visible()
    assert admin(servers).get("faults")["rules"] == []


def test_rules_as_text_are_refused_at_the_field_or_put_in_force(
    servers: tuple[str, str], page: Page
) -> None:
    text = page.get_by_label("Rules, as TOML or JSON")
    text.fill('{"operations": "BatchWriteItem", "leave": 4}')
    page.get_by_role("button", name="Replace all rules").click()
    problem = page.locator("section", has_text="Rules as text").get_by_role("alert")
    expect(problem.last).to_contain_text("rule 1")
    text.fill('seed = 7\n[[rules]]\noperations = "Query"\nslow = { delay_ms = 5 }\n')
    page.get_by_role("button", name="Replace all rules").click()
    expect(page.get_by_role("row", name=re.compile("^rule-1"))).to_contain_text("5 ms")
    assert admin(servers).get("faults")["seed"] == 7
    page.get_by_label("Seed", exact=True).fill("9")
    page.get_by_role("button", name="Begin again with this seed").click()
    expect(page.get_by_text("The rules begin again, with the seed 9.")).to_be_visible()
    assert admin(servers).get("faults")["seed"] == 9
    page.get_by_role("button", name="Clear all rules").click()
    expect(page.get_by_text("No rules in force")).to_be_visible()


def test_another_table_is_chosen_and_stays_chosen(page: Page) -> None:
    page.get_by_role("button", name="a-table").click()
    expect(page.get_by_role("heading", name="a-table")).to_be_visible()
    expect(page.get_by_role("button", name="a-table", pressed=True)).to_be_visible()
    expect(page.get_by_role("button", name="orders", pressed=False)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?table=a-table$"))
    page.reload()
    expect(page.get_by_role("heading", name="a-table")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()  # messages of other tests fade
    expect(page.get_by_role("button", name="Add rule")).to_be_visible()
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_tables_it_says_what_to_do(browser: Browser) -> None:
    with serving_console("--memory") as (_, console), visiting(browser, page_url(console)) as page:
        expect(page.get_by_text("No tables here")).to_be_visible()
        expect(page.get_by_role("heading", name="Clock")).to_have_count(0)


def test_a_target_without_the_admin_api_still_has_its_throughput(
    servers: tuple[str, str], browser: Browser, tmp_path: Path
) -> None:
    options = ("--target", "aws", "--allow-writes")
    with (
        console(*options, cwd=tmp_path, AWS_ENDPOINT_URL=servers[0], AWS_REGION="us-east-1") as (
            _,
            url,
            _,
        ),
        visiting(browser, page_url(url, "table=orders")) as page,
    ):
        expect(page.get_by_text("What this target can't do")).to_be_visible()
        units = page.get_by_role("group", name="Units of the index GSI1").get_by_label("Read units")
        units.fill("77")
        units.press("Enter")
        expect(page.get_by_text("The throughput of orders is changed.")).to_be_visible()
    with pannier.connect(servers[0]) as db:
        (index,) = db.call("DescribeTable", {"TableName": "orders"})["Table"][
            "GlobalSecondaryIndexes"
        ]
    assert index["ProvisionedThroughput"]["ReadCapacityUnits"] == 77


def test_a_console_that_only_reads_shows_throughput_and_changes_none(
    servers: tuple[str, str], browser: Browser, tmp_path: Path
) -> None:
    with (
        console(
            "--target", "aws", cwd=tmp_path, AWS_ENDPOINT_URL=servers[0], AWS_REGION="us-east-1"
        ) as (_, url, _),
        visiting(browser, page_url(url), bypass_csp=True) as page,
    ):
        expect(page.get_by_role("button", name="Change throughput")).to_be_disabled()
        expect(page.get_by_text("This console only reads")).to_be_visible()
        assert serious_findings(page) == []
