"""The log of a server, held against what its clients were answered, request by request."""

import json
import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from pannier.targets.admin import AdminClient
from tests.conftest import serving
from tests.service.wire import Wire, post

SECRET = "wJalrXUtnFEMIsecret"
KEY = "AKIAIOSFODNN7EXAMPLE"
TABLE = {
    "TableName": "shop",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
UNSIGNED = b"GET /_nothing HTTP/1.1\r\nHost: test\r\n\r\n"


@dataclass(frozen=True)
class Answered:
    """What a client was told."""

    request_id: str
    status: int
    error: str | None


class Clients:
    """Clients of a server that keep what they were answered."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.port = urlsplit(url).port or 0
        self.answers: list[Answered] = []

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(retries={"total_max_attempts": 1}),
        )

    def call(self, client: Any, method: str, **request: Any) -> Any:
        try:
            answer = getattr(client, method)(**request)
        except ClientError as error:
            answer = error.response
        told = answer["ResponseMetadata"]
        error = answer.get("Error", {}).get("Code")
        self.answers.append(Answered(told["RequestId"], told["HTTPStatusCode"], error))
        return answer

    def raw(self, request: bytes, error: str | None = None) -> None:
        with Wire(self.port) as wire:
            reply = wire.ask(request)
        self.answers.append(Answered(reply.headers["x-amzn-requestid"], reply.status, error))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def requests(file: Path) -> list[dict[str, Any]]:
    return [line for line in lines(file) if line["event"] == "request"]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Clients, Path]]:
    """A server that logged requests of every kind, and has ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        folder = tmp_path_factory.mktemp("mixed")
        file = folder / "log"
        options = ("--path", str(folder / "db"), "--log", str(file), "--log-requests")
        with serving(*options, "--no-console", "--debug-slow", "0") as (url, _):
            clients = Clients(url)
            run(clients)
        yield clients, file


def run(clients: Clients) -> None:
    dynamodb, cloudwatch = clients.client("dynamodb"), clients.client("cloudwatch")
    clients.call(dynamodb, "create_table", **TABLE)
    puts = [{"PutRequest": {"Item": {"p": {"S": f"private{n}"}}}} for n in range(25)]
    clients.call(dynamodb, "batch_write_item", RequestItems={"shop": puts})
    AdminClient(clients.url).put(
        "faults", {"rules": [{"operations": "Batch*", "leave": 0.5, "times": 1}]}
    )
    clients.answers.append(Answered("", 200, None))
    left = clients.call(dynamodb, "batch_write_item", RequestItems={"shop": puts})
    clients.left = len(left["UnprocessedItems"]["shop"])  # type: ignore[attr-defined]
    clients.call(dynamodb, "get_item", TableName="shop", Key={"p": {"S": "private1"}})
    clients.call(dynamodb, "query", TableName="shop", KeyConditionExpression="p = :p",
                 ExpressionAttributeValues={":p": {"S": "private1"}})  # fmt: skip
    clients.call(dynamodb, "get_item", TableName="nowhere", Key={"p": {"S": "private1"}})
    clients.call(dynamodb, "put_item", TableName="shop", Item={"other": {"S": "private"}})
    clients.call(dynamodb, "execute_statement", Statement="SELECT * FROM shop")
    clients.call(cloudwatch, "list_metrics", Namespace="AWS/DynamoDB")
    clients.call(cloudwatch, "put_metric_data", Namespace="AWS/private", MetricData=[])
    clients.raw(post(b"{}"), "UnknownOperationException")
    clients.raw(
        post(b"{}", X_Amz_Target="DynamoDB_20120810.ListTables"),
        "MissingAuthenticationTokenException",
    )
    presigned = "/?X-Amz-Credential=AKIDPRESIGNED%2F20261126&X-Amz-Signature=5ec7e7"
    clients.raw(post(b"{}", presigned, X_Amz_Target="DynamoDB_20120810.ListTables"))
    for path in (b"/", b"/healthz", b"/readyz", b"/metrics", b"/_nothing", b"/_pannier/?a=5ec7e7"):
        clients.raw(b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
    clients.raw(b"BREW / HTTP/9.9\r\n\r\n")
    clients.raw(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n")


def test_each_answer_has_its_line(mixed: tuple[Clients, Path]):
    """In the order of the answers: the same request id, status and error; no line too many."""
    clients, file = mixed
    logged = [(each["request_id"], each["status"], each.get("error")) for each in requests(file)]
    told = [(each.request_id, each.status, each.error) for each in clients.answers]
    assert len(logged) == len(told)
    for number, (request_id, *rest) in enumerate(told):
        if not request_id:  # our own client of the admin API does not say what it was
            told[number] = (logged[number][0], *rest)
    assert logged == told
    ids = [each[0] for each in logged]
    assert len(set(ids)) == len(ids)


def test_what_stands_in_a_line(mixed: tuple[Clients, Path]):
    clients, file = mixed
    made, written, _, left, got, queried, no_table, no_key, selected, *_ = requests(file)
    for line in (made, written, left, got, queried, no_table, no_key, selected):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
        assert re.fullmatch(r"127\.0\.0\.1:\d+", line["remote"])
        assert line["access_key"] == KEY
        assert line["level"] == "info"
        assert line["bytes_in"] > 0
        assert line["bytes_out"] > 0
        assert line["duration_ms"] >= line.get("commit_ms", 0) >= 0
    assert (made["operation"], made["tables"]) == ("CreateTable", ["shop"])
    assert written["operation"] == "BatchWriteItem"
    assert (written["items"], written["write_units"], written["tables"]) == (25, 25, ["shop"])
    assert "unprocessed" not in written
    assert "commit_ms" in written
    assert left["unprocessed"] == clients.left > 0  # type: ignore[attr-defined]
    assert left["write_units"] == 25 - left["unprocessed"]
    assert (got["operation"], got["read_units"]) == ("GetItem", 0.5)
    assert (queried["operation"], queried["items"]) == ("Query", 1)
    assert (no_table["tables"], no_table["error"]) == (["nowhere"], "ResourceNotFoundException")
    assert (selected["tables"], selected["items"]) == (["shop"], 25)


def test_presigned_requests_show_who_and_no_signature(mixed: tuple[Clients, Path]):
    _, file = mixed
    (line,) = [each for each in requests(file) if each.get("access_key") == "AKIDPRESIGNED"]
    assert line["operation"] == "ListTables"


def test_nothing_private_is_logged(mixed: tuple[Clients, Path]):
    """No secret, no signature, no item, no key, no query of an address."""
    _, file = mixed
    text = file.read_text()
    for private in (SECRET, "Signature", "private", "5ec7e7", "SELECT", "AWS4-HMAC"):
        assert private not in text


def test_what_is_no_request_has_a_line(mixed: tuple[Clients, Path]):
    _, file = mixed
    *_, brewed, too_long = requests(file)
    assert (brewed["status"], too_long["status"]) == (400, 431)


def test_slow_requests_are_traced(mixed: tuple[Clients, Path]):
    """With 0 ms as the bound, every request: its stages add up to how long it took."""
    _, file = mixed
    slow = [line for line in lines(file) if line["event"] == "slow request"]
    by_id = {line["request_id"]: line for line in requests(file)}
    assert len(slow) == len(by_id) - 2, "all but the two that were no requests"
    for line in slow:
        assert line["level"] == "warning"
        stages = line["stages"]
        shared = {name: line[name] for name in line.keys() - {"stages", "level", "event"}}
        assert shared.items() <= by_id[line["request_id"]].items()
        assert stages.get("written_ms", 0) <= stages.get("applied_ms", 0)
        whole = sum(stages.values()) - stages.get("written_ms", 0)
        assert whole <= line["duration_ms"] + 0.01
    batch = next(line for line in slow if line.get("operation") == "BatchWriteItem")
    assert list(batch["stages"]) == [
        "received_ms", "queued_ms", "applied_ms", "written_ms", "committed_ms", "sent_ms",
    ]  # fmt: skip
    assert batch["stages"]["written_ms"] > 0
    assert batch["stages"]["committed_ms"] > 0


def test_the_server_says_what_it_does(mixed: tuple[Clients, Path]):
    _, file = mixed
    said = [line for line in lines(file) if "request" not in line["event"]]
    assert [line["event"] for line in said] == [
        "started", "faults were changed", "stopping", "stopped",
    ]  # fmt: skip
    assert said[0]["url"].startswith("http://127.0.0.1:")
    assert said[1]["rules"] == 1


def test_requests_without_an_answer(tmp_path: Path):
    """A fault that takes the answer away: the line says that it was lost."""
    file = tmp_path / "log"
    options = ("--memory", "--log", str(file), "--log-requests", "--log-level", "warning")
    with serving(*options, "--no-console") as (url, _):
        clients = Clients(url)
        dynamodb = clients.client("dynamodb")
        clients.call(dynamodb, "create_table", **TABLE)
        rules = [{"operations": "ListTables", "drop": "after"},
                 {"operations": "DescribeTable", "error": "InternalServerError"}]  # fmt: skip
        AdminClient(url).put("faults", {"rules": rules})
        with pytest.raises(ConnectionClosedError):
            dynamodb.list_tables()
        clients.call(dynamodb, "describe_table", TableName="shop")
    lost, failed = lines(file)  # at this level nothing that went well
    assert (lost["operation"], lost["lost"], lost["level"]) == ("ListTables", True, "warning")
    assert "status" not in lost
    assert (failed["operation"], failed["status"]) == ("DescribeTable", 500)


def test_hostile_names_stay_in_their_line(tmp_path: Path):
    """Access keys, operations, tables and paths come from clients: none ends a line."""
    file = tmp_path / "log"
    hostile = '\\u001b[2J\\n{\\"level\\":\\"error\\"}\\u009b31m'
    with serving("--memory", "--log", str(file), "--log-requests", "--no-console") as (url, _):
        port = urlsplit(url).port or 0
        signature = "AWS4-HMAC-SHA256 Credential=\x9b2J, SignedHeaders=h, Signature=s"
        body = b'{"TableName":"%b"}' % hostile.encode()
        with Wire(port) as wire:
            for target in ("DynamoDB_20120810.DescribeTable", "DynamoDB_20120810.\x9b31mX"):
                request = post(
                    body,
                    X_Amz_Target=target,
                    X_Amz_Date="20261123T080000Z",
                    Authorization=signature,
                )
                wire.ask(request.decode().encode("latin-1"))
            wire.ask(b"GET /a\x9b31m HTTP/1.1\r\nHost: test\r\n\r\n")
    text = file.read_bytes()
    assert re.search(rb"[^\x20-\x7e\n]", text) is None
    described, unknown, *_ = requests(file)
    assert unknown["operation"] == "\x9b31mX"
    assert described["tables"] == ['\x1b[2J\n{"level":"error"}\x9b31m']
    assert described["access_key"] == "\x9b2J"


def test_the_log_is_reopened_on_hangup(tmp_path: Path):
    """As logrotate does it. What was answered before is in the old file, after in the new."""
    file, moved = tmp_path / "log", tmp_path / "log.1"
    with serving("--memory", "--log", str(file), "--log-requests", "--no-console") as (url, pid):
        clients = Clients(url)
        dynamodb = clients.client("dynamodb")
        clients.call(dynamodb, "list_tables")
        file.rename(moved)
        os.kill(pid, signal.SIGHUP)
        for _ in range(5000):
            clients.call(dynamodb, "list_tables")
            if file.exists():  # as soon as it is there, it is what is written to
                break
        clients.call(dynamodb, "list_tables")
    logged = [each["request_id"] for each in requests(moved) + requests(file)]
    assert logged == [each.request_id for each in clients.answers]
    assert clients.answers[0].request_id == requests(moved)[0]["request_id"]
    assert clients.answers[-1].request_id == requests(file)[-1]["request_id"]


def test_words_for_people(tmp_path: Path):
    file = tmp_path / "log"
    options = ("--memory", "--log", str(file), "--log-requests", "--log-format", "text")
    with serving(*options, "--no-console") as (url, _):
        clients = Clients(url)
        clients.call(clients.client("dynamodb"), "list_tables")
    (line,) = [each for each in file.read_text().splitlines() if " request " in each]
    assert " operation=ListTables status=200 " in line
    assert f"request_id={clients.answers[0].request_id} " in line
