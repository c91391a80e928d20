"""Requests that are signed by botocore: the other side of what the server verifies."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from pannier.service.access.credentials import Credential
from pannier.service.http.messages import HttpRequest

BOSS = Credential("boss", "PANNBOSS000000000000", "boss-secret+/AaBb0123456789")
READER = Credential("reader", "PANNREADER0000000000", "reader-secret", read_only=True)
DEMO = Credential("demo", "PANNDEMO000000000000", "demo-secret", table_prefixes=("demo-", "test-"))
DEMO_READER = Credential(
    "demo-reader", "PANNDEMOREADER000000", "demo-reader-secret", True, ("demo-",)
)
HOST = "127.0.0.1:8000"
JSON_1_0 = "application/x-amz-json-1.0"


def signed(
    operation: str = "DynamoDB_20120810.ListTables",
    body: bytes = b"{}",
    *,
    by: Credential = BOSS,
    method: str = "POST",
    path: str = "/",
    service: str = "dynamodb",
    region: str = "eu-central-1",
    token: str | None = None,
    **headers: str,
) -> HttpRequest:
    """A request as the server has it; signed now, by the machine's clock."""
    given = {"content-type": JSON_1_0, **headers}
    if operation:
        given["x-amz-target"] = operation
    request = AWSRequest(method, f"http://{HOST}{path}", headers=given, data=body)
    keys = BotocoreCredentials(by.access_key_id, by.secret_access_key, token)
    SigV4Auth(keys, service, region).add_auth(request)
    made = {name.lower().encode(): value.encode() for name, value in request.headers.items()}
    made.setdefault(b"host", HOST.encode())
    parts = urlsplit(f"http://{HOST}{path}")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    return HttpRequest(method.encode(), target.encode(), made, body)


def signed_at_s(request: HttpRequest) -> float:
    """When a request was signed."""
    moment = datetime.strptime(request.headers[b"x-amz-date"].decode(), "%Y%m%dT%H%M%SZ")
    return moment.replace(tzinfo=UTC).timestamp()


def with_header(request: HttpRequest, name: bytes, value: bytes | None) -> HttpRequest:
    """A copy of a request with another header, or without one."""
    headers = {key: each for key, each in request.headers.items() if key != name}
    if value is not None:
        headers[name] = value
    return HttpRequest(request.method, request.target, headers, request.body)


def with_authorization(request: HttpRequest, change: Any) -> HttpRequest:
    """A copy of a request whose Authorization header was changed by a function."""
    return with_header(
        request, b"authorization", change(request.headers[b"authorization"].decode()).encode()
    )
