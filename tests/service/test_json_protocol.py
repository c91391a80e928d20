"""DynamoDB's JSON protocol on the wire: targets, signatures, ids, checksums, error bodies.

Against a real `pannier serve`, byte by byte: SDKs depend on every one of these headers.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

import pytest

from tests.conftest import serving
from tests.service.wire import Reply, Wire, post

DATE = "20261123T080000Z"
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=local/20261123/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0123456789abcdef"
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving("--memory") as (url, _):
        yield urlsplit(url).port or 0


@pytest.fixture
def wire(port: int) -> Iterator[Wire]:
    with Wire(port) as wire:
        yield wire


def call(wire: Wire, target: str | None, body: bytes = b"{}", **headers: str) -> Reply:
    """Send a request that is signed unless `headers` say otherwise."""
    given = {"X_Amz_Target": target, "X_Amz_Date": DATE, "Authorization": SIGNATURE, **headers}
    return wire.ask(post(body, **{name: value for name, value in given.items() if value}))


def error(reply: Reply) -> tuple[int, str, str | None]:
    """Status, full type and text of an error."""
    body: dict[str, Any] = json.loads(reply.body)
    return reply.status, body["__type"], body.get("message", body.get("Message"))


def test_what_an_answer_looks_like(wire: Wire):
    """SDKs check the CRC of the body (Java and Go do so by default) and log the request id."""
    ids = set()
    for target in ("DynamoDB_20120810.ListTables", "DynamoDB_20120810.DescribeTable"):
        for _ in range(3):
            reply = call(wire, target)
            assert reply.headers["content-type"] == "application/x-amz-json-1.0"
            assert int(reply.headers["content-length"]) == len(reply.body)
            assert int(reply.headers["x-amz-crc32"]) == crc32(reply.body)
            assert re.fullmatch("[A-Z0-9]{52}", reply.headers["x-amzn-requestid"])
            ids.add(reply.headers["x-amzn-requestid"])
    assert len(ids) == 6


def test_an_error_says_its_type_in_the_body(wire: Wire):
    """With a namespace in front, of which there are several."""
    assert error(call(wire, "DynamoDB_20120810.DescribeTable", b'{"TableName":"nothing"}')) == (
        400,
        "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "Requested resource not found: Table: nothing not found",
    )
    status, kind, text = error(call(wire, "DynamoDB_20120810.DescribeTable"))
    assert (status, kind) == (400, "com.amazon.coral.validate#ValidationException")
    assert text is not None


@pytest.mark.parametrize(
    "target",
    [None, "", "ListTables", "DynamoDB_20111205.ListTables", "DynamoDB_20120810.",
     "DynamoDB_20120810.NoSuchOperation", "DynamoDB_20120810.listtables"],
)  # fmt: skip
def test_unknown_targets(wire: Wire, target: str | None):
    """No target, another version's, another spelling: an error type without a text."""
    assert error(call(wire, target)) == (
        400,
        "com.amazon.coral.service#UnknownOperationException",
        None,
    )


@pytest.mark.parametrize("body", [b"{", b"not json", b"\xff\xfe", b'{"TableName":"\xc3("}'])
def test_bodies_that_are_no_json(wire: Wire, body: bytes):
    """A SerializationException; and the connection goes on."""
    status, kind, _ = error(call(wire, "DynamoDB_20120810.ListTables", body))
    assert (status, kind) == (400, "com.amazon.coral.service#SerializationException")
    assert call(wire, "DynamoDB_20120810.ListTables").status == 200


# --- Signatures: their form is checked, as AWS does first; any key is welcome on loopback ---------


@pytest.mark.parametrize("authorization", ["", "Bearer abc", "Basic bG9jYWw6bG9jYWw="])
def test_a_request_without_a_signature(wire: Wire, authorization: str):
    """What a plain curl gets from AWS, too."""
    reply = call(wire, "DynamoDB_20120810.ListTables", Authorization=authorization)
    assert error(reply) == (
        400,
        "com.amazon.coral.service#MissingAuthenticationTokenException",
        "Request is missing Authentication Token",
    )


NO_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "


def requires(*parts: str) -> str:
    return "".join(f"Authorization header requires '{part}' parameter. " for part in parts)


@pytest.mark.parametrize(
    ("authorization", "date", "text"),
    [
        ("AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h", DATE, requires("Signature")),
        (
            "AWS4-HMAC-SHA256 Credential=c",
            DATE,
            requires("Signature", "SignedHeaders"),
        ),
        (
            "AWS4-HMAC-SHA256 Nothing",
            "",
            requires("Credential", "Signature", "SignedHeaders") + NO_DATE,
        ),
        (SIGNATURE, "", NO_DATE),
    ],
)
def test_an_incomplete_signature(wire: Wire, authorization: str, date: str, text: str):
    """AWS names everything that is missing, then repeats the header (captured: amplify-js#476)."""
    reply = call(wire, "DynamoDB_20120810.ListTables", Authorization=authorization, X_Amz_Date=date)
    assert error(reply) == (
        400,
        "com.amazon.coral.service#IncompleteSignatureException",
        f"{text}Authorization={authorization}",
    )


def test_a_presigned_request(wire: Wire):
    """The signature may be in the query instead."""
    path = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0123"
    request = post(b"{}", path, X_Amz_Target="DynamoDB_20120810.ListTables")
    assert wire.ask(request).status == 200


# --- Other methods ------------------------------------------------------------------------------


def test_the_health_check(wire: Wire):
    """GET answers `healthy`, as every DynamoDB endpoint does; load balancers ask for it."""
    reply = wire.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (reply.status, reply.body) == (200, b"healthy: dynamodb.us-east-1.amazonaws.com ")
    wire.send(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert wire.reply(head=True).status == 200
    assert (
        wire.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200
    )  # nothing was left over


@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"OPTIONS", b"PATCH"])
def test_other_methods(wire: Wire, method: bytes):
    """The API is POST only."""
    assert wire.ask(method + b" / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").status == 405


# --- Size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size_bytes", [16 * 2**20 + 1, 17 * 2**20 + 1, 40 * 2**20])
def test_bodies_above_16_mb(port: int, size_bytes: int):
    """HTTP 413, whether the body is a little or far too big; it is read to its end, not kept."""
    with Wire(port) as wire:
        reply = call(wire, "DynamoDB_20120810.PutItem", b" " * size_bytes)
        assert reply.status == 413


def test_a_body_of_exactly_16_mb(wire: Wire):
    """The limit itself is allowed: here blanks around a request that is fine."""
    body = b"{}" + b" " * (16 * 2**20 - 2)
    assert call(wire, "DynamoDB_20120810.ListTables", body).status == 200


def test_headers_above_32_kb(port: int):
    """HTTP 431, and the connection is closed."""
    with Wire(port) as wire:
        reply = call(wire, "DynamoDB_20120810.ListTables", X_Long="x" * 40_000)
        assert reply.status == 431
        assert wire.is_closed()
