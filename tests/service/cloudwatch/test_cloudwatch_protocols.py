"""CloudWatch through botocore, in each of the three protocols that SDKs speak: the same answers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from clients import PROTOCOLS, client, cloudwatch_client

from tests.conftest import serving

TABLE = "orders"
DIMENSIONS = [{"Name": "TableName", "Value": TABLE}]
METRIC = {
    "Namespace": "AWS/DynamoDB",
    "MetricName": "ConsumedWriteCapacityUnits",
    "Dimensions": DIMENSIONS,
}
NOW = datetime.now(UTC).replace(microsecond=0)
AGO, SOON = NOW - timedelta(minutes=10), NOW + timedelta(minutes=50)


@pytest.fixture(scope="module", name="url")
def _url() -> Iterator[str]:
    with serving("--memory") as (url, _):
        database = client("dynamodb", url)
        database.create_table(
            TableName=TABLE,
            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
            ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        )
        puts = [{"PutRequest": {"Item": {"p": {"S": str(each)}}}} for each in range(25)]
        database.batch_write_item(RequestItems={TABLE: puts})
        yield url


@pytest.fixture(params=PROTOCOLS, name="cloudwatch")
def _cloudwatch(request: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    return cloudwatch_client(request.param, url, monkeypatch)


def _statistics(cloudwatch: Any, **request: Any) -> list[dict[str, Any]]:
    answer = cloudwatch.get_metric_statistics(
        **{**METRIC, "StartTime": AGO, "EndTime": SOON, "Period": 3600, **request}
    )
    found: list[dict[str, Any]] = answer["Datapoints"]
    return found


def test_statistics(cloudwatch: Any):
    (point,) = _statistics(cloudwatch, Statistics=["Sum", "SampleCount", "Average"])
    start = AGO.replace(second=0)
    assert point == {
        "Timestamp": start,
        "Sum": 25.0,
        "SampleCount": 1.0,
        "Average": 25.0,
        "Unit": "Count",
    }
    (point,) = _statistics(cloudwatch, ExtendedStatistics=["p99.9", "TM(:50%)"])
    assert point["ExtendedStatistics"] == {"p99.9": 25.0, "TM(:50%)": 25.0}
    assert _statistics(cloudwatch, Dimensions=[], Statistics=["Sum"]) == []


def test_data_and_math_in_pages(cloudwatch: Any):
    stat = {"Metric": METRIC, "Period": 3600, "Stat": "Sum"}
    request = {
        "MetricDataQueries": [
            {"Id": "m1", "MetricStat": stat, "Label": 'with <marks> & "quotes"'},
            {"Id": "e1", "Expression": "m1 * 2 + 0.5"},
        ],
        "StartTime": AGO,
        "EndTime": SOON,
        "ScanBy": "TimestampAscending",
        "MaxDatapoints": 1,
    }
    pages = cloudwatch.get_paginator("get_metric_data").paginate(**request)
    results = {each["Id"]: each for page in pages for each in page["MetricDataResults"]}
    assert results["m1"]["Values"] == [25.0]
    assert results["m1"]["Timestamps"] == [AGO.replace(second=0)]
    assert results["m1"]["Label"] == 'with <marks> & "quotes"'
    assert results["e1"]["Values"] == [50.5]
    assert results["e1"]["StatusCode"] == "Complete"


def test_metrics_are_listed(cloudwatch: Any):
    pages = cloudwatch.get_paginator("list_metrics").paginate(
        Namespace="AWS/DynamoDB", Dimensions=[{"Name": "TableName", "Value": TABLE}]
    )
    names = {each["MetricName"] for page in pages for each in page["Metrics"]}
    assert {
        "ConsumedWriteCapacityUnits",
        "ProvisionedWriteCapacityUnits",
        "SuccessfulRequestLatency",
    } <= names


def test_samples_are_published_and_read_back(cloudwatch: Any):
    """Texts beyond ASCII, times to the millisecond, arrays; large requests come compressed."""
    protocol = cloudwatch.meta.service_model.resolved_protocol
    namespace = f"Mine/{protocol}"
    page = [{"Name": "page", "Value": "größe & <ß>"}]
    many = [
        {"MetricName": "many", "Dimensions": [{"Name": "n", "Value": f"{n:0200}"}], "Value": n / 4}
        for n in range(150)
    ]  # more than 10 KB, which botocore compresses
    stamp = NOW + timedelta(milliseconds=250)
    cloudwatch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "visits", "Dimensions": page, "Timestamp": stamp, "Value": 0.1},
            {
                "MetricName": "visits",
                "Dimensions": page,
                "Timestamp": stamp,
                "Values": [1.5, 2.5],
                "Counts": [2.0, 1.0],
                "Unit": "None",
                "StorageResolution": 60,
            },
            *many,
        ],
    )
    (point,) = _statistics(
        cloudwatch,
        Namespace=namespace,
        MetricName="visits",
        Dimensions=page,
        Statistics=["Sum", "SampleCount", "Minimum", "Maximum"],
    )
    assert point["Sum"] == pytest.approx(5.6)
    assert (point["SampleCount"], point["Minimum"], point["Maximum"]) == (4.0, 0.1, 2.5)
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace)
    listed = [each for each_page in pages for each in each_page["Metrics"]]
    assert len(listed) == 151
    assert listed[-1]["Dimensions"] == page


def test_alarms(cloudwatch: Any):
    name = f"busy {cloudwatch.meta.service_model.resolved_protocol}"
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        **METRIC,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0.25,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=["arn:aws:sns:us-east-1:000000000000:topic"],
        Tags=[{"Key": "team", "Value": "a"}],
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (alarm["Threshold"], alarm["ActionsEnabled"], alarm["Dimensions"]) == (
        0.25,
        True,
        DIMENSIONS,
    )
    assert abs((alarm["StateUpdatedTimestamp"] - NOW).total_seconds()) < 3600
    arn = alarm["AlarmArn"]
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [
        {"Key": "team", "Value": "a"}
    ]
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    found = cloudwatch.describe_alarms_for_metric(
        Namespace=METRIC["Namespace"], MetricName=METRIC["MetricName"], Dimensions=DIMENSIONS
    )
    assert name in [each["AlarmName"] for each in found["MetricAlarms"]]
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    history = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    assert "Alarm updated from INSUFFICIENT_DATA to ALARM" in [
        each["HistorySummary"] for each in history["AlarmHistoryItems"]
    ]
    cloudwatch.delete_alarms(AlarmNames=[name])
    assert cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("operation", "request_", "exception", "code", "status"),
    [
        (
            "get_metric_statistics",
            {**METRIC, "StartTime": AGO, "EndTime": AGO, "Period": 60, "Statistics": ["Sum"]},
            "InvalidParameterValueException",
            "InvalidParameterValue",
            400,
        ),
        (
            "get_metric_statistics",
            {**METRIC, "StartTime": AGO, "EndTime": SOON, "Period": 1, "Statistics": ["Sum"]},
            "InvalidParameterCombinationException",
            "InvalidParameterCombination",
            400,
        ),
        (
            "put_metric_data",
            {"Namespace": "Mine", "MetricData": []},
            "MissingRequiredParameterException",
            "MissingParameter",
            400,
        ),
        (
            "get_metric_data",
            {
                "StartTime": AGO,
                "EndTime": SOON,
                "MetricDataQueries": [{"Id": "e", "Expression": "SEARCH('', 'Sum')"}],
            },
            "ValidationException",
            "ValidationError",
            400,
        ),
        ("describe_alarms", {"NextToken": "?"}, "InvalidNextToken", "InvalidNextToken", 400),
        (
            "set_alarm_state",
            {"AlarmName": "nobody", "StateValue": "OK", "StateReason": ""},
            "ResourceNotFound",
            "ResourceNotFound",
            404,
        ),
        (
            "list_tags_for_resource",
            {"ResourceARN": "arn:nobody"},
            "ResourceNotFoundException",
            "ResourceNotFoundException",
            404,
        ),
        ("list_dashboards", {}, "ClientError", "InvalidAction", 400),
    ],
)
def test_errors_have_the_classes_that_programs_catch(
    cloudwatch: Any,
    operation: str,
    request_: dict[str, Any],
    exception: str,
    code: str,
    status: int,
):
    """The code of the old protocol, the exception of the shape; the same in every protocol."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # its class is what is tested
        getattr(cloudwatch, operation)(**request_)
    assert type(caught.value).__name__ == exception
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert response["Error"].get("Type", "Sender") == "Sender"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["ResponseMetadata"]["RequestId"]
