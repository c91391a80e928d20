"""HTTP Basic for scrapers of metrics, which can't sign: access key id and secret, as they are.

Metrics are of all tables, so a credential that is limited to some of them is no good here.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from http import HTTPStatus
from typing import Final

from pannier.service.access.credentials import CredentialStore
from pannier.service.http.messages import HttpRequest, HttpResponse

_SCHEME: Final = b"basic "
_BYTES_MAX: Final = 1024
CHALLENGE: Final = HttpResponse(
    HTTPStatus.UNAUTHORIZED,
    {
        b"content-type": b"text/plain",
        b"www-authenticate": b'Basic realm="pannier", charset="UTF-8"',
    },
    b"Give the access key id as the user, and the secret access key as the password.\n",
)


def may_scrape(request: HttpRequest, credentials: CredentialStore) -> bool:
    """Whether a request has both keys of a credential that is not limited to tables."""
    header = request.headers.get(b"authorization", b"")
    if header[: len(_SCHEME)].lower() != _SCHEME or len(header) > _BYTES_MAX:
        return False
    try:
        given = b64decode(header[len(_SCHEME) :].strip(), validate=True).decode()
    except (Base64Error, ValueError):
        return False
    access_key_id, _, secret = given.partition(":")
    credential = credentials.matches(access_key_id, secret)
    return credential is not None and not credential.table_prefixes
