"""CloudWatch's protocols byte for byte: what SDKs send, and what nobody should."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import cbor2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import serving
from tests.service.wire import Reply, Wire, post

SIGNATURE = "AWS4-HMAC-SHA256 Credential=a/20261123/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"  # noqa: E501
SIGNED = {"Authorization": SIGNATURE, "X-Amz-Date": "20261123T000000Z"}
FORM = "application/x-www-form-urlencoded; charset=utf-8"
TARGET = "GraniteServiceVersion20100801."
PATH = "/service/GraniteServiceVersion20100801/operation/"
XML = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"


@pytest.fixture(scope="module", name="port")
def _port() -> Iterator[int]:
    with serving("--memory") as (url, _):
        yield int(url.rpartition(":")[2])


@pytest.fixture(name="wire")
def _wire(port: int) -> Iterator[Wire]:
    with Wire(port) as wire:
        yield wire


def _json(wire: Wire, operation: str, body: Any, **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire.ask(post(data, X_Amz_Target=TARGET + operation, **{**SIGNED, **headers}))


def _cbor(wire: Wire, operation: str, body: Any) -> Reply:
    data = body if isinstance(body, bytes) else cbor2.dumps(body)
    headers = {"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", **SIGNED}
    return wire.ask(post(data, PATH + operation, **headers))


def _query(wire: Wire, fields: dict[str, str] | bytes, **headers: str) -> Reply:
    data = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    return wire.ask(post(data, **{"Content-Type": FORM, **SIGNED, **headers}))


def _code(reply: Reply) -> str:
    """The code of an error's answer, in whichever protocol."""
    content_type = reply.headers["content-type"]
    if content_type == "text/xml":
        root = ElementTree.fromstring(reply.body)
        assert root.tag == f"{XML}ErrorResponse"
        return str(root.findtext(f"{XML}Error/{XML}Code"))
    if content_type == "application/cbor":
        assert reply.headers["smithy-protocol"] == "rpc-v2-cbor"
        body = cbor2.loads(reply.body)
    else:
        assert content_type == "application/x-amz-json-1.0"
        body = json.loads(reply.body)
    assert "#" in body["__type"]
    code, _, fault = reply.headers["x-amzn-query-error"].partition(";")
    assert fault in ("Sender", "Receiver")
    return code


def test_the_three_protocols_and_dynamodb_share_a_port(wire: Wire):
    """One connection, one request of each after the other."""
    reply = _json(wire, "ListMetrics", {})
    assert (reply.status, json.loads(reply.body)) == (200, {"Metrics": []})
    reply = _cbor(wire, "ListMetrics", {})
    assert (reply.status, cbor2.loads(reply.body)) == (200, {"Metrics": []})
    reply = _query(wire, {"Action": "ListMetrics", "Version": "2010-08-01"})
    assert reply.status == 200
    root = ElementTree.fromstring(reply.body)
    assert root.tag == f"{XML}ListMetricsResponse"
    request_id = root.findtext(f"{XML}ResponseMetadata/{XML}RequestId")
    assert request_id == reply.headers["x-amzn-requestid"]
    reply = wire.ask(post(b"{}", X_Amz_Target="DynamoDB_20120810.ListTables", **SIGNED))
    assert json.loads(reply.body) == {"TableNames": []}


def test_a_query_may_stand_in_the_address(wire: Wire):
    """As the oldest clients, and people with curl, send it."""
    lines = [f"{name}: {value}" for name, value in {"Host": "localhost", **SIGNED}.items()]
    address = "/?Action=ListMetrics&Version=2010-08-01&Dimensions.member.1.Name=a"
    reply = wire.ask("\r\n".join([f"GET {address} HTTP/1.1", *lines, "", ""]).encode())
    assert reply.status == 200
    assert b"ListMetricsResult" in reply.body


def test_form_fields_become_lists_in_the_order_of_their_numbers(wire: Wire):
    """Number ten comes after nine, not after one."""
    fields = {"Action": "PutMetricData", "Version": "2010-08-01", "Namespace": "Form"}
    for number in range(1, 12):
        fields |= {
            f"MetricData.member.{number}.MetricName": f"m{number:02}",
            f"MetricData.member.{number}.Value": str(number / 2),
        }
    fields["MetricData.member.11.Value"] = "NaN"
    reply = _query(wire, fields)
    assert _code(reply) == "InvalidParameterValue"
    assert b"MetricData.member.11.Value" in reply.body
    fields["MetricData.member.11.Value"] = "1e2"
    assert _query(wire, fields).status == 200
    listed = json.loads(_json(wire, "ListMetrics", {"Namespace": "Form"}).body)["Metrics"]
    assert [each["MetricName"] for each in listed] == [f"m{n:02}" for n in range(1, 12)]


def test_times_are_taken_in_every_spelling(wire: Wire):
    """Numbers of seconds, ISO 8601 with and without a zone, CBOR's tag."""
    metric = {"Namespace": "N", "MetricName": "m", "Period": 60, "Statistics": ["Sum"]}
    for start, end in (
        (1.5e9, 1_500_000_060),
        ("2017-07-14T02:40:00Z", "2017-07-14T04:41:00+02:00"),
    ):
        reply = _json(wire, "GetMetricStatistics", {**metric, "StartTime": start, "EndTime": end})
        assert reply.status == 200, reply.body
    for start, end in ((1.5e9, 1_500_000_060), (cbor2.CBORTag(1, 1.5e9), cbor2.CBORTag(1, 1.6e9))):
        request = {**metric, "Period": 86_400, "StartTime": start, "EndTime": end}
        assert _cbor(wire, "GetMetricStatistics", request).status == 200


def test_without_a_signature_nothing_is_answered(wire: Wire):
    reply = wire.ask(post(b"{}", X_Amz_Target=TARGET + "ListMetrics"))
    assert (reply.status, _code(reply)) == (403, "MissingAuthenticationToken")
    reply = wire.ask(post(b"\xa0", PATH + "ListMetrics"))
    assert (reply.status, _code(reply)) == (403, "MissingAuthenticationToken")
    reply = wire.ask(
        post(b"{}", X_Amz_Target=TARGET + "ListMetrics", Authorization="AWS4-HMAC-SHA256 x")
    )
    assert (reply.status, _code(reply)) == (403, "IncompleteSignature")


@pytest.mark.parametrize(
    ("origin", "status", "said"),
    [
        ("http://evil.example", 403, b"AccessDeniedException"),
        ("http://localhost:3000", 400, b"UnknownOperationException"),
    ],
)
def test_a_form_of_a_web_page_can_do_nothing(wire: Wire, origin: str, status: int, said: bytes):
    """A page may send forms anywhere, with a signature in the address, but not with this header."""
    body = b"Action=DeleteAlarms&Version=2010-08-01&AlarmNames.member.1=a"
    reply = wire.ask(post(body, "/?X-Amz-Signature=0", **{"Content-Type": FORM, "Origin": origin}))
    assert reply.status == status
    assert said in reply.body


@pytest.mark.parametrize("ask", [_json, _cbor])
def test_operations_that_there_are_not(wire: Wire, ask: Any):
    assert _code(ask(wire, "Nonsense", {})) == "InvalidAction"
    assert _code(ask(wire, "PutDashboard", {"DashboardName": "a", "DashboardBody": ""})) == (
        "InvalidAction"
    )
    assert _code(_query(wire, {"Action": "Nonsense", "Version": "2010-08-01"})) == "InvalidAction"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"Dimensions": {}}',
        b'{"Dimensions": [1]}',
        b'{"Namespace": 5}',
        b'{"IncludeLinkedAccounts": "yes"}',
    ],
)
def test_json_of_the_wrong_form_is_refused(wire: Wire, body: bytes):
    reply = _json(wire, "ListMetrics", body)
    assert (reply.status, _code(reply)) == (400, "MalformedInput")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff",
        b"\x00",
        b"\x81",
        b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff",  # a map of 2^64 entries, it says
        b"\x9b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\x81" * 100_000,  # nested very deeply
        cbor2.dumps({"Namespace": 5}),
        cbor2.dumps({"Namespace": cbor2.CBORTag(35, "(")}),  # a regular expression
        cbor2.dumps({"Dimensions": {"a": 1}}),
    ],
)
def test_cbor_of_the_wrong_form_is_refused(wire: Wire, body: bytes):
    """Whatever the bytes pretend to be, they cost nothing and are refused in CBOR."""
    reply = _cbor(wire, "ListMetrics", body)
    assert (reply.status, _code(reply)) == (400, "MalformedInput")


@pytest.mark.parametrize(
    "fields",
    [
        b"Dimensions=x",
        b"Dimensions.member.x.Name=a",
        b"Dimensions.member.1=a",
        b"Dimensions.member.1.Name=a&Dimensions=",
        b"Dimensions=a&Dimensions.member.1.Name=a",
        b"Namespace.member.1=a",
        b"IncludeLinkedAccounts=perhaps",
        b".".join([b"a"] * 50) + b"=1",
        b"Namespace=%ff",
    ],
)
def test_forms_of_the_wrong_form_are_refused(wire: Wire, fields: bytes):
    reply = _query(wire, b"Action=ListMetrics&Version=2010-08-01&" + fields)
    assert (reply.status, _code(reply)) == (400, "MalformedInput")


@pytest.mark.parametrize("member", ["Period", "EvaluationPeriods", "Threshold"])
@pytest.mark.parametrize("sign", [1, -1])
def test_numbers_of_a_million_digits_are_refused_or_endless(wire: Wire, member: str, sign: int):
    """CBOR has whole numbers of any length, of which Python neither prints nor converts all."""
    alarm = {
        "AlarmName": "a", "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    reply = _cbor(wire, "PutMetricAlarm", {**alarm, member: sign * 10**5000})
    assert reply.status == (200 if member == "Threshold" else 400)
    fields = {"Action": "PutMetricAlarm", "Version": "2010-08-01", **alarm, member: "9" * 4000}
    reply = _query(wire, {name: str(value) for name, value in fields.items()})
    assert reply.status == (200 if member == "Threshold" else 400)


def test_compressed_requests(wire: Wire):
    """As botocore sends large ones; and what pretends to be, or grows beyond all measure."""
    datum = {"MetricName": "m", "Value": 1.0}
    body = gzip.compress(json.dumps({"Namespace": "Zip", "MetricData": [datum]}).encode())
    zipped = {"Content-Encoding": "gzip"}
    assert _json(wire, "PutMetricData", body, **zipped).status == 200
    reply = _json(wire, "PutMetricData", b"no gzip", **zipped)
    assert _code(reply) == "MalformedInput"
    bomb = gzip.compress(b" " * 100_000_000, 9)
    assert len(bomb) < 1_000_000
    reply = _json(wire, "PutMetricData", bomb, **zipped)
    assert (reply.status, _code(reply)) == (413, "RequestEntityTooLarge")


def test_large_requests_are_refused(wire: Wire):
    reply = _json(wire, "PutMetricData", b" " * (1024 * 1024 + 1))
    assert (reply.status, _code(reply)) == (413, "RequestEntityTooLarge")


def test_what_xml_can_not_say_is_replaced(wire: Wire):
    """A control character in a name must not make the whole answer unreadable."""
    datum = {"MetricName": "a\u0001b\ud7ff<&>]]>", "Value": 1.0}
    assert _json(wire, "PutMetricData", {"Namespace": "Xml", "MetricData": [datum]}).status == 200
    reply = _query(wire, {"Action": "ListMetrics", "Version": "2010-08-01", "Namespace": "Xml"})
    names = ElementTree.fromstring(reply.body).iter(f"{XML}MetricName")
    assert [each.text for each in names] == ["a\ufffdb\ud7ff<&>]]>"]


def test_many_requests_at_once_are_answered_in_order(wire: Wire):
    """Pipelined: CloudWatch's answers are made on another thread, and still come in turn."""
    cloudwatch = post(b"{}", X_Amz_Target=TARGET + "ListMetrics", **SIGNED)
    dynamodb = post(b"{}", X_Amz_Target="DynamoDB_20120810.ListTables", **SIGNED)
    wire.send((cloudwatch + dynamodb) * 20)
    for _ in range(20):
        assert b"Metrics" in wire.reply().body
        assert b"TableNames" in wire.reply().body


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["ListMetrics", "PutMetricData", "GetMetricData", "PutMetricAlarm"]),
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3),
                st.dictionaries(
                    st.sampled_from(
                        ["Namespace", "MetricData", "Dimensions", "StartTime", "Value"]
                    ),
                    inner,
                    max_size=3,
                ),
            ),
            max_leaves=8,
        ).map(cbor2.dumps),
    ),
)
def test_any_cbor_is_answered_or_refused(port: int, operation: str, body: bytes):
    """Never a 500, never a broken connection."""
    with Wire(port) as wire:
        reply = _cbor(wire, operation, body)
        assert reply.status in (200, 400)
        if reply.status == 400:
            assert _code(reply)
