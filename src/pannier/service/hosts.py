"""The names that a server may be asked by, and the pages that may ask: one notion for all doors.

A page that the user has open can send requests to loopback, and a name of the page's own may be
made to lead there (DNS rebinding). The `Host` that the browser sends is then that name, and the
`Origin` is the page's: both are held against what is known to be this machine. Ports are not
looked at: tunnels and containers change them, and no name that leads here from elsewhere becomes
one of this machine by its port.
"""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from pannier.errors import UserError

_LOCALHOST: Final = "localhost"
_SHOWN: Final = ("localhost", "127.0.0.1", "[::1]")
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(
    r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?)(?::[0-9]{1,5})?"
)
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
)
_NAME: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


class AllowedHosts:
    """Names by which a server may be asked: those of loopback, and those that the user names.

    Args:
        names: names or addresses, without a port.

    Raises:
        UserError: one can't be a host.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._named = frozenset(map(_checked_name, names))

    def allows(self, host: str) -> bool:
        """Whether the value of a `Host` header is one of the names, whatever its port."""
        name = _name_in(host)
        return name is not None and (name in self._named or is_loopback_name(name))

    def __str__(self) -> str:
        return ", ".join([*_SHOWN, *sorted(self._named)])


class AllowedOrigins:
    """Pages that may ask, and read the answers.

    Args:
        origins: as browsers write them, e.g. `https://app.example`; `*` for all.

    Raises:
        UserError: one is no origin.
    """

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._origins = frozenset(map(_checked_origin, origins))
        self.any = "*" in self._origins

    def __bool__(self) -> bool:
        return bool(self._origins)

    def allows(self, origin: str) -> bool:
        """Whether the value of an `Origin` header was named."""
        return self.any or origin in self._origins


def is_loopback_name(name: str) -> bool:
    """Whether a name or an address, without brackets and port, can mean this machine alone."""
    if name == _LOCALHOST or name.endswith("." + _LOCALHOST):  # RFC 6761, section 6.3
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_loopback_origin(origin: str) -> bool:
    """Whether an `Origin` is that of a page that this machine serves."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    is_plain = parts.scheme in _PORTS and "@" not in parts.netloc
    return is_plain and is_loopback_name(parts.hostname or "")


def _name_in(host: str) -> str | None:
    match = _HOST.fullmatch(host.lower())
    return None if match is None else match[1] or match[2]


def _checked_name(given: str) -> str:
    name = given.lower().strip("[]").removesuffix(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        if _NAME.fullmatch(name):
            return name
    raise UserError(
        f"{given!r} is no name of a host", "Give a name or an address alone, e.g. db.example."
    )


def _checked_origin(given: str) -> str:
    if given == "*":
        return given
    match = _ORIGIN.fullmatch(given.lower().removesuffix("/"))
    if match is None:
        raise UserError(
            f"{given!r} is no origin of a page",
            "Write it as browsers do: scheme, host and port, e.g. http://localhost:3000.",
        )
    port = match["port"]
    is_default = port is None or int(port) == _PORTS.get(match["scheme"])
    return match["scheme"] + "://" + match["host"] + ("" if is_default else f":{port}")
