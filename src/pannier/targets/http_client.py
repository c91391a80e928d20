"""A target behind a URL: AWS, Alternator, or any endpoint that speaks the API.

The client signs by itself, retries nothing, and keeps connections open. Which client library, and
why: `docs/decisions/0005-http-client.md`.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import aiohttp

from pannier.batch.target import OutcomeUnknownError, Reply, TargetUnreachableError
from pannier.errors import UserError
from pannier.targets.signing import Credentials, Signer

CredentialsSource: TypeAlias = Callable[[], Credentials]

_API: Final = "DynamoDB_20120810"
_CONNECT_S_MAX: Final = 5.0
_ANSWER_S_MAX: Final = 60.0
_CONNECTIONS_MAX: Final = 256


class HttpTarget:
    """An endpoint of the DynamoDB API.

    Args:
        url: scheme, host and port.
        region: for the signature.
        credentials: asked before each request, so that temporary ones stay fresh.
        name: how the target is shown to the user.
    """

    def __init__(
        self, url: str, region: str, credentials: CredentialsSource, name: str | None = None
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(
                f"{url} is no URL of an endpoint", "Write it as http://HOST:PORT or https://HOST."
            )
        self.url = f"{parts.scheme}://{parts.netloc}/"
        self.name = name or url
        self._credentials = credentials
        self._signer = Signer(region, parts.netloc)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send one request, once.

        Raises:
            TargetUnreachableError: no connection.
            OutcomeUnknownError: the connection broke, or no answer came in a minute.
        """
        session = self._open_session()
        headers = self._signer.headers(self._credentials(), f"{_API}.{operation}", body)
        try:
            async with session.post(self.url, data=body, headers=headers) as response:
                answer = await response.read()
                return Reply(response.status, answer, _retry_after_s(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TargetUnreachableError(
                f"nobody answers at {self.url} ({_cause(error)})",
                "Start it (pannier serve), or name another target with --target.",
            ) from error
        except (aiohttp.ClientError, TimeoutError, ssl.SSLError) as error:
            raise OutcomeUnknownError(f"no answer from {self.url}: {_cause(error)}") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS_MAX),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=_CONNECT_S_MAX, sock_read=_ANSWER_S_MAX
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return self._session


def _retry_after_s(response: aiohttp.ClientResponse) -> float | None:
    """`x-amz-retry-after` in milliseconds, or `Retry-After` in seconds."""
    for header, scale in (("x-amz-retry-after", 0.001), ("Retry-After", 1.0)):
        try:
            return float(response.headers[header]) * scale
        except (KeyError, ValueError):
            continue
    return None


def _cause(error: BaseException) -> str:
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "time-out"
    return str(error) or type(error).__name__
