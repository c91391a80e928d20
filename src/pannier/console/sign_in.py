"""Who gets to see the console of a server with credentials: whoever has some, with all rights.

The server itself says whether they are right; the console knows none and keeps none. Who is in gets
a cookie that no script can read and no other site sends, good for a working day. Who tries wrong
ones too often has to wait, and so does everybody else meanwhile: on loopback all are one.
"""

import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias
from urllib.parse import parse_qs

from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope

from pannier.console.gate import FORBIDDEN, SEE_OTHER, refusal
from pannier.console.token_entry import cookie_in, cookie_name

SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
_OK: Final = 200
_UNAUTHORIZED: Final = 401
_TOO_MANY: Final = 429
_UNAVAILABLE: Final = 503
_SESSION_S: Final = 12 * 3600.0
_SESSIONS_MAX: Final = 64
_TOKEN_BYTES: Final = 32
_FORM_BYTES_MAX: Final = 4096
_WRONG_MAX: Final = 5
_WRONG_S: Final = 60.0

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pannier: sign in</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }}
label, input, button {{ display: block; width: 100%; box-sizing: border-box; font: inherit; }}
input {{ margin: .25rem 0 1rem; padding: .5rem; }}
button {{ padding: .6rem; cursor: pointer; }}
[role=alert]:not(:empty) {{ border-left: .25rem solid; padding-left: .75rem; }}
</style>
<main><h1>Sign in</h1>
<p>This server asks for credentials. They go to this console only, which asks the server whether they
are right, and are not kept.</p>
<p role="alert">{problem}</p>
<form method="post" action="/sign-in">
<label for="id">Access key ID</label>
<input id="id" name="id" autocomplete="username" spellcheck="false" required autofocus>
<label for="secret">Secret access key</label>
<input id="secret" name="secret" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form></main>
"""  # noqa: E501  # the page is as it is
_LIMITED: Final = (
    "These credentials have not all rights, and this console would lend them its own. Use one of "
    "your own, on your own machine: <code>pannier console --target URL</code>, with them in the "
    "environment."
)


class Verdict(Enum):
    """What a server says of credentials."""

    RIGHT = "right"
    LIMITED = "limited"
    WRONG = "wrong"
    UNKNOWN = "unknown"


Check: TypeAlias = Callable[[str, str], Awaitable[Verdict]]
"""Asks the server about an access key id and its secret."""


@dataclass(frozen=True, slots=True)
class _Session:
    token: str
    ends_s: float


class SignInEntry:
    """Lets in whoever has signed in.

    Args:
        port: the console's.
        check: asks the server.
        clock: seconds, which never go back.
    """

    def __init__(self, port: int, check: Check, clock: Callable[[], float]) -> None:
        self._check = check
        self._clock = clock
        self._cookie = cookie_name(port)
        self._sessions: deque[_Session] = deque(maxlen=_SESSIONS_MAX)
        self._wrong_s: deque[float] = deque(maxlen=_WRONG_MAX)  # when the last ones were tried

    async def judge(self, scope: Scope, receive: Receive) -> Response | None:
        """None for who may pass."""
        session = self._session(cookie_in(scope, self._cookie))
        if scope["type"] == "websocket":
            return None if session else refusal(FORBIDDEN, "Closed", "Sign in first.")
        path, method = scope["path"], scope["method"]
        if path == SIGN_IN and method == "POST":
            return await self._sign_in(receive, is_secure=scope.get("scheme") == "https")
        if path == SIGN_OUT and method == "POST":
            return self._sign_out(session)
        if session is None:
            return _page("", _UNAUTHORIZED if path != SIGN_IN else _OK)
        return RedirectResponse("/", status_code=SEE_OTHER) if path == SIGN_IN else None

    def _session(self, shown: str | None) -> _Session | None:
        now_s = self._clock()
        found = None
        for each in self._sessions:  # all of them, whichever it is
            if secrets.compare_digest((shown or "").encode(), each.token.encode()):
                found = each
        return found if found is not None and now_s < found.ends_s else None

    async def _sign_in(self, receive: Receive, *, is_secure: bool) -> Response:
        now_s = self._clock()
        while self._wrong_s and now_s - self._wrong_s[0] >= _WRONG_S:
            self._wrong_s.popleft()
        if len(self._wrong_s) == _WRONG_MAX:
            wait_s = int(self._wrong_s[0] + _WRONG_S - now_s) + 1
            response = _page(f"Too many wrong tries: wait {wait_s} seconds.", _TOO_MANY)
            response.headers["retry-after"] = str(wait_s)
            return response
        # Counted before it is known to be wrong, so that many at once are not many tries.
        self._wrong_s.append(now_s)
        access_key_id, secret = await _form(receive)
        verdict = await self._check(access_key_id, secret)
        if verdict is Verdict.WRONG:
            return _page("There are no such credentials.", FORBIDDEN)
        if now_s in self._wrong_s:
            self._wrong_s.remove(now_s)
        if verdict is Verdict.LIMITED:
            return _page(_LIMITED, FORBIDDEN)
        if verdict is Verdict.UNKNOWN:
            return _page("The server does not answer.", _UNAVAILABLE)
        return self._let_in(is_secure=is_secure)

    def _let_in(self, *, is_secure: bool) -> Response:
        session = _Session(secrets.token_urlsafe(_TOKEN_BYTES), self._clock() + _SESSION_S)
        self._sessions.append(session)
        response = RedirectResponse("/", status_code=SEE_OTHER)
        response.set_cookie(
            self._cookie, session.token, httponly=True, samesite="strict", secure=is_secure
        )
        return response

    def _sign_out(self, session: _Session | None) -> Response:
        if session is not None:
            self._sessions.remove(session)
        response = RedirectResponse(SIGN_IN, status_code=SEE_OTHER)
        response.delete_cookie(self._cookie)
        return response


async def _form(receive: Receive) -> tuple[str, str]:
    body = b""
    more = True
    while more and len(body) <= _FORM_BYTES_MAX:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if len(body) > _FORM_BYTES_MAX:
        return "", ""
    fields = parse_qs(body.decode("latin-1"), encoding="utf-8", errors="replace")
    return fields.get("id", [""])[0].strip(), fields.get("secret", [""])[0].strip()


def _page(problem: str, status: int) -> Response:
    headers = {
        "cache-control": "no-store",
        # Without a Referer the form would come from the origin `null`, and be refused.
        "referrer-policy": "same-origin",
    }
    return HTMLResponse(_PAGE.format(problem=problem), status, headers)
