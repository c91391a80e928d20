"""Who gets to see the console of a server with credentials: asked as browsers and others ask."""

import asyncio
import http.client
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from pannier.console.gate import Gate
from pannier.console.sign_in import SIGN_IN, SignInEntry, Verdict
from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential, new_credential
from tests.conftest import serving_with_words
from tests.console.test_gate import SOCKET

PORT = 8001
OWN = f"http://127.0.0.1:{PORT}"


class Visitor:
    """Asks a gate with a sign-in, without a network; keeps the cookie that it gets."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.asked: list[tuple[str, str]] = []
        self.verdict = Verdict.WRONG
        self.cookie = ""
        self.set_cookie = ""
        self.gate = Gate(_behind, SignInEntry(PORT, self._check, lambda: self.now_s))

    async def _check(self, access_key_id: str, secret: str) -> Verdict:
        self.asked.append((access_key_id, secret))
        return self.verdict

    def ask(
        self, path: str, method: str = "GET", body: bytes = b"", scheme: str = "http",
        **headers: str,
    ) -> tuple[int, dict[str, str], str]:  # fmt: skip
        sent: list[Any] = []
        named = {"host": f"127.0.0.1:{PORT}", "cookie": self.cookie, **headers}
        kind = "websocket" if path == SOCKET else "http"
        scope = {
            "type": kind, "method": method, "path": path.partition("?")[0], "scheme": scheme,
            "query_string": path.partition("?")[2].encode(), "http_version": "1.1",
            "headers": [(name.encode(), value.encode()) for name, value in named.items() if value],
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        if kind == "websocket":
            return (101 if sent[0]["type"] == "websocket.accept" else 403), {}, ""
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        if "set-cookie" in found:
            self.set_cookie = found["set-cookie"]
            self.cookie = self.set_cookie.partition(";")[0]
        return sent[0]["status"], found, sent[1]["body"].decode()

    def sign_in(self, **options: Any) -> tuple[int, dict[str, str], str]:
        body = urlencode({"id": "PANN1", "secret": "s&=hush"}).encode()
        return self.ask(SIGN_IN, "POST", body, **{"origin": OWN, **options})


async def _behind(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"behind"})


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


@pytest.mark.parametrize("path", ["/", "/tables", "/_nicegui/x", "/?token=x", "/sign-in/x"])
def test_nothing_is_shown_but_the_form(visitor: Visitor, path: str):
    status, headers, body = visitor.ask(path)
    assert status == 401
    assert 'type="password"' in body
    assert "behind" not in body
    assert headers["cache-control"] == "no-store"
    assert visitor.ask(SOCKET)[0] == 403


def test_who_has_signed_in_gets_a_cookie_that_no_script_and_no_other_site_has(visitor: Visitor):
    visitor.verdict = Verdict.RIGHT
    status, headers, _ = visitor.sign_in()
    assert (status, headers["location"]) == (303, "/")
    assert visitor.asked == [("PANN1", "s&=hush")]
    assert "HttpOnly" in visitor.set_cookie
    assert "SameSite=strict" in visitor.set_cookie
    assert "Secure" not in visitor.set_cookie
    assert len(visitor.cookie.partition("=")[2]) >= 40
    assert visitor.ask("/tables")[0::2] == (200, "behind")
    assert visitor.ask(SOCKET, origin=OWN)[0] == 101
    assert "hush" not in visitor.cookie


def test_the_cookie_is_secure_where_the_connection_is(visitor: Visitor):
    visitor.verdict = Verdict.RIGHT
    visitor.ask(SIGN_IN, "POST", b"id=a&secret=b", scheme="https")
    assert "Secure" in visitor.set_cookie


def test_a_day_later_one_signs_in_again(visitor: Visitor):
    visitor.verdict = Verdict.RIGHT
    visitor.sign_in()
    visitor.now_s += 12 * 3600 - 1
    assert visitor.ask("/tables")[0] == 200
    visitor.now_s += 1
    assert visitor.ask("/tables")[0] == 401


def test_who_has_signed_out_is_out_whatever_the_cookie(visitor: Visitor):
    visitor.verdict = Verdict.RIGHT
    visitor.sign_in()
    cookie = visitor.cookie
    assert visitor.ask("/sign-out", "GET")[0] == 200  # a link on a page signs nobody out
    assert visitor.ask("/sign-out", "POST", origin="http://evil.example")[0] == 403
    assert visitor.ask("/tables")[0] == 200
    assert visitor.ask("/sign-out", "POST", origin=OWN)[0] == 303
    visitor.cookie = cookie
    assert visitor.ask("/tables")[0] == 401


@pytest.mark.parametrize("cookie", ["", "x", "\xe9"])
def test_other_cookies_do_not_get_in(visitor: Visitor, cookie: str):
    visitor.verdict = Verdict.RIGHT
    visitor.sign_in()
    visitor.cookie = f"pannier-console-{PORT}={cookie}"
    assert visitor.ask("/tables")[0] == 401


def test_another_site_can_sign_nobody_in(visitor: Visitor):
    """It would be the site's credentials that the reader works with, then."""
    visitor.verdict = Verdict.RIGHT
    for origin in ("http://evil.example", "null"):
        assert visitor.sign_in(origin=origin)[0] == 403
    assert visitor.sign_in(host="evil.example")[0] == 421
    assert visitor.asked == []


@pytest.mark.parametrize(
    ("verdict", "status", "said"),
    [
        (Verdict.WRONG, 403, "There are no such credentials"),
        (Verdict.LIMITED, 403, "pannier console --target URL"),
        (Verdict.UNKNOWN, 503, "does not answer"),
    ],
)
def test_who_is_not_let_in_is_told_why(visitor: Visitor, verdict: Verdict, status: int, said: str):
    visitor.verdict = verdict
    found, headers, body = visitor.sign_in()
    assert (found, "set-cookie" in headers) == (status, False)
    assert said in body
    assert "PANN1" not in body
    assert "hush" not in body
    assert visitor.ask("/tables")[0] == 401


def test_after_five_wrong_tries_everybody_waits(visitor: Visitor):
    for _ in range(5):
        assert visitor.sign_in()[0] == 403
        visitor.now_s += 1
    visitor.verdict = Verdict.RIGHT
    status, headers, body = visitor.sign_in()
    assert (status, headers["retry-after"]) == (429, "56")
    assert "wait 56 seconds" in body
    assert len(visitor.asked) == 5
    visitor.now_s += 56
    assert visitor.sign_in()[0] == 303


def test_tries_at_the_same_time_are_tries_all_the_same(visitor: Visitor):
    """Else a thousand could be under way before the first one is known to be wrong."""
    statuses: list[int] = []
    entry = SignInEntry(PORT, visitor._check, lambda: visitor.now_s)

    async def slow(*_: str) -> Verdict:
        await asyncio.sleep(0)
        return Verdict.WRONG

    entry._check = slow

    async def receive() -> Any:
        return {"body": b"id=a&secret=b"}

    async def post() -> None:
        scope = {"type": "http", "path": SIGN_IN, "method": "POST", "headers": []}
        response = await entry.judge(scope, receive)
        assert response is not None
        statuses.append(response.status_code)

    async def many() -> None:
        await asyncio.gather(*(post() for _ in range(20)))

    asyncio.run(many())
    assert sorted(statuses) == [403] * 5 + [429] * 15


def test_who_may_come_in_uses_up_no_tries(visitor: Visitor):
    for verdict in (Verdict.RIGHT, Verdict.LIMITED, Verdict.UNKNOWN) * 3:
        visitor.verdict = verdict
        assert visitor.sign_in()[0] != 429


def test_a_form_that_does_not_end_is_not_read_to_its_end(visitor: Visitor):
    visitor.ask(SIGN_IN, "POST", b"id=a&secret=" + b"x" * 5000)
    assert visitor.asked == [("", "")]


# With a server


@pytest.fixture(scope="module")
def credentials(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Credential]:
    path = tmp_path_factory.mktemp("access") / "credentials.toml"
    made = {"file": new_credential("unused"), "all": new_credential("ann")}
    made["reader"] = new_credential("bob", read_only=True)
    for name in ("all", "reader"):
        add_credential(path, made[name])
    made["file"] = Credential(str(path), "none", "none")
    return made


@pytest.fixture(scope="module")
def address(
    credentials: dict[str, Credential], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Of the console of a server that encrypts, too: the console trusts its certificate."""
    folder = str(tmp_path_factory.mktemp("served") / "db")
    options = ("--path", folder, "--tls-self-signed", "--credentials", credentials["file"].name)
    with serving_with_words(*options) as (words, _):
        found = re.search(r"console: (http\S+)", words)
        assert found is not None, words
        assert "token" not in words
        yield found.group(1)


def posted(address: str, credential: Credential, secret: str | None = None) -> int:
    body = urlencode({
        "id": credential.access_key_id, "secret": secret or credential.secret_access_key,
    })  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(address).port or 0, timeout=20)
    connection.request("POST", SIGN_IN, body)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_server_says_whose_credentials_are_right(
    address: str, credentials: dict[str, Credential]
):
    assert posted(address, credentials["all"]) == HTTPStatus.SEE_OTHER
    assert posted(address, credentials["all"], "wrong") == HTTPStatus.FORBIDDEN
    assert posted(address, credentials["reader"]) == HTTPStatus.FORBIDDEN
    assert posted(address, new_credential("nobody")) == HTTPStatus.FORBIDDEN
    assert posted(address, Credential("x", "a\r\nb: c", "d")) == HTTPStatus.FORBIDDEN


def test_a_visitor_signs_in_works_and_signs_out(
    browser: Browser, address: str, credentials: dict[str, Credential]
):
    """The console itself signs what it asks the server; so do the commands of its shell."""
    credential = credentials["all"]
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(address)
    page.get_by_label("Access key ID").fill(credential.access_key_id)
    page.get_by_label("Secret access key").fill(credential.secret_access_key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Tables", level=1)).to_be_visible()
    expect(page.get_by_text("No tables yet").first).to_be_visible()
    page.goto(f"{address}capacity")
    expect(page.get_by_role("heading", name="Capacity and faults")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Access key ID")).to_be_visible()
    page.goto(f"{address}tables")
    expect(page.get_by_label("Access key ID")).to_be_visible()
    context.close()
