"""The page *Shell*, in a browser: the chapter's exercises pasted, and what is refused."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

import pannier
from tests.conftest import EXAMPLES, TABLE
from tests.console.accessibility import serious_findings
from tests.console.browser import serving_console, visiting
from tests.console.test_console_process import console


def shell_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/shell?{parts.query}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shell")


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[tuple[str, str]]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        with serving_console("--memory") as (url, console_url):
            with pannier.connect(url) as db:
                db.call(
                    "CreateTable",
                    {
                        "TableName": TABLE,
                        "AttributeDefinitions": [
                            {"AttributeName": each, "AttributeType": "S"} for each in ("PK", "SK")
                        ],
                        "KeySchema": [
                            {"AttributeName": "PK", "KeyType": "HASH"},
                            {"AttributeName": "SK", "KeyType": "RANGE"},
                        ],
                        "BillingMode": "PAY_PER_REQUEST",
                    },
                )
            yield url, console_url
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def page(served: tuple[str, str], browser: Browser) -> Iterator[Page]:
    with visiting(browser, shell_url(served[1]), bypass_csp=True) as page:
        expect(page.get_by_label("Command", exact=True)).to_be_focused()
        yield page


def run(page: Page, text: str, commands: int = 1) -> str:
    """Type a text, and wait until so many commands have ended; what they said."""
    page.get_by_role("button", name="Clear").click()
    log = page.get_by_role("log")
    expect(log.get_by_text("exit status")).to_have_count(0)
    field = page.get_by_label("Command", exact=True)
    field.fill(text)
    field.press("Enter")
    expect(log.get_by_text("exit status")).to_have_count(commands)
    expect(page.get_by_text("Ready")).to_be_visible()
    return log.inner_text()


def pasted(name: str) -> str:
    content = (EXAMPLES / "workshop" / name).read_text()
    return f"cat > {name} << 'EOF'\n{content}EOF\n"


def test_the_chapters_exercises_work_as_they_are_pasted(
    served: tuple[str, str], page: Page, folder: Path
) -> None:
    said = run(
        page,
        f"{pasted('batch-products.json')}\n"
        "aws dynamodb batch-write-item --request-items file://batch-products.json\n"
        "# Single item retrieval (less efficient)\n"
        "aws dynamodb get-item \\\n"
        f"  --table-name {TABLE} \\\n"
        """  --key '{"PK":{"S":"PRODUCT#batch-laptop-001"},"SK":{"S":"DETAILS"}}'\n""",
        commands=3,
    )
    assert '"UnprocessedItems": {}' in said
    assert "Gaming Laptop Pro" in said
    assert said.count("exit status 0") == 3
    written = json.loads((folder / "batch-products.json").read_text())
    assert len(written[TABLE]) == 3
    with pannier.connect(served[0]) as db:
        assert db.call("Scan", {"TableName": TABLE, "Select": "COUNT"})["Count"] == 3


def test_pannier_works_on_the_same_target(page: Page) -> None:
    said = run(page, "pannier write batch-products.json\npannier count " + TABLE, commands=2)
    assert "3 written" in said
    assert said.count("exit status 0") == 2


def test_a_failure_shows_its_status_and_words(page: Page) -> None:
    said = run(page, "pannier count missing-table")
    assert "exit status 1" in said
    assert "missing-table" in said


def test_what_has_no_end_yet_goes_on_in_the_next_line(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    field = page.get_by_label("Command", exact=True)
    field.fill("cat > two.txt << 'EOF'")
    field.press("Enter")
    expect(page.get_by_text("The file has no end yet: EOF")).to_be_visible()
    expect(field).to_have_value("cat > two.txt << 'EOF'\n")
    field.press_sequentially("line")
    field.press("Enter")
    expect(field).to_have_value("cat > two.txt << 'EOF'\nline\n")
    field.press_sequentially("EOF")
    field.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("two.txt: 1 line written")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("for i in {1..30}; do", "pannier workshop files large-batch.json"),
        ("aws s3 ls", "Aws s3 is not run here"),
        ("pannier serve", "Use a terminal for that."),
        ("aws dynamodb list-tables --endpoint-url http://example.com", "This shell is pointed at"),
        ("ls | cat", "Pipes are not run here"),
    ],
)
def test_what_is_not_run_is_answered_with_what_to_do(page: Page, text: str, answer: str) -> None:
    field = page.get_by_label("Command", exact=True)
    field.fill(text)
    field.press("Enter")
    expect(page.get_by_role("alert").filter(has_text=answer)).to_be_visible()
    expect(field).to_have_value(text)
    field.fill("")


def test_the_arrows_bring_back_what_was_run(page: Page) -> None:
    run(page, "ls")
    field = page.get_by_label("Command", exact=True)
    field.fill("being typed")
    field.press("ArrowUp")
    expect(field).to_have_value("ls")
    field.press("ArrowDown")
    expect(field).to_have_value("being typed")


def test_tab_completes_and_can_still_leave_the_field(page: Page) -> None:
    field = page.get_by_label("Command", exact=True)
    field.fill("pannier desc")
    field.press("Tab")
    expect(field).to_have_value("pannier describe-table ")
    field.press_sequentially("demo")
    field.press("Tab")
    expect(field).to_have_value(f"pannier describe-table {TABLE} ")
    field.fill("cat batch")
    field.press("Tab")
    expect(field).to_have_value("cat batch-products.json ")
    field.press("Escape")
    field.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()
    field.fill("")
    field.press("Tab")
    expect(page.get_by_role("button", name="Run")).to_be_focused()


def test_stop_ends_what_runs(page: Page) -> None:
    page.get_by_role("button", name="Clear").click()
    field = page.get_by_label("Command", exact=True)
    field.fill(f"pannier wait {TABLE} --gone --for 600\nls")
    field.press("Enter")
    expect(page.get_by_text("Running")).to_be_visible()
    field.press("Control+c")
    expect(page.get_by_text("Ready")).to_be_visible()
    assert "$ ls" not in page.get_by_role("log").inner_text()


def test_the_output_can_be_copied_and_is_never_taken_for_html(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = run(page, "cat > x.html << 'EOF'\n<img src=x onerror=alert(1)>\nEOF\ncat x.html", 2)
    assert "<img src=x onerror=alert(1)>" in said
    page.get_by_role("button", name="Copy output").click()
    expect(page.get_by_text("The output is in the clipboard.")).to_be_visible()
    assert "<img src=x" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_everybody_can_use_it(page: Page, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()  # messages of other tests fade
    run(page, "ls\ncat missing", commands=2)
    assert serious_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_who_leaves_the_page_ends_what_runs(served: tuple[str, str], browser: Browser) -> None:
    with visiting(browser, shell_url(served[1])) as page:
        field = page.get_by_label("Command", exact=True)
        field.fill(f"pannier wait {TABLE} --gone --for 599")
        field.press("Enter")
        expect(page.get_by_text("Running")).to_be_visible()
        expect(page.get_by_role("log")).to_contain_text("target:")
        assert children("599")
    gone = False
    with visiting(browser, shell_url(served[1])) as page:
        for _ in range(100):
            gone = not children("599")
            if gone:
                break
            page.wait_for_timeout(200)
    assert gone


def children(mark: str) -> list[int]:
    """The processes that have a word on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if mark.encode() in words:
            found.append(int(path.parent.name))
    return found


def test_a_console_that_only_reads_runs_what_reads(
    served: tuple[str, str], browser: Browser, folder: Path
) -> None:
    with (
        console(
            "--target", "aws", cwd=folder, AWS_ENDPOINT_URL=served[0], AWS_REGION="us-east-1"
        ) as (_, url, _),
        visiting(browser, shell_url(url)) as page,
    ):
        expect(page.get_by_text("This console only reads")).to_be_visible()
        said = run(page, "aws dynamodb list-tables\npannier tables", commands=2)
        assert said.count(TABLE) == 2
        field = page.get_by_label("Command", exact=True)
        field.fill("pannier delete-table " + TABLE)
        field.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="only reads")).to_be_visible()


def test_the_page_is_off_where_the_console_says_so(
    served: tuple[str, str], browser: Browser, folder: Path
) -> None:
    with (
        console("--target", served[0], "--no-shell", cwd=folder) as (_, url, _),
        visiting(browser, shell_url(url)) as page,
    ):
        expect(page.get_by_text("The shell is switched off")).to_be_visible()
        expect(page.get_by_role("textbox")).to_have_count(0)
