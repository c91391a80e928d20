"""The Authorization header of Signature Version 4, taken apart.

Exactly the three parts that there are, each once: what two readers might read differently is
refused. Source: AWS documentation, "Create a signed AWS API request".
"""

from dataclasses import dataclass
from typing import Final

from pannier.errors import IncompleteSignatureException
from pannier.service.access import messages

_ALGORITHM: Final = b"AWS4-HMAC-SHA256"
_PARTS: Final = frozenset((b"Credential", b"SignedHeaders", b"Signature"))
_CREDENTIAL_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class Authorization:
    """The header but for the signature itself: the same for many requests of a client.

    Attributes:
        access_key_id: who signed.
        day: of the scope, as `20260102`.
        region: of the scope.
        service: of the scope.
        terminator: the scope's end, `aws4_request`.
        scope: all of the scope.
        names: of the signed headers, as they stand in the header.
        signed_names: the same, in one.
        known_names: the same, for looking up.
    """

    access_key_id: str
    day: str
    region: str
    service: str
    terminator: str
    scope: bytes
    names: tuple[bytes, ...]
    signed_names: bytes
    known_names: frozenset[bytes]


def parse_authorization(header: bytes) -> tuple[Authorization, bytes]:
    """The header's parts, and the signature.

    Args:
        header: of the right algorithm, and with all parts (`signature.check_form`).

    Raises:
        IncompleteSignatureException: it can't be read in exactly one way.
    """
    algorithm, _, rest = header.partition(b" ")
    if algorithm != _ALGORITHM:
        raise IncompleteSignatureException(messages.ALGORITHM.format(algorithm=_text(algorithm)))
    parts: dict[bytes, bytes] = {}
    for each in rest.split(b","):
        name, equals, value = each.strip(b" ").partition(b"=")
        if not equals:
            raise IncompleteSignatureException(
                messages.NO_PAIR.format(part=_text(name), header=_text(header))
            )
        if name not in _PARTS or name in parts:
            raise IncompleteSignatureException(
                messages.STRANGE_PART.format(part=_text(name), header=_text(header))
            )
        parts[name] = value
    if parts.keys() != _PARTS:  # one of them stood inside another only
        raise IncompleteSignatureException(
            messages.STRANGE_PART.format(part="", header=_text(header))
        )
    credential = parts[b"Credential"]
    elements = _text(credential).split("/")
    if len(elements) != _CREDENTIAL_PARTS:
        raise IncompleteSignatureException(
            messages.CREDENTIAL_PARTS.format(credential=_text(credential))
        )
    access_key_id, day, region, service, terminator = elements
    signed_names = parts[b"SignedHeaders"]
    names = tuple(signed_names.split(b";"))
    authorization = Authorization(
        access_key_id,
        day,
        region,
        service,
        terminator,
        credential.partition(b"/")[2],
        names,
        signed_names,
        frozenset(names),
    )
    return authorization, parts[b"Signature"]


def _text(content: bytes) -> str:
    return content.decode("latin-1")
