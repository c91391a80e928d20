"""The admin API: what it shows and switches, and whom it refuses."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.throttle import ON
from pannier.service.admin import PREFIX, Admin
from pannier.service.hosts import AllowedHosts
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.routing import Router

GOOD = {b"host": b"127.0.0.1:8123", b"content-type": b"application/json"}


class Asked:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.admin = Admin(database, AllowedHosts(["db.example"]))

    def send(
        self, method: str, path: str, body: Any = None, headers: dict[bytes, bytes] = GOOD
    ) -> HttpResponse:
        content = b"" if body is None else body if isinstance(body, bytes) else orjson.dumps(body)
        request = HttpRequest(method.encode(), f"/_pannier{path}".encode(), dict(headers), content)
        answered: list[HttpResponse | None] = []
        self.admin.handle(request, answered.append)
        (response,) = answered
        assert response is not None
        return response

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        response = self.send(method, path, body)
        assert response.status == 200, response.body
        return orjson.loads(response.body)

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str]:
        response = self.send(method, path, body)
        decoded = orjson.loads(response.body)
        assert set(decoded) == {"message", "advice"}
        return response.status, f"{decoded['message']} {decoded['advice']}"


@pytest.fixture
def asked() -> Iterator[Asked]:
    with Database.in_memory(clock=ManualClock()) as database:
        yield Asked(database)


# Checkpoints


def test_a_checkpoint_is_made_in_the_databases_own_folder(tmp_path: Path):
    """It is told no path: who may ask for a copy may not say where it is written."""
    with Database.open(tmp_path / "db") as database:
        asked = Asked(database)
        made = asked.ask("POST", "/checkpoints", {"folder": "/etc", "name": "../../elsewhere"})
        assert made["folder"] == str(tmp_path / "db")
        assert (tmp_path / "db" / "checkpoints" / made["name"] / "CURRENT").exists()
        assert {each.name for each in tmp_path.iterdir()} == {"db"}
        asked.ask("DELETE", "/checkpoints/..%2Fdata")
        asked.ask("DELETE", "/checkpoints/../data")
        assert (tmp_path / "db" / "data" / "CURRENT").exists()
        asked.ask("DELETE", f"/checkpoints/{made['name']}")
        assert not (tmp_path / "db" / "checkpoints").exists()


def test_checkpoints_of_memory_and_too_many_are_refused(asked: Asked, tmp_path: Path):
    assert asked.refused("POST", "/checkpoints", {})[0] == 409
    with Database.open(tmp_path / "db") as database:
        limited = Asked(database)
        for _ in range(8):
            limited.ask("POST", "/checkpoints", {})
        status, words = limited.refused("POST", "/checkpoints", {})
        assert status == 409
        assert "too many copies" in words


# Who may ask


@pytest.mark.parametrize(
    "host",
    [b"127.0.0.1:8123", b"localhost", b"LOCALHOST:1", b"[::1]:8123", b"db.example:8123"],
)
def test_names_of_loopback_may_and_those_that_were_named(asked: Asked, host: bytes):
    assert asked.send("GET", "/", headers={b"host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example:8123",
        b"evil.example",
        b"127.0.0.1.evil.example:8123",
        b"localhost:8123@evil.example",
        b"::1:8123",
        b"",
        None,
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_name_that_only_leads_here_may_not(asked: Asked, host: bytes | None, method: str):
    """A page can make its own name lead to loopback; the Host header is what tells."""
    headers = {**GOOD}
    del headers[b"host"]
    if host is not None:
        headers[b"host"] = host
    response = asked.send(method, "/throttle", {"mode": "on"}, headers)
    assert response.status == 403
    assert asked.database.throttling.name == "off"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (b"http://localhost:8123", 200),
        (b"http://127.0.0.1:3000", 200),
        (b"http://[::1]:8123", 200),
        (b"https://evil.example", 403),
        (b"http://localhost.evil.example", 403),
        (b"http://localhost@evil.example", 403),
        (b"file://localhost", 403),
        (b"http://[", 403),
        (b"null", 403),
        (b"", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_origin_must_be_loopback(asked: Asked, origin: bytes, status: int, method: str):
    response = asked.send(method, "/throttle", {"mode": "on"}, {**GOOD, b"origin": origin})
    assert response.status == status
    switched = status == 200 and method == "PUT"
    assert asked.database.throttling.name == ("on" if switched else "off")


@pytest.mark.parametrize(
    ("content_type", "passes"),
    [
        (b"application/json", True),
        (b"Application/JSON; charset=utf-8", True),
        (b"text/plain", False),
        (b"application/x-www-form-urlencoded", False),
        (b"multipart/form-data; boundary=application/json", False),
        (b"text/plain; application/json", False),
        (None, False),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/throttle", {"mode": "on"}),
        ("POST", "/faults", {"drop": "after"}),
        ("PUT", "/faults", {"rules": []}),
        ("DELETE", "/faults", None),
        ("DELETE", "/faults/mine", None),
        ("POST", "/clock", {"advance_s": 5}),
    ],
)
def test_what_changes_something_needs_a_type_that_no_page_can_send(
    asked: Asked, content_type: bytes | None, passes: bool, method: str, path: str, body: Any
):
    """Forms and plain texts cross origins without a question; JSON does not."""
    asked.database.faults.add({"name": "mine", "leave": 0.5})
    headers = {b"host": GOOD[b"host"]}
    if content_type is not None:
        headers[b"content-type"] = content_type
    response = asked.send(method, path, body, headers)
    assert response.status == (200 if passes else 415)
    if not passes:
        assert list(asked.database.faults.rules) == ["mine"]
        assert asked.database.throttling.name == "off"
        assert asked.database.clock() == ManualClock()()


def test_no_page_is_allowed_to_ask(asked: Asked):
    """A browser asks first with OPTIONS, and must not be told that it may."""
    response = asked.send("OPTIONS", "/throttle")
    assert response.status == 405
    assert not any(name.startswith(b"access-control") for name in response.headers)


# What there is


def test_the_root_lists_everything(asked: Asked):
    for path in ("", "/", "/?x=1"):
        listed = asked.ask("GET", path)["resources"]
        assert "POST" in listed["/_pannier/clock"]
    for path, methods in listed.items():
        if "GET" in methods:
            assert asked.send("GET", path.removeprefix("/_pannier")).status == 200


def test_what_there_is_not(asked: Asked):
    assert asked.refused("GET", "/nothing")[0] == 404
    assert "There are: /_pannier/," in asked.refused("GET", "/throttle/stat")[1]
    assert asked.refused("GET", "/faults/x/y")[0] == 405
    response = asked.send("POST", "/throttle", {})
    assert response.status == 405
    assert response.headers[b"allow"] == b"GET, PUT"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"nonsense"])
def test_a_body_that_is_no_json(asked: Asked, body: bytes):
    assert asked.refused("PUT", "/throttle", body)[0] == 400


def test_a_body_that_is_too_large(asked: Asked):
    answered: list[Any] = []
    request = HttpRequest(b"PUT", b"/_pannier/faults", dict(GOOD), b"", too_large=True)
    asked.admin.handle(request, answered.append)
    assert answered[0].status == 413


# Throttling


def test_throttling_is_switched_while_it_runs(asked: Asked):
    assert asked.ask("GET", "/throttle") == {"mode": "off", "burst_s": 300}
    assert asked.ask("PUT", "/throttle", {"mode": "tables"}) == {"mode": "tables", "burst_s": 300}
    assert asked.ask("PUT", "/throttle", {"burst_s": 0}) == {"mode": "tables", "burst_s": 0}
    assert asked.ask("PUT", "/throttle", {}) == {"mode": "tables", "burst_s": 0}
    assert asked.ask("PUT", "/throttle", {"mode": "on", "burst_s": 300})["mode"] == "on"
    assert asked.database.throttling == ON


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"mode": "maybe"}, "there is no throttling 'maybe'"),
        ({"mode": 5}, "there is no throttling 5"),
        ({"mode": []}, "there is no throttling []"),
        ({"burst_s": 301}, "a burst of 301 s"),
        ({"burst_s": "5"}, "'burst_s' can't be '5'"),
        ({"burst_s": True}, "'burst_s' can't be True"),
        ({"burst": 5}, "there is no 'burst'"),
        ([], "no JSON object"),
    ],
)
def test_throttling_that_cannot_be(asked: Asked, body: Any, says: str):
    status, text = asked.refused("PUT", "/throttle", body)
    assert status == 400
    assert says in text
    assert asked.database.throttling.name == "off"


def test_the_state_shows_what_is_left_to_spend(asked: Asked):
    create = {
        "TableName": "shop",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 5},
    }
    asked.database.execute("CreateTable", orjson.dumps(create))
    asked.ask("PUT", "/throttle", {"mode": "on", "burst_s": 10})
    put = {"TableName": "shop", "Item": {"p": {"S": "1"}}}
    asked.database.execute("PutItem", orjson.dumps(put))
    (shown,) = asked.ask("GET", "/throttle/state")["resources"]
    assert (shown["table"], shown["index"]) == ("shop", None)
    (writes,) = shown["write"]
    assert writes == {
        "limit": "ProvisionedThroughput",
        "units_per_s": 5,
        "units_max": 50,
        "units": 49,
    }
    assert shown["partitions"]


# Faults


def test_rules_come_and_go(asked: Asked):
    rule = {"name": "half", "operations": "BatchWriteItem", "leave": 0.5}
    (shown,) = asked.ask("POST", "/faults", rule)["rules"]
    assert shown["name"] == "half"
    assert shown["counts"] == {"matched": 0, "struck": 0, "items": 0}
    added = asked.ask("POST", "/faults", {"rules": [{"drop": "after"}, {"throttle": True}]})
    assert [each["name"] for each in added["rules"]] == ["half", "rule-2", "rule-3"]
    left = asked.ask("DELETE", "/faults/rule-2")
    assert [each["name"] for each in left["rules"]] == ["half", "rule-3"]
    assert asked.refused("DELETE", "/faults/rule-2")[0] == 404
    put = asked.ask("PUT", "/faults", {"seed": 5, "rules": [{"drop": "before"}]})
    assert (put["seed"], len(put["rules"])) == (5, 1)
    assert asked.ask("DELETE", "/faults")["rules"] == []
    assert asked.ask("GET", "/faults")["rules"] == []


def test_what_was_injected_is_counted(asked: Asked):
    asked.ask("POST", "/faults", {"error": "InternalServerError", "times": 2})
    for _ in range(3):
        asked.database.execute("ListTables", b"{}")
    shown = asked.ask("GET", "/faults")
    assert shown["rules"][0]["counts"] == {"matched": 3, "struck": 2, "items": 0}
    assert shown["injected"] == {"InternalServerError": 2, "items": 0}


def test_rules_that_are_shown_can_be_put_again(asked: Asked):
    rule = {"key": {"PK": "USER#*"}, "slow": {"distribution": "pareto", "minimum_ms": 5}}
    shown = asked.ask("POST", "/faults", rule)
    for each in shown["rules"]:
        del each["counts"]
    again = asked.ask("PUT", "/faults", {"seed": shown["seed"], "rules": shown["rules"]})
    assert again["rules"][0]["slow"] == shown["rules"][0]["slow"]


@pytest.mark.parametrize(
    ("method", "body", "says"),
    [
        ("POST", {"leave": 2}, "rule 1: 'share' can't be 2"),
        ("POST", {"rules": [{"leave": 0.1}, {"leave": 2}]}, "rule 2: 'share'"),
        ("POST", {"rules": [], "seed": 1}, "'seed' can't be changed"),
        ("POST", {"name": "mine", "leave": 0.1}, "'mine' already"),
        ("PUT", {}, "'rules' is missing"),
        ("PUT", None, "'rules' is missing"),
        ("PUT", {"rules": [{"name": "x", "leave": 1}] * 2}, "2 rules have the name 'x'"),
        ("PUT", 5, "it can't be 5"),
    ],
)
def test_rules_that_cannot_be_change_nothing(asked: Asked, method: str, body: Any, says: str):
    asked.database.faults.add({"name": "mine", "leave": 0.5})
    status, text = asked.refused(method, "/faults", body)
    assert status == 400
    assert says in text
    assert list(asked.database.faults.rules) == ["mine"]


# The clock


def test_a_manual_clock_is_advanced(asked: Asked):
    before = asked.ask("GET", "/clock")
    assert before == {
        "manual": True,
        "now_s": 1_700_000_000.0,
        "now": "2023-11-14T22:13:20+00:00",
    }
    assert asked.ask("POST", "/clock", {"advance_s": 0.5})["now_s"] == 1_700_000_000.5
    assert asked.database.clock() == 1_700_000_000.5


@pytest.mark.parametrize("advance", [-1, "5", True, None, 1e12, 1e400])
def test_a_clock_goes_forward_by_a_time_that_calendars_know(asked: Asked, advance: Any):
    status, text = asked.refused("POST", "/clock", {"advance_s": advance})
    assert (status, "never goes back" in text) == (400, True)
    assert asked.refused("POST", "/clock", {})[0] == 400
    assert asked.refused("POST", "/clock", {"by": 1})[0] == 400
    assert asked.ask("GET", "/clock")["now_s"] == 1_700_000_000.0


def test_the_clock_of_the_machine_is_shown_and_left_alone():
    with Database.in_memory(clock=lambda: 5.0) as database:
        asked = Asked(database)
        assert asked.ask("GET", "/clock")["manual"] is False
        status, text = asked.refused("POST", "/clock", {"advance_s": 1})
        assert status == 409
        assert "--clock manual" in text


# Routing


@pytest.mark.parametrize(
    ("target", "to_admin"),
    [
        (b"/_pannier", True),
        (b"/_pannier/", True),
        (b"/_pannier?x", True),
        (b"/_pannier/faults/a/b", True),
        (b"/", False),
        (b"/?X-Amz-Signature=x", False),
        (b"/_pannierx", False),
        (b"/x/_pannier", False),
        (b"//_pannier", False),
        (b"*", False),
        (b"", False),
    ],
)
def test_requests_are_routed_by_the_first_part_of_their_path(target: bytes, to_admin: bool):
    seen: list[str] = []
    router = Router(lambda *_: seen.append("root"), {PREFIX: lambda *_: seen.append("admin")})
    router.handle(HttpRequest(b"GET", target), lambda _: None)
    assert seen == ["admin" if to_admin else "root"]
