"""What keeps pages of other origins from a server on loopback: the names that it may be asked by.

A page that the user has open can send requests to loopback, and a name of the page's own may be
made to lead there (DNS rebinding). The `Host` that the browser sends is then that name.
"""

from typing import Final

_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
_HTTP_PORT: Final = 80


def loopback_hosts(port: int) -> frozenset[str]:
    """The values of `Host`, in small letters, with which a server on this machine is meant."""
    hosts = {f"{host}:{port}" for host in _HOSTS}
    return frozenset(hosts | set(_HOSTS) if port == _HTTP_PORT else hosts)
