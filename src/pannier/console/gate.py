"""Who gets to see the console: whoever has the token, from a browser that means this machine.

As notebooks do, the console prints a URL with a token. The first request with it gets a cookie
instead, and is sent to the same page without it, so that it stays in no history and in no
`Referer`. Requests whose `Host` is not loopback with the console's port are refused, which no name
that leads here from elsewhere gets past; so are those, and WebSockets, whose `Origin` is not the
console itself. Nothing grants other origins anything.
"""

import hmac
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pannier.service.loopback import loopback_hosts

_PARAMETER: Final = "token"
_FORBIDDEN: Final = 403
_MISDIRECTED: Final = 421
_SEE_OTHER: Final = 303
# Nothing is loaded from anywhere else. Vue makes its templates in the browser: hence eval.
_POLICY: Final = (
    b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    b"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS: Final = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", _POLICY),
)
_REFUSAL: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pannier: closed</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<main><h1>{title}</h1><p>{text}</p></main>
"""  # noqa: E501  # the page is as it is


class Gate:
    """Stands in front of the whole application, its WebSockets and its files included.

    Args:
        application: what is behind it.
        port: the console's.
        token: what has to be shown.
    """

    def __init__(self, application: ASGIApp, port: int, token: str) -> None:
        self._application = application
        self._hosts = loopback_hosts(port)
        self._token = token
        # Cookies know no ports: two consoles on one machine must not take each other's.
        self._cookie = f"pannier-console-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        answer = self._judge(scope)
        if answer is None:
            await self._application(scope, receive, _hardened(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before accepting: HTTP 403
        else:
            await answer(scope, receive, _hardened(send))

    def _judge(self, scope: Scope) -> Response | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "").strip().lower()
        if host not in self._hosts:
            hosts = ", ".join(sorted(self._hosts))
            return _refusal(_MISDIRECTED, "This is not the address", f"Use one of: {hosts}.")
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() != f"http://{host}":
            return _refusal(_FORBIDDEN, "Not from there", "Pages of other origins are refused.")
        if self._matches(cookie_parser(headers.get(b"cookie", "")).get(self._cookie)):
            shown = _parameter(scope)
            return self._without_token(scope) if shown is not None else None
        if scope["type"] == "http" and self._matches(_parameter(scope)):
            return self._without_token(scope)
        return _refusal(
            _FORBIDDEN,
            "The token is missing",
            "Open the URL with <code>?token=</code> that the terminal shows. "
            "It is a new one each time that the console starts.",
        )

    def _matches(self, shown: str | None) -> bool:
        return shown is not None and hmac.compare_digest(shown.encode(), self._token.encode())

    def _without_token(self, scope: Scope) -> Response:
        others = [pair for pair in _query(scope) if pair[0] != _PARAMETER]
        # A path that begins with two slashes would lead to another host.
        path = "/" + scope["path"].lstrip("/\\")
        response = RedirectResponse(
            path + (f"?{urlencode(others)}" if others else ""), status_code=_SEE_OTHER
        )
        shown = _parameter(scope)
        if self._matches(shown):
            response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return response


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _parameter(scope: Scope) -> str | None:
    return dict(_query(scope)).get(_PARAMETER)


def _refusal(status: int, title: str, text: str) -> Response:
    return HTMLResponse(_REFUSAL.format(title=title, text=text), status)


def _hardened(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sending
