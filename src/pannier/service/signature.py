"""The signature of a request, held against its form.

Texts are AWS's (captured). Any well-formed signature is accepted: the server answers on loopback
only, and clients use whatever credentials they have.
"""

from collections.abc import Mapping
from typing import Final

from pannier.errors import IncompleteSignatureException, MissingAuthenticationTokenException

_ALGORITHM: Final = b"AWS4-HMAC-SHA256"
_PARTS: Final = (b"Credential", b"Signature", b"SignedHeaders")
_DATES: Final = frozenset((b"x-amz-date", b"date"))
_NO_DATE: Final = (
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
)


def check_form(headers: Mapping[bytes, bytes], target: bytes) -> None:
    """Refuse a request without a signature, as AWS does.

    Args:
        headers: by lower-case name.
        target: the request's path and query, which may carry a presigned signature.

    Raises:
        MissingAuthenticationTokenException: there is no signature.
        IncompleteSignatureException: it lacks parts; the text names them all.
    """
    authorization = headers.get(b"authorization")
    if authorization is None:
        if b"X-Amz-Signature=" in target:
            return
        raise MissingAuthenticationTokenException("Request is missing Authentication Token")
    if (
        authorization.startswith(_ALGORITHM + b" ")
        and b"Credential=" in authorization
        and b"Signature=" in authorization
        and b"SignedHeaders=" in authorization
        and (b"x-amz-date" in headers or b"date" in headers)
    ):
        return
    algorithm, _, rest = authorization.partition(b" ")
    if algorithm != _ALGORITHM:
        raise MissingAuthenticationTokenException("Request is missing Authentication Token")
    missing = [
        f"Authorization header requires '{part.decode()}' parameter. "
        for part in _PARTS
        if part + b"=" not in rest
    ]
    if not headers.keys() & _DATES:
        missing.append(_NO_DATE)
    if missing:
        text = f"{''.join(missing)}Authorization={authorization.decode('latin-1')}"
        raise IncompleteSignatureException(text)
