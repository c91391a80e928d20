"""Publishing to CloudWatch: what arrives there, and what is said when it does not."""

import random
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from pannier.batch.latencies import Latencies
from pannier.batch.report import Report
from pannier.publishing.cloudwatch import CloudWatch, grouped
from pannier.publishing.publisher import Published, PublishingError
from tests.publishing.a_report import ENDED_AT_S, ended


class Recorder:
    """A CloudWatch client that takes what it is given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def put_metric_data(self, **request: Any) -> None:
        self.calls.append(request)


def published(job: Published, namespace: str = "Pannier") -> dict[tuple[Any, ...], dict[str, Any]]:
    """The metrics by name and dimensions."""
    client = Recorder()
    CloudWatch(namespace, client=client).publish(job)
    (call,) = client.calls
    assert call["Namespace"] == namespace
    return {
        (each["MetricName"], *(pair["Value"] for pair in each["Dimensions"])): each
        for each in call["MetricData"]
    }


def test_counts_times_and_units_arrive_with_their_dimensions() -> None:
    metrics = published(ended())
    assert metrics["OperationsWritten", "write"]["Value"] == 70
    assert metrics["OperationsFailed", "write"]["Value"] == 1
    assert metrics["WaitedSeconds", "write"]["Unit"] == "Seconds"
    assert metrics["OperationsPerSecond", "write"]["Unit"] == "Count/Second"
    assert metrics["ConsumedWriteUnits", "write", "shop"]["Value"] == 73
    assert metrics["ConsumedWriteUnits", "write", "shop", "GSI1"]["Value"] == 20
    names = [
        pair["Name"]
        for pair in metrics["ConsumedWriteUnits", "write", "shop", "GSI1"]["Dimensions"]
    ]
    assert names == ["Operation", "TableName", "IndexName"]
    assert {each["Timestamp"] for each in metrics.values()} == {ENDED_AT_S}


def test_latencies_arrive_as_values_with_counts() -> None:
    """So that CloudWatch can compute any percentile of them."""
    latency = published(ended())["CallLatency", "write"]
    assert latency["Unit"] == "Milliseconds"
    assert latency["Counts"] == [1, 1, 1, 1]
    assert latency["Values"] == pytest.approx([4, 6, 10, 200], rel=2e-3)


def test_many_different_latencies_are_grouped_to_what_a_metric_may_hold() -> None:
    """CloudWatch takes 150 values; the groups keep the number of calls, and the percentiles."""
    chance = random.Random(6)
    latencies = Latencies()
    for _ in range(20_000):
        latencies.add(chance.lognormvariate(-5, 1.0))
    groups = grouped(latencies, 150)
    assert len(groups) <= 150
    assert sum(count for _, count in groups) == 20_000
    assert [value for value, _ in groups] == sorted(value for value, _ in groups)
    below, median = 0, 0.0
    for value, count in groups:
        below += count
        if below >= 10_000:
            median = value
            break
    assert median == pytest.approx(latencies.percentile_s(50), rel=0.1)


def test_a_job_without_calls_has_no_latency() -> None:
    metrics = published(Published(Report("read"), ENDED_AT_S))
    assert ("CallLatency", "read") not in metrics
    assert ("OperationsWritten", "read") not in metrics
    assert metrics["OperationsFound", "read"]["Value"] == 0


def test_the_namespace_is_the_users_but_not_that_of_a_service_of_aws() -> None:
    assert published(ended(), "Nightly")
    with pytest.raises(PublishingError, match="can't be a namespace"):
        CloudWatch("AWS/DynamoDB")


@mock_aws
def test_a_real_client_accepts_the_request_and_the_metrics_can_be_read_back() -> None:
    """botocore checks every member against the model of the service."""
    text = CloudWatch().publish(ended())
    assert "in the namespace Pannier of CloudWatch" in text
    client = boto3.client("cloudwatch", region_name="us-east-1")
    found = client.get_metric_statistics(
        Namespace="Pannier",
        MetricName="OperationsWritten",
        Dimensions=[{"Name": "Operation", "Value": "write"}],
        StartTime=datetime.fromtimestamp(ENDED_AT_S - 600, UTC),
        EndTime=datetime.fromtimestamp(ENDED_AT_S + 600, UTC),
        Period=60,
        Statistics=["Sum"],
    )
    assert [point["Sum"] for point in found["Datapoints"]] == [70.0]


def test_an_endpoint_that_is_not_there_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with pytest.raises(PublishingError, match="did not take the metrics") as caught:
        CloudWatch(url="http://127.0.0.1:9").publish(ended())
    assert "http://127.0.0.1:9" in caught.value.message
    assert "PutMetricData" in caught.value.advice
