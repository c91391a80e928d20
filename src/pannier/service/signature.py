"""The signature of a request, held against its form.

Texts are AWS's (captured). Any well-formed signature is accepted: the server answers on loopback
only, and clients use whatever credentials they have.
"""

from collections.abc import Mapping
from typing import Final

from pannier.errors import IncompleteSignatureException, MissingAuthenticationTokenException

_ALGORITHM: Final = b"AWS4-HMAC-SHA256"
_PARTS: Final = (b"Credential", b"Signature", b"SignedHeaders")


def check_form(headers: Mapping[bytes, bytes], target: bytes) -> None:
    """Refuse a request without a signature, as AWS does.

    Args:
        headers: by lower-case name.
        target: the request's path and query, which may carry a presigned signature.

    Raises:
        MissingAuthenticationTokenException: there is no signature.
        IncompleteSignatureException: it lacks a part.
    """
    authorization = headers.get(b"authorization")
    if authorization is None:
        if b"X-Amz-Signature=" in target:
            return
        raise MissingAuthenticationTokenException("Request is missing Authentication Token")
    algorithm, _, rest = authorization.partition(b" ")
    if algorithm != _ALGORITHM:
        raise MissingAuthenticationTokenException("Request is missing Authentication Token")
    for part in _PARTS:
        if part + b"=" not in rest:
            raise IncompleteSignatureException(
                f"Authorization header requires '{part.decode()}' parameter. "
                f"Authorization={authorization.decode('latin-1')}"
            )
