"""Who gets to see the console, asked as browsers and others ask."""

import http.client
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.browser import serving_console

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"


class Visitor:
    """Asks one console, and keeps no cookies of its own accord."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.port = parts.port or 0
        self.token = parse_qs(parts.query)["token"][0]

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        answer = connection.getresponse()
        if answer.status != HTTPStatus.SWITCHING_PROTOCOLS:
            answer.read()
        answer.close()
        connection.close()
        return answer

    @property
    def cookie(self) -> str:
        return f"pannier-console-{self.port}={self.token}"


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    with serving_console("--memory") as (_, url):
        yield Visitor(url)


@pytest.mark.parametrize(
    "path", ["/", "/tables", "/_nicegui/client/x", SOCKET, "/?token=", "/?token=wrong", "/nowhere"]
)
def test_nothing_is_shown_without_the_token(visitor: Visitor, path: str):
    answer = visitor.ask(path)
    assert answer.status == 403
    assert answer.headers["Set-Cookie"] is None


def test_the_token_becomes_a_cookie_and_leaves_the_address(visitor: Visitor):
    """So it is in no history and no Referer; no script and no other site gets at the cookie."""
    answer = visitor.ask(f"/explore?table=a%26b&token={visitor.token}&index=")
    assert answer.status == 303
    assert answer.headers["Location"] == "/explore?table=a%26b&index="
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(visitor.cookie)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert visitor.ask("/tables", Cookie=visitor.cookie).status == 200


def test_a_path_can_not_lead_to_another_host(visitor: Visitor):
    """`//evil.example/` would be another host to a browser that is sent there."""
    for path in ("//evil.example/", "/\\evil.example/"):
        answer = visitor.ask(f"{path}?token={visitor.token}")
        assert answer.status == 303
        assert answer.headers["Location"] == "/evil.example/"


@pytest.mark.parametrize("cookie", ["pannier-console-{port}=wrong", "{port}", 'a="', ";;=;"])
def test_other_cookies_do_not_get_in(visitor: Visitor, cookie: str):
    assert visitor.ask("/tables", Cookie=cookie.format(port=visitor.port)).status == 403


def test_what_other_programs_of_this_machine_have_as_cookies_does_no_harm(visitor: Visitor):
    """Cookies know no ports: whatever runs on loopback sends its own along, in any form."""
    others = f'a={{"b": [1, 2]}}; c="; d=\xe4; {visitor.cookie}; e=f g'
    assert visitor.ask("/tables", Cookie=others).status == 200


def test_the_cookie_of_a_console_on_another_port_does_not_get_in(visitor: Visitor):
    other = f"pannier-console-{visitor.port + 1}={visitor.token}"
    assert visitor.ask("/tables", Cookie=other).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:{port}", "", "a:1"]
)
def test_a_name_that_leads_here_from_elsewhere_is_refused(visitor: Visitor, host: str):
    """DNS rebinding: the browser sends the name that the other page has."""
    answer = visitor.ask("/tables", Host=host.format(port=visitor.port), Cookie=visitor.cookie)
    assert answer.status == 421


def test_the_names_of_loopback_are_let_in_at_any_port(visitor: Visitor):
    """A tunnel (`ssh -L`) has another port at its other end; pages are the console's own there."""
    for host in ("localhost:{}", "127.0.0.1:{}", "[::1]:{}", "LocalHost:9999", "localhost"):
        name = host.format(visitor.port)
        answer = visitor.ask("/tables", Host=name, Cookie=visitor.cookie, Origin=f"http://{name}")
        assert answer.status == 200, host


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "x"])
def test_other_origins_are_refused_though_they_have_the_cookie(visitor: Visitor, origin: str):
    assert visitor.ask("/tables", Cookie=visitor.cookie, Origin=origin).status == 403
    opened = visitor.ask(SOCKET, Cookie=visitor.cookie, Origin=origin, **UPGRADE)
    assert opened.status == 403


def test_web_sockets_open_for_the_console_alone(visitor: Visitor):
    own = f"http://127.0.0.1:{visitor.port}"
    assert visitor.ask(SOCKET, Origin=own, **UPGRADE).status == 403
    opened = visitor.ask(SOCKET, Cookie=visitor.cookie, Origin=own, **UPGRADE)
    assert opened.status == HTTPStatus.SWITCHING_PROTOCOLS


def test_no_other_origin_is_granted_anything(visitor: Visitor):
    own = f"http://127.0.0.1:{visitor.port}"
    for method in ("GET", "OPTIONS"):
        answer = visitor.ask("/tables", method, Cookie=visitor.cookie, Origin=own)
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_the_page_can_not_be_framed_and_loads_nothing_from_elsewhere(visitor: Visitor):
    answer = visitor.ask("/tables", Cookie=visitor.cookie)
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'")
    assert "http" not in policy
