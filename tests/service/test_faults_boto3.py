"""Faults as a program with boto3 meets them, from `pannier serve --faults FILE`."""

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from pannier.targets.admin import AdminClient
from tests.conftest import serving

FAULTS = """
seed = 11

[[rules]]
name = "leftovers"
operations = "BatchWriteItem"
tables = "leftovers"
leave = { share = 0.4, pass_one = true }

[[rules]]
name = "keys"
operations = "BatchGetItem"
tables = "leftovers"
leave = 0.5

[[rules]]
name = "broken"
tables = "broken"
operations = "PutItem"
error = "InternalServerError"
times = 2

[[rules]]
name = "away"
tables = "away"
operations = "PutItem"
error = "ServiceUnavailable"

[[rules]]
name = "throttled"
tables = "throttled*"
operations = ["PutItem", "BatchWriteItem"]
throttle = true

[[rules]]
name = "dropped"
tables = "dropped"
key = { id = "before*" }
operations = "PutItem"
drop = "before"

[[rules]]
tables = "dropped"
key = { id = "after*" }
operations = "PutItem"
drop = "after"

[[rules]]
tables = "slow"
operations = "PutItem"
slow = { delay_s = 30 }
"""


class Shop:
    """A server, and clients that try so many times."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.once = self.client(1)
        self.admin = AdminClient(url)

    def client(self, attempts: int, **config: Any) -> Any:
        retries = {"total_max_attempts": attempts, "mode": "standard"}
        return boto3.client(
            "dynamodb",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries=retries, **config),
        )

    def create(self, name: str, **throughput: Any) -> None:
        self.once.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            **throughput or {"BillingMode": "PAY_PER_REQUEST"},
        )

    def ids(self, table: str) -> set[str]:
        return {each["id"]["S"] for each in self.once.scan(TableName=table)["Items"]}

    def struck(self, name: str) -> int:
        (rule,) = (each for each in self.admin.get("faults")["rules"] if each["name"] == name)
        struck: int = rule["counts"]["struck"]
        return struck


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    file = tmp_path_factory.mktemp("faults") / "faults.toml"
    file.write_text(FAULTS)
    with serving("--memory", "--faults", str(file)) as (url, _):
        shop = Shop(url)
        for name in ("leftovers", "broken", "away", "throttled-on-demand", "dropped", "slow"):
            shop.create(name)
        units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        shop.create("throttled", ProvisionedThroughput=units)
        yield shop
        shop.once.close()


def put(name: str) -> dict[str, Any]:
    return {"PutRequest": {"Item": {"id": {"S": name}}}}


def test_leftovers_are_sent_again_until_none_is_left(shop: Shop):
    """The loop that every program needs, and none can test without this."""
    waiting = {"leftovers": [put(str(n)) for n in range(25)]}
    calls = 0
    while waiting:
        waiting = shop.once.batch_write_item(RequestItems=waiting)["UnprocessedItems"]
        calls += 1
    assert calls > 3
    assert len(shop.ids("leftovers")) == 25
    keys = [{"id": {"S": str(n)}} for n in range(20)]
    answer = shop.once.batch_get_item(RequestItems={"leftovers": {"Keys": keys}})
    assert len(answer["Responses"]["leftovers"]) == 10
    assert len(answer["UnprocessedKeys"]["leftovers"]["Keys"]) == 10


def test_internal_errors_are_those_of_the_service_and_boto3_retries_them(shop: Shop):
    with pytest.raises(shop.once.exceptions.InternalServerError) as caught:
        shop.once.put_item(TableName="broken", Item={"id": {"S": "1"}})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert shop.ids("broken") == set()
    shop.client(3).put_item(TableName="broken", Item={"id": {"S": "1"}})  # fails once more
    assert shop.ids("broken") == {"1"}
    assert shop.struck("broken") == 2


def test_an_unavailable_service(shop: Shop):
    """A page instead of JSON: boto3 gets along with it, and names the error by its status."""
    with pytest.raises(ClientError) as caught:
        shop.client(2).put_item(TableName="away", Item={"id": {"S": "1"}})
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert response["ResponseMetadata"]["RetryAttempts"] == 1
    assert response["Error"]["Code"] == "503"
    assert shop.struck("away") == 2


@pytest.mark.parametrize(
    ("table", "code", "reasons", "reason"),
    [
        (
            "throttled",
            "ProvisionedThroughputExceededException",
            "ThrottlingReasons",
            "TableWriteProvisionedThroughputExceeded",
        ),
        (
            "throttled-on-demand",
            "ThrottlingException",
            "throttlingReasons",
            "TableWriteKeyRangeThroughputExceeded",
        ),
    ],
)
def test_throttles_are_those_of_the_tables_mode(shop, table, code, reasons, reason):
    asks = (
        lambda: shop.once.put_item(TableName=table, Item={"id": {"S": "1"}}),
        lambda: shop.once.batch_write_item(RequestItems={table: [put("1"), put("2")]}),
    )
    for ask in asks:
        with pytest.raises(getattr(shop.once.exceptions, code)) as caught:
            ask()
        (shown,) = caught.value.response[reasons]
        assert shown["reason"] == reason
        assert shown["resource"].endswith(f":table/{table}")
    assert shop.ids(table) == set()


def test_a_connection_that_is_dropped_before_and_after(shop: Shop):
    for name in ("before-1", "after-1"):
        with pytest.raises(ConnectionClosedError):
            shop.once.put_item(TableName="dropped", Item={"id": {"S": name}})
    assert shop.ids("dropped") == {"after-1"}


def test_a_slow_answer_outlasts_the_patience_of_a_client_and_the_write_is_done(shop: Shop):
    begun = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        shop.client(1, read_timeout=0.3).put_item(TableName="slow", Item={"id": {"S": "1"}})
    assert shop.ids("slow") == {"1"}
    assert time.monotonic() - begun < 30, "nobody else waits for it"


def test_rules_are_switched_while_the_server_runs(shop: Shop):
    shop.create("later")
    added = shop.admin.post("faults", {"tables": "later", "drop": "before"})
    name = added["rules"][-1]["name"]
    with pytest.raises(ConnectionClosedError):
        shop.once.put_item(TableName="later", Item={"id": {"S": "1"}})
    shop.admin.delete("faults", name)
    shop.once.put_item(TableName="later", Item={"id": {"S": "1"}})
