"""Keeps web pages away from the admin API.

A page that the user has open can send requests to loopback, and a name of the page's own may be
made to lead there. So the Host must be a name of loopback, or one that the server was told. What
changes something must be of a content type that no page can send to another origin without asking
first, which is never granted. An Origin, if there is one, must be loopback.
"""

from collections.abc import Mapping
from typing import Final

from pannier.service.admin.refusal import RefusedError
from pannier.service.hosts import AllowedHosts, is_loopback_origin
from pannier.service.http.messages import HttpRequest

_CONTENT_TYPE: Final = "application/json"
_FORBIDDEN: Final = 403
_UNSUPPORTED_TYPE: Final = 415
_HARMLESS: Final = frozenset({b"GET", b"HEAD"})


class Guard:
    """Lets requests to one server pass, or not.

    Args:
        hosts: names by which it may be asked.
    """

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts

    def check(self, request: HttpRequest) -> None:
        """Let a request pass.

        Raises:
            RefusedError: it may come from a web page.
        """
        host = _header(request.headers, b"host").lower()
        if not self._hosts.allows(host):
            raise RefusedError(
                _FORBIDDEN,
                f"the admin API is not served for the host {host!r}",
                f"Use one of: {self._hosts}.",
            )
        origin = request.headers.get(b"origin")
        if origin is not None and not is_loopback_origin(origin.decode("latin-1")):
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
