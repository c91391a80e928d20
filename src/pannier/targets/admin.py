"""A running server's admin API, from the outside: what it throttles and injects, and its clock."""

import http.client
import ssl
import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson

from pannier.batch.target import TargetUnreachableError
from pannier.errors import UserError
from pannier.storage.folder import read_owner
from pannier.targets.admin_signing import signed_headers
from pannier.targets.own_certificate import UNTRUSTED_ADVICE, own_certificate
from pannier.targets.resolve import (
    DEFAULT_FOLDER,
    environment_credentials,
    is_loopback,
    target_name,
)
from pannier.targets.signing import Credentials

_PREFIX: Final = "/_pannier"
_TIMEOUT_S: Final = 30.0
_OK: Final = 200
_PORTS: Final = {"http": 80, "https": 443}


class AdminClient:
    """Asks one server on this machine.

    Args:
        url: the server's.
        bundle: the certificates to trust; None for those of the environment or the system.
        credentials: to sign with; None for those of the environment, if there are any.

    Attributes:
        url: the server's.
        bundle: the certificates to trust.
    """

    def __init__(
        self, url: str, bundle: Path | None = None, credentials: Credentials | None = None
    ) -> None:
        self.url = url
        self.bundle = bundle
        self._credentials = credentials
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS["https" if self._is_tls else "http"]

    def get(self, place: str) -> dict[str, Any]:
        """What a resource shows, e.g. `throttle`.

        Raises:
            TargetUnreachableError: nobody answers.
            UserError: the server refuses, in its own words; or it is no Pannier.
        """
        return self._ask("GET", place, None)

    def put(self, place: str, content: dict[str, Any]) -> dict[str, Any]:
        """Set a resource; raises as `get`."""
        return self._ask("PUT", place, content)

    def post(self, place: str, content: dict[str, Any]) -> dict[str, Any]:
        """Add to a resource; raises as `get`."""
        return self._ask("POST", place, content)

    def delete(self, place: str, name: str = "") -> dict[str, Any]:
        """Clear a resource, or remove one part of it; raises as `get`."""
        return self._ask("DELETE", f"{place}/{quote(name, safe='')}" if name else place, None)

    def _ask(self, method: str, place: str, content: dict[str, Any] | None) -> dict[str, Any]:
        connection = self._connection()
        body = orjson.dumps(content) if content is not None else b""
        path = f"{_PREFIX}/{place}"
        headers = {"Content-Type": "application/json", **self._signature(method, path, body)}
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            status, answer = response.status, response.read()
        except ssl.SSLCertVerificationError as error:
            raise TargetUnreachableError(
                f"what answers at {self.url} does not show who it is: {error.verify_message}",
                UNTRUSTED_ADVICE,
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise TargetUnreachableError(
                f"nobody answers at {self.url} ({error})", "Start a server: pannier serve"
            ) from None
        finally:
            connection.close()
        try:
            decoded = orjson.loads(answer)
        except orjson.JSONDecodeError:
            decoded = None
        if not isinstance(decoded, dict) or (status != _OK and "message" not in decoded):
            raise UserError(
                f"what answers at {self.url} has no admin API of Pannier",
                "Name a server that was started with `pannier serve`.",
            )
        if status != _OK:
            raise UserError(decoded["message"], decoded.get("advice", ""))
        return decoded

    def _connection(self) -> http.client.HTTPConnection:
        """No proxy of the environment comes between: this never leaves the machine."""
        if not self._is_tls:
            return http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        from pannier.targets.http_opening import tls_context  # slow to import

        return http.client.HTTPSConnection(
            self._host, self._port, timeout=_TIMEOUT_S, context=tls_context(self.bundle)
        )

    def _signature(self, method: str, path: str, body: bytes) -> dict[str, str]:
        """By credentials, if there are any: a server may ask for it."""
        credentials = self._credentials or environment_credentials()
        if credentials is None:
            return {}
        host = f"[{self._host}]" if ":" in self._host else self._host
        authority = f"{host}:{self._port}"
        return signed_headers(credentials, method, path, authority, body, time.time())


def find_server(given: str | None = None) -> AdminClient:
    """The server that a target's name means: a URL on loopback, or a folder that one serves.

    Raises:
        UserError: there is none; the text says what to do.
    """
    name = target_name(given)
    if "://" in name:
        if not is_loopback(name) or urlsplit(name).scheme not in _PORTS:
            raise UserError(
                f"{name} is not on this machine", "Servers are switched on their own machine only."
            )
        try:
            return AdminClient(name)
        except ValueError:
            raise UserError(f"{name} is no URL", "Write it as http://127.0.0.1:PORT.") from None
    place = name.partition("?")[0]
    if place != "local" and not place.startswith("local:"):
        raise UserError(
            f"the target {name!r} is no server",
            "Name one: --target http://127.0.0.1:8000, or local:PATH for the folder it serves.",
        )
    path = Path(place.partition(":")[2] or DEFAULT_FOLDER)
    url = read_owner(path)[1]
    if url is None:
        raise UserError(
            f"no server serves {path}",
            f"Start one: pannier serve --path {path}\n"
            "Or name a server: --target http://127.0.0.1:8000",
        )
    return AdminClient(url, own_certificate(path, url))
