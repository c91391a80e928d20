"""AWS Signature Version 4 for the admin API: any method, any path without a query.

`signing` has what many requests to one place need; this is for a few to several places. Source:
AWS documentation, "Create a signed AWS API request".
"""

import hashlib
import hmac
import time
from typing import Final
from urllib.parse import quote

from pannier.targets.signing import Credentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_REGION: Final = "us-east-1"  # a server takes any
_SERVICE: Final = "dynamodb"
_TERMINATOR: Final = "aws4_request"


def signed_headers(
    credentials: Credentials, method: str, path: str, host: str, body: bytes, now_s: float
) -> dict[str, str]:
    """The headers with which a request is signed.

    Args:
        credentials: who signs.
        method: of HTTP.
        path: as it is sent, escaped where it has to be.
        host: the Host header.
        body: what is sent.
        now_s: seconds since 1970.
    """
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    headers = {"host": host, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(headers)
    lines = [f"{name}:{value}" for name, value in headers.items()]
    body_hash = hashlib.sha256(body).hexdigest()
    canonical = "\n".join([method, quote(path, "/~"), "", *lines, "", names, body_hash])
    scope = f"{moment[:8]}/{_REGION}/{_SERVICE}/{_TERMINATOR}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, f"{_ALGORITHM}\n{moment}\n{scope}\n{hashed}".encode(), "sha256")
    authorization = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, "
        f"Signature={signature.hex()}"
    )
    return {**headers, "authorization": authorization}
