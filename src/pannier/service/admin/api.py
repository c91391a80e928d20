"""What the admin API answers: JSON in, JSON out.

```
GET    /_pannier/                 what there is
GET    /_pannier/throttle         {"mode": "on", "burst_s": 300}
PUT    /_pannier/throttle         the same; what is left out stays as it is
GET    /_pannier/throttle/state   buckets and partitions of every table and global index
GET    /_pannier/faults           the rules in force, with their counts
PUT    /_pannier/faults           {"seed": 1, "rules": [...]}: these instead of all others
POST   /_pannier/faults           a rule, or {"rules": [...]}: these too
DELETE /_pannier/faults           none any more
DELETE /_pannier/faults/NAME      all but this one
GET    /_pannier/clock            {"manual": true, "now_s": ..., "now": "..."}
POST   /_pannier/clock            {"advance_s": 60}: only a manual clock
POST   /_pannier/checkpoints      a copy of this moment in the database's folder: {"name", "folder"}
DELETE /_pannier/checkpoints/NAME it is not needed any more
GET    /_pannier/slow             the last slow requests (pannier serve --debug-slow MS)
```

Errors are `{"message": ..., "advice": ...}`. Who may ask: `guard`, or `access` where the server
has credentials.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import orjson

from pannier._version import __version__
from pannier.clock import ManualClock
from pannier.engine.database import Database
from pannier.engine.faults import read_plan
from pannier.engine.throttle import named
from pannier.errors import UserError
from pannier.service.admin.guard import Guard
from pannier.service.admin.refusal import RefusedError
from pannier.service.hosts import AllowedHosts
from pannier.service.http import Respond
from pannier.service.http.messages import HttpRequest, HttpResponse
from pannier.service.observing.events import told
from pannier.service.observing.slow_requests import SlowRequests

_LOG: Final = logging.getLogger(__name__)

PREFIX: Final = b"/_pannier"

_BAD_REQUEST: Final = 400
_NOT_FOUND: Final = 404
_METHOD: Final = 405
_CONFLICT: Final = 409
_TOO_LARGE: Final = 413
_NOW_S_MAX: Final = 250_000_000_000.0  # about the year 9892; calendars end a little later

_Answer: TypeAlias = Callable[[Any], dict[str, Any]]


class Admin:
    """Answers admin requests about one database.

    Args:
        database: the database.
        hosts: names by which it may be asked, so that no web page can ask; None where requests are
            signed, which no page can do.
        slow: the slow requests, if they are traced.
    """

    def __init__(
        self, database: Database, hosts: AllowedHosts | None, slow: SlowRequests | None = None
    ) -> None:
        self._database = database
        self._slow = slow
        self._guard = None if hosts is None else Guard(hosts)
        self._resources: Mapping[str, Mapping[str, _Answer]] = {
            "": {"GET": self._index},
            "throttle": {"GET": self._throttle, "PUT": self._set_throttle},
            "throttle/state": {"GET": self._throttle_state},
            "faults": {
                "GET": self._faults,
                "PUT": self._set_faults,
                "POST": self._add_faults,
                "DELETE": self._clear_faults,
            },
            "clock": {"GET": self._clock, "POST": self._advance},
            "checkpoints": {"POST": self._checkpoint},
            "slow": {"GET": self._slow_requests},
        }

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Answer a request."""
        headers = {b"content-type": b"application/json", b"cache-control": b"no-store"}
        try:
            if self._guard is not None:
                self._guard.check(request)
            status, body = 200, self._answer(request)
        except UserError as error:
            status = error.status if isinstance(error, RefusedError) else _BAD_REQUEST
            body = {"message": error.message, "advice": error.advice}
            if isinstance(error, RefusedError) and error.allow:
                headers[b"allow"] = error.allow.encode()
        content = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        respond(HttpResponse(status, headers, content))

    def _answer(self, request: HttpRequest) -> dict[str, Any]:
        path = request.target.partition(b"?")[0].decode("latin-1")
        place = path.removeprefix(PREFIX.decode()).strip("/")
        method = request.method.decode("latin-1")
        parent, _, name = place.partition("/")
        methods = self._resources.get(place)
        if methods is None and parent == "faults":
            methods = {"DELETE": lambda _: self._remove_fault(name)}
        if methods is None and parent == "checkpoints":
            methods = {"DELETE": lambda _: self._remove_checkpoint(name)}
        if methods is None:
            there_are = ", ".join(self._paths())
            raise RefusedError(_NOT_FOUND, f"there is no {path}", f"There are: {there_are}.")
        answer = methods.get(method)
        if answer is None:
            allowed = ", ".join(methods)
            raise RefusedError(
                _METHOD, f"{path} takes no {method}", f"It takes {allowed}.", allowed
            )
        return answer(_content(request))

    def _paths(self) -> list[str]:
        return [f"{PREFIX.decode()}/{place}" for place in self._resources]

    # Resources

    def _index(self, _: Any) -> dict[str, Any]:
        return {
            "pannier": __version__,
            "resources": {
                path: list(methods)
                for path, methods in zip(self._paths(), self._resources.values(), strict=True)
            },
        }

    def _throttle(self, _: Any) -> dict[str, Any]:
        settings = self._database.throttling
        return {"mode": settings.name, "burst_s": settings.burst_s}

    def _set_throttle(self, content: Any) -> dict[str, Any]:
        _check_members(content, ("mode", "burst_s"), '{"mode": "on", "burst_s": 300}')
        given = {**self._throttle(None), **content}
        if not isinstance(given["burst_s"], int | float) or isinstance(given["burst_s"], bool):
            raise RefusedError(
                _BAD_REQUEST,
                f"'burst_s' can't be {given['burst_s']!r}",
                "Give a number of seconds from 0 to 300.",
            )
        self._database.throttle(named(given["mode"], given["burst_s"]))
        now = self._throttle(None)
        _LOG.info("throttling was changed", extra=told(**now))
        return now

    def _throttle_state(self, _: Any) -> dict[str, Any]:
        return {**self._throttle(None), "resources": self._database.describe_throttle()}

    def _faults(self, _: Any) -> dict[str, Any]:
        return self._database.faults.describe()

    def _set_faults(self, content: Any) -> dict[str, Any]:
        plan = read_plan(content)
        self._database.faults.replace(plan.rules, plan.seed)
        return self._changed_faults()

    def _add_faults(self, content: Any) -> dict[str, Any]:
        alone = isinstance(content, dict) and "rules" not in content
        plan = read_plan([content] if alone else content)
        if plan.seed is not None:
            raise RefusedError(
                _BAD_REQUEST,
                "'seed' can't be changed while rules are in force",
                "Use PUT, which replaces all rules.",
            )
        self._database.faults.add(*plan.rules)
        return self._changed_faults()

    def _clear_faults(self, _: Any) -> dict[str, Any]:
        self._database.faults.clear()
        return self._changed_faults()

    def _remove_fault(self, name: str) -> dict[str, Any]:
        try:
            self._database.faults.remove(name)
        except UserError as error:
            raise RefusedError(_NOT_FOUND, error.message, error.advice) from None
        return self._changed_faults()

    def _changed_faults(self) -> dict[str, Any]:
        faults = self._faults(None)
        _LOG.info("faults were changed", extra=told(rules=len(faults["rules"])))
        return faults

    def _clock(self, _: Any) -> dict[str, Any]:
        now_s = self._database.clock()
        return {
            "manual": isinstance(self._database.clock, ManualClock),
            "now_s": now_s,
            "now": datetime.fromtimestamp(now_s, UTC).isoformat(),
        }

    def _advance(self, content: Any) -> dict[str, Any]:
        clock = self._database.clock
        if not isinstance(clock, ManualClock):
            raise RefusedError(
                _CONFLICT,
                "the clock of this server is the machine's",
                "Start the server with: pannier serve --clock manual",
            )
        _check_members(content, ("advance_s",), '{"advance_s": 60}')
        advance_s = content.get("advance_s")
        is_number = isinstance(advance_s, int | float) and not isinstance(advance_s, bool)
        if not is_number or not 0 <= advance_s <= _NOW_S_MAX - clock():
            raise RefusedError(
                _BAD_REQUEST,
                f"'advance_s' can't be {advance_s!r}",
                "Give a number of seconds, 0 or more: a clock never goes back.",
            )
        clock.advance(advance_s)
        now = self._clock(None)
        _LOG.info("the clock was advanced", extra=told(advance_s=advance_s, now=now["now"]))
        return now

    def _slow_requests(self, _: Any) -> dict[str, Any]:
        return {"slow_ms": None, "requests": []} if self._slow is None else self._slow.describe()

    def _checkpoint(self, _: Any) -> dict[str, Any]:
        try:
            name = self._database.checkpoint()
        except UserError as error:
            raise RefusedError(_CONFLICT, error.message, error.advice) from None
        folder = self._database.folder
        assert folder is not None
        return {"name": name, "folder": str(folder.path.absolute())}

    def _remove_checkpoint(self, name: str) -> dict[str, Any]:
        self._database.checkpoints.remove(name)
        return {}


def _content(request: HttpRequest) -> Any:
    if request.too_large:
        raise RefusedError(_TOO_LARGE, "the request is too large")
    if request.method in (b"GET", b"DELETE") or not request.body:
        return {}
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise RefusedError(_BAD_REQUEST, f"the body is no JSON: {error}") from None


def _check_members(content: Any, known: tuple[str, ...], example: str) -> None:
    if not isinstance(content, dict):
        raise RefusedError(_BAD_REQUEST, "the body is no JSON object", f"Give e.g. {example}.")
    for member in content:
        if member not in known:
            raise RefusedError(_BAD_REQUEST, f"there is no {member!r}", f"Give e.g. {example}.")
