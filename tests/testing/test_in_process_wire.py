"""The way without a socket answers what the way over a socket answers."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pannier.service.http.messages import HttpRequest
from pannier.testing import Pannier
from pannier.testing.sessions import plain_session

ONCE = {"total_max_attempts": 1, "mode": "standard"}
KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}
SIGNED = {
    "authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d",
    "x-amz-date": "20261123T080000Z",
    "content-type": "application/x-amz-json-1.0",
}


@pytest.fixture(scope="module")
def served() -> Iterator[Pannier]:
    with Pannier() as pannier:
        pannier.table("shop").put({"PK": "a", "SK": "b", "n": 1})
        assert pannier.url
        yield pannier


def over_a_socket(
    pannier: Pannier, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(pannier.url).netloc, timeout=10)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        shown = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, shown, answer.read()
    finally:
        connection.close()


def in_process(
    pannier: Pannier, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    answer = pannier._wire.send(HttpRequest(method.encode(), path.encode(), sent, body), 10)
    shown = {name.decode(): value.decode() for name, value in answer.headers.items()}
    return answer.status, shown, answer.body


REQUESTS = st.one_of(
    st.just({"TableName": "shop", "Key": KEY}),
    st.just({"TableName": "none", "Key": KEY}),
    st.just({"RequestItems": {"shop": {"Keys": [KEY]}}}),
    st.dictionaries(st.sampled_from(["TableName", "Key", "Limit"]), st.text(max_size=5)),
)
BODIES = st.one_of(REQUESTS.map(lambda request: json.dumps(request).encode()), st.binary())
TARGETS = st.sampled_from(
    [
        "DynamoDB_20120810.GetItem",
        "DynamoDB_20120810.BatchGetItem",
        "DynamoDB_20120810.Scan",
        "DynamoDBStreams_20120810.ListStreams",
        "DynamoDB_20120810.NoSuch",
        "Elsewhere.GetItem",
        "",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    method=st.sampled_from(["POST", "POST", "POST", "GET", "PUT"]),
    path=st.sampled_from(["/", "/", "/?x=1", "/other"]),
    target=TARGETS,
    signed=st.booleans(),
    body=BODIES,
)
def test_any_request_gets_the_same_answer_both_ways(
    served: Pannier, method: str, path: str, target: str, signed: bool, body: bytes
) -> None:
    """Whatever a test finds in-process must hold against the server, down to errors."""
    headers = {**(SIGNED if signed else {}), "x-amz-target": target}
    socket = over_a_socket(served, method, path, headers, body)
    direct = in_process(served, method, path, headers, body)
    assert direct[0] == socket[0]
    assert direct[2] == socket[2]
    ignored = {"x-amzn-requestid", "content-length", "connection"}
    assert {name: value for name, value in direct[1].items() if name not in ignored} == {
        name: value for name, value in socket[1].items() if name not in ignored
    }


def outcome(client: Any) -> tuple[str, int | None, int]:
    """What a call comes to: an exception, error or answer, its status, and its retries."""
    try:
        answer = client.put_item(TableName="shop", Item=KEY)
    except Exception as error:
        if not isinstance(error, ClientError):
            return type(error).__name__, None, 0
        metadata = error.response["ResponseMetadata"]
        code = error.response["Error"]["Code"]
        return code, metadata["HTTPStatusCode"], metadata["RetryAttempts"]
    metadata = answer["ResponseMetadata"]
    return "answered", metadata["HTTPStatusCode"], metadata["RetryAttempts"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"drop": "before"}, ("ConnectionClosedError", None, 0)),
        ({"drop": "after"}, ("ConnectionClosedError", None, 0)),
        ({"slow": {"delay_s": 30}}, ("ReadTimeoutError", None, 0)),
        ({"slow": {"delay_ms": 1}}, ("answered", 200, 0)),
        ({"error": "InternalServerError"}, ("InternalServerError", 500, 0)),
        ({"error": "ServiceUnavailable"}, ("503", 503, 0)),
        ({"throttle": True}, ("ThrottlingException", 400, 0)),
    ],
)
def test_faults_look_as_they_do_on_a_socket(
    rule: dict[str, Any], expected: tuple[str, int | None, int]
) -> None:
    """Code that catches what botocore raises must meet the same exceptions in both ways."""
    config = Config(retries=ONCE, read_timeout=0.3)
    for way in ("in-process", "socket"):
        with Pannier() as pannier:
            table = pannier.table("shop")
            client = pannier.client(config=config)
            if way == "socket":
                client = plain_session().create_client(
                    "dynamodb", endpoint_url=pannier.url, config=config
                )
            with pannier.faults({"operations": "PutItem", **rule}) as tally:
                assert outcome(client) == expected, way
            assert (tally.matched, tally.struck) == (1, 1)
            done = expected[0] in ("answered", "ReadTimeoutError") or rule.get("drop") == "after"
            assert len(table) == done, way


def test_a_lost_connection_is_retried_by_botocore_and_the_write_is_there() -> None:
    """A write whose answer is lost has happened; botocore sends it again by itself."""
    with Pannier() as pannier:
        table = pannier.table("shop")
        client = pannier.client()
        with pannier.faults({"operations": "PutItem", "drop": "after", "times": 1}) as tally:
            answer = client.put_item(TableName="shop", Item=KEY)
        assert tally.struck == 1
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1
        assert len(table) == 1


def test_a_client_that_waits_for_ever_gets_its_answer() -> None:
    """A read timeout of None is botocore's way to say: no limit."""
    with Pannier() as pannier:
        client = pannier.client(config=Config(read_timeout=None))
        with pannier.faults({"slow": {"delay_ms": 5}}):
            assert client.list_tables()["TableNames"] == []
