"""CloudWatch as it is found by a target's name; what it says, and what is said where it is not."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from pannier.errors import UserError
from pannier.monitoring.charts import Resource
from pannier.monitoring.cloudwatch_source import CloudWatchSource
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.reading import Reader
from pannier.monitoring.source import MetricQuery, MetricsError
from pannier.monitoring.span import Span
from pannier.testing import ManualClock, Pannier
from tests.conftest import serving
from tests.publishing.small_collector import collecting


@pytest.fixture
def pannier() -> Iterator[Pannier]:
    with Pannier(clock=ManualClock(1_700_000_430.0), seed=1) as made:
        made.table("shop", "PK,SK:N", indexes={"by-group": "group"})
        yield made


def test_a_server_s_charts_say_what_was_done(pannier: Pannier) -> None:
    table = pannier.resource("dynamodb").Table("shop")
    for number in range(12):
        table.put_item(Item={"PK": "a", "SK": number, "group": "x"})
    table.query(KeyConditionExpression="PK = :a", ExpressionAttributeValues={":a": "a"})
    with pytest.raises(Exception, match="ValidationException"):
        table.put_item(Item={"PK": "a"})
    source = CloudWatchSource.of_target(pannier.url)
    assert source.is_near
    assert source.now_s() == pannier.clock()
    pannier.clock.advance(31)
    reading = Reader(source).read_last("15m")
    assert reading.tables == ("shop",)
    latest = {
        (chart.kind.name, chart.resource.name, series.label): series
        for chart in reading.charts
        for series in chart.series
    }
    assert latest["write_units", "shop", "consumed"].total == 12
    assert latest["write_units", "shop", "consumed"].values[-2] == 0.2
    assert latest["write_units", "shop/by-group", "consumed"].total == 12
    assert latest["requests", "shop", "PutItem"].total == 12
    assert latest["latency_p99", "shop", "PutItem"].latest is not None
    assert latest["returned_items", "shop", "Query"].total == 12
    assert latest["user_errors", "account", "all"].total == 1
    assert latest["success_rate", "shop", "succeeded"].latest == 100
    assert reading.of(Resource("shop", "by-group"))


def test_throttles_and_errors_are_told_by_reason_and_operation(pannier: Pannier) -> None:
    pannier.table("slow", "PK", read_units=1, write_units=2)
    client = pannier.client(config=Config(retries={"total_max_attempts": 1}))
    refused = 0
    with pannier.throttle("on", burst_s=0):
        for number in range(6):
            try:
                client.put_item(TableName="slow", Item={"PK": {"S": str(number)}})
            except client.exceptions.ProvisionedThroughputExceededException:
                refused += 1
    assert 0 < refused < 6
    broken = {"operations": "GetItem", "error": "InternalServerError", "times": 1}
    with pannier.faults(broken), pytest.raises(ClientError):
        client.get_item(TableName="slow", Key={"PK": {"S": "0"}})
    reading = Reader(CloudWatchSource.of_target(pannier.url)).read_last("15m", ["slow"])
    charts = {each.kind.name: each for each in reading.of(Resource("slow"))}
    totals = {
        name: {each.label: each.total for each in charts[name].series}
        for name in ("write_throttles", "throttled_requests", "system_errors", "requests")
    }
    assert totals == {
        "write_throttles": {"all": refused, "provisioned throughput": refused},
        "throttled_requests": {"PutItem": refused},
        "system_errors": {"GetItem": 1},
        "requests": {"PutItem": 6 - refused},
    }
    (rate,) = charts["success_rate"].series
    assert rate.latest == pytest.approx(100 * (6 - refused) / 7)
    provisioned = [charts[f"{kind}_units"].series[1].latest for kind in ("read", "write")]
    assert provisioned == [1, 2]


def test_whether_there_is_a_table(pannier: Pannier) -> None:
    source = CloudWatchSource.of_target(pannier.url)
    assert source.has_table("shop") is True
    assert source.has_table("nowhere") is False
    assert source.has_table("!") is None


class Client:
    """A CloudWatch client that notes what it is asked, and answers in pages."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        from datetime import UTC, datetime

        self.requests.append(request)
        second = "NextToken" in request
        moment = datetime.fromtimestamp(120 if second else 60, UTC)
        results = [
            {"Id": each["Id"], "Timestamps": [moment], "Values": [float(each["Id"][1:])]}
            for each in request["MetricDataQueries"]
        ]
        return {"MetricDataResults": results, **({} if second else {"NextToken": "more"})}


def test_many_queries_go_in_calls_of_five_hundred_and_all_their_pages() -> None:
    source = CloudWatchSource("a test", "http://127.0.0.1:9")
    client = Client()
    source.__dict__["_cloudwatch"] = client
    queries = [MetricQuery(MetricId(f"m{number}"), "Sum") for number in range(1201)]
    found = source.values(queries, Span(0, 180, 60))
    assert found == [{60: float(number), 120: float(number)} for number in range(1201)]
    sizes = [len(each["MetricDataQueries"]) for each in client.requests]
    assert sizes == [500, 500, 500, 500, 201, 201]
    assert client.requests[0]["MetricDataQueries"][3]["MetricStat"] == {
        "Metric": {"Namespace": "AWS/DynamoDB", "MetricName": "m3", "Dimensions": []},
        "Period": 60,
        "Stat": "Sum",
    }


def test_a_folder_that_is_served(tmp_path: Path) -> None:
    folder = tmp_path / "database"
    with serving("--path", str(folder)) as (url, _):
        source = CloudWatchSource.of_target(f"local:{folder}")
        assert url in source.name
        assert Reader(source).read_last("15m").tables == ()
    with pytest.raises(UserError) as caught:
        CloudWatchSource.of_target(f"local:{folder}")
    assert "pannier serve --path" in caught.value.advice


def test_a_server_that_has_gone(tmp_path: Path) -> None:
    with serving("--path", str(tmp_path / "d"), stop=signal.SIGKILL) as (_, process_id):
        source = CloudWatchSource.of_target(f"local:{tmp_path / 'd'}")
        os.kill(process_id, signal.SIGKILL)
    with pytest.raises(MetricsError, match="nobody answers") as caught:
        source.metrics()
    assert "pannier serve" in caught.value.advice


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("memory", "pannier serve --memory"),
        ("nonsense", "local, local:PATH, aws"),
        ("http://127.0.0.1:port", "http://127.0.0.1:PORT"),
        ("http://[::1", "http://127.0.0.1:PORT"),
        ("ftp://127.0.0.1:1", ""),
    ],
)
def test_what_has_no_metrics_is_refused_with_advice(name: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        CloudWatchSource.of_target(name, {}).metrics()
    assert words in caught.value.advice
    assert caught.value.advice


@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_stranger_has_no_cloudwatch(status: int) -> None:
    with collecting(status) as collector:
        source = CloudWatchSource.of_target(collector.url, {})
        with pytest.raises(MetricsError, match="has no CloudWatch") as caught:
            source.metrics()
        assert "AWS_ENDPOINT_URL_CLOUDWATCH" in caught.value.advice


def test_a_server_s_trouble_is_told_as_such() -> None:
    with collecting(500) as collector:
        source = CloudWatchSource.of_target(collector.url, {})
        with pytest.raises(MetricsError, match="refuses: 500") as caught:
            source.metrics()
        assert "Try again" in caught.value.advice


def test_another_place_can_be_named(pannier: Pannier) -> None:
    with socket.create_server(("127.0.0.1", 0)) as idle:
        url = f"http://127.0.0.1:{idle.getsockname()[1]}"
        source = CloudWatchSource.of_target(url, {"AWS_ENDPOINT_URL_CLOUDWATCH": pannier.url})
        assert Reader(source).read_last("15m").place == url


def test_aws_needs_a_region(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(MetricsError, match="needs a region"):
        CloudWatchSource.of_target("aws").metrics()
