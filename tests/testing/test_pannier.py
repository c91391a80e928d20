"""`Pannier`: a fresh database for a test, and clients that are botocore's own."""

import os
import threading
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import pannier as library
from pannier.errors import UserError
from pannier.testing import ManualClock, Pannier, RefusedRequestError

KEY = {"PK": {"S": "a"}, "SK": {"S": "b"}}


def test_a_client_is_botocore_s_own() -> None:
    """What passes here must pass on AWS: parsing, errors and paginators are the real ones."""
    with Pannier() as pannier:
        pannier.table("shop")
        client = pannier.client("dynamodb")
        assert isinstance(client, botocore.client.BaseClient)
        client.put_item(TableName="shop", Item={**KEY, "blob": {"B": b"\x00\xff"}})
        answer = client.get_item(TableName="shop", Key=KEY)
        assert answer["Item"] == {**KEY, "blob": {"B": b"\x00\xff"}}
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert len(answer["ResponseMetadata"]["RequestId"]) == 52
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            client.get_item(TableName="none", Key=KEY)
        assert caught.value.response["Error"]["Message"] == "Requested resource not found"


def test_paginators_and_waiters_work() -> None:
    with Pannier() as pannier:
        client = pannier.client()
        for number in range(5):
            pannier.table(f"table-{number}")
        client.get_waiter("table_exists").wait(TableName="table-4")
        pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
        assert [len(page["TableNames"]) for page in pages] == [2, 2, 1]


def test_a_resource_and_a_session_of_boto3_work() -> None:
    with Pannier() as pannier:
        table = pannier.table("shop")
        with pannier.resource().Table("shop").batch_writer() as batch:
            for number in range(60):
                batch.put_item(Item={"PK": f"p{number}", "SK": "s", "n": number})
        assert len(table) == 60
        session = pannier.session()
        assert isinstance(session, boto3.Session)
        assert session.client("dynamodb").describe_table(TableName="shop")["Table"]["ItemCount"]
        assert session.resource("dynamodb").Table("shop").get_item(Key={"PK": "p7", "SK": "s"})[
            "Item"
        ] == {"PK": "p7", "SK": "s", "n": 7}


def test_a_client_of_streams_works() -> None:
    """Streams are an API of their own, with requests that look different."""
    with Pannier() as pannier:
        pannier.table(
            "shop", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        )
        streams = pannier.client("dynamodbstreams").list_streams()["Streams"]
        assert [stream["TableName"] for stream in streams] == ["shop"]


def test_no_request_of_a_session_reaches_another_service() -> None:
    """Code under test that also talks to S3 must fail clearly, not try the network."""
    with Pannier() as pannier:
        client = pannier.session().client("s3")
        with pytest.raises(RefusedRequestError, match=r"a request to s3 .*\nNothing was sent"):
            client.list_buckets()


def test_a_service_that_is_not_answered_is_refused_by_name() -> None:
    with Pannier() as pannier:
        with pytest.raises(UserError, match="does not answer sqs"):
            pannier.client("sqs")
        with pytest.raises(UserError, match="It answers dynamodb, dynamodbstreams, cloudwatch"):
            pannier.resource("s3")


def test_the_users_own_profile_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A test is the same on every machine, whatever stands in `~/.aws`."""
    with Pannier() as pannier:
        usual = pannier.client().meta.config.retries
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-9\nretry_mode = adaptive\nmax_attempts = 9\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-this")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with Pannier() as pannier:
        client = pannier.client()
        assert client.meta.region_name == "us-east-1"
        assert client.meta.config.retries == usual
        assert client.list_tables()["TableNames"] == []
        assert pannier.session().client("dynamodb").list_tables()["TableNames"] == []


def test_every_pannier_is_fresh_and_alone() -> None:
    with Pannier() as first, Pannier() as second:
        first.table("shop").put({"PK": "a", "SK": "b"})
        one, other = first.client(), second.client()
        assert one.list_tables()["TableNames"] == ["shop"]
        assert other.list_tables()["TableNames"] == []


def test_a_folder_keeps_what_was_written(tmp_path: Path) -> None:
    with Pannier(path=tmp_path / "db") as pannier:
        pannier.table("shop")
        pannier.client().put_item(TableName="shop", Item=KEY)
    with Pannier(path=tmp_path / "db") as pannier:
        assert pannier.client().get_item(TableName="shop", Key=KEY)["Item"] == KEY


def test_clients_may_be_shared_between_threads(tmp_path: Path) -> None:
    """Loaders are threaded; every answer must reach the thread that asked, on disk as in memory."""
    for path in (None, tmp_path / "db"):
        with Pannier(path=path) as pannier:
            table = pannier.table("shop")
            client = pannier.client()
            wrong: list[Any] = []

            def work(thread: int, client: Any = client, wrong: list[Any] = wrong) -> None:
                for number in range(20):
                    item = {"PK": {"S": f"t{thread}"}, "SK": {"S": f"{number}"}}
                    client.put_item(TableName="shop", Item=item)
                    if client.get_item(TableName="shop", Key=item)["Item"] != item:
                        wrong.append(item)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert not wrong
            assert len(table) == 120


def test_a_client_that_outlives_its_pannier_says_so() -> None:
    """It must not wait for ever, and not try the network either."""
    with Pannier() as pannier:
        client = pannier.client()
    with pytest.raises(UserError, match="this Pannier is closed"):
        client.list_tables()
    pannier.close()  # a second time, as a fixture and a `with` may do


def test_a_request_under_way_ends_when_the_pannier_is_closed() -> None:
    """A test that fails must not hang in the threads of the code under test."""
    clock = ManualClock()
    pannier = Pannier(clock=clock)
    # The handler never answers: as if the disk were stuck.
    pannier._wire._handler = lambda request, respond: None
    client = pannier.client(config=Config(retries={"total_max_attempts": 1}))
    errors: list[BaseException] = []

    def call() -> None:
        try:
            client.list_tables()
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    while not pannier._wire._open:
        pass
    pannier.close()
    thread.join(10)
    assert [type(error).__name__ for error in errors] == ["ConnectionClosedError"]


def test_a_body_above_the_limit_is_refused_as_by_the_server() -> None:
    with Pannier() as pannier:
        pannier.table("shop")
        put = {"PutRequest": {"Item": {**KEY, "x": {"S": "x" * 18_000_000}}}}
        client = pannier.client(config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(ClientError) as caught:
            client.batch_write_item(RequestItems={"shop": [put]})
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_is_told_what_to_do() -> None:
    """The database's thread does not survive a fork; without the check the child would hang."""
    with Pannier() as pannier:
        client = pannier.client()
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                client.list_tables()
                os.write(write, b"answered")
            except BaseException as error:
                os.write(write, str(error).encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert b"pannier.environment()" in os.read(read, 1000)
        os.close(read)
        os.close(write)


def test_the_library_s_connection_works_on_the_same_database() -> None:
    with Pannier() as pannier:
        table = pannier.table("shop")
        with pannier.connection() as connection:
            report = connection.write(
                ({"PK": f"p{number}", "SK": "s"} for number in range(100)), "shop"
            )
        assert (report.written, len(table)) == (100, 100)
        with library.connect(pannier.client()) as connection:
            assert len(list(connection.read([{"PK": "p1", "SK": "s"}], "shop"))) == 1
        assert pannier.client().list_tables()["TableNames"] == ["shop"]  # it is still open


def test_bad_arguments_are_explained() -> None:
    with pytest.raises(UserError, match="there is no throttling 'yes'"):
        Pannier(throttle="yes")  # type: ignore[arg-type]
    with pytest.raises(UserError, match="a burst of 301 s is not possible"):
        Pannier(burst_s=301)
    with Pannier() as pannier, pytest.raises(UserError, match="goes by the machine's clock\nMake"):
        _ = pannier.clock
