"""Signatures: the same as botocore's own, for any request.

Pannier signs by itself because it signs often. AWS refuses a signature that is wrong in one bit, so
the measure is botocore's `SigV4Auth`, request by request.
"""

import datetime
import re
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from pannier.errors import UserError
from pannier.targets.signing import Credentials, Signer

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
SECONDS = st.integers(0, 2**32)


def signed_by_botocore(
    credentials: Credentials, region: str, host: str, target: str, body: bytes, now_s: int
) -> str:
    request = AWSRequest("POST", f"https://{host}/", data=body)
    request.headers["Content-Type"] = "application/x-amz-json-1.0"
    request.headers["X-Amz-Target"] = target
    request.headers["Host"] = host
    theirs = BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token)
    moment = datetime.datetime.fromtimestamp(now_s, datetime.UTC)
    with patch("botocore.auth.get_current_datetime", return_value=moment):
        SigV4Auth(theirs, "dynamodb", region).add_auth(request)
    return str(request.headers["Authorization"])


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.builds(Credentials, PRINTABLE, PRINTABLE, st.none() | PRINTABLE),
    st.sampled_from(["us-east-1", "eu-central-1", "local"]),
    st.sampled_from(["127.0.0.1:8000", "dynamodb.eu-central-1.amazonaws.com", "[::1]:8000"]),
    st.sampled_from(["DynamoDB_20120810.BatchWriteItem", "DynamoDB_20120810.ListTables"]),
    st.binary(max_size=300),
    SECONDS,
)
def test_the_signature_is_the_one_that_botocore_makes(
    credentials: Credentials, region: str, host: str, target: str, body: bytes, now_s: int
) -> None:
    ours = Signer(region, host, lambda: now_s).headers(credentials, target, body)
    theirs = signed_by_botocore(credentials, region, host, target, body, now_s)
    assert ours["authorization"] == theirs


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["one", "two"]), SECONDS), min_size=2, max_size=6))
def test_a_signer_that_is_used_again_forgets_the_key_of_yesterday(
    uses: list[tuple[str, int]],
) -> None:
    """The signing key is kept for a day and a secret; both may change while a job runs."""
    clock = [0]
    signer = Signer("us-east-1", "localhost", lambda: clock[0])
    for secret, now_s in uses:
        clock[0] = now_s
        credentials = Credentials("key", secret)
        ours = signer.headers(credentials, "X.Y", b"{}")["authorization"]
        assert ours == signed_by_botocore(
            credentials, "us-east-1", "localhost", "X.Y", b"{}", now_s
        )


def test_the_headers_are_those_of_the_protocol() -> None:
    headers = Signer("us-east-1", "localhost:8000", lambda: 0).headers(
        Credentials("key", "secret"), "DynamoDB_20120810.ListTables", b"{}"
    )
    authorization = headers.pop("authorization")
    assert headers == {
        "content-type": "application/x-amz-json-1.0",
        "host": "localhost:8000",
        "x-amz-date": "19700101T000000Z",
        "x-amz-target": "DynamoDB_20120810.ListTables",
    }
    assert re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=key/19700101/us-east-1/dynamodb/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}",
        authorization,
    )


def test_temporary_credentials_bring_their_token_and_sign_it() -> None:
    headers = Signer("us-east-1", "localhost", lambda: 0).headers(
        Credentials("key", "secret", "token"), "X.Y", b""
    )
    assert headers["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in headers["authorization"]


def test_the_body_is_part_of_the_signature() -> None:
    signer = Signer("us-east-1", "localhost", lambda: 0)
    first = signer.headers(Credentials("key", "secret"), "X.Y", b"{}")
    second = signer.headers(Credentials("key", "secret"), "X.Y", b"{ }")
    assert first["authorization"] != second["authorization"]


def test_one_signer_serves_operations_credentials_and_seconds_in_any_order() -> None:
    """What is kept from one request to the next must be the next one's own."""
    clock = [1_000_000]
    signer = Signer("us-east-1", "localhost", lambda: clock[0])
    known = [Credentials("one", "secret"), Credentials("two", "secret", "token")]
    for now_s, credentials, target in [
        (now_s, credentials, target)
        for now_s in (1_000_000, 1_000_001, 1_086_400)
        for credentials in known
        for target in ("X.Put", "X.Get", "X.Put")
    ]:
        clock[0] = now_s
        headers = signer.headers(credentials, target, b"{}")
        assert headers["x-amz-target"] == target
        assert headers["authorization"] == signed_by_botocore(
            credentials, "us-east-1", "localhost", target, b"{}", now_s
        )


@pytest.mark.parametrize(
    ("credentials", "target"),
    [
        (Credentials("key\r\nx-evil: 1", "secret"), "X.Y"),
        (Credentials("key", "secret", "token\n"), "X.Y"),
        (Credentials("kéy", "secret"), "X.Y"),
        (Credentials("key", "secret"), "X.Y\r\nx-evil: 1"),
    ],
)
def test_what_no_header_can_carry_is_refused(credentials: Credentials, target: str) -> None:
    """A line break in a token would end the header and begin another."""
    with pytest.raises(UserError, match="can't be sent in a header"):
        Signer("us-east-1", "localhost").headers(credentials, target, b"{}")
