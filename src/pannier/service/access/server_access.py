"""Who may ask a server: the credentials of a file, and what is made of them."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pannier.clock import Clock
from pannier.errors import UserError
from pannier.service.access.credentials import CredentialStore
from pannier.service.access.credentials_file import read_credentials
from pannier.service.access.gate import Gate
from pannier.service.access.verifying import SignatureVerifier
from pannier.service.http import Handler

if TYPE_CHECKING:
    from pannier.service.cloudwatch import CloudWatchApi

_LOG: Final = logging.getLogger(__name__)


class ServerAccess:
    """The credentials of one server.

    Args:
        path: of their file.
        clock: seconds since 1970, as clients have them: never a database's manual clock.

    Attributes:
        path: of their file.
        credentials: those that are known.

    Raises:
        UserError: the file can't be used, or has no credential.
    """

    def __init__(self, path: Path, clock: Clock = time.time) -> None:
        found = read_credentials(path)
        if not found:
            raise UserError(
                f"{path} has no credential",
                f"Make one: pannier credentials new NAME --file {path}",
            )
        self.path = path
        self._clock = clock
        self.credentials = CredentialStore(found)

    def gate(self, inner: Handler, new_cloudwatch: Callable[..., "CloudWatchApi"]) -> Gate:
        """What stands in front of a handler. Make it on the loop that it lives on."""
        verifier = SignatureVerifier(self.credentials, self._clock)
        return Gate(inner, self.credentials, verifier, new_cloudwatch)

    def reread(self) -> None:
        """Read the file again. A broken one changes nothing; an empty one locks everybody out."""
        try:
            found = read_credentials(self.path)
            self.credentials.replace(found)
        except UserError as error:
            _LOG.error("the credentials stay as they were: %s", error)
        else:
            _LOG.warning("%d credentials were read again from %s", len(found), self.path)
