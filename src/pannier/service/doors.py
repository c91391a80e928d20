"""How a server may be reached: its addresses, names, certificate, and the pages that may ask."""

import ssl
from dataclasses import dataclass, field

from pannier.service.doorkeeper import Doorkeeper
from pannier.service.hosts import AllowedHosts, AllowedOrigins
from pannier.service.http import Handler


@dataclass(frozen=True, slots=True)
class Doors:
    """How one server may be reached; as it is without options, from this machine only.

    Attributes:
        addresses: to listen on, names or addresses; none for loopback.
        hosts: by which it may be asked, unless requests are signed.
        origins: pages that may ask.
        signed: whether every request has to be signed with credentials that the server knows.
        tls: for connections that are encrypted.
        url_hosts: names to prefer in the server's URL: those that its certificate has.
    """

    addresses: tuple[str, ...] = ()
    hosts: AllowedHosts = field(default_factory=AllowedHosts)
    origins: AllowedOrigins = field(default_factory=AllowedOrigins)
    signed: bool = False
    tls: ssl.SSLContext | None = None
    url_hosts: tuple[str, ...] = ()

    def keep(self, handler: Handler) -> Handler:
        """As a handler, but only what may come in gets to it."""
        if self.signed and not self.origins:
            return handler
        hosts = None if self.signed else self.hosts
        return Doorkeeper(handler, hosts, self.origins).handle
