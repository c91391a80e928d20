"""CloudWatch through the same door: in-process, over the socket, and in short."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from pannier.testing import ManualClock, Pannier


def consumed(client: Any, clock: ManualClock) -> list[float]:
    now = datetime.fromtimestamp(clock(), UTC)
    points = client.get_metric_statistics(
        Namespace="AWS/DynamoDB",
        MetricName="ConsumedWriteCapacityUnits",
        Dimensions=[{"Name": "TableName", "Value": "shop"}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return [point["Sum"] for point in sorted(points, key=lambda point: point["Timestamp"])]


def test_cloudwatch_says_what_the_shortcut_says() -> None:
    with Pannier(clock=ManualClock()) as pannier:
        pannier.table("shop")
        for number in range(3):
            pannier.client().put_item(
                TableName="shop", Item={"PK": {"S": f"p{number}"}, "SK": {"S": "s"}}
            )
            pannier.clock.advance(60)
        sums = consumed(pannier.client("cloudwatch"), pannier.clock)
        assert sums == [1.0, 1.0, 1.0]
        assert pannier.metrics("ConsumedWriteCapacityUnits", "shop") == sum(sums)
        with pannier.patch():
            assert consumed(boto3.client("cloudwatch"), pannier.clock) == sums
        served = boto3.client("cloudwatch", endpoint_url=pannier.url, region_name="us-east-1")
        assert consumed(served, pannier.clock) == sums


def test_a_large_request_of_cloudwatch_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore compresses large PutMetricData requests; they must be read all the same."""
    monkeypatch.setenv("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "100")
    with Pannier(clock=ManualClock(time.time())) as pannier:
        cloudwatch = pannier.client("cloudwatch")
        data = [{"MetricName": f"metric-{number}", "Value": number} for number in range(100)]
        cloudwatch.put_metric_data(Namespace="Mine", MetricData=data)
        found = cloudwatch.list_metrics(Namespace="Mine")["Metrics"]
        assert len(found) == 100


def test_no_thread_outlives_its_pannier() -> None:
    """A run of a thousand tests must not gather a thousand threads."""
    before = set(threading.enumerate())
    for _ in range(3):
        with Pannier() as pannier:
            pannier.client("cloudwatch").list_metrics()
            boto3.client("cloudwatch", endpoint_url=pannier.url).list_metrics()
            pannier.client().list_tables()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert set(threading.enumerate()) - before == set()
