"""Signatures: what clients sign is taken, and whatever was changed, or is old, is not.

The other side is botocore, so that a mistake in the canonical form can't hide behind itself.
"""

import hashlib
import hmac
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    ServiceError,
    UnrecognizedClientException,
)
from pannier.service.access import messages, verifying
from pannier.service.access.authorization import parse_authorization
from pannier.service.access.canonical import canonical_request
from pannier.service.access.credentials import Credential, CredentialStore
from pannier.service.access.verifying import SignatureVerifier
from pannier.service.http.messages import HttpRequest
from tests.service.access.signing import (
    BOSS,
    READER,
    signed,
    signed_at_s,
    with_authorization,
    with_header,
)


def verifier(at_s: float | None = None) -> SignatureVerifier:
    return SignatureVerifier(
        CredentialStore([BOSS, READER]), time.time if at_s is None else lambda: at_s
    )


def error(request: HttpRequest, at_s: float | None = None, service: str = "dynamodb") -> str:
    """What is said of a request that is refused: by a new verifier, and by one that knows it."""
    told = []
    now_s = [time.time()]
    seasoned = SignatureVerifier(CredentialStore([BOSS, READER]), lambda: now_s[0])
    seasoned.verify(signed(), "dynamodb")
    now_s[0] = time.time() if at_s is None else at_s
    for each in (verifier(at_s), seasoned):
        with pytest.raises(ServiceError) as raised:
            each.verify(request, service)
        told.append(f"{raised.value.code}: {raised.value.message}")
    assert told[0] == told[1]
    return told[0]


NO_MATCH = f"InvalidSignatureException: {messages.NO_MATCH}"


@pytest.mark.parametrize(
    "made",
    [
        lambda: signed(),
        lambda: signed(body=b""),
        lambda: signed(body='{"TableName":"tëst","x":"日本"}'.encode()),
        lambda: signed(region=""),
        lambda: signed(region="mars-north-1"),
        lambda: signed(**{"x-amz-meta": "  a   b    c  ", "amz-sdk-request": "attempt=1; max=3"}),
        lambda: signed(**{"x-amz-meta": '"a   b"  c'}),
        lambda: signed(**{"x-amz-meta": ""}),
        lambda: signed(path="/?Action=ListMetrics&Version=2010-08-01"),
        lambda: signed(path="/?b=2&a=1&c"),
        lambda: signed(path="/?name=%C3%BC%20%2F&%E6%97%A5=1"),
        lambda: signed(path="/?a=b+c"),
        lambda: signed("", method="GET", path="/_pannier/throttle"),
        lambda: signed("", method="DELETE", path="/_pannier/faults/a%20b%2Fc"),
        lambda: signed(path="/service/GraniteServiceVersion20100801/operation/ListMetrics"),
        lambda: signed(**{"x-amz-content-sha256": hashlib.sha256(b"{}").hexdigest()}),
    ],
)
def test_what_botocore_signs_is_taken(made: Callable[[], HttpRequest]) -> None:
    knows = verifier()
    request = made()
    for _ in range(2):  # and again, from what is kept
        assert knows.verify(request, "dynamodb") is BOSS


def test_whoever_signs_is_known_by_the_key() -> None:
    verifying = verifier()
    for by in (BOSS, READER, BOSS):
        assert verifying.verify(signed(by=by), "dynamodb") is by


def test_other_orders_and_spaces_of_the_header_are_taken() -> None:
    def turned(header: str) -> str:
        algorithm, _, rest = header.partition(" ")
        return f"{algorithm} {','.join(reversed(rest.split(', ')))}"

    assert verifier().verify(with_authorization(signed(), turned), "dynamodb") is BOSS
    compact = with_authorization(signed(), lambda header: header.replace(", ", ","))
    assert verifier().verify(compact, "dynamodb") is BOSS


def test_a_wrong_secret_matches_nothing() -> None:
    stranger = Credential("stranger", BOSS.access_key_id, BOSS.secret_access_key + "x")
    assert error(signed(by=stranger)) == NO_MATCH


def test_an_unknown_key_is_nobodys() -> None:
    stranger = Credential("stranger", "PANNSTRANGER", BOSS.secret_access_key)
    told = "UnrecognizedClientException: The security token included in the request is invalid."
    assert error(signed(by=stranger)) == told
    assert error(signed(token="session")) == told  # these keys have no sessions


def test_a_removed_credential_is_unknown_at_once() -> None:
    store = CredentialStore([BOSS])
    verifying = SignatureVerifier(store)
    verifying.verify(signed(), "dynamodb")
    store.replace([Credential("boss", BOSS.access_key_id, "another secret")])
    with pytest.raises(InvalidSignatureException):
        verifying.verify(signed(), "dynamodb")
    store.replace([])
    with pytest.raises(UnrecognizedClientException):
        verifying.verify(signed(), "dynamodb")


@pytest.mark.parametrize(
    "change",
    [
        lambda r: HttpRequest(r.method, r.target, r.headers, b'{"Limit":1}'),
        lambda r: HttpRequest(r.method, r.target, r.headers, b""),
        lambda r: HttpRequest(r.method, b"/other", r.headers, r.body),
        lambda r: HttpRequest(r.method, b"/?Action=PutMetricData", r.headers, r.body),
        lambda r: HttpRequest(r.method, b"/?", r.headers, r.body + b" "),
        lambda r: HttpRequest(r.method, b"//", r.headers, r.body),
        lambda r: HttpRequest(r.method, b"/./", r.headers, r.body),
        lambda r: HttpRequest(r.method, b"http://127.0.0.1:8000/", r.headers, r.body),
        lambda r: HttpRequest(b"PUT", r.target, r.headers, r.body),
        lambda r: with_header(r, b"x-amz-target", b"DynamoDB_20120810.DeleteTable"),
        lambda r: with_header(r, b"x-amz-target", None),
        lambda r: with_header(r, b"host", b"example.org"),
        lambda r: with_header(r, b"host", None),
        lambda r: with_header(r, b"content-type", b"text/plain"),
        lambda r: with_header(r, b"x-amz-target", r.headers[b"x-amz-target"] + b",x"),
    ],
)
def test_whatever_was_changed_after_it_was_signed_matches_nothing(
    change: Callable[[HttpRequest], HttpRequest],
) -> None:
    assert error(change(signed())) == NO_MATCH


def test_a_moment_that_was_changed_matches_nothing() -> None:
    request = signed()
    second = b"%d" % (9 - int(request.headers[b"x-amz-date"][14:15]))
    date = request.headers[b"x-amz-date"]
    assert error(with_header(request, b"x-amz-date", date[:14] + second + b"Z")) == NO_MATCH


def test_requests_are_good_for_fifteen_minutes_in_either_direction() -> None:
    request = signed()
    at_s = signed_at_s(request)
    for offset_s in (-900, -1, 0, 1, 900):
        assert verifier(at_s + offset_s).verify(request, "dynamodb") is BOSS
    date = request.headers[b"x-amz-date"].decode()
    late, early = error(request, at_s + 901), error(request, at_s - 901)
    shown = [time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at_s + s)) for s in (1, 901, -1, -901)]
    assert late == (
        f"InvalidSignatureException: Signature expired: {date} is now earlier than {shown[0]} "
        f"({shown[1]} - 15 min.)"
    )
    assert early == (
        f"InvalidSignatureException: Signature not yet current: {date} is still later than "
        f"{shown[2]} ({shown[3]} + 15 min.)"
    )


def test_a_replay_is_taken_for_fifteen_minutes_and_not_longer() -> None:
    now_s = [0.0]
    request = signed()
    verifying = SignatureVerifier(CredentialStore([BOSS]), lambda: now_s[0])
    now_s[0] = signed_at_s(request)
    verifying.verify(request, "dynamodb")
    now_s[0] += 900
    verifying.verify(request, "dynamodb")
    now_s[0] += 1
    with pytest.raises(InvalidSignatureException, match="Signature expired"):
        verifying.verify(request, "dynamodb")


def test_the_scope_must_be_of_this_service_and_day() -> None:
    assert error(signed(service="s3")) == (
        "InvalidSignatureException: Credential should be scoped to correct service: 'dynamodb'. "
    )
    assert error(signed(), service="monitoring").endswith("correct service: 'monitoring'. ")
    request = signed()
    date = request.headers[b"x-amz-date"].decode()
    other_day = with_authorization(request, lambda header: header.replace(date[:8], "20150830"))
    assert error(other_day) == (
        "InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 "
        f"version of date from HTTP: '20150830' != '{date[:8]}', from '{date}'."
    )
    terminator = with_authorization(
        request, lambda header: header.replace("aws4_request", "aws5_request")
    )
    assert error(terminator) == (
        "InvalidSignatureException: Credential should be scoped with a valid terminator: "
        "'aws4_request', not 'aws5_request'. "
    )


def signed_as(request: HttpRequest, old: bytes, new: bytes) -> HttpRequest:
    """A request signed with its own secret, but with another Authorization header in mind."""
    header = request.headers[b"authorization"].replace(old, new)
    form, _ = parse_authorization(header)
    body_hash = hashlib.sha256(request.body).hexdigest().encode()
    canonical = canonical_request(
        request.method, request.target, request.headers, form.names, form.signed_names, body_hash
    )
    hashed = hashlib.sha256(canonical).hexdigest().encode()
    date = request.headers.get(b"x-amz-date") or request.headers[b"date"]
    to_sign = (b"AWS4-HMAC-SHA256", date, form.scope, hashed)
    key = verifying._signing_key(BOSS.secret_access_key, form)
    signature = hmac.digest(key, b"\n".join(to_sign), "sha256").hex().encode()
    return with_header(request, b"authorization", header[:-64] + signature)


def test_the_key_of_another_day_is_of_no_use() -> None:
    """A day's key that leaks must not open the next day."""
    request = signed()
    day = request.headers[b"x-amz-date"][:8]
    assert verifier().verify(signed_as(request, day, day), "dynamodb") is BOSS
    assert "Date in Credential scope" in error(signed_as(request, day, b"20150830"))


@pytest.mark.parametrize(
    "names", [b"x-amz-target;x-amz-date;host", b"host;host;x-amz-date;x-amz-target"]
)
def test_names_of_headers_are_in_order_and_there_once(names: bytes) -> None:
    request = signed()
    whole = request.headers[b"authorization"].partition(b"SignedHeaders=")[2].partition(b",")[0]
    in_order = signed_as(request, whole, b"host;x-amz-date;x-amz-target")
    assert verifier().verify(in_order, "dynamodb") is BOSS
    assert error(signed_as(request, whole, names)) == NO_MATCH


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("host", messages.HOST_UNSIGNED),
        ("x-amz-date", "'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization."),
        ("x-amz-target", "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."),
    ],
)
def test_what_a_request_depends_on_must_be_signed(name: str, said: str) -> None:
    request = signed()
    signed_names = request.headers[b"authorization"].decode().partition("SignedHeaders=")[2]
    names = signed_names.partition(",")[0].split(";")
    kept = ";".join(each for each in names if each != name)
    unsigned = with_authorization(request, lambda header: header.replace(";".join(names), kept))
    assert error(unsigned) == f"InvalidSignatureException: {said}"


@pytest.mark.parametrize(
    "change",
    [
        lambda names: ";".join(reversed(names.split(";"))),
        lambda names: names + ";x-amz-target",
        lambda names: names + ";x-not-there",
        lambda names: names.title(),
        lambda names: "",
    ],
)
def test_names_of_headers_have_one_spelling_and_order(change: Callable[[str], str]) -> None:
    request = signed()
    names = (
        request.headers[b"authorization"].decode().partition("SignedHeaders=")[2].partition(",")[0]
    )
    changed = with_authorization(request, lambda header: header.replace(names, change(names)))
    assert error(changed).startswith("InvalidSignatureException")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda h: h[:-1], NO_MATCH),
        (lambda h: h + "0", NO_MATCH),
        (lambda h: h[:-64], NO_MATCH),
        (lambda h: h[:-64] + h[-64:].upper() + "g", NO_MATCH),
        (lambda h: h + ", Signature=" + "0" * 64, "IncompleteSignatureException: 'Signature' is"),
        (
            lambda h: h.replace(" Sig", " Signature=0, Sig"),
            "IncompleteSignatureException: 'Signature' is twice",
        ),
        (
            lambda h: h.replace("Credential=", "Credential=PANNREADER0000000000/x, Credential="),
            "IncompleteSignatureException: 'Credential' is twice",
        ),
        (lambda h: h + ", Other=1", "IncompleteSignatureException: 'Other' is twice, or unknown"),
        (lambda h: f"{h},{h}", "IncompleteSignatureException: 'AWS4-HMAC-SHA256 Credential' is"),
        (lambda h: h + ", nothing", "IncompleteSignatureException: 'nothing' not a valid key="),
        (
            lambda h: h.replace("/aws4_request", ""),
            "IncompleteSignatureException: Credential must have exactly 5 slash-delimited",
        ),
        (
            lambda h: h.replace("/dynamodb", "/dynamodb/x"),
            "IncompleteSignatureException: Credential must have exactly 5 slash-delimited",
        ),
        (
            lambda h: h.replace(", SignedHeaders=", ", xSignedHeaders="),
            "IncompleteSignatureException: 'xSignedHeaders' is twice, or unknown",
        ),
        (
            lambda h: h.partition(", SignedHeaders")[0],
            "IncompleteSignatureException: Authorization header requires 'Signature' parameter. ",
        ),
        (
            lambda h: h.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'",
        ),
        (
            lambda h: h.replace("AWS4-HMAC-SHA256", "AWS3"),
            "MissingAuthenticationTokenException: Request is missing Authentication Token",
        ),
        (lambda h: "Bearer x", "MissingAuthenticationTokenException: Request is missing"),
        (lambda h: "", "MissingAuthenticationTokenException: Request is missing"),
    ],
)
def test_a_header_that_is_not_exactly_one_is_refused(
    change: Callable[[str], str], said: str
) -> None:
    assert error(with_authorization(signed(), change)).startswith(said)


def test_a_request_without_a_signature_is_refused() -> None:
    request = with_header(signed(), b"authorization", None)
    with pytest.raises(MissingAuthenticationTokenException):
        verifier().verify(request, "dynamodb")


@pytest.mark.parametrize("keep_header", [False, True])
def test_presigned_addresses_are_refused(keep_header: bool) -> None:
    request = signed(path="/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0")
    if not keep_header:
        request = with_header(request, b"authorization", None)
    assert error(request) == f"IncompleteSignatureException: {messages.IN_ADDRESS}"


@pytest.mark.parametrize(
    "claimed", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64, ""]
)
def test_a_body_must_be_signed_as_it_is(claimed: str) -> None:
    request = signed(**{"x-amz-content-sha256": claimed})
    assert error(request) == f"InvalidSignatureException: {messages.BODY_HASH}"


@pytest.mark.parametrize(
    "date", ["", "20261126", "2026-11-26T06:00:00Z", "20261341T000000Z", "20261126T0600000Z", "ä"]
)
def test_a_date_of_another_form_is_refused(date: str) -> None:
    request = with_header(signed(), b"x-amz-date", date.encode())
    with pytest.raises(IncompleteSignatureException, match="ISO-8601 'basic format'"):
        verifier().verify(request, "dynamodb")


def test_the_date_may_stand_in_the_header_of_http() -> None:
    """Some clients do so; its form is the same, and it must be signed, too."""
    request = signed()
    date = request.headers[b"x-amz-date"]
    moved = with_header(with_header(request, b"x-amz-date", None), b"date", date)
    assert error(moved).endswith("'Date' must be a 'SignedHeader' in the AWS Authorization.")
    names = b"content-type;host;x-amz-date;x-amz-target"
    resigned = signed_as(moved, names, b"content-type;date;host;x-amz-target")
    assert verifier().verify(resigned, "dynamodb") is BOSS


def test_no_date_is_an_incomplete_signature() -> None:
    told = error(with_header(signed(), b"x-amz-date", None))
    assert told.startswith("IncompleteSignatureException: Authorization header requires existence")


def test_a_field_of_the_address_that_is_there_twice_is_refused() -> None:
    """Fields are sorted before they are signed, so their order would be anybody's to change."""
    request = signed(path="/?Action=ListMetrics&Action=DeleteAlarms")
    assert error(request) == f"InvalidSignatureException: {messages.FIELD_TWICE}"


def test_what_is_kept_is_bounded_and_of_good_signatures_only() -> None:
    verifying = verifier()
    for number in range(300):
        verifying.verify(signed(region=f"region-{number}"), "dynamodb")
    assert len(verifying._forms) == len(verifying._keys) == 256
    fresh = verifier()
    for number in range(3):
        bad = with_authorization(signed(region=f"region-{number}"), lambda header: header[:-1])
        with pytest.raises(InvalidSignatureException):
            fresh.verify(bad, "dynamodb")
    assert not fresh._forms
    assert not fresh._keys


# A request in bytes, as an attacker on the way has it: any byte may be another.
_PARTS = ("method", "target", "body", b"host", b"x-amz-date", b"x-amz-target", b"content-type",
          b"x-amz-content-sha256", b"authorization")  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(part=st.sampled_from(_PARTS), where=st.floats(0, 1, exclude_max=True),
       other=st.integers(1, 255))  # fmt: skip
def test_no_byte_of_a_signed_request_can_be_changed(
    part: str | bytes, where: float, other: int
) -> None:
    body = b'{"TableName":"shop","Limit":1}'
    request = signed(
        "DynamoDB_20120810.Scan",
        body,
        path="/some?field=value",
        **{"x-amz-content-sha256": hashlib.sha256(body).hexdigest()},
    )
    verifying = verifier()
    assert verifying.verify(request, "dynamodb") is BOSS
    content = bytearray(
        request.headers[part] if isinstance(part, bytes) else getattr(request, part)
    )
    content[int(where * len(content))] ^= other
    changed = HttpRequest(request.method, request.target, dict(request.headers), request.body)
    if isinstance(part, bytes):
        changed.headers[part] = bytes(content)
    else:
        setattr(changed, part, bytes(content))
    for each in (verifying, verifier()):
        with pytest.raises(ServiceError):
            each.verify(changed, "dynamodb")
