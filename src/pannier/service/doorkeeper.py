"""Keeps web pages away from a server that knows no credentials, and lets those in that were named.

Stands in front of everything that is served at a port:

| request | without credentials | with credentials |
|---|---|---|
| `Host` is none of loopback's names, and not named with `--allow-host` | 403 | passes |
| there is no `Host` (HTTP/1.0), so no browser asks | passes | passes |
| `Origin` is no page of this machine, and not named with `--allow-origin` | 403 | passes |
| a browser says that another site asks (`Sec-Fetch-Site`), without an `Origin` | 403 | passes |
| `Origin` was named | passes, and its page may read the answer | likewise |
| the question before a request (`OPTIONS`) of a page that was named | answered | likewise |

With credentials each request is signed, and its signature covers its `Host`: what a page sends that
knows no secret is refused for that. Nothing is ever granted to a page that was not named. What the
named ones get is what the SDKs for browsers need; the admin API is granted to no page.
"""

import re
from typing import Final

import orjson

from pannier.errors import UserError
from pannier.service.hosts import AllowedHosts, AllowedOrigins, is_loopback_origin
from pannier.service.http import Handler, Respond
from pannier.service.http.messages import HttpRequest, HttpResponse

_FORBIDDEN: Final = 403
_OK: Final = 200
_TYPE: Final = "com.amazon.coral.service#AccessDeniedException"
_JSON: Final = b"application/x-amz-json-1.0"
_SEEN_MAX: Final = 256
_SEEN_BYTES_MAX: Final = 256
_OTHER_SITES: Final = frozenset({b"cross-site", b"same-site"})
_ADMIN: Final = b"/_pannier"
# What the SDKs send, and what they read: AWS answers the same.
_SENT: Final = re.compile(
    r"x-amz-[a-z0-9-]+|amz-sdk-[a-z0-9-]+|authorization|cache-control|content-type|"
    r"content-encoding|smithy-protocol|accept"
)
_EXPOSED: Final = b"x-amzn-requestid, x-amz-crc32, x-amzn-errortype, x-amz-retry-after, date"
_QUESTION_LASTS_S: Final = b"7200"


class Doorkeeper:
    """Lets requests pass to a handler, or answers them itself.

    Args:
        handler: what is behind it.
        hosts: names by which the server may be asked; None where every request is signed.
        origins: pages that may ask.

    Raises:
        UserError: every page may ask, and no credentials are demanded.
    """

    def __init__(
        self, handler: Handler, hosts: AllowedHosts | None, origins: AllowedOrigins
    ) -> None:
        check_together(origins, signed=hosts is None)
        self._handler = handler
        self._hosts = hosts
        self._origins = origins
        self._seen: set[bytes] = set()  # values of Host that may pass

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Let a request pass, or answer it."""
        headers = request.headers
        hosts = self._hosts
        if hosts is not None:
            host = headers.get(b"host")
            if host is not None and host not in self._seen and not self._is_known(hosts, host):
                respond(_refusal(_host_text(hosts, host)))
                return
        origin = headers.get(b"origin")
        if origin is None:
            if hosts is not None and headers.get(b"sec-fetch-site") in _OTHER_SITES:
                respond(_refusal(_SITE_TEXT))
            else:
                self._handler(request, respond)
        else:
            self._from_page(request, respond, origin)

    def _is_known(self, hosts: AllowedHosts, host: bytes) -> bool:
        if not hosts.allows(host.decode("latin-1").strip()):
            return False
        if len(host) <= _SEEN_BYTES_MAX and len(self._seen) < _SEEN_MAX:
            self._seen.add(host)
        return True

    def _from_page(self, request: HttpRequest, respond: Respond, origin: bytes) -> None:
        text = origin.decode("latin-1")
        is_named = self._origins.allows(text) and not request.target.startswith(_ADMIN)
        if not is_named:
            if self._hosts is None or is_loopback_origin(text):
                self._handler(request, respond)
            else:
                respond(_refusal(_origin_text(text)))
            return
        granted = {b"access-control-allow-origin": origin, b"vary": b"origin"}
        if request.method == b"OPTIONS" and b"access-control-request-method" in request.headers:
            respond(_granting(request, granted))
            return
        granted[b"access-control-expose-headers"] = _EXPOSED

        def with_grant(response: HttpResponse | None) -> None:
            if response is not None:
                headers = {**response.headers, **granted}
                response = HttpResponse(response.status, headers, response.body)
            respond(response)

        self._handler(request, with_grant)


def check_together(origins: AllowedOrigins, *, signed: bool) -> None:
    """Refuse to let every page in that a browser on this machine may have open.

    Raises:
        UserError: every page may ask, and no credentials are demanded.
    """
    if origins.any and not signed:
        raise UserError(
            "--allow-origin '*' would let every web page read and change the data",
            "Name the pages, e.g. --allow-origin http://localhost:3000, or demand credentials, "
            "too: --credentials FILE",
        )


def _granting(request: HttpRequest, granted: dict[bytes, bytes]) -> HttpResponse:
    asked = request.headers.get(b"access-control-request-headers", b"").decode("latin-1").lower()
    names = [name for each in asked.split(",") if _SENT.fullmatch(name := each.strip())]
    headers = {
        **granted,
        b"access-control-allow-methods": b"GET, POST",
        b"access-control-allow-headers": ", ".join(names).encode(),
        b"access-control-max-age": _QUESTION_LASTS_S,
    }
    if b"access-control-request-private-network" in request.headers:
        headers[b"access-control-allow-private-network"] = b"true"
    return HttpResponse(_OK, headers, b"")


def _refusal(text: str) -> HttpResponse:
    """In the form of the API's errors; the admin API's own clients read its `message`, too."""
    body = orjson.dumps({"__type": _TYPE, "message": text})
    return HttpResponse(_FORBIDDEN, {b"content-type": _JSON, b"cache-control": b"no-store"}, body)


_SITE_TEXT: Final = (
    "A web page of another site asks for this, and no page was allowed to. "
    "Start the server with --allow-origin ORIGIN to allow one."
)


def _host_text(hosts: AllowedHosts, host: bytes) -> str:
    return (
        f"This server does not go by the name {_shown(host.decode('latin-1'))}: a web page could "
        f"lead such a name here. It goes by {hosts}, with any port. "
        "Start it with --allow-host NAME to allow another."
    )


def _origin_text(origin: str) -> str:
    return (
        f"Web pages of {_shown(origin)} may not ask this server. "
        "Start it with --allow-origin ORIGIN to allow them."
    )


def _shown(text: str) -> str:
    kept = text[:100].encode("ascii", "backslashreplace").decode()
    return repr("".join(each if each.isprintable() else "?" for each in kept))
