"""A server with credentials, as SDKs and attackers meet it: over sockets, byte by byte."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pannier.service.access.credentials import Credential
from pannier.service.access.credentials_change import add_credential, remove_credential
from tests.conftest import serving_with_words
from tests.service.access.signing import BOSS, DEMO, HOST, READER, signed
from tests.service.wire import Reply, Wire

SESSION = Config(retries={"total_max_attempts": 1}, parameter_validation=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, int, Path]]:
    """A server: its URL, what it said, its process and its file."""
    path = tmp_path_factory.mktemp("served") / "keys.toml"
    for each in (BOSS, READER, DEMO):
        add_credential(path, each)
    options = ("--memory", "--no-console", "--credentials", str(path))
    with serving_with_words(*options) as (words, pid):
        yield words.split("\n")[0].split(" at ")[1], words, pid, path


@pytest.fixture(scope="module")
def url(served: tuple[str, str, int, Path]) -> str:
    return served[0]


def client(url: str, by: Credential, service: str = "dynamodb", **more: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-west-2",
        aws_access_key_id=by.access_key_id,
        aws_secret_access_key=by.secret_access_key,
        config=SESSION,
        **more,
    )


def refused(call: Any, **request: Any) -> tuple[str, int]:
    """The code and status with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(**request)
    answer = raised.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_the_server_says_what_it_asks_for(served: tuple[str, str, int, Path]) -> None:
    _, words, _, path = served
    assert f"  credentials: 3 of {path}\n" in words
    assert "AWS_SECRET_ACCESS_KEY" not in words
    for each in (BOSS, READER, DEMO):
        assert each.secret_access_key not in words


def test_boto3_gets_in_with_its_keys_and_not_with_others(url: str) -> None:
    client(url, BOSS).create_table(
        TableName="demo-shop",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    items = [{"PutRequest": {"Item": {"id": {"S": f"ü{n}"}, "b": {"B": b"\0"}}}} for n in range(25)]
    client(url, DEMO).batch_write_item(RequestItems={"demo-shop": items})
    assert client(url, READER).scan(TableName="demo-shop")["Count"] == 25
    assert client(url, BOSS, "dynamodbstreams").list_streams()["Streams"] == []
    assert client(url, BOSS, "cloudwatch").list_metrics()["Metrics"]
    stranger = Credential("stranger", BOSS.access_key_id, "wrong")
    nobody = Credential("nobody", "AKIAIOSFODNN7EXAMPLE", BOSS.secret_access_key)
    bad_signature, unknown = (
        ("InvalidSignatureException", 400),
        ("UnrecognizedClientException", 400),
    )
    assert refused(client(url, stranger).list_tables) == bad_signature
    assert refused(client(url, nobody).list_tables) == unknown
    temporary = client(url, BOSS, aws_session_token="session")
    assert refused(temporary.list_tables) == unknown
    assert refused(client(url, READER).delete_table, TableName="demo-shop")[0] == (
        "AccessDeniedException"
    )
    assert refused(client(url, stranger, "cloudwatch").list_metrics)[1] == 403


def test_the_aws_command_gets_in(url: str) -> None:
    def aws(*arguments: str, by: Credential) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [Path(sys.executable).parent / "aws", *arguments, "--endpoint-url", url],
            env={
                **os.environ,
                "AWS_ACCESS_KEY_ID": by.access_key_id,
                "AWS_SECRET_ACCESS_KEY": by.secret_access_key,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert "TableNames" in json.loads(aws("dynamodb", "list-tables", by=READER).stdout)
    stranger = Credential("stranger", READER.access_key_id, "wrong")
    ended = aws("dynamodb", "list-tables", by=stranger)
    assert ended.returncode != 0
    assert "(InvalidSignatureException) when calling the ListTables operation" in ended.stderr


def raw(wire: Wire, body: bytes = b"{}", before: bytes = b"", after: bytes = b"") -> Reply:
    """Send a signed request with further lines in front of its headers, or behind."""
    request = signed("DynamoDB_20120810.ListTables", body)
    lines = b"".join(
        name + b": " + value + b"\r\n"
        for name, value in request.headers.items()
        if name != b"content-length"
    )
    length = b"content-length: %d\r\n" % len(body)
    return wire.ask(b"POST / HTTP/1.1\r\n" + before + lines + length + after + b"\r\n" + body)


@pytest.mark.parametrize(
    "line",
    [
        b"x-amz-target: DynamoDB_20120810.DeleteTable\r\n",
        b"X-AMZ-TARGET: DynamoDB_20120810.ListTables\r\n",
        b"x-amz-date: 20200101T000000Z\r\n",
        b"host: example.org\r\n",
        b"content-type: text/plain\r\n",
        b"authorization: AWS4-HMAC-SHA256 Credential=x\r\n",
        b"Authorization: Basic eDp5\r\n",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_header_that_is_repeated_is_not_the_one_that_was_signed(
    url: str, line: bytes, place: str
) -> None:
    """Whatever stands between may go by the first of them, and this server by the last."""
    port = urlsplit(url).port or 0
    with Wire(port) as wire:
        assert raw(wire).status == 200
        reply = raw(wire, **{place: line})
    assert reply.status == 400
    is_json = "json" in reply.headers.get("content-type", "")
    code = json.loads(reply.body)["__type"] if is_json else ""
    assert code.partition("#")[2] in (
        "",  # refused as no HTTP
        "InvalidSignatureException",
        "IncompleteSignatureException",
        "MissingAuthenticationTokenException",
        "UnknownOperationException",
    )


def test_a_trailer_behind_the_body_changes_nothing_that_was_signed(url: str) -> None:
    request = signed("DynamoDB_20120810.ListTables", b"{}")
    lines = b"".join(
        name + b": " + value + b"\r\n"
        for name, value in request.headers.items()
        if name != b"content-length"
    )
    head = b"POST / HTTP/1.1\r\n" + lines + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    with Wire(urlsplit(url).port or 0) as wire:
        assert wire.ask(head + b"\r\n").status == 200
        reply = wire.ask(head + b"x-amz-target: DynamoDB_20120810.DescribeLimits\r\n\r\n")
    # Refused, or not looked at.
    assert reply.status == 400 or b"TableNames" in reply.body


def test_what_is_sent_behind_a_refused_request_is_judged_by_itself(url: str) -> None:
    bad = (
        f"POST / HTTP/1.1\r\nHost: {HOST}\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n"
        "Content-Length: 2\r\n\r\n{}"
    ).encode()
    with Wire(urlsplit(url).port or 0) as wire:
        wire.send(bad + bad)
        assert wire.reply().status == 400
        assert wire.reply().status == 400
        assert raw(wire).status == 200
        assert wire.ask(bad).status == 400


def test_a_changed_file_is_in_force_after_sighup(served: tuple[str, str, int, Path]) -> None:
    url, _, pid, path = served
    guest = Credential("guest", "PANNGUEST", "guest-secret")
    assert refused(client(url, guest).list_tables)[0] == "UnrecognizedClientException"
    add_credential(path, guest)
    os.kill(pid, signal.SIGHUP)
    for _ in range(200):  # a signal is delivered when it is; each try is a round trip
        try:
            client(url, guest).list_tables()
            break
        except ClientError:
            continue
    else:
        raise AssertionError("the file was not read again")
    remove_credential(path, "guest")
    assert client(url, guest).list_tables()
