"""What stands in front of the console: only a browser that means this machine gets to its entry.

Requests whose `Host` is no name of loopback are refused, which no name that leads here from
elsewhere gets past; so are those, and WebSockets, whose `Origin` is not the console itself. Nothing
grants other origins anything. Then the entry decides: a token (`token_entry`), or credentials
(`sign_in`).
"""

from collections.abc import Awaitable
from typing import Final, Protocol

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pannier.service.hosts import AllowedHosts

FORBIDDEN: Final = 403
SEE_OTHER: Final = 303
_MISDIRECTED: Final = 421
# Nothing is loaded from anywhere else. Vue makes its templates in the browser: hence eval.
_POLICY: Final = (
    b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    b"frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)
_HEADERS: Final = (
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", _POLICY),
)
_REFERRER: Final = b"referrer-policy"
_REFUSAL: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pannier: closed</title>
<body style="font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem">
<main><h1>{title}</h1><p>{text}</p></main>
"""  # noqa: E501  # the page is as it is


class Entry(Protocol):
    """Decides who gets in."""

    def judge(self, scope: Scope, receive: Receive) -> Awaitable[Response | None]:
        """None for who may pass; else what is answered instead. A WebSocket is closed then."""


class Gate:
    """Stands in front of the whole application, its WebSockets and its files included.

    Args:
        application: what is behind it.
        entry: who gets in, of those that come from a page of the console's own, or from none.
    """

    def __init__(self, application: ASGIApp, entry: Entry) -> None:
        self._application = application
        self._entry = entry
        self._hosts = AllowedHosts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        answer = self._misled(scope) or await self._entry.judge(scope, receive)
        if answer is None:
            await self._application(scope, receive, _hardened(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before accepting: HTTP 403
        else:
            await answer(scope, receive, _hardened(send))

    def _misled(self, scope: Scope) -> Response | None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "").strip().lower()
        if not self._hosts.allows(host):
            return refusal(_MISDIRECTED, "This is not the address", f"Use one of: {self._hosts}.")
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() != f"http://{host}":
            return refusal(FORBIDDEN, "Not from there", "Pages of other origins are refused.")
        return None


def refusal(status: int, title: str, text: str) -> Response:
    """A page that says why somebody does not get in; its text is HTML."""
    return HTMLResponse(_REFUSAL.format(title=title, text=text), status)


def _hardened(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            if all(name.lower() != _REFERRER for name, _ in headers):
                headers.append((_REFERRER, b"no-referrer"))
            message["headers"] = headers + list(_HEADERS)
        await send(message)

    return sending
