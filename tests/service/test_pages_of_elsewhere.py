"""Pages of elsewhere in a real browser: what they try reaches no table, unless they were named.

A name of the page's own leads here, as an attacker's name server would have it (DNS rebinding).
"""

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import serving
from tests.console.browser import _QUIET

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# What a page can send: plain forms without a question, and what an SDK sends, with one.
_TRY = """
async ([url, simple]) => {
  const headers = simple
    ? {"content-type": "text/plain"}
    : {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.CreateTable",
        "x-amz-date": "20261123T080000Z",
        authorization: "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s",
      };
  const body = JSON.stringify({
    TableName: "stolen", BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{AttributeName: "p", AttributeType: "S"}],
    KeySchema: [{AttributeName: "p", KeyType: "HASH"}],
  });
  try {
    const mode = simple ? "no-cors" : "cors";
    const answer = await fetch(url, {method: "POST", headers, body, mode});
    const checksum = answer.headers.get("x-amz-crc32");
    return answer.type === "opaque" ? "opaque" : `${answer.status} ${checksum}`;
  } catch (error) {
    return "refused";
  }
}
"""


class _Empty(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def page_port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Empty) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@contextmanager
def visiting(url: str) -> Iterator[Page]:
    """A page in a browser for which every name leads to this machine."""
    path = next(found for name in _NAMES if (found := shutil.which(name)))
    # Without what the newest browsers do against it themselves: not everybody has one of them.
    options = (
        "--host-resolver-rules=MAP *.example 127.0.0.1",
        "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*_QUIET, *options])
        try:
            page = browser.new_page()
            # What a page of that name was before the name came to lead to the server.
            page.route(
                "http://rebound.example:*/before",
                lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"),
            )
            page.goto(url)
            yield page
        finally:
            browser.close()


def tables(url: str) -> list[str]:
    names: list[str] = boto3.client("dynamodb", endpoint_url=url).list_tables()["TableNames"]
    return names


def test_what_a_page_of_elsewhere_tries_gets_nowhere(page_port: int, tmp_path: Path):
    with serving("--memory", "--no-console") as (url, _):
        port = urlsplit(url).port
        signature = "?X-Amz-Signature=x"
        with visiting(f"http://evil.example:{page_port}/") as page:
            assert page.title() == "elsewhere"
            for simple in (True, False):
                for target in (url, url + "/" + signature, f"http://rebound.example:{port}/"):
                    assert page.evaluate(_TRY, [target, simple]) in ("refused", "opaque")
        assert tables(url) == []


def test_a_page_whose_own_name_leads_here_gets_nowhere():
    """The browser takes it for the page's own server, asks nothing, and lets it read."""
    with serving("--memory", "--no-console") as (url, _):
        with visiting(f"http://rebound.example:{urlsplit(url).port}/before") as page:
            read = "fetch('/metrics').then(answer => answer.status)"  # comes without an origin
            assert page.evaluate(read) == 403
            assert page.evaluate(_TRY, ["/", False]) == "403 null"
            assert page.evaluate(_TRY, ["/?X-Amz-Signature=x", True]).startswith("403")
        assert tables(url) == []


def test_a_page_that_was_named_is_let_in(page_port: int):
    origin = f"http://app.example:{page_port}"
    with serving("--memory", "--no-console", "--allow-origin", origin) as (url, _):
        with visiting(f"{origin}/") as page:
            found = page.evaluate(_TRY, [url, False])
        assert found.startswith("200 ")
        assert found != "200 null"  # what the SDK checks can be read
        assert tables(url) == ["stolen"]
