"""Who gets to see the console of a server without credentials: whoever has the token.

As notebooks do, the console prints a URL with a token. The first request with it gets a cookie
instead, and is sent to the same page without it, so that it stays in no history and in no
`Referer`.
"""

import hmac
from typing import Final
from urllib.parse import parse_qsl, urlencode

from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope

from pannier.console.gate import FORBIDDEN, SEE_OTHER, refusal

_PARAMETER: Final = "token"


def cookie_name(port: int) -> str:
    """Cookies know no ports: two consoles on one machine must not take each other's."""
    return f"pannier-console-{port}"


def cookie_in(scope: Scope, name: str) -> str | None:
    """The value of a cookie that came with a request."""
    values = [value for header, value in scope["headers"] if header.lower() == b"cookie"]
    return cookie_parser(b"; ".join(values).decode("latin-1")).get(name)


class TokenEntry:
    """Lets in whoever has a token, or the cookie that one gets for it.

    Args:
        port: the console's.
        token: what has to be shown.
    """

    def __init__(self, port: int, token: str) -> None:
        self._token = token
        self._cookie = cookie_name(port)

    async def judge(self, scope: Scope, receive: Receive) -> Response | None:  # noqa: ARG002
        """None for who may pass."""
        if self._matches(cookie_in(scope, self._cookie)):
            shown = _parameter(scope)
            return self._without_token(scope) if shown is not None else None
        if scope["type"] == "http" and self._matches(_parameter(scope)):
            return self._without_token(scope)
        return refusal(
            FORBIDDEN,
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
            path + (f"?{urlencode(others)}" if others else ""), status_code=SEE_OTHER
        )
        shown = _parameter(scope)
        if self._matches(shown):
            response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
        return response


def _query(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _parameter(scope: Scope) -> str | None:
    return dict(_query(scope)).get(_PARAMETER)
