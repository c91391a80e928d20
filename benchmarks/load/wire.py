"""Requests as the bytes that go over the wire, built before the clock starts.

The signature is well formed but not computed: none of the peers checks it, and signing
would be the generator's cost, not the server's. A request is built once with a
placeholder where its table's name stands and is stamped with a name of the same length,
so that one set of requests serves every server, round and table.
"""

from __future__ import annotations

TABLE_PLACEHOLDER = "bench-@@@@@@"

_HEAD = (
    "POST / HTTP/1.1\r\n"
    "Host: localhost\r\n"
    "Accept-Encoding: identity\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target: {target}\r\n"
    "X-Amz-Date: {date}\r\n"
    "Authorization: {authorization}\r\n"
    "Content-Length: {length}\r\n"
    "\r\n"
)
_DATE = "20250811T000000Z"
_AUTHORIZATION = (
    "AWS4-HMAC-SHA256 "
    "Credential=AKIDBENCHMARK/20250811/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
    "Signature=" + "0123456789abcdef" * 4
)


def headers(operation: str) -> dict[str, str]:
    """The headers that matter to a server, for clients that write their own head."""
    return {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "X-Amz-Date": _DATE,
        "Authorization": _AUTHORIZATION,
    }


def request(operation: str, body: str) -> bytes:
    """Head and body of one call."""
    payload = body.encode()
    head = _HEAD.format(
        target=f"DynamoDB_20120810.{operation}",
        date=_DATE,
        authorization=_AUTHORIZATION,
        length=len(payload),
    )
    return head.encode() + payload


def answer(body: bytes, status: str = "200 OK") -> bytes:
    """An answer as the null server gives it."""
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def table_name(number: int) -> str:
    """The name of the run's table *number*, as long as the placeholder."""
    return f"bench-{number:06d}"


def stamped(requests: list[bytes], table: str) -> list[bytes]:
    """The same requests for *table*. Their lengths, and so their heads, stay right."""
    if len(table) != len(TABLE_PLACEHOLDER):
        raise ValueError(f"the table's name must be as long as {TABLE_PLACEHOLDER!r}")
    old, new = TABLE_PLACEHOLDER.encode(), table.encode()
    return [each.replace(old, new) for each in requests]
