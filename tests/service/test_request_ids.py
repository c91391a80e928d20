"""Every answer carries an id of its own, whatever asked and however badly."""

import pytest

from pannier.service.http.messages import HttpResponse
from pannier.service.request_ids import new_request_id
from tests.conftest import serving
from tests.service.wire import Wire, post

SIGNATURE = "AWS4-HMAC-SHA256 Credential=c, SignedHeaders=h, Signature=s"
SIGNED = {"X_Amz_Date": "20261123T080000Z", "Authorization": SIGNATURE}
CBOR = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
FORM = {"Content_Type": "application/x-www-form-urlencoded"}
QUERY = b"Action=ListMetrics&Version=2010-08-01"

REQUESTS = {
    "DynamoDB": (post(b"{}", X_Amz_Target="DynamoDB_20120810.ListTables", **SIGNED), 200),
    "no operation": (post(b"{}", X_Amz_Target="DynamoDB_20120810.No", **SIGNED), 400),
    "no signature": (post(b"{}", X_Amz_Target="DynamoDB_20120810.ListTables"), 400),
    "streams": (post(b"{}", X_Amz_Target="DynamoDBStreams_20120810.ListStreams", **SIGNED), 200),
    "no target": (post(b"{}"), 400),
    "CloudWatch in CBOR": (post(b"", CBOR, **SIGNED), 200),
    "CloudWatch in JSON": (
        post(b"{}", X_Amz_Target="GraniteServiceVersion20100801.ListMetrics", **SIGNED),
        200,
    ),
    "CloudWatch in XML": (post(QUERY, **FORM, **SIGNED), 200),
    "CloudWatch, no CBOR": (post(b"\xff", CBOR, **SIGNED), 400),
    "admin": (b"GET /_pannier/ HTTP/1.1\r\nHost: PLACE\r\n\r\n", 200),
    "admin, refused": (b"GET /_pannier/ HTTP/1.1\r\nHost: elsewhere\r\n\r\n", 403),
    "metrics": (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "metrics, no page": (b"GET /metrics/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
    "health": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "root": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
    "method": (b"PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
    "no HTTP": (b"GARBAGE\r\n\r\n", 400),
    "headers too long": (b"GET / HTTP/1.1\r\nA: " + b"x" * 40_000 + b"\r\n\r\n", 431),
}


def test_every_answer_has_one():
    ids: list[str] = []
    with serving("--memory", "--no-console") as (url, _):
        port = int(url.rpartition(":")[2])
        for name, (request, status) in REQUESTS.items():
            with Wire(port) as wire:
                reply = wire.ask(request.replace(b"PLACE", f"127.0.0.1:{port}".encode()))
            assert reply.status == status, name
            assert "x-amzn-requestid" in reply.headers, name
            ids.append(reply.headers["x-amzn-requestid"])
    assert len(set(ids)) == len(ids)


def test_its_form():
    """52 capital letters and digits, as on AWS; CloudWatch's are UUIDs, as there."""
    ids = [new_request_id().decode() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert all(len(each) == 52 and each.isalnum() and each == each.upper() for each in ids)


@pytest.mark.parametrize("own", [True, False])
def test_an_answer_without_one_gets_one(own: bool):
    response = HttpResponse(200, {b"x-amzn-requestid": b"own"} if own else {}, b"")
    head = response.encode(keep_alive=True)
    assert head.count(b"x-amzn-requestid: ") == 1
    assert (b"x-amzn-requestid: own\r\n" in head) is own
