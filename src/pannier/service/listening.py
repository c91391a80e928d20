"""The addresses that a server listens on, and the URL by which programs on this machine find it."""

import contextlib
import errno
import ipaddress
import socket
from collections.abc import Sequence
from typing import Final, TypeAlias

from pannier.errors import UserError

LOOPBACK: Final = "127.0.0.1"
_LOOPBACK_6: Final = "::1"
# A client whose machine is gone is noticed within two minutes.
_PROBE_AFTER_S: Final = 60
_PROBE_EVERY_S: Final = 15
_PROBES: Final = 4
_EVERY: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104  # how an address is known, none is bound

_Address: TypeAlias = tuple[socket.AddressFamily, str]


def addresses_of(names: Sequence[str]) -> list[_Address]:
    """The addresses that names mean, each once; loopback's for no name.

    Raises:
        UserError: a name has none.
    """
    found: dict[_Address, None] = {}
    for name in names:
        try:
            entries = socket.getaddrinfo(
                name.strip("[]"), None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        except (OSError, UnicodeError):
            raise UserError(
                f"there is no address {name!r}",
                "Name an address of this machine, or 0.0.0.0 for all of them.",
            ) from None
        for family, _, _, _, address in entries:
            if family in (socket.AF_INET, socket.AF_INET6):
                found[family, str(address[0])] = None
    return list(found) or [(socket.AF_INET, LOOPBACK)]


def is_near(names: Sequence[str]) -> bool:
    """Whether what names mean is loopback alone, so that nobody else gets there.

    Raises:
        UserError: a name has no address.
    """
    return all(_is_loopback(address) for _, address in addresses_of(names))


def listening(port: int, names: Sequence[str] = ()) -> list[socket.socket]:
    """Sockets on all addresses that names mean, with one port.

    Without names they are those of loopback: on IPv4, and on IPv6 where the machine has it, since
    `localhost` may mean either.

    Args:
        port: 0 for any free one.
        names: of this machine, or its addresses.

    Raises:
        UserError: the port or an address can't be had.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in addresses_of(names):
            sockets.append(_bound(family, address, port))
            port = port or sockets[0].getsockname()[1]
        if not names:
            with contextlib.suppress(OSError, UserError):  # no IPv6 here, or the port taken there
                sockets.append(_bound(socket.AF_INET6, _LOOPBACK_6, port))
    except BaseException:
        for each in sockets:
            each.close()
        raise
    return sockets


def hosts_here(sockets: Sequence[socket.socket]) -> list[str]:
    """The addresses by which this machine itself reaches sockets, the most usual one first."""
    bound = [str(each.getsockname()[0]) for each in sockets]
    if "0.0.0.0" in bound or LOOPBACK in bound:  # noqa: S104  # it is compared
        first = [LOOPBACK]
    elif "::" in bound or _LOOPBACK_6 in bound:
        first = [_LOOPBACK_6]
    else:
        first = []
    return list(dict.fromkeys([*first, *(each for each in bound if each not in _EVERY)]))


def url_of(host: str, port: int, *, is_tls: bool = False) -> str:
    """The URL of a server."""
    return f"{'https' if is_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _bound(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _keep_alive(listener)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise UserError(
                f"port {port} is in use", "Use another: --port N, or --port 0 for any free one."
            ) from None
        if error.errno == errno.EACCES:
            raise UserError(
                f"port {port} needs more rights", "Use one above 1023: --port N."
            ) from None
        if error.errno == errno.EADDRNOTAVAIL:
            raise UserError(
                f"{host} is no address of this machine",
                "Name one of its own, or 0.0.0.0 for all of them.",
            ) from None
        raise
    listener.setblocking(False)
    return listener


def _keep_alive(listener: socket.socket) -> None:
    """Have the connections that are accepted, which inherit it, notice that a client is gone."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):  # not on macOS, where the system's own times hold
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _PROBE_AFTER_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_EVERY_S)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
