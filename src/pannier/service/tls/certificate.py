"""The certificate of a running server: its files, what they say, and reading them again."""

import logging
import ssl
from pathlib import Path
from typing import Final, Self

from pannier.errors import UserError
from pannier.service.tls.context import load, server_context
from pannier.service.tls.examining import Examined, examined

_LOG: Final = logging.getLogger(__name__)
_NEAR: Final = ("127.0.0.1", "localhost")


class ServerCertificate:
    """A certificate and its key, from files.

    Args:
        path: of the certificate.
        key: of its key.
        context: that has them.
        found: what the certificate says.

    Attributes:
        path: of the certificate.
        context: for a server.
        found: what the certificate said when it was read first.
    """

    def __init__(self, path: Path, key: Path, context: ssl.SSLContext, found: Examined) -> None:
        self.path = path
        self.context = context
        self.found = found
        self._key = key

    @classmethod
    def read(cls, path: Path, key: Path) -> Self:
        """Read the files.

        Raises:
            UserError: they can't be used; the text says why.
        """
        context = server_context(path, key)
        return cls(path, key, context, examined(context, path))

    @property
    def url_hosts(self) -> tuple[str, ...]:
        """The names that a URL may have by which the certificate is right, loopback's first."""
        names = [each.lower() for each in self.found.names if "*" not in each and ":" not in each]
        return tuple(sorted(names, key=lambda each: each not in _NEAR))

    def reread(self) -> None:
        """Read the files again. What can't be used changes nothing, and is said in the log."""
        try:
            load(self.context, self.path, self._key)
        except UserError as error:
            _LOG.error("the certificate stays as it was: %s", error)
        else:
            _LOG.warning("the certificate was read again from %s", self.path)
