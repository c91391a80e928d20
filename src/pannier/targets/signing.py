"""AWS Signature Version 4 for one service, with the day's signing key kept.

Source: AWS documentation, "Create a signed AWS API request". Only what DynamoDB's JSON protocol
needs: POST to `/`, no query, and the same few headers each time. So within one second requests
differ in their bodies only, and everything else is kept: the rest is three hashes.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from pannier.errors import UserError

_SERVICE: Final = "dynamodb"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key. `token` only for temporary ones. No secret is in what `repr` shows."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class _Form:
    """A signed request but for its body: the same for all of one second, one key and one target.

    Attributes:
        made_of: the second, the credentials and the target.
        headers: those that are signed.
        canonical: the canonical request up to the body's hash.
        to_sign: the string to sign up to the canonical request's hash.
        authorization: the header up to the signature.
        key: the day's signing key.
    """

    made_of: tuple[int, Credentials, str]
    headers: dict[str, str]
    canonical: str
    to_sign: str
    authorization: str
    key: bytes


class Signer:
    """Signs requests to one host and region.

    Args:
        region: e.g. `eu-central-1`.
        host: the Host header, with the port where it is not the scheme's own.
        clock: seconds since 1970.
    """

    def __init__(self, region: str, host: str, clock: Callable[[], float] = time.time) -> None:
        self._region = region
        self._host = host
        self._clock = clock
        self._key_of: tuple[str, str] | None = None
        self._key = b""
        self._form: _Form | None = None

    def headers(self, credentials: Credentials, target: str, body: bytes) -> dict[str, str]:
        """The headers of a signed request.

        Args:
            credentials: who signs.
            target: the X-Amz-Target header.
            body: the request's body.

        Raises:
            UserError: the credentials or the target hold what no header can.
        """
        made_of = (int(self._clock()), credentials, target)
        form = self._form
        if form is None or form.made_of != made_of:
            form = self._form = self._form_of(made_of)
        canonical = form.canonical + hashlib.sha256(body).hexdigest()
        to_sign = form.to_sign + hashlib.sha256(canonical.encode()).hexdigest()
        signature = hmac.digest(form.key, to_sign.encode(), "sha256").hex()
        return {**form.headers, "authorization": form.authorization + signature}

    def _form_of(self, made_of: tuple[int, Credentials, str]) -> _Form:
        second, credentials, target = made_of
        for text in (credentials.access_key, credentials.token or "", target):
            if not (text.isascii() and text.isprintable()):
                raise UserError(
                    "the AWS credentials, or an operation's name, hold a character that can't be "
                    "sent in a header",
                    "Look for a line break or a stray character in them.",
                )
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        day = moment[:8]
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-date": moment,
        }
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        headers["x-amz-target"] = target
        names = ";".join(headers)
        lines = [f"{name}:{value}" for name, value in headers.items()]
        scope = f"{day}/{self._region}/{_SERVICE}/aws4_request"
        return _Form(
            made_of,
            headers,
            "\n".join(["POST", "/", "", *lines, "", names, ""]),
            f"{_ALGORITHM}\n{moment}\n{scope}\n",
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature=",
            self._signing_key(credentials.secret_key, day),
        )

    def _signing_key(self, secret_key: str, day: str) -> bytes:
        if self._key_of != (secret_key, day):
            key = ("AWS4" + secret_key).encode()
            for part in (day, self._region, _SERVICE, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key, self._key_of = key, (secret_key, day)
        return self._key
