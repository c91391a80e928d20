"""How a server may be reached: its addresses, names, certificate, and the pages that may ask."""

from dataclasses import dataclass, field

from pannier.service.doorkeeper import Doorkeeper
from pannier.service.hosts import AllowedHosts, AllowedOrigins
from pannier.service.http import Handler
from pannier.service.tls.certificate import ServerCertificate


@dataclass(frozen=True, slots=True)
class Doors:
    """How one server may be reached; as it is without options, from this machine only.

    Attributes:
        addresses: to listen on, names or addresses; none for loopback.
        hosts: by which it may be asked, unless requests are signed.
        origins: pages that may ask.
        certificate: for connections that are encrypted; None for plain ones.
    """

    addresses: tuple[str, ...] = ()
    hosts: AllowedHosts = field(default_factory=AllowedHosts)
    origins: AllowedOrigins = field(default_factory=AllowedOrigins)
    certificate: ServerCertificate | None = None

    def keep(self, handler: Handler, *, signed: bool = False) -> Handler:
        """As a handler, but only what may come in gets to it.

        Args:
            handler: what is behind the doors.
            signed: whether it answers only requests that are signed with credentials it knows.
        """
        if signed and not self.origins:
            return handler
        return Doorkeeper(handler, None if signed else self.hosts, self.origins).handle
