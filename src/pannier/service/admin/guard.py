"""Keeps web pages away from the admin API.

A page that the user has open can send requests to loopback, and a name of the page's own may be
made to lead there. So the Host must be a name of loopback with the server's port, which no other
name gets past. What changes something must be of a content type that no page can send to another
origin without asking first, which is never granted. An Origin, if there is one, must be loopback.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from pannier.service.admin.refusal import RefusedError
from pannier.service.http_messages import HttpRequest
from pannier.service.loopback import loopback_hosts

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CONTENT_TYPE: Final = "application/json"
_FORBIDDEN: Final = 403
_UNSUPPORTED_TYPE: Final = 415
_HARMLESS: Final = frozenset({b"GET", b"HEAD"})


class Guard:
    """Lets requests to one server pass, or not.

    Args:
        port: the server's.
    """

    def __init__(self, port: int) -> None:
        self._hosts = loopback_hosts(port)

    def check(self, request: HttpRequest) -> None:
        """Let a request pass.

        Raises:
            RefusedError: it may come from a web page.
        """
        host = _header(request.headers, b"host").lower()
        if host not in self._hosts:
            raise RefusedError(
                _FORBIDDEN,
                f"the admin API is not served for the host {host!r}",
                f"Use one of: {', '.join(sorted(self._hosts))}.",
            )
        origin = request.headers.get(b"origin")
        if origin is not None and not _is_loopback(origin.decode("latin-1")):
            raise RefusedError(
                _FORBIDDEN,
                "the admin API takes no requests from pages of other origins",
                "Use it from this machine: curl, or the pannier command.",
            )
        if request.method not in _HARMLESS:
            content_type = _header(request.headers, b"content-type").partition(";")[0].strip()
            if content_type.lower() != _CONTENT_TYPE:
                raise RefusedError(
                    _UNSUPPORTED_TYPE,
                    f"what changes something has to be sent as {_CONTENT_TYPE}",
                    f"Add the header: Content-Type: {_CONTENT_TYPE}",
                )


def _header(headers: Mapping[bytes, bytes], name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1").strip()


def _is_loopback(origin: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK
