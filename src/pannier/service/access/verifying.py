"""Signatures of requests, held against the keys that the server knows.

Order of checks: a header of one meaning; the date's form; the clock, 15 minutes in either
direction; which headers are signed; the access key; the scope; the body's hash; the signature.
Nothing of a request is looked at otherwise before all of them have passed.

The time is the machine's, even where the database has a manual clock: clients sign by theirs. A
request that was recorded can be sent again for as long as its time is good, as on AWS; TLS keeps
requests from being recorded.

What requests of one client have in common is kept, within bounds, once a signature was good: the
parts of its header, and the key of its day.
"""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

from pannier.clock import Clock
from pannier.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    UnrecognizedClientException,
)
from pannier.service.access import messages
from pannier.service.access.authorization import Authorization, parse_authorization
from pannier.service.access.canonical import canonical_request
from pannier.service.access.credentials import Credential, CredentialStore
from pannier.service.http.messages import HttpRequest
from pannier.service.signature import check_form

WINDOW_S: Final = 15 * 60
_ALGORITHM: Final = b"AWS4-HMAC-SHA256"
_ASYMMETRIC: Final = b"AWS4-ECDSA-P256-SHA256"
_TERMINATOR: Final = "aws4_request"
_DATE: Final = b"x-amz-date"
_TARGET: Final = b"x-amz-target"
_SIGNATURE: Final = b"Signature="
_SIGNATURE_LENGTH: Final = 64
_TIME: Final = "%Y%m%dT%H%M%SZ"
_TIME_LENGTH: Final = 16
_DAY_LENGTH: Final = 8
_KEPT_MAX: Final = 256

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class SignatureVerifier:
    """Tells who has signed a request.

    Args:
        credentials: those that are known.
        clock: seconds since 1970, as clients have them.
    """

    def __init__(self, credentials: CredentialStore, clock: Clock = time.time) -> None:
        self._credentials = credentials
        self._clock = clock
        self._forms: OrderedDict[bytes, Authorization] = OrderedDict()
        self._keys: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()
        self._moment: tuple[bytes, float] | None = None

    def verify(self, request: HttpRequest, service: str) -> Credential:
        """The credential by which a request is signed.

        Args:
            request: all of it.
            service: whose request it is, e.g. `dynamodb`.

        Raises:
            MissingAuthenticationTokenException: it is not signed.
            IncompleteSignatureException: its header lacks something, or means nothing.
            UnrecognizedClientException: nobody here has this access key.
            InvalidSignatureException: the signature is not that of this request.
        """
        headers = request.headers
        header = _header(request)
        prefix, _, signature = header.rpartition(_SIGNATURE)
        form = self._forms.get(prefix) if len(signature) == _SIGNATURE_LENGTH else None
        is_new = form is None
        if form is None:
            form, signature = parse_authorization(header)
        date = headers[_DATE if _DATE in headers else b"date"]
        self._check_date(date)
        _check_signed_headers(form, headers, is_new=is_new)
        credential = self._credentials.find(form.access_key_id)
        if credential is None or b"x-amz-security-token" in headers:
            raise UnrecognizedClientException(messages.UNKNOWN_KEY)
        _check_scope(form, date, service)
        body_hash = hashlib.sha256(request.body).hexdigest().encode()
        if headers.get(b"x-amz-content-sha256", body_hash) != body_hash:
            raise InvalidSignatureException(messages.BODY_HASH)
        canonical = canonical_request(
            request.method, request.target, headers, form.names, form.signed_names, body_hash
        )
        hashed = hashlib.sha256(canonical).hexdigest().encode()
        to_sign = b"\n".join((_ALGORITHM, date, form.scope, hashed))
        key_of = (credential.secret_access_key, form.scope)
        key = self._keys.get(key_of)
        is_new_key = key is None
        if key is None:
            key = _signing_key(credential.secret_access_key, form)
        expected = hmac.digest(key, to_sign, "sha256").hex().encode()
        if not hmac.compare_digest(expected, signature):
            raise InvalidSignatureException(messages.NO_MATCH)
        if is_new_key:
            _keep(self._keys, key_of, key)
        if is_new and header == prefix + _SIGNATURE + signature:
            _keep(self._forms, prefix, form)
        return credential

    def _check_date(self, date: bytes) -> None:
        moment = self._moment  # most requests of one second have the same
        if moment is None or moment[0] != date:
            moment = self._moment = (date, _seconds(date))
        now_s = self._clock()
        if moment[1] < now_s - WINDOW_S:
            raise InvalidSignatureException(
                messages.EXPIRED.format(
                    date=_text(date), limit=_moment_text(now_s - WINDOW_S), now=_moment_text(now_s)
                )
            )
        if moment[1] > now_s + WINDOW_S:
            raise InvalidSignatureException(
                messages.TOO_EARLY.format(
                    date=_text(date), limit=_moment_text(now_s + WINDOW_S), now=_moment_text(now_s)
                )
            )


def _header(request: HttpRequest) -> bytes:
    """The Authorization header, whose form is right at first sight."""
    if b"X-Amz-" in request.target.partition(b"?")[2]:
        raise IncompleteSignatureException(messages.IN_ADDRESS)
    header = request.headers.get(b"authorization")
    if header is None:
        raise MissingAuthenticationTokenException("Request is missing Authentication Token")
    if header.startswith(_ASYMMETRIC):
        raise IncompleteSignatureException(
            messages.ALGORITHM.format(algorithm=_ASYMMETRIC.decode())
        )
    check_form(request.headers, request.target)
    return header


def _check_signed_headers(
    form: Authorization, headers: Mapping[bytes, bytes], *, is_new: bool
) -> None:
    known = form.known_names
    if b"host" not in known:
        raise InvalidSignatureException(messages.HOST_UNSIGNED)
    date = _DATE if _DATE in headers else b"date"
    for name in (date, _TARGET):
        if name in headers and name not in known:
            title = _text(name).title()
            raise InvalidSignatureException(messages.HEADER_UNSIGNED.format(name=title))
    # Any other order, or a name twice, is no canonical form; nor is a header that did not come.
    if not headers.keys() >= known or (is_new and list(form.names) != sorted(known)):
        raise InvalidSignatureException(messages.NO_MATCH)


def _check_scope(form: Authorization, date: bytes, service: str) -> None:
    day = _text(date[:_DAY_LENGTH])
    if (form.service, form.terminator, form.day) == (service, _TERMINATOR, day):
        return
    wrong = []
    if form.service != service:
        wrong.append(messages.SERVICE.format(service=service))
    if form.terminator != _TERMINATOR:
        wrong.append(messages.TERMINATOR.format(terminator=form.terminator))
    if form.day != day:
        wrong.append(messages.SCOPE_DATE.format(scope=form.day, day=day, date=_text(date)))
    raise InvalidSignatureException("".join(wrong))


def _signing_key(secret: str, form: Authorization) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (form.day, form.region, form.service, form.terminator):
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    return key


def _keep(kept: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> None:
    kept[key] = value
    if len(kept) > _KEPT_MAX:
        kept.popitem(last=False)


def _seconds(date: bytes) -> float:
    text = _text(date)
    try:
        if len(date) != _TIME_LENGTH or not text.isascii():
            raise ValueError
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise IncompleteSignatureException(messages.DATE_FORM.format(date=text)) from None


def _moment_text(moment_s: float) -> str:
    return time.strftime(_TIME, time.gmtime(moment_s))


def _text(content: bytes) -> str:
    return content.decode("latin-1")
