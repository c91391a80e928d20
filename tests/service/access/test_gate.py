"""The gate: every way into a server, with and without what it asks for."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import cbor2
import pytest

from pannier.service.access import gate as gate_module
from pannier.service.access.credentials import Credential
from pannier.service.http.messages import HttpRequest
from tests.service.access.gated import Gated, gated, make_table
from tests.service.access.signing import BOSS, DEMO, DEMO_READER, READER, signed, with_header

CBOR = "/service/GraniteServiceVersion20100801/operation/"
STRANGER = Credential("stranger", BOSS.access_key_id, "guessed")
QUERY = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gated]:
    with gated(tmp_path) as made:
        yield made


def put(table: str) -> dict[str, object]:
    return {"TableName": table, "Item": {"id": {"S": "1"}}}


def test_a_good_signature_gets_through(gate: Gated) -> None:
    make_table(gate, "shop")
    assert gate.call("PutItem", put("shop")) == {}
    assert gate.call("Scan", {"TableName": "shop"}, READER)["Count"] == 1
    assert gate.call("ListStreams", {}, READER, "DynamoDBStreams_20120810.") == {"Streams": []}


def test_what_a_refusal_looks_like(gate: Gated) -> None:
    """SDKs read the type, check the CRC, and log the request id."""
    response = gate.send(signed(by=STRANGER))
    assert response.status == 400
    assert json.loads(response.body)["__type"] == (
        "com.amazon.coral.service#InvalidSignatureException"
    )
    assert response.headers[b"content-type"] == b"application/x-amz-json-1.0"
    assert int(response.headers[b"x-amz-crc32"]) == crc32(response.body)
    assert len(response.headers[b"x-amzn-requestid"]) == 52
    said = gate.call("PutItem", put("shop"), READER)
    assert said == {
        "__type": "com.amazon.coral.service#AccessDeniedException",
        "Message": "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: "
        "dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:000000000000:table/shop because "
        "no identity-based policy allows the dynamodb:PutItem action",
    }


def test_what_is_refused_does_nothing(gate: Gated) -> None:
    make_table(gate, "shop")
    for by in (STRANGER, READER, DEMO, DEMO_READER):
        assert "__type" in gate.call("PutItem", put("shop"), by)
        assert "__type" in gate.call("DeleteTable", {"TableName": "shop"}, by)
    assert gate.call("Scan", {"TableName": "shop"})["Count"] == 0


def test_unsigned_requests_get_nowhere(gate: Gated) -> None:
    """Each of these gets an answer from a server without credentials."""
    make_table(gate, "shop")
    form = b"Action=PutMetricData&Version=2010-08-01&Namespace=x&MetricData.member.1.MetricName=y"
    for request in (
        HttpRequest(b"POST", b"/", {b"x-amz-target": b"DynamoDB_20120810.ListTables"}, b"{}"),
        HttpRequest(b"POST", b"/", {b"content-type": QUERY["content-type"].encode()}, form),
        HttpRequest(b"POST", b"/", {b"x-amz-target": b"GraniteServiceVersion20100801.ListMetrics"}),
        HttpRequest(b"GET", b"/?Action=ListMetrics&Version=2010-08-01", {}),
        HttpRequest(b"GET", b"/?X-Amz-Signature=1", {}),
        HttpRequest(b"POST", CBOR.encode() + b"ListMetrics", {}, b""),
        HttpRequest(b"GET", b"/_pannier/throttle", {b"host": b"127.0.0.1:8000"}),
        HttpRequest(b"GET", b"/_pannier", {b"host": b"127.0.0.1:8000"}),
        HttpRequest(
            b"PUT",
            b"/_pannier/throttle",
            {b"host": b"127.0.0.1:8000", b"content-type": b"application/json"},
            b'{"mode": "on"}',
        ),
        HttpRequest(b"GET", b"/metrics", {}),
        HttpRequest(b"GET", b"/metrics?x", {}),
        HttpRequest(b"OPTIONS", b"/", {}),
        HttpRequest(b"GET", b"/anything", {}),
        HttpRequest(b"GET", b"/healthz?Action=ListMetrics", {}),
        HttpRequest(b"POST", b"/healthz", {b"x-amz-target": b"DynamoDB_20120810.ListTables"}),
        HttpRequest(b"GET", b"/", {}, b"Action=ListMetrics&Version=2010-08-01"),
    ):
        response = gate.send(request)
        assert response.status in (400, 401, 403), request.target
        assert b"shop" not in response.body
        assert b"healthy" not in response.body
    assert gate.database.throttling.name == "off"


@pytest.mark.parametrize("target", [b"/", b"/healthz", b"/readyz"])
def test_whether_it_is_there_anybody_may_ask(gate: Gated, target: bytes) -> None:
    for method in (b"GET", b"HEAD"):
        assert gate.send(HttpRequest(method, target, {})).status == 200


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("target", [b"/", b"/healthz", b"/readyz"])
@pytest.mark.parametrize("operation", ["ListMetrics", "DescribeAlarms", "DeleteAlarms"])
def test_an_open_address_leads_to_no_api(
    gate: Gated, method: bytes, target: bytes, operation: str
) -> None:
    """CloudWatch goes by the header X-Amz-Target, whatever the method and the path."""
    for by, service in ((STRANGER, "monitoring"), (READER, "monitoring"), (BOSS, "s3")):
        request = signed(
            f"GraniteServiceVersion20100801.{operation}",
            b"",
            by=by,
            service=service,
            method=method.decode(),
            path=target.decode(),
            **QUERY,
        )
        bare, answer = gate.send(HttpRequest(method, target)), gate.send(request)
        assert (answer.status, answer.body) == (bare.status, bare.body)


def test_a_body_that_is_too_large_is_not_judged_by_what_is_left_of_it(gate: Gated) -> None:
    for by in (BOSS, READER, STRANGER):
        request = signed("DynamoDB_20120810.PutItem", b"{}" * 1000, by=by)
        request.body, request.too_large = b"", True
        response = gate.send(request)
        assert response.status == 413
        assert b"RequestEntityTooLarge" in response.body


def test_an_error_of_the_gate_lets_nothing_through(
    gate: Gated, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(gate_module, "check_rights", broken)
    response = gate.send(signed(by=READER))
    assert response.status == 500
    assert b"InternalServerError" in response.body
    assert "a mistake" in caplog.text
    assert READER.secret_access_key not in caplog.text


# CloudWatch, in its three protocols


def metric_requests(
    operation: str, by: Credential, service: str = "monitoring"
) -> list[HttpRequest]:
    """The same request in each protocol."""
    form = f"Action={operation}&Version=2010-08-01&Namespace=Loads".encode()
    return [
        signed(
            f"GraniteServiceVersion20100801.{operation}",
            b'{"Namespace":"Loads"}',
            by=by,
            service=service,
        ),
        signed("", form, by=by, service=service, **QUERY),
        signed(
            "",
            cbor2.dumps({"Namespace": "Loads"}),
            by=by,
            service=service,
            path=CBOR + operation,
            **{"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
        ),
    ]


@pytest.mark.parametrize("protocol", [0, 1, 2], ids=["json", "query", "cbor"])
def test_cloudwatch_is_for_those_who_may(gate: Gated, protocol: int) -> None:
    for by, operation, passes in (
        (BOSS, "ListMetrics", True),
        (READER, "ListMetrics", True),
        (READER, "PutMetricData", False),
        (READER, "DeleteAlarms", False),
        (DEMO, "ListMetrics", False),
        (DEMO_READER, "ListMetrics", False),
        (STRANGER, "ListMetrics", False),
    ):
        response = gate.send(metric_requests(operation, by)[protocol])
        assert (response.status == 200) == passes
        if not passes:
            assert response.status == 403
            code = b"Signature" if by is STRANGER else b"AccessDenied"
            assert code in response.body
    for request in (
        metric_requests("ListMetrics", BOSS, "dynamodb")[protocol],
        metric_requests("ListMetrics", BOSS, "s3")[protocol],
    ):
        assert b"Credential should be scoped to correct service" in gate.send(request).body


def test_a_refused_request_is_not_unpacked(gate: Gated) -> None:
    """A small body may unpack to a large one, which is no work to be done for strangers."""
    request = metric_requests("PutMetricData", STRANGER)[0]
    request.headers[b"content-encoding"] = b"gzip"
    request.body = b"no gzip"
    assert b"InvalidSignature" in gate.send(request).body


@pytest.mark.parametrize("by", [READER, DEMO, DEMO_READER])
@pytest.mark.parametrize("service", ["dynamodb", "monitoring"])
@pytest.mark.parametrize(
    "target",
    [
        "DynamoDBStreams_20120810.PutItem",
        "DynamoDB_20120810.GetRecords",
        "DynamoDB_20120810.Nothing",
        "dynamodb_20120810.ListTables",
        "DynamoDB_20120810.ListTables ",
        "",
    ],
)
def test_what_is_neither_api_leads_nowhere(
    gate: Gated, by: Credential, service: str, target: str
) -> None:
    """A target that DynamoDB does not know is offered to CloudWatch, which takes a form."""
    form = (
        b"Action=PutMetricData&Version=2010-08-01&Namespace=Smuggled"
        b"&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1"
    )
    response = gate.send(signed(target, form, by=by, service=service, **QUERY))
    assert response.status >= 400
    listed = gate.send(metric_requests("ListMetrics", BOSS)[0])
    assert json.loads(listed.body)["Metrics"] == []


# The admin API and /metrics


def test_the_admin_api_is_for_credentials_without_limits(gate: Gated) -> None:
    shown = gate.send(signed("", b"", method="GET", path="/_pannier/throttle"))
    assert json.loads(shown.body)["mode"] == "off"
    switched = signed("", b'{"mode": "on"}', method="PUT", path="/_pannier/throttle")
    assert gate.send(switched).status == 200
    assert gate.database.throttling.name == "on"
    for by in (READER, DEMO, DEMO_READER, STRANGER):
        request = signed("", b'{"mode": "off"}', method="PUT", path="/_pannier/throttle", by=by)
        response = gate.send(request)
        assert response.status == 403
        assert "AWS_ACCESS_KEY_ID" in json.loads(response.body)["advice"]
    assert gate.database.throttling.name == "on"


def basic(access_key_id: str, secret: str, scheme: str = "Basic") -> HttpRequest:
    given = b64encode(f"{access_key_id}:{secret}".encode()).decode()
    return HttpRequest(b"GET", b"/metrics", {b"authorization": f"{scheme} {given}".encode()})


def test_metrics_are_scraped_with_both_keys(gate: Gated) -> None:
    for by in (BOSS, READER):
        response = gate.send(basic(by.access_key_id, by.secret_access_key))
        assert response.status == 200
        assert b"pannier_info" in response.body
    assert gate.send(basic(BOSS.access_key_id, BOSS.secret_access_key, "BASIC")).status == 200
    for request in (
        basic(DEMO.access_key_id, DEMO.secret_access_key),
        basic(BOSS.access_key_id, READER.secret_access_key),
        basic(BOSS.access_key_id, ""),
        basic("", ""),
        basic(BOSS.access_key_id, BOSS.secret_access_key, "Bearer"),
        HttpRequest(b"GET", b"/metrics", {b"authorization": b"Basic ===="}),
        HttpRequest(b"GET", b"/metrics", {b"authorization": b"Basic /////w=="}),
        HttpRequest(b"GET", b"/metrics", {b"authorization": b"Basic"}),
        signed("", b"", method="GET", path="/metrics"),
    ):
        response = gate.send(request)
        assert response.status == 401
        assert response.headers[b"www-authenticate"].startswith(b"Basic realm=")
        assert b"pannier_info" not in response.body


# Credentials that change


def test_the_file_is_read_again(gate: Gated, caplog: pytest.LogCaptureFixture) -> None:
    path = gate.access.path
    whole = path.read_text()
    path.write_text("")
    gate.access.reread()
    assert "UnrecognizedClient" in gate.call("ListTables")["__type"]
    path.write_text(whole)
    gate.access.reread()
    assert "TableNames" in gate.call("ListTables")
    path.write_text(whole + "[[credential]]\n")
    gate.access.reread()
    assert "stay as they were" in caplog.text
    assert "TableNames" in gate.call("ListTables")
    path.write_text("")
    path.chmod(0o644)
    gate.access.reread()
    assert "TableNames" in gate.call("ListTables")


def test_a_repeated_header_is_no_second_meaning(gate: Gated) -> None:
    """The server joins what is repeated (`test_access_on_the_wire`); here is what then happens."""
    request = signed()
    twice = request.headers[b"authorization"] + b"," + request.headers[b"authorization"]
    response = gate.send(with_header(request, b"authorization", twice))
    assert b"IncompleteSignatureException" in response.body
