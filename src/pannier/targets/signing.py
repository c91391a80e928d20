"""AWS Signature Version 4 for one service, with the day's signing key kept.

Source: AWS documentation, "Create a signed AWS API request". Only what DynamoDB's JSON protocol
needs: POST to `/`, no query, and the same few headers each time, so the canonical request is one
template.
"""

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_SERVICE: Final = "dynamodb"
_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key. `token` only for temporary ones."""

    access_key: str
    secret_key: str
    token: str | None = None


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

    def headers(self, credentials: Credentials, target: str, body: bytes) -> dict[str, str]:
        """The headers of a signed request.

        Args:
            credentials: who signs.
            target: the X-Amz-Target header.
            body: the request's body.
        """
        now = time.gmtime(self._clock())
        moment = time.strftime("%Y%m%dT%H%M%SZ", now)
        day = moment[:8]
        signed = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-date": moment,
        }
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        signed["x-amz-target"] = target
        names = ";".join(signed)
        canonical = "\n".join(
            [
                "POST",
                "/",
                "",
                *(f"{name}:{value}" for name, value in signed.items()),
                "",
                names,
                hashlib.sha256(body).hexdigest(),
            ]
        )
        scope = f"{day}/{self._region}/{_SERVICE}/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n{hashed}"
        key = self._signing_key(credentials.secret_key, day)
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        signed["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return signed

    def _signing_key(self, secret_key: str, day: str) -> bytes:
        if self._key_of != (secret_key, day):
            key = ("AWS4" + secret_key).encode()
            for part in (day, self._region, _SERVICE, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._key, self._key_of = key, (secret_key, day)
        return self._key
