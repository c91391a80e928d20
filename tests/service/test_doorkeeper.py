"""Who gets to what is served at a port: by which name it was asked, and from which page."""

import json

import pytest

from pannier.errors import UserError
from pannier.service.doorkeeper import Doorkeeper
from pannier.service.doors import Doors
from pannier.service.hosts import AllowedHosts, AllowedOrigins
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse

PAGE = b"https://app.example"
REFUSED = 403


class Asked:
    """A door, and what came through it."""

    def __init__(self, *origins: str, names: tuple[str, ...] = (), signed: bool = False) -> None:
        hosts = None if signed else AllowedHosts(names)
        self.door = Doorkeeper(self._handle, hosts, AllowedOrigins(origins))
        self.passed: list[HttpRequest] = []

    def _handle(self, request: HttpRequest, respond: Respond) -> None:
        self.passed.append(request)
        respond(HttpResponse(200, {b"x-amz-crc32": b"1"}, b"{}"))

    def ask(self, method: str = "POST", target: str = "/", **headers: bytes) -> HttpResponse:
        names = {name.replace("_", "-").encode(): value for name, value in headers.items()}
        answered: list[HttpResponse | None] = []
        self.door.handle(HttpRequest(method.encode(), target.encode(), names), answered.append)
        (response,) = answered
        assert response is not None
        return response


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LocalHost:1",
        "localhost.:8000",
        "123456789012.ddb.localhost:8000",
        "127.0.0.1:8000",
        "127.9.8.7",
        "[::1]:8000",
        "[0:0:0:0:0:0:0:1]",
    ],
)
def test_a_server_is_asked_by_loopbacks_names_at_any_port(host: str):
    """Tunnels and containers change ports; SDKs put the account before the name."""
    asked = Asked()
    assert asked.ask(host=host.encode()).status == 200
    assert asked.ask(host=host.encode()).status == 200  # and again, by what is remembered


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "notlocalhost",
        "localhost:8000@evil.example",
        "localhost:x",
        "127.0.0.1:8000:8000",
        "::1",
        "[::2]",
        "[::1",
        "10.0.0.1",
        "0.0.0.0",
        "128.0.0.1",
        "2130706433",
        "localhost\xe9",
        "",
        " ",
        "a" * 5000,
    ],
)
def test_a_name_that_only_leads_here_is_refused(host: str):
    """DNS rebinding: the page's own name leads to loopback, and its browser sends that name."""
    asked = Asked()
    for _ in range(2):
        response = asked.ask(host=host.encode("latin-1"))
        assert response.status == REFUSED
        body = json.loads(response.body)
        assert body["__type"].endswith("#AccessDeniedException")
        assert "--allow-host NAME" in body["message"]
        assert len(body["message"]) < 500
    assert asked.passed == []


def test_what_is_refused_is_not_said_in_control_characters():
    """Whoever sends it chooses it, and it may be shown on a terminal."""
    response = Asked().ask(host=b"\x1b[31mevil\x07")
    assert b"\\u001b" not in response.body
    assert b"\x1b" not in response.body


def test_names_can_be_allowed():
    asked = Asked(names=("db.example", "Other.", "fd00::1"))
    for host in (b"db.example:8000", b"DB.example", b"other:1", b"[fd00::1]:8000", b"localhost"):
        assert asked.ask(host=host).status == 200
    assert asked.ask(host=b"a.db.example").status == REFUSED


@pytest.mark.parametrize("name", ["a:80", "http://a", "a/b", "", "*", "a b", "a..b"])
def test_what_can_be_no_host_can_not_be_allowed(name: str):
    with pytest.raises(UserError, match="is no name of a host"):
        AllowedHosts([name])


def test_without_a_host_it_is_no_browser():
    """Monitors speak HTTP/1.0; browsers always send a host, so nothing gets past by that."""
    assert Asked().ask().status == 200


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example",
        b"http://localhost.evil.example",
        b"http://localhost@evil.example",
        b"null",
        b"",
        b"file://",
        b"http://[",
        b"chrome-extension://abcdef",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET", "OPTIONS"])
def test_pages_of_elsewhere_are_refused_and_granted_nothing(origin: bytes, method: str):
    """A form or a plain text crosses origins without a question, so the question is not enough."""
    asked = Asked()
    for headers in ({}, {"access_control_request_method": b"POST"}):
        response = asked.ask(method, host=b"localhost:8000", origin=origin, **headers)
        assert response.status == REFUSED
        assert not any(name.startswith(b"access-control") for name in response.headers)
    assert asked.passed == []


@pytest.mark.parametrize(
    "origin", [b"http://localhost:3000", b"http://127.0.0.1", b"https://[::1]:1"]
)
def test_pages_of_this_machine_may_ask_but_not_read(origin: bytes):
    """What a developer's own page sends through its proxy; a page elsewhere has no such origin."""
    asked = Asked()
    response = asked.ask(host=b"localhost:8000", origin=origin)
    assert response.status == 200
    assert b"access-control-allow-origin" not in response.headers
    question = asked.ask(
        "OPTIONS", host=b"localhost", origin=origin, access_control_request_method=b"POST"
    )
    assert b"access-control-allow-origin" not in question.headers


@pytest.mark.parametrize("site", [b"cross-site", b"same-site"])
def test_a_picture_on_a_page_asks_nothing(site: bytes):
    """What a page has loaded comes without an origin, but browsers say where it comes from."""
    asked = Asked()
    assert asked.ask("GET", "/metrics", host=b"localhost", sec_fetch_site=site).status == REFUSED
    assert asked.passed == []
    for own in (b"none", b"same-origin"):
        assert asked.ask("GET", host=b"localhost", sec_fetch_site=own).status == 200


def test_a_page_that_was_named_may_ask_and_read():
    asked = Asked(PAGE.decode())
    response = asked.ask(host=b"localhost:8000", origin=PAGE, sec_fetch_site=b"cross-site")
    assert (response.status, response.body) == (200, b"{}")
    assert response.headers[b"access-control-allow-origin"] == PAGE
    assert response.headers[b"vary"] == b"origin"
    exposed = response.headers[b"access-control-expose-headers"].split(b", ")
    assert {b"x-amzn-requestid", b"x-amz-crc32"} <= set(exposed)
    assert response.headers[b"x-amz-crc32"] == b"1"
    assert asked.ask(host=b"localhost:8000", origin=b"https://other.example").status == REFUSED
    assert asked.ask(host=b"evil.example", origin=PAGE).status == REFUSED


def test_the_question_of_a_page_that_was_named():
    asked = Asked(PAGE.decode())
    response = asked.ask(
        "OPTIONS",
        host=b"localhost:8000",
        origin=PAGE,
        access_control_request_method=b"POST",
        access_control_request_headers=b"Authorization, content-type,x-amz-target,"
        b"amz-sdk-request,cookie, x-evil",
        access_control_request_private_network=b"true",
    )
    assert response.status == 200
    assert response.headers[b"access-control-allow-origin"] == PAGE
    assert response.headers[b"access-control-allow-headers"] == (
        b"authorization, content-type, x-amz-target, amz-sdk-request"
    )
    assert response.headers[b"access-control-allow-private-network"] == b"true"
    assert b"access-control-allow-credentials" not in response.headers
    assert asked.passed == []


def test_the_admin_api_is_granted_to_no_page():
    asked = Asked(PAGE.decode())
    for method in ("PUT", "OPTIONS"):
        response = asked.ask(
            method, "/_pannier/throttle", host=b"localhost", origin=PAGE,
            access_control_request_method=b"PUT",
        )  # fmt: skip
        assert response.status == REFUSED
        assert b"access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("http://localhost:3000", b"http://localhost:3000"),
        ("HTTPS://App.example/", b"https://app.example"),
        ("https://app.example:443", b"https://app.example"),
        ("http://[::1]:80", b"http://[::1]"),
        ("chrome-extension://abc", b"chrome-extension://abc"),
    ],
)
def test_origins_are_known_as_browsers_write_them(given: str, sent: bytes):
    assert AllowedOrigins([given]).allows(sent.decode())


@pytest.mark.parametrize("origin", ["app.example", "null", "", "https://a/b", "https://*", "a:80"])
def test_what_is_no_origin_can_not_be_allowed(origin: str):
    """`null` is what every page can have, in a frame that is closed off."""
    with pytest.raises(UserError, match="is no origin"):
        AllowedOrigins([origin])


def test_all_pages_are_let_in_only_where_requests_are_signed():
    with pytest.raises(UserError, match="every web page"):
        Asked("*")
    response = Asked("*", signed=True).ask(host=b"db.example", origin=PAGE)
    assert response.headers[b"access-control-allow-origin"] == PAGE


def test_where_requests_are_signed_names_and_pages_do_not_matter():
    """The signature covers the host; a page that knows no secret is refused for that."""
    asked = Asked(PAGE.decode(), signed=True)
    assert asked.ask(host=b"db.example").status == 200
    response = asked.ask(host=b"db.example", origin=b"https://evil.example")
    assert response.status == 200
    assert b"access-control-allow-origin" not in response.headers


def test_a_connection_that_is_to_end_ends():
    ended: list[HttpResponse | None] = []
    door = Doorkeeper(
        lambda _, respond: respond(None), AllowedHosts(), AllowedOrigins(["http://a"])
    )
    for headers in ({b"host": b"localhost"}, {b"host": b"localhost", b"origin": b"http://a"}):
        door.handle(HttpRequest(b"POST", b"/", headers), ended.append)
    assert ended == [None, None]


def test_nothing_stands_in_the_way_where_there_is_nothing_to_keep():
    def handle(request: HttpRequest, respond: Respond) -> None: ...

    assert Doors().keep(handle, signed=True) is handle
    assert Doors().keep(handle) is not handle
    pages = Doors(origins=AllowedOrigins(["*"]))
    assert pages.keep(handle, signed=True) is not handle
