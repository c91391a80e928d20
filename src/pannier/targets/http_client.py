"""A target behind a URL: AWS, Alternator, or any endpoint that speaks the API.

The client signs by itself, retries nothing, and keeps connections open. Why it has connections of
its own: `docs/decisions/0005-http-client.md`.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from pannier.batch.retrying import judge
from pannier.batch.target import (
    LATE_EFFECT_S,
    OutcomeUnknownError,
    Reply,
    TargetUnreachableError,
)
from pannier.errors import UserError
from pannier.targets.credentials import RenewableSource
from pannier.targets.http_connection import (
    AnswerLimits,
    NoAnswerError,
    UnsentError,
    UntrustedError,
)
from pannier.targets.http_pool import HttpPool
from pannier.targets.http_route import Endpoint, route_to
from pannier.targets.own_certificate import UNTRUSTED_ADVICE
from pannier.targets.retry_after import retry_after_s
from pannier.targets.signing import Credentials, Signer

CredentialsSource: TypeAlias = Callable[[], Credentials]

_API: Final = "DynamoDB_20120810"
_CONNECT_S_MAX: Final = 5.0
_ANSWER_S_MAX: Final = 60.0
_REFUSED_CREDENTIALS: Final = frozenset({400, 401, 403})  # statuses that it may come with


class HttpTarget:
    """An endpoint of the DynamoDB API.

    Args:
        url: scheme, host and port.
        region: for the signature.
        credentials: asked before each request, so that temporary ones stay fresh; if the service
            calls them expired, a `RenewableSource` is asked for others.
        name: how the target is shown to the user.
        connect_s_max: how long a connection may take.
        answer_s_max: how long the service may be silent.
        late_effect_s: for how long a request without an answer may still take effect.
        bundle: the certificates to trust; None for those of the environment or the system.

    Raises:
        UserError: the URL is none, or that of a proxy in the environment.
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
        late_effect_s: float = LATE_EFFECT_S,
        bundle: Path | None = None,
    ) -> None:
        try:
            endpoint = Endpoint.of(url)
        except ValueError:  # a port that is no number, half an IPv6 address ...
            raise UserError(
                f"{url} is no URL of an endpoint", "Write it as http://HOST:PORT or https://HOST."
            ) from None
        self.url = endpoint.url
        self.name = name or url
        self.late_effect_s = late_effect_s
        self._credentials = credentials
        self._renewable = credentials if isinstance(credentials, RenewableSource) else None
        self._signer = Signer(region, endpoint.authority)
        self._route = route_to(endpoint)
        self._head = self._route.head
        self._connect_s_max = connect_s_max
        self._limits = AnswerLimits(answer_s_max)
        self._bundle = bundle
        self._pool: HttpPool | None = None
        self._closed = False

    async def send(self, operation: str, body: bytes) -> Reply:
        """Send one request, once.

        A redirect is an answer like any other: followed, it would carry the items to a place that
        the user did not name.

        Raises:
            TargetUnreachableError: no connection, or no credentials.
            OutcomeUnknownError: the connection broke, or no answer came in time.
            UserError: the target is closed.
        """
        pool = self._open_pool()
        credentials = await self._fresh_credentials()
        request = self._request(credentials, operation, body)
        try:
            answer = await pool.exchange(request)
        except UntrustedError as error:
            raise TargetUnreachableError(
                f"what answers at {self.url} does not show who it is: {error}", UNTRUSTED_ADVICE
            ) from error
        except UnsentError as error:
            raise TargetUnreachableError(
                f"nobody answers at {self.url} ({error})",
                "Start it (pannier serve), or name another target with --target.",
            ) from error
        except NoAnswerError as error:
            raise OutcomeUnknownError(f"no answer from {self.url}: {error}") from error
        headers = answer.headers
        request_id = headers.get("x-amzn-requestid", "")
        reply = Reply(answer.status, answer.body, retry_after_s(headers), request_id)
        if reply.status in _REFUSED_CREDENTIALS and judge(reply).has_expired:
            await self._renew(credentials)
        return reply

    async def close(self) -> None:
        """Close the connections."""
        self._closed = True
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    def _request(self, credentials: Credentials, operation: str, body: bytes) -> bytes:
        signed = self._signer.headers(credentials, f"{_API}.{operation}", body)
        lines = "".join([f"{name}: {text}\r\n" for name, text in signed.items()])
        head = f"{self._head}{lines}content-length: {len(body)}\r\n\r\n"
        return head.encode() + body

    async def _fresh_credentials(self) -> Credentials:
        if self._renewable is not None and self._renewable.takes_time():
            return await asyncio.to_thread(self._renewable)
        return self._credentials()

    async def _renew(self, expired: Credentials) -> None:
        if self._renewable is not None:
            await asyncio.to_thread(self._renewable.renew, expired)

    def _open_pool(self) -> HttpPool:
        if self._closed:
            raise UserError(f"the connection to {self.url} is closed")
        if self._pool is None:
            self._pool = HttpPool(
                self._route,
                self._limits,
                connect_s_max=self._connect_s_max,
                bundle=self._bundle,
            )
        return self._pool
