"""Where requests go: the endpoint that a URL names, and the proxy on the way to it.

Proxies are those of the environment: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, in either case, read
by the standard library's rules, which botocore follows too. This machine itself is never asked for
through a proxy, whatever the variables say: no proxy could reach it.
"""

import os
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from pannier.errors import UserError

_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a URL names; its path is ignored.

    Attributes:
        scheme: `http` or `https`.
        host: a name or an address, without brackets.
        port: the scheme's own where the URL has none.
        authority: host and port as the URL has them, for the Host header.
    """

    scheme: str
    host: str
    port: int
    authority: str

    @classmethod
    def of(cls, url: str) -> Self:
        """Take a URL apart.

        Raises:
            ValueError: it names no endpoint.
        """
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        authority = parts.netloc.rpartition("@")[2]
        if parts.scheme not in _PORTS or not host or port == 0:
            raise ValueError(f"{url} names no endpoint")
        host.encode("idna")  # as it is resolved; a ValueError where that is not possible
        if not authority.isascii():
            authority = authority.encode("idna").decode()
        if not authority.isprintable() or " " in authority:
            raise ValueError(f"{url} has a host that can't be written in a header")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], authority)

    @property
    def url(self) -> str:
        """The URL that requests are sent to."""
        return f"{self.scheme}://{self.authority}/"

    @property
    def is_tls(self) -> bool:
        """Whether connections are encrypted."""
        return self.scheme == "https"

    @property
    def tunnel_target(self) -> str:
        """Host and port as CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy, spoken to without encryption; what goes through it may be encrypted.

    Attributes:
        host: a name or an address.
        port: its port.
        authorization: the Proxy-Authorization header, if its URL has a user.
    """

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """What the proxy wants of a request, beside what is in it."""
        return {} if self.authorization is None else {"proxy-authorization": self.authorization}


@dataclass(frozen=True, slots=True)
class Route:
    """The way to an endpoint."""

    endpoint: Endpoint
    proxy: Proxy | None = None

    @property
    def peer(self) -> tuple[str, int]:
        """Host and port to connect to."""
        there = self.proxy or self.endpoint
        return there.host, there.port

    @property
    def is_tunnel(self) -> bool:
        """Whether the proxy only passes bytes on, since it can't read them."""
        return self.proxy is not None and self.endpoint.is_tls

    @property
    def head(self) -> str:
        """How the head of each request begins."""
        if self.proxy is None or self.is_tunnel:
            return "POST / HTTP/1.1\r\n"
        lines = [f"{name}: {text}\r\n" for name, text in self.proxy.headers.items()]
        return f"POST {self.endpoint.url} HTTP/1.1\r\n" + "".join(lines)


def route_to(endpoint: Endpoint) -> Route:
    """The way to an endpoint, by the environment's proxies.

    Raises:
        UserError: a proxy's URL is none.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return Route(endpoint)
    from urllib.request import getproxies_environment, proxy_bypass  # slow to import

    url = getproxies_environment().get(endpoint.scheme)
    if not url or _is_loopback(endpoint.host) or proxy_bypass(endpoint.tunnel_target):
        return Route(endpoint)
    return Route(endpoint, _proxy(url, endpoint.scheme))


def _proxy(url: str, scheme: str) -> Proxy:
    variable = f"{scheme.upper()}_PROXY"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, half an IPv6 address
        host = port = None
    if not host or parts.scheme != "http":
        raise UserError(
            f"the proxy of {variable} can't be used: it must be http://HOST:PORT",
            f"Set {variable} to such a URL, or name the endpoint's host in NO_PROXY.",
        )
    authorization = None
    if parts.username is not None:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + b64encode(user.encode()).decode()
    return Proxy(host, port or _PORTS["http"], authorization)


def _is_loopback(host: str) -> bool:
    import ipaddress  # slow to import

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
