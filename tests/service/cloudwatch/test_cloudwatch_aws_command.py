"""`aws cloudwatch ...`, the real command, told nothing but the endpoint of `pannier serve`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import serving

TABLE = "orders"


class Aws:
    """The `aws` command, pointed at a server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "awscli", *arguments, "--output", "json"],
            env={**os.environ, "AWS_ENDPOINT_URL": self.url, "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def __call__(self, *arguments: str) -> Any:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")


@pytest.fixture(scope="module", name="aws")
def _aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    folder: Path = tmp_path_factory.mktemp("database")
    with pytest.MonkeyPatch.context() as patch, serving("--path", str(folder / "db")) as (url, _):
        patch.setenv("AWS_ACCESS_KEY_ID", "local")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "local")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        aws = Aws(url)
        aws(
            "dynamodb", "create-table", "--table-name", TABLE,
            "--attribute-definitions", "AttributeName=p,AttributeType=S",
            "--key-schema", "AttributeName=p,KeyType=HASH",
            "--provisioned-throughput", "ReadCapacityUnits=5,WriteCapacityUnits=5",
        )  # fmt: skip
        puts = [{"PutRequest": {"Item": {"p": {"S": str(each)}}}} for each in range(25)]
        aws("dynamodb", "batch-write-item", "--request-items", json.dumps({TABLE: puts}))
        yield aws


def _times() -> tuple[str, ...]:
    now = datetime.now(UTC)
    start, end = now - timedelta(minutes=30), now + timedelta(minutes=20)
    return (
        "--start-time", start.isoformat(timespec="seconds"),
        "--end-time", end.isoformat(timespec="seconds"),
    )  # fmt: skip


def test_get_metric_statistics(aws: Aws):
    answer = aws(
        "cloudwatch", "get-metric-statistics", "--namespace", "AWS/DynamoDB",
        "--metric-name", "ConsumedWriteCapacityUnits",
        "--dimensions", f"Name=TableName,Value={TABLE}",
        "--period", "3600", "--statistics", "Sum", "SampleCount", *_times(),
    )  # fmt: skip
    assert answer["Label"] == "ConsumedWriteCapacityUnits"
    (point,) = answer["Datapoints"]
    assert (point["Sum"], point["SampleCount"], point["Unit"]) == (25.0, 1.0, "Count")


def test_list_metrics_and_get_metric_data(aws: Aws):
    names = aws(
        "cloudwatch", "list-metrics", "--namespace", "AWS/DynamoDB",
        "--query", "Metrics[].MetricName",
    )  # fmt: skip
    assert "SuccessfulRequestLatency" in names
    dimensions = [{"Name": "TableName", "Value": TABLE}]

    def query(name: str, metric: str, stat: str) -> dict[str, Any]:
        described = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": dimensions}
        return {
            "Id": name,
            "MetricStat": {"Metric": described, "Period": 60, "Stat": stat},
            "ReturnData": False,
        }

    queries = [
        query("used", "ConsumedWriteCapacityUnits", "Sum"),
        query("there", "ProvisionedWriteCapacityUnits", "Average"),
        {"Id": "utilisation", "Expression": "used / (there * PERIOD(there)) * 100"},
    ]
    answer = aws(
        "cloudwatch", "get-metric-data", "--metric-data-queries", json.dumps(queries), *_times()
    )
    (result,) = answer["MetricDataResults"]
    assert max(result["Values"]) == pytest.approx(25 / (5 * 60) * 100)


def test_publishing_and_an_alarm(aws: Aws):
    aws(
        "cloudwatch", "put-metric-data", "--namespace", "Shop", "--metric-name", "visits",
        "--value", "42", "--dimensions", "page=home",
    )  # fmt: skip
    (metric,) = aws("cloudwatch", "list-metrics", "--namespace", "Shop")["Metrics"]
    assert metric["Dimensions"] == [{"Name": "page", "Value": "home"}]
    aws(
        "cloudwatch", "put-metric-alarm", "--alarm-name", "throttled",
        "--namespace", "AWS/DynamoDB", "--metric-name", "ThrottledRequests",
        "--dimensions", f"Name=TableName,Value={TABLE}", "Name=Operation,Value=BatchWriteItem",
        "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1", "--threshold", "0",
        "--comparison-operator", "GreaterThanThreshold",
        "--treat-missing-data", "notBreaching",
    )  # fmt: skip
    (alarm,) = aws("cloudwatch", "describe-alarms")["MetricAlarms"]
    assert alarm["StateValue"] == "OK"
    aws("cloudwatch", "delete-alarms", "--alarm-names", "throttled")


def test_what_aws_says_when_too_much_is_asked_for(aws: Aws):
    done = aws.run(
        "cloudwatch", "get-metric-statistics", "--namespace", "AWS/DynamoDB",
        "--metric-name", "UserErrors", "--statistics", "Sum", "--period", "1", *_times(),
    )  # fmt: skip
    assert done.returncode
    assert "(InvalidParameterCombination)" in done.stderr
    assert "exceeds the limit of 1,440" in done.stderr
