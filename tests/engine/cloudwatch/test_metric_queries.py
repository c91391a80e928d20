"""Metrics asked for and published: periods, pages, limits, errors."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from watched import NAME, NAMESPACE, START_S, Watched, metric_query

DAY_S = 86_400.0


@pytest.fixture(name="watched")
def _watched() -> Watched:
    return Watched()


# Periods


def test_periods_begin_at_the_start_and_end_before_the_end(watched: Watched):
    """The start is rounded down to the minute and belongs to it, the end does not."""
    watched.series(NAME, *range(1, 11))
    points = watched.statistics("Sum", "SampleCount", period=120, minutes=9)
    assert [(each["Timestamp"] - START_S, each["Sum"]) for each in points] == [
        (0, 3), (120, 7), (240, 11), (360, 15), (480, 9),
    ]  # fmt: skip
    points = watched.statistics("Sum", StartTime=START_S + 119.9, period=60, minutes=3)
    assert [(each["Timestamp"] - START_S, each["Sum"]) for each in points] == [(60, 2), (120, 3)]


def test_data_to_the_second_can_be_asked_for_to_the_second_for_three_hours(watched: Watched):
    """StorageResolution 1: periods below a minute; later only whole minutes of it are left."""
    for second in range(0, 60, 10):
        watched.ask(
            "PutMetricData",
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": NAME,
                    "Value": 1.0,
                    "Timestamp": START_S + second + 0.5,
                    "StorageResolution": 1,
                }
            ],
        )
    points = watched.statistics("Sum", period=20, minutes=1)
    assert [(each["Timestamp"] - START_S, each["Sum"]) for each in points] == [
        (0, 2), (20, 2), (40, 2),
    ]  # fmt: skip
    watched.clock.advance(4 * 3600)
    assert watched.statistics("Sum", period=20, minutes=1) == []
    assert watched.statistics("Sum", minutes=1)[0]["Sum"] == 6


def test_percentiles_over_several_minutes_see_all_their_samples(watched: Watched):
    for minute in range(4):
        watched.publish(*(float(25 * minute + each) for each in range(1, 26)), minute=minute)
    (point,) = watched.statistics("p50", "p99", "tm90", "TC(:10)", period=300)
    found = point["ExtendedStatistics"]
    assert found["p50"] == pytest.approx(50, rel=1 / 32)
    assert found["p99"] == pytest.approx(99, rel=1 / 32)
    assert found["tm90"] == pytest.approx(45.5, rel=1 / 32)
    assert found["TC(:10)"] == pytest.approx(10, abs=1)


def test_units_come_apart_unless_one_is_asked_for(watched: Watched):
    """GetMetricStatistics shows each; GetMetricData takes them together (service model)."""
    watched.publish(1, Unit="Seconds")
    watched.publish(2, Unit="Count")
    points = watched.statistics("Sum")
    assert {(each["Unit"], each["Sum"]) for each in points} == {("Seconds", 1), ("Count", 2)}
    assert [each["Sum"] for each in watched.statistics("Sum", Unit="Count")] == [2]
    assert watched.statistics("Sum", Unit="Bytes") == []
    (result,) = watched.data(metric_query("m"))
    assert result["Values"] == [3]


def test_a_metric_is_all_of_its_dimensions(watched: Watched):
    """No rolling up: what was published with a dimension is another metric than without."""
    dimension = {"Name": "page", "Value": "home"}
    watched.publish(1, Dimensions=[dimension])
    watched.publish(2)
    assert [each["Sum"] for each in watched.statistics("Sum")] == [2]
    found = watched.statistics("Sum", Dimensions=[dimension])
    assert [each["Sum"] for each in found] == [1]


# Pages and orders


def test_newest_first_unless_wanted_otherwise(watched: Watched):
    watched.series(NAME, 1, 2, 3)
    (newest,) = watched.data(metric_query("m"), ScanBy="TimestampDescending")
    assert newest["Values"] == [3, 2, 1]
    (oldest,) = watched.data(metric_query("m"))
    assert oldest["Values"] == [1, 2, 3]
    assert oldest["StatusCode"] == "Complete"


@pytest.mark.parametrize("room", [1, 2, 3, 5, 100])
def test_pages_together_are_everything_once(watched: Watched, room: int):
    watched.series("a", 1, 2, 3)
    watched.series("b", 4, None, 5)
    request: dict[str, Any] = {
        "MetricDataQueries": [metric_query("a", "a"), metric_query("b", "b"), metric_query("c")],
        "StartTime": START_S,
        "EndTime": START_S + 300,
        "MaxDatapoints": room,
    }
    found: dict[str, list[float]] = {}
    pages = 0
    while True:
        answer = watched.ask("GetMetricData", **request)
        pages += 1
        assert sum(len(each["Values"]) for each in answer["MetricDataResults"]) <= room
        for each in answer["MetricDataResults"]:
            found.setdefault(each["Id"], []).extend(each["Values"])
        if "NextToken" not in answer:
            break
        request["NextToken"] = answer["NextToken"]
    assert {name: found[name] for name in "ab"} == {"a": [3, 2, 1], "b": [5, 4]}
    assert pages == -(-5 // room)


def test_metrics_without_data_are_answered_empty(watched: Watched):
    (result,) = watched.data(metric_query("m"))
    assert (result["Values"], result["StatusCode"]) == ([], "Complete")


def test_metrics_are_listed_in_pages_of_500(watched: Watched):
    data = [{"MetricName": f"m{number:04}", "Value": 1.0} for number in range(1000)]
    watched.ask("PutMetricData", Namespace=NAMESPACE, MetricData=data)
    watched.ask("PutMetricData", Namespace=NAMESPACE, MetricData=data[:1])
    seen: list[str] = []
    token: dict[str, str] = {}
    for _ in range(2):
        answer = watched.ask("ListMetrics", Namespace=NAMESPACE, **token)
        seen += [each["MetricName"] for each in answer["Metrics"]]
        token = {"NextToken": answer.get("NextToken", "")}
    assert seen == [each["MetricName"] for each in data]
    assert token == {"NextToken": ""}


def test_metrics_are_listed_by_what_is_known_of_them(watched: Watched):
    home = [{"Name": "page", "Value": "home"}, {"Name": "zone", "Value": "a"}]
    watched.publish(1, Dimensions=home)
    watched.publish(1, Dimensions=[{"Name": "page", "Value": "cart"}])
    watched.publish(1, name="other")

    def count(**request: Any) -> int:
        return len(watched.ask("ListMetrics", **request)["Metrics"])

    assert count() == 3
    assert count(Namespace="Other") == 0
    assert count(MetricName=NAME) == 2
    assert count(Dimensions=[{"Name": "page"}]) == 2
    assert count(Dimensions=[{"Name": "page", "Value": "home"}]) == 1
    assert count(Dimensions=[{"Name": "page"}, {"Name": "zone"}]) == 1
    assert count(Dimensions=[{"Name": "nothing"}]) == 0


def test_metrics_are_listed_for_two_weeks_and_as_recent_for_three_hours(watched: Watched):
    watched.publish(1)
    watched.clock.advance(4 * 3600)
    watched.publish(1, name="other", Timestamp=watched.clock())
    recent = watched.ask("ListMetrics", RecentlyActive="PT3H")["Metrics"]
    assert [each["MetricName"] for each in recent] == ["other"]
    assert len(watched.ask("ListMetrics")["Metrics"]) == 2
    watched.clock.advance(14 * DAY_S + 60)
    assert watched.ask("ListMetrics")["Metrics"] == []


# Publishing


def test_all_three_forms_of_samples_add_up(watched: Watched):
    sums = {"SampleCount": 4.0, "Sum": 10.0, "Minimum": 1.0, "Maximum": 5.0}
    stamp = {"MetricName": NAME, "Timestamp": START_S}
    watched.ask(
        "PutMetricData",
        Namespace=NAMESPACE,
        MetricData=[
            {**stamp, "Value": 7.0},
            {**stamp, "Values": [1.0, 2.0], "Counts": [2.0, 3.0]},
            {**stamp, "Values": [9.0]},
            {**stamp, "StatisticValues": sums},
        ],
    )
    (point,) = watched.statistics("SampleCount", "Sum", "Minimum", "Maximum", "Average")
    assert point["SampleCount"] == 1 + 5 + 1 + 4
    assert point["Sum"] == 7 + 8 + 9 + 10
    assert (point["Minimum"], point["Maximum"]) == (1, 9)
    (point,) = watched.statistics("p50")
    assert "ExtendedStatistics" not in point  # sums alone have no percentiles


def test_sums_of_equal_samples_have_percentiles(watched: Watched):
    sums = {"SampleCount": 4.0, "Sum": 12.0, "Minimum": 3.0, "Maximum": 3.0}
    watched.ask(
        "PutMetricData",
        Namespace=NAMESPACE,
        MetricData=[{"MetricName": NAME, "Timestamp": START_S, "StatisticValues": sums}],
    )
    (point,) = watched.statistics("p99")
    assert point["ExtendedStatistics"] == {"p99": 3}


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.floats(-1e9, 1e9), st.integers(1, 1000)),
        min_size=1,
        max_size=30,
    )
)
def test_what_is_published_is_what_is_answered(samples: list[tuple[int, float, int]]):
    """The sums of all minutes, whatever the order and the grouping."""
    watched = Watched()
    for minute, value, count in samples:
        watched.publish(value, minute=minute, Counts=[float(count)])
    points = watched.statistics("Sum", "SampleCount", "Minimum", "Maximum", minutes=5)
    assert sum(each["SampleCount"] for each in points) == sum(count for _, _, count in samples)
    total = math.fsum(value * count for _, value, count in samples)
    assert math.fsum(each["Sum"] for each in points) == pytest.approx(total, abs=1e-3)
    assert min(each["Minimum"] for each in points) == min(value for _, value, _ in samples)
    assert max(each["Maximum"] for each in points) == max(value for _, value, _ in samples)


@pytest.mark.parametrize(
    ("datum", "error"),
    [
        ({}, "MissingParameter: The parameter MetricData.member.1.MetricName is required."),
        (
            {"MetricName": "m"},
            (
                "InvalidParameterCombination: At least one of the parameters "
                "MetricData.member.1.Value "
                "and MetricData.member.1.StatisticValues must be specified."
            ),
        ),
        (
            {
                "MetricName": "m",
                "Value": 1.0,
                "StatisticValues": {"SampleCount": 1.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0},
            },
            (
                "InvalidParameterCombination: The parameters MetricData.member.1.Value and "
                "MetricData.member.1.StatisticValues are mutually exclusive and you have "
                "specified both."
            ),
        ),
        (
            {"MetricName": "m", "Value": math.nan},
            (
                "InvalidParameterValue: The value nan for parameter MetricData.member.1.Value is "
                "invalid."
            ),
        ),
        ({"MetricName": "m", "Value": 2.0**361}, "InvalidParameterValue: The value 4.6"),
        ({"MetricName": "m", "Value": math.inf}, "InvalidParameterValue: The value inf"),
        (
            {"MetricName": "m", "Value": 1.0, "Unit": "Furlongs"},
            (
                "InvalidParameterValue: The parameter MetricData.member.1.Unit must be a value "
                "in the "
                "set [ Seconds, Microseconds,"
            ),
        ),
        (
            {"MetricName": "m", "Value": 1.0, "Timestamp": START_S - 14 * DAY_S - 1},
            (
                "InvalidParameterValue: The parameter MetricData.member.1.Timestamp must specify "
                "a time "
                "within the past two weeks."
            ),
        ),
        (
            {"MetricName": "m", "Value": 1.0, "Timestamp": START_S + 7201},
            (
                "InvalidParameterValue: The parameter MetricData.member.1.Timestamp must specify "
                "a time "
                "no more than two hours in the future."
            ),
        ),
        (
            {"MetricName": "m", "Values": [1.0] * 151},
            (
                "InvalidParameterValue: The collection MetricData.member.1.Values must not have "
                "a size "
                "greater than 150."
            ),
        ),
        ({"MetricName": "m", "Values": []}, "InvalidParameterCombination: At least one"),
        (
            {"MetricName": "m", "Values": [1.0], "Counts": [1.0, 2.0]},
            (
                "InvalidParameterValue: The parameters MetricData.member.1.Values and "
                "MetricData.member.1.Counts must have the same number of elements."
            ),
        ),
        (
            {"MetricName": "m", "Values": [1.0], "Counts": [0.0]},
            "InvalidParameterValue: The value 0.0",
        ),
        (
            {"MetricName": "m", "Value": 1.0, "Counts": [1.0]},
            "InvalidParameterCombination: The param",
        ),
        (
            {
                "MetricName": "m",
                "StatisticValues": {"SampleCount": 0.0, "Sum": 1.0, "Minimum": 1.0, "Maximum": 1.0},
            },
            (
                "InvalidParameterValue: The value 0.0 for parameter "
                "MetricData.member.1.StatisticValues.SampleCount is invalid."
            ),
        ),
        (
            {"MetricName": "m", "StatisticValues": {"SampleCount": 1.0, "Sum": 1.0}},
            (
                "MissingParameter: The parameter MetricData.member.1.StatisticValues.Minimum is "
                "required.\nThe parameter MetricData.member.1.StatisticValues.Maximum is required."
            ),
        ),
        ({"MetricName": "m" * 256, "Value": 1.0}, "InvalidParameterValue: The value mmm"),
        (
            {"MetricName": "m", "Value": 1.0, "StorageResolution": 5},
            "InvalidParameterValue: The value 5",
        ),
        (
            {"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "a", "Value": "1"}] * 2},
            "InvalidParameterValue: The value a, a for parameter MetricData.member.1.Dimensions",
        ),
        (
            {
                "MetricName": "m",
                "Value": 1.0,
                "Dimensions": [{"Name": str(n), "Value": "1"} for n in range(31)],
            },
            (
                "InvalidParameterValue: The collection MetricData.member.1.Dimensions must not "
                "have a "
                "size greater than 30."
            ),
        ),
        (
            {"MetricName": "m", "Value": 1.0, "Dimensions": [{"Name": "a", "Value": ""}]},
            (
                "InvalidParameterValue: The value  for parameter "
                "MetricData.member.1.Dimensions.member.1.Value is invalid."
            ),
        ),
    ],
)
def test_bad_samples_are_refused_and_nothing_is_taken(
    watched: Watched, datum: dict[str, Any], error: str
):
    """All or nothing: the good datum beside the bad one is not taken either."""
    good = {"MetricName": "good", "Value": 1.0}
    text = watched.refused("PutMetricData", Namespace=NAMESPACE, MetricData=[datum, good])
    assert text.startswith(error)
    assert watched.ask("ListMetrics")["Metrics"] == []


def test_what_can_not_be_published_at_all(watched: Watched):
    datum = {"MetricName": "m", "Value": 1.0}

    def refused(**request: Any) -> str:
        return watched.refused("PutMetricData", **request)

    assert refused(Namespace="Mine") == ("MissingParameter: The parameter MetricData is required.")
    assert refused(Namespace="AWS/DynamoDB", MetricData=[datum]) == (
        "InvalidParameterValue: The value AWS/DynamoDB for parameter Namespace is invalid."
    )
    assert refused(Namespace=":x", MetricData=[datum]).startswith("InvalidParameterValue: ")
    assert refused(Namespace="Mine", MetricData=[datum] * 1001) == (
        "InvalidParameterValue: The collection MetricData must not have a size greater than 1000."
    )
    assert "EntityMetricData is not supported" in refused(Namespace="Mine", EntityMetricData=[])


# What is refused


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            {"EndTime": START_S},
            "InvalidParameterValue: The parameter StartTime must not equal parameter EndTime.",
        ),
        (
            {"EndTime": START_S - 1},
            (
                "InvalidParameterValue: The parameter StartTime must be less than the parameter "
                "EndTime."
            ),
        ),
        ({"Period": 61}, "InvalidParameterValue: The parameter Period must be 1, 5, 10, 20, 30"),
        ({"Period": 0}, "InvalidParameterValue: The value 0 for parameter Period is invalid."),
        (
            {"EndTime": START_S + 1441 * 60},
            (
                "InvalidParameterCombination: You have requested up to 1,441 datapoints, which "
                "exceeds "
                "the limit of 1,440. You may reduce the datapoints requested by increasing "
                "Period, or "
                "decreasing the time range."
            ),
        ),
        (
            {"Statistics": ["Median"]},
            (
                "InvalidParameterValue: The parameter Statistics.member.1 must be a value in the "
                "set [ "
                "SampleCount, Average, Sum, Minimum, Maximum ]."
            ),
        ),
        ({"Statistics": None}, "MissingParameter: At least one of the parameters Statistics and"),
        ({"ExtendedStatistics": ["p50"]}, "InvalidParameterCombination: The parameters Statistics"),
        (
            {"Statistics": None, "ExtendedStatistics": ["p50", "q1"]},
            (
                "InvalidParameterValue: The value q1 for parameter ExtendedStatistics.member.2 is "
                "invalid."
            ),
        ),
        (
            {"Namespace": None, "Period": None},
            (
                "MissingParameter: The parameter Namespace is required.\n"
                "The parameter Period is required."
            ),
        ),
    ],
)
def test_bad_statistics_are_refused(watched: Watched, change: dict[str, Any], error: str):
    request = {
        "Namespace": NAMESPACE,
        "MetricName": NAME,
        "StartTime": START_S,
        "EndTime": START_S + 60,
        "Period": 60,
        "Statistics": ["Sum"],
        **change,
    }
    kept = {name: value for name, value in request.items() if value is not None}
    assert watched.refused("GetMetricStatistics", **kept).startswith(error)


@pytest.mark.parametrize(
    ("queries", "error"),
    [
        (
            [metric_query("M")],
            (
                "ValidationError: The value for parameter MetricDataQueries.member.1.Id must "
                "begin with"
            ),
        ),
        ([metric_query("m"), metric_query("m")], "ValidationError: The values for parameter"),
        ([{"Id": "m"}], "ValidationError: Exactly one of Expression and MetricStat"),
        ([{**metric_query("m"), "Expression": "m"}], "ValidationError: Exactly one of Expression"),
        (
            [metric_query("m", stat="Median")],
            (
                "ValidationError: The value for parameter "
                "MetricDataQueries.member.1.MetricStat.Stat is "
                "not a valid statistic."
            ),
        ),
        (
            [metric_query("m", Period=7)],
            "ValidationError: The parameter MetricDataQueries.member.1.MetricStat.Period must be",
        ),
        (
            [{"Id": "m", "MetricStat": {"Metric": {}, "Period": 60, "Stat": "Sum"}}],
            "ValidationError: The parameter MetricDataQueries.member.1.MetricStat.Metric must have",
        ),
        ([metric_query("m", returned=False)], "ValidationError: At least one of the"),
        ([metric_query(f"m{n}") for n in range(501)], "ValidationError: The collection"),
        (
            [{"Id": "", "MetricStat": {"Metric": {}, "Period": 0}}],
            (
                "ValidationError: 3 validation errors detected: Value '' at "
                "'metricDataQueries.1.member."
                "id' failed to satisfy constraint: Member must have length greater than or equal "
                "to 1; "
                "Value '0' at 'metricDataQueries.1.member.metricStat.period' failed to satisfy "
                "constraint: Member must have value greater than or equal to 1; Value null at "
                "'metricDataQueries.1.member.metricStat.stat' failed to satisfy constraint: "
                "Member must "
                "not be null"
            ),
        ),
    ],
)
def test_bad_queries_are_refused(watched: Watched, queries: list[dict[str, Any]], error: str):
    text = watched.refused(
        "GetMetricData", MetricDataQueries=queries, StartTime=START_S, EndTime=START_S + 60
    )
    assert text.startswith(error)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("GetMetricData", "InvalidNextToken"),
        ("ListMetrics", "InvalidParameterValue"),
        ("DescribeAlarms", "InvalidNextToken"),
        ("DescribeAlarmHistory", "InvalidNextToken"),
    ],
)
@pytest.mark.parametrize("token", ["x", "bm90IGpzb24=", "e30=", "\u00e9"])
def test_strange_tokens_are_refused(watched: Watched, operation: str, error: str, token: str):
    request = {}
    if operation == "GetMetricData":
        request = {
            "MetricDataQueries": [metric_query("m")],
            "StartTime": START_S,
            "EndTime": START_S + 60,
        }
    text = watched.refused(operation, NextToken=token, **request)
    assert text == f"{error}: The NextToken is not valid for this request."


def test_operations_that_there_are_not(watched: Watched):
    """Known to the API or not: the answer says which."""
    assert watched.refused("PutDashboard") == (
        "InvalidAction: PutDashboard is not supported by this engine"
    )
    assert watched.refused("Nonsense") == (
        "InvalidAction: Could not find operation Nonsense for version 2010-08-01"
    )
