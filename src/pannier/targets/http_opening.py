"""From a route to an open connection: names, addresses, the proxy's tunnel, TLS.

The addresses of a name are tried in turn, each for its share of the time there is, so that one that
swallows everything does not stand for the others. The family of the address that answered last
comes first the next time.

Whatever fails here, nothing of a request has been sent.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from pannier.errors import UserError
from pannier.limits import KIB
from pannier.targets.http_route import Route

_Protocol = TypeVar("_Protocol", bound=asyncio.BaseProtocol)
_Address: TypeAlias = "tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]"

_TUNNEL_HEAD_BYTES_MAX: Final = 16 * KIB
_HEAD_END: Final = b"\r\n\r\n"
_RECEIVED_BYTES: Final = 4 * KIB
_CA_BUNDLE: Final = "AWS_CA_BUNDLE"


class RefusedByProxyError(OSError):
    """The proxy makes no connection to the endpoint."""


class Opener:
    """Opens connections to one endpoint.

    Args:
        route: the way to it.
        bundle: the certificates to trust; None for those of the environment or the system.
    """

    def __init__(self, route: Route, bundle: Path | None = None) -> None:
        self._route = route
        self._bundle = bundle
        self._family: int | None = None
        self._tls: ssl.SSLContext | None = None

    async def open(self, protocol: Callable[[], _Protocol], deadline_s: float) -> _Protocol:
        """Open a connection.

        Args:
            protocol: makes the object that will speak on it.
            deadline_s: until when, on the loop's clock; it shares the time between addresses and
                does not end the attempt itself.

        Raises:
            OSError: there is none: no such host, refused, no route, no TLS, no tunnel.
            UserError: the certificates that the user named can't be read.
        """
        loop = asyncio.get_running_loop()
        endpoint = self._route.endpoint
        tls = self._tls_context() if endpoint.is_tls else None
        connected = await self._connected(deadline_s)
        try:
            if self._route.is_tunnel:
                await self._tunnel(connected)
        except BaseException:
            connected.close()
            raise
        _, made = await loop.create_connection(
            protocol, sock=connected, ssl=tls, server_hostname=endpoint.host if tls else None
        )
        return made

    async def _connected(self, deadline_s: float) -> socket.socket:
        loop = asyncio.get_running_loop()
        host, port = self._route.peer
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.sort(key=lambda each: each[0] != self._family)
        failure: OSError = OSError(f"{host} has no address")
        for position, (family, kind, number, _, address) in enumerate(found):
            share_s = (deadline_s - loop.time()) / (len(found) - position)
            try:
                connected = await _connected_to(family, kind, number, address, share_s)
            except OSError as error:
                failure = error
            else:
                self._family = family
                return connected
        raise failure

    async def _tunnel(self, connected: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        proxy, target = self._route.proxy, self._route.endpoint.tunnel_target
        assert proxy is not None  # else there is no tunnel
        lines = [f"{name}: {text}" for name, text in proxy.headers.items()]
        head = [f"CONNECT {target} HTTP/1.1", f"host: {target}", *lines, "", ""]
        await loop.sock_sendall(connected, "\r\n".join(head).encode())
        answer = b""
        while _HEAD_END not in answer:
            received = await loop.sock_recv(connected, _RECEIVED_BYTES)
            answer += received
            if not received or len(answer) > _TUNNEL_HEAD_BYTES_MAX:
                raise RefusedByProxyError("the proxy gives no answer to CONNECT")
        protocol, _, status = answer.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        if not (protocol.startswith("HTTP/1.") and status.startswith("2")):
            raise RefusedByProxyError(f"the proxy answers CONNECT with {status or protocol}")

    def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = tls_context(self._bundle)
        return self._tls


def tls_context(own: Path | None = None) -> ssl.SSLContext:
    """How servers must show who they are: by the system's certificates, or those of AWS_CA_BUNDLE.

    The system's are those that SSL_CERT_FILE and SSL_CERT_DIR name, where these are set.

    Args:
        own: the certificates of one server, which go before those of the environment.

    Raises:
        UserError: the file or folder that AWS_CA_BUNDLE names can't be used.
    """
    bundle = (str(own) if own is not None else None) or os.environ.get(_CA_BUNDLE) or None
    try:
        if bundle is not None and Path(bundle).is_dir():
            context = ssl.create_default_context(capath=bundle)
        else:
            context = ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise UserError(
            f"the certificates of {own or _CA_BUNDLE} can't be read: {bundle} ({error})",
            f"Set {_CA_BUNDLE} to a file of certificates in PEM form, or unset it.",
        ) from None
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _connected_to(
    family: int, kind: int, number: int, address: _Address, within_s: float
) -> socket.socket:
    loop = asyncio.get_running_loop()
    connected = socket.socket(family, kind, number)
    try:
        connected.setblocking(False)
        async with asyncio.timeout(within_s):
            await loop.sock_connect(connected, address)
    except BaseException:
        connected.close()
        raise
    return connected
