"""A target behind a URL: AWS, Alternator, or any endpoint that speaks the API.

The client signs by itself, retries nothing, and keeps connections open. Which client library, and
why: `docs/decisions/0005-http-client.md`.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

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
        connect_s_max: how long a connection may take.
        answer_s_max: how long the service may be silent.

    Raises:
        UserError: the URL is none.
    """

    def __init__(
        self,
        url: str,
        region: str,
        credentials: CredentialsSource,
        name: str | None = None,
        *,
        connect_s_max: float = _CONNECT_S_MAX,
        answer_s_max: float = _ANSWER_S_MAX,
    ) -> None:
        parts = _parts(url)
        if parts is None:
            raise UserError(
                f"{url} is no URL of an endpoint", "Write it as http://HOST:PORT or https://HOST."
            )
        self.url = f"{parts.scheme}://{parts.netloc}/"
        self.name = name or url
        self._credentials = credentials
        self._signer = Signer(region, parts.netloc)
        self._timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=connect_s_max, sock_read=answer_s_max
        )
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send one request, once.

        Raises:
            TargetUnreachableError: no connection.
            OutcomeUnknownError: the connection broke, or no answer came in time.
            UserError: the target is closed.
        """
        session = self._open_session()
        headers = self._signer.headers(self._credentials(), f"{_API}.{operation}", body)
        try:
            # A redirect would carry the items to a place that the user did not name.
            async with session.post(
                self.url, data=body, headers=headers, allow_redirects=False
            ) as response:
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
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._closed:
            raise UserError(f"the connection to {self.url} is closed")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS_MAX),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            )
        return self._session


def _parts(url: str) -> SplitResult | None:
    """A URL taken apart; None if it names no endpoint."""
    try:
        parts = urlsplit(url)
        is_endpoint = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        return None
    return parts if is_endpoint else None


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
