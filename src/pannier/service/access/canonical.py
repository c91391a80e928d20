"""The canonical form of a request, which is what is signed.

Made of the bytes that came, so that nothing can be read in one way here and in another where the
request is carried out: the path and the fields of the address stand as they were sent, but for
what the form itself asks for (a `%` of the path is encoded once more, fields are sorted, a row of
spaces in a header counts as one). Clients normalise paths before they send them; a path with `..`
in it therefore matches no signature.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote_from_bytes

from pannier.errors import InvalidSignatureException
from pannier.service.access import messages

_ROOT: Final = b"/"
_SAFE_IN_PATH: Final = "/~-_."


def canonical_request(
    method: bytes,
    target: bytes,
    headers: Mapping[bytes, bytes],
    names: Iterable[bytes],
    signed_names: bytes,
    body_hash: bytes,
) -> bytes:
    """The canonical request.

    Args:
        method: of HTTP.
        target: path and query, as they were sent.
        headers: by lower-case name.
        names: of the signed headers, all of which are there.
        signed_names: the same, joined.
        body_hash: SHA-256 of the body, in hexadecimal.

    Raises:
        InvalidSignatureException: a field of the address is there twice, so that its order, which
            is not signed, could mean something.
    """
    path = query = b""
    if target != _ROOT:
        path, _, query = target.partition(b"?")
        path = quote_from_bytes(path, _SAFE_IN_PATH).encode()
        query = _canonical_query(query) if query else query
    lines = [method, path or _ROOT, query]
    for name in names:
        value = headers[name]
        if b" " in value or b"\t" in value:
            value = b" ".join(value.split())
        lines.append(name + b":" + value)
    lines += (b"", signed_names, body_hash)
    return b"\n".join(lines)


def _canonical_query(query: bytes) -> bytes:
    fields = []
    for each in query.split(b"&"):
        name, _, value = each.partition(b"=")
        fields.append((name, value))
    if len({name for name, _ in fields}) < len(fields):
        raise InvalidSignatureException(messages.FIELD_TWICE)
    return b"&".join(name + b"=" + value for name, value in sorted(fields))
