"""Inside `patch`, every client of botocore is led to the database, and nothing goes out."""

import asyncio
import http.server
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from pannier.errors import UserError
from pannier.testing import ManualClock, Pannier, RefusedRequestError

ITEM = {"PK": {"S": "a"}, "SK": {"S": "b"}}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to leave the machine fails the test, instead of reaching AWS."""
    real = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        assert host in ("127.0.0.1", "localhost", "::1"), f"tried to reach {host}"
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


def count(client: Any) -> int:
    found: int = client.scan(TableName="shop")["Count"]
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"region_name": "eu-west-1"},
        {"endpoint_url": "https://dynamodb.eu-west-1.amazonaws.com"},
        {"endpoint_url": "http://localhost:8000"},
        {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"},
        {"config": Config(retries={"mode": "adaptive"}, signature_version="v4")},
    ],
)
def test_a_client_is_led_here_however_it_is_made(arguments: dict[str, Any]) -> None:
    """The code under test is not changed, whatever endpoint or credentials it spells out."""
    with Pannier() as pannier:
        table = pannier.table("shop")
        with pannier.patch():
            for make in (boto3.client, boto3.Session().client, botocore_client):
                client = make("dynamodb", **arguments)
                client.put_item(TableName="shop", Item=ITEM)
                assert count(client) == 1
            boto3.resource("dynamodb", **arguments).Table("shop").put_item(
                Item={"PK": "c", "SK": "d"}
            )
        assert len(table) == 2


def botocore_client(service: str, **arguments: Any) -> Any:
    return botocore.session.get_session().create_client(service, **arguments)


def test_a_client_that_was_made_before_is_led_here() -> None:
    """Lambda functions make their clients when they are imported."""
    early = boto3.client("dynamodb", region_name="eu-central-1")
    with Pannier() as pannier, pannier.patch():
        pannier.table("shop")
        early.put_item(TableName="shop", Item=ITEM)
        assert count(early) == 1


def test_a_client_that_is_kept_is_led_to_the_next_one() -> None:
    """Code that caches its client must meet the database of each test, not of the first."""
    kept: Any = None
    for _ in range(2):
        with Pannier() as pannier, pannier.patch():
            pannier.table("shop")
            kept = kept or boto3.client("dynamodb")
            assert count(kept) == 0
            kept.put_item(TableName="shop", Item=ITEM)


def test_cloudwatch_and_streams_are_led_here_too() -> None:
    with Pannier() as pannier, pannier.patch():
        pannier.table("shop")
        assert boto3.client("dynamodbstreams").list_streams()["Streams"] == []


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("s3", "list_buckets", {}),
        ("sqs", "list_queues", {}),
        ("sts", "get_caller_identity", {}),
        ("lambda", "list_functions", {}),
        ("logs", "describe_log_groups", {}),
    ],
)
@pytest.mark.parametrize("others", ["refuse", "leave"])
def test_other_services_are_refused_by_name(
    service: str, call: str, arguments: dict[str, Any], others: Any
) -> None:
    """The error must say which call it was and that nothing was sent; it is no ClientError."""
    with Pannier() as pannier, pannier.patch(others=others):
        client = boto3.client(service)
        with pytest.raises(RefusedRequestError, match=f"a request to {service} .*\nNothing was"):
            getattr(client, call)(**arguments)


def test_an_unsigned_request_to_another_service_is_refused_by_its_host() -> None:
    with Pannier() as pannier, pannier.patch(others="leave"):
        client = boto3.client("s3", config=Config(signature_version=botocore.UNSIGNED))
        with pytest.raises(RefusedRequestError, match=r"a request to .*amazonaws\.com"):
            client.list_objects_v2(Bucket="public")


def test_an_unsigned_request_to_dynamodb_is_answered_as_by_aws() -> None:
    with Pannier() as pannier, pannier.patch():
        client = boto3.client("dynamodb", config=Config(signature_version=botocore.UNSIGNED))
        with pytest.raises(client.exceptions.ClientError, match="is missing Authentication Token"):
            client.list_tables()


@contextmanager
def small_service() -> Iterator[str]:
    """Something else on loopback, e.g. a local object store."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_another_service_on_loopback_is_let_through() -> None:
    """It is there on purpose, and does not leave the machine."""
    with Pannier() as pannier, pannier.patch(), small_service() as url:
        assert boto3.client("s3", endpoint_url=url).list_buckets()["Buckets"] == []


def test_beside_moto_each_answers_its_own() -> None:
    """People who move from moto keep it for the other services."""
    from moto import mock_aws

    passthrough: Any = {"core": {"passthrough": {"services": ["dynamodb"]}}}
    with Pannier() as pannier, mock_aws(config=passthrough), pannier.patch(others="leave"):
        pannier.table("shop")
        bucket = boto3.client("s3")
        bucket.create_bucket(Bucket="mine")
        assert [each["Name"] for each in bucket.list_buckets()["Buckets"]] == ["mine"]
        client = boto3.client("dynamodb")
        client.put_item(TableName="shop", Item=ITEM)
        assert count(client) == 1
        with pytest.raises(KeyError):
            client.list_tables()["NoSuch"]


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://localhost:9000")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    before = dict(os.environ)
    with Pannier() as pannier:
        with pannier.patch():
            assert os.environ["AWS_REGION"] == "us-east-1"
            assert "AWS_PROFILE" not in os.environ
            assert "AWS_ENDPOINT_URL_S3" not in os.environ
            os.environ["SOMETHING_ELSE"] = "stays"
        assert dict(os.environ) == {**before, "SOMETHING_ELSE": "stays"}
        monkeypatch.delenv("SOMETHING_ELSE")


def test_everything_is_put_back_after_an_error() -> None:
    real, session, environment = URLLib3Session.send, boto3.DEFAULT_SESSION, dict(os.environ)
    pannier = Pannier(clock=ManualClock())
    with pytest.raises(ZeroDivisionError), pannier, pannier.patch(sleep=True):
        raise ZeroDivisionError(boto3.client("dynamodb").list_tables())
    assert URLLib3Session.send is real
    assert boto3.DEFAULT_SESSION is session
    assert dict(os.environ) == environment
    assert time.sleep.__module__ == "time"
    assert asyncio.sleep.__module__ == "asyncio.tasks"
    assert botocore.endpoint.time is time
    assert botocore.waiter.time is time


def test_patches_nest() -> None:
    with Pannier() as outer, Pannier() as inner, outer.patch():
        outer.table("outer")
        inner.table("inner")
        with inner.patch():
            assert boto3.client("dynamodb").list_tables()["TableNames"] == ["inner"]
        assert boto3.client("dynamodb").list_tables()["TableNames"] == ["outer"]


def test_subprocesses_are_led_to_the_server() -> None:
    """Code under test that starts a worker must not reach AWS by it."""
    code = (
        "import boto3\n"
        "boto3.resource('dynamodb').Table('shop').put_item(Item={'PK': 'a', 'SK': 'b'})\n"
        "try:\n"
        "    boto3.client('s3').list_buckets()\n"
        "except Exception as error:\n"
        "    print(error.response['Error']['Code'])\n"
    )
    with Pannier() as pannier, pannier.patch():
        table = pannier.table("shop")
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        )
        assert (len(table), done.stdout) == (1, "RefusedByPannier\n")


def test_sleep_moves_the_clock_of_the_code_under_test() -> None:
    clock = ManualClock()
    with Pannier(clock=clock) as pannier:
        began_s = clock()
        with pannier.patch(sleep=True):
            time.sleep(3600)
            assert asyncio.run(asyncio.sleep(1800, "done")) == "done"
            asyncio.run(asyncio.sleep(-1))
        assert clock() - began_s == 5400


def test_sleep_needs_a_clock_that_can_be_moved() -> None:
    pannier = Pannier()
    with pannier, pytest.raises(UserError, match="Make it with"), pannier.patch(sleep=True):
        pass
    assert time.sleep.__module__ == "time"


def test_a_misspelled_choice_is_explained() -> None:
    pannier = Pannier()
    with pannier, pytest.raises(UserError, match='Use "refuse"'), pannier.patch(others="leav"):  # type: ignore[arg-type]
        pass


def test_without_asking_time_sleep_is_left_alone() -> None:
    with Pannier(clock=ManualClock()) as pannier, pannier.patch():
        assert time.sleep.__module__ == "time"
        assert asyncio.sleep.__module__ == "asyncio.tasks"


def test_asynchronous_code_is_led_here() -> None:
    """A client in a thread of a running loop: the loop must not be needed for the answer."""

    async def work() -> int:
        client = boto3.client("dynamodb")
        await asyncio.gather(
            *(
                asyncio.to_thread(
                    client.put_item,
                    TableName="shop",
                    Item={"PK": {"S": f"p{number}"}, "SK": {"S": "s"}},
                )
                for number in range(20)
            )
        )
        return count(client)  # on the loop itself, which it blocks

    with Pannier() as pannier, pannier.patch():
        pannier.table("shop")
        assert asyncio.run(work()) == 20


def test_aiobotocore_is_led_here() -> None:
    """It has an HTTP session of its own, and pins its own botocore: installed apart, if at all."""
    pytest.importorskip("aiobotocore")
    from aiobotocore.session import get_session

    async def work() -> None:
        session = get_session()
        for arguments in ({}, {"endpoint_url": "https://dynamodb.eu-west-1.amazonaws.com"}):
            async with session.create_client("dynamodb", **arguments) as client:
                await client.put_item(TableName="shop", Item=ITEM)
                assert (await client.scan(TableName="shop"))["Count"] == 1
        async with session.create_client("s3") as client:
            with pytest.raises(RefusedRequestError):
                await client.list_buckets()

    with Pannier() as pannier:
        pannier.table("shop")
        with pannier.patch():
            asyncio.run(work())


def test_the_libraries_own_connection_is_led_here() -> None:
    """`pannier.connect()` and `connect("aws")` in code under test."""
    import pannier as library

    with Pannier() as pannier, pannier.patch():
        table = pannier.table("shop")
        for target in (None, "aws"):
            with library.connect(target) as connection:
                connection.write([{"PK": "a", "SK": str(target)}], "shop")
        assert len(table) == 2
