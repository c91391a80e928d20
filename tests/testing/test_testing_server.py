"""The server of a Pannier: for programs in any language."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pannier.testing import ManualClock, Pannier

AWS = Path(sys.executable).with_name("aws")
ONCE = Config(retries={"total_max_attempts": 1})


def refuses_connections(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname or "", parts.port or 0)) != 0


def over_the_socket(pannier: Pannier, service: str, **more: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=pannier.url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        **more,
    )


def test_the_server_is_the_same_database() -> None:
    with Pannier(throttle="on", burst_s=0, clock=ManualClock()) as pannier:
        table = pannier.table("shop", write_units=1)
        client = over_the_socket(pannier, "dynamodb", config=ONCE)
        puts = [
            {"PutRequest": {"Item": {"PK": {"S": f"p{number}"}, "SK": {"S": "s"}}}}
            for number in range(3)
        ]
        left = client.batch_write_item(RequestItems={"shop": puts})["UnprocessedItems"]["shop"]
        assert (len(left), len(table)) == (2, 1)
        assert pannier.client().scan(TableName="shop")["Count"] == 1
        assert pannier.metrics("WriteThrottleEvents", "shop") == 2


def test_the_server_starts_when_it_is_asked_for_and_ends_with_the_pannier() -> None:
    with Pannier() as pannier:
        assert pannier._server is None
        url = pannier.url
        assert pannier.url == url
        assert not refuses_connections(url)
        kept = over_the_socket(pannier, "dynamodb")
        assert kept.list_tables()["TableNames"] == []  # a connection that stays open
    assert refuses_connections(url)


def test_a_program_gets_an_environment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own AWS settings may reach a program under test."""
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "https://elsewhere.example")
    monkeypatch.setenv("MINE", "kept")
    with Pannier() as pannier:
        environment = pannier.environment()
        assert environment["MINE"] == "kept"
        assert "AWS_PROFILE" not in environment
        assert "AWS_SESSION_TOKEN" not in environment
        assert "secret" not in environment.values()
        endpoints = {name for name in environment if name.startswith("AWS_ENDPOINT_URL")}
        assert {environment[name] for name in endpoints} == {pannier.url}
        assert endpoints == {
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_CLOUDWATCH",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS",
        }
        assert "MINE" not in pannier.environment({})
    assert os.environ["AWS_PROFILE"] == "production"


@pytest.mark.skipif(not AWS.exists(), reason="the aws command is not installed")
def test_the_aws_command_works_in_that_environment() -> None:
    with Pannier() as pannier:
        pannier.table("shop")

        def aws(*arguments: str) -> Any:
            done = subprocess.run(
                [str(AWS), *arguments],
                env=pannier.environment(),
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
            return json.loads(done.stdout)

        assert aws("dynamodb", "list-tables") == {"TableNames": ["shop"]}


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_program_in_another_language_works_in_that_environment() -> None:
    """Without an SDK: what any program can do with the two variables it is given."""
    program = """
    const headers = {
      "X-Amz-Target": "DynamoDB_20120810.ListTables",
      "X-Amz-Date": "20261123T080000Z",
      "Authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=c, Signature=d",
    };
    fetch(process.env.AWS_ENDPOINT_URL, {method: "POST", headers, body: "{}"})
      .then((answer) => answer.text()).then((text) => console.log(text));
    """
    with Pannier() as pannier:
        pannier.table("shop")
        done = subprocess.run(
            ["node", "-e", program],
            env=pannier.environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert json.loads(done.stdout) == {"TableNames": ["shop"]}


def test_a_program_switches_faults_and_time_by_itself() -> None:
    """A test that is not Python's has the admin API of the server."""

    def switch(path: str, content: object) -> Any:
        connection = http.client.HTTPConnection(urlsplit(pannier.url).netloc, timeout=10)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", f"/_pannier/{path}", json.dumps(content), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status == 200, text
        return json.loads(text)

    with Pannier(clock=ManualClock()) as pannier:
        began_s = pannier.clock()
        switch("clock", {"advance_s": 60})
        assert pannier.clock() - began_s == 60
        switch("faults", {"error": "InternalServerError"})
        client = pannier.client(config=ONCE)
        with pytest.raises(client.exceptions.InternalServerError):
            client.list_tables()


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("s3", "list_buckets", {}),
        ("s3", "put_object", {"Bucket": "mine", "Key": "a", "Body": b"b"}),
        ("sqs", "list_queues", {}),
        ("sts", "get_caller_identity", {}),
        ("ec2", "describe_instances", {}),
        ("lambda", "list_functions", {}),
        ("secretsmanager", "list_secrets", {}),
    ],
)
def test_other_services_get_an_error_that_their_sdk_reads_at_once(
    service: str, call: str, arguments: dict[str, Any]
) -> None:
    """A program that also calls S3 must fail with a reason, not with retries and riddles."""
    with Pannier() as pannier:
        client = over_the_socket(pannier, service)
        with pytest.raises(ClientError) as caught:
            getattr(client, call)(**arguments)
        error = caught.value.response
        assert error["Error"]["Code"] == "RefusedByPannier"
        assert error["ResponseMetadata"]["RetryAttempts"] == 0
        if call != "put_object":  # S3 reads no text of an error to a PUT with this header
            assert "answers only DynamoDB" in error["Error"]["Message"]


def test_the_server_of_a_folder_answers_when_writes_are_durable(tmp_path: Path) -> None:
    with Pannier(path=tmp_path / "db") as pannier:
        table = pannier.table("shop")
        item = {"PK": {"S": "a"}, "SK": {"S": "b"}}
        over_the_socket(pannier, "dynamodb").put_item(TableName="shop", Item=item)
        pannier.client().put_item(TableName="shop", Item={**item, "PK": {"S": "c"}})
        assert len(table) == 2


def test_connections_that_wait_end_with_the_pannier() -> None:
    """A fault of 30 seconds must not hold up the end of a test."""
    import threading

    pannier = Pannier()
    pannier.table("shop")
    client = over_the_socket(pannier, "dynamodb", config=ONCE)
    errors: list[str] = []

    def call() -> None:
        try:
            client.list_tables()
        except Exception as error:
            errors.append(type(error).__name__)

    with pannier.faults({"slow": {"delay_s": 30}}) as tally:
        thread = threading.Thread(target=call)
        thread.start()
        while not tally.struck:
            pass
        pannier.close()
        thread.join(10)
    assert errors == ["ConnectionClosedError"]
