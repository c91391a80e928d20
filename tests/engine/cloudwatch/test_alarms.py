"""Alarms: kept, evaluated by the clock, with a history; by the tables of the User Guide."""

import json
from pathlib import Path
from typing import Any

import pytest
from watched import NAME, NAMESPACE, START_S, Watched

from pannier.clock import ManualClock
from pannier.engine.cloudwatch.alarms.judgement import judge
from pannier.engine.database import Database

OK, ALARM, INSUFFICIENT, STAYS = "OK", "ALARM", "INSUFFICIENT_DATA", None


def _breaching(shown: str) -> list[bool | None]:
    return [{"0": False, "X": True, "-": None}[each] for each in shown.split()]


@pytest.mark.parametrize(
    ("shown", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", OK, OK, OK, OK),
        ("0 - - - -", OK, OK, OK, OK),
        ("- - - - -", INSUFFICIENT, STAYS, ALARM, OK),
        ("0 X X - X", ALARM, ALARM, ALARM, ALARM),
        ("- - X - -", ALARM, STAYS, ALARM, OK),
        ("- - - - X", INSUFFICIENT, STAYS, ALARM, OK),
        ("X - - - -", ALARM, STAYS, ALARM, OK),
    ],
)
def test_three_out_of_three(shown, missing, ignore, breaching, not_breaching):
    """The guide's first table, and the rows of its older edition."""
    points = _breaching(shown)
    assert judge(points, 3, 3, "missing").state == missing
    assert judge(points, 3, 3, "ignore").state == ignore
    assert judge(points, 3, 3, "breaching").state == breaching
    assert judge(points, 3, 3, "notBreaching").state == not_breaching


@pytest.mark.parametrize(
    ("shown", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", ALARM, ALARM, ALARM, ALARM),
        ("0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
        ("0 - X - -", OK, OK, ALARM, OK),
        ("- - - - 0", OK, OK, ALARM, OK),
        ("- - - X -", ALARM, STAYS, ALARM, OK),
        ("- - - - X", INSUFFICIENT, STAYS, ALARM, OK),
    ],
)
def test_two_out_of_three(shown, missing, ignore, breaching, not_breaching):
    """The guide's second table."""
    points = _breaching(shown)
    assert judge(points, 3, 2, "missing").state == missing
    assert judge(points, 3, 2, "ignore").state == ignore
    assert judge(points, 3, 2, "breaching").state == breaching
    assert judge(points, 3, 2, "notBreaching").state == not_breaching


@pytest.fixture(name="watched")
def _watched() -> Watched:
    return Watched()


def _put(watched: Watched, **more: Any) -> None:
    request = {
        "AlarmName": "busy",
        "Namespace": NAMESPACE,
        "MetricName": NAME,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **more,
    }
    watched.ask("PutMetricAlarm", **{k: v for k, v in request.items() if v is not None})


def _alarm(watched: Watched, name: str = "busy") -> dict[str, Any]:
    (alarm,) = watched.ask("DescribeAlarms", AlarmNames=[name])["MetricAlarms"]
    return alarm


def _history(watched: Watched, **request: Any) -> list[str]:
    answer = watched.ask("DescribeAlarmHistory", ScanBy="TimestampAscending", **request)
    return [each["HistorySummary"] for each in answer["AlarmHistoryItems"]]


def test_an_alarm_follows_its_metric(watched: Watched):
    """Unknown at first, then OK, then ALARM, then unknown again when nothing comes any more."""
    _put(watched)
    alarm = _alarm(watched)
    assert (alarm["StateValue"], alarm["StateReason"]) == (
        INSUFFICIENT,
        "Unchecked: Initial alarm creation",
    )
    watched.publish(5)
    watched.clock.advance(60)
    alarm = _alarm(watched)
    assert alarm["StateValue"] == OK
    assert alarm["StateReason"] == (
        "Threshold Crossed: 1 datapoint [5.0 (14/11/23 22:14:00)] was not greater than the "
        "threshold (10.0)."
    )
    watched.publish(11, minute=1)
    watched.clock.advance(60)
    alarm = _alarm(watched)
    assert alarm["StateValue"] == ALARM
    assert alarm["StateReason"] == (
        "Threshold Crossed: 1 out of the last 1 datapoints [11.0 (14/11/23 22:15:00)] was greater "
        "than the threshold (10.0) (minimum 1 datapoint for OK -> ALARM transition)."
    )
    data = json.loads(alarm["StateReasonData"])
    assert data["recentDatapoints"] == [11.0]
    assert data["evaluatedDatapoints"] == [
        {"timestamp": "2023-11-14T22:15:00.000+0000", "value": 11.0}
    ]
    assert alarm["StateUpdatedTimestamp"] == START_S + 120
    watched.clock.advance(600)
    alarm = _alarm(watched)
    assert alarm["StateValue"] == INSUFFICIENT
    assert alarm["StateReason"] == "Insufficient Data: 1 datapoint was unknown."


def test_what_happened_while_nobody_looked_is_in_the_history(watched: Watched):
    """Evaluated at every minute: who moves the clock by an hour finds an hour of transitions."""
    _put(watched, TreatMissingData="notBreaching")
    for minute, value in ((0, 5), (10, 50), (20, 5), (30, 50)):
        watched.publish(value, minute=minute)
    watched.clock.advance(3600)
    assert _history(watched, HistoryItemType="StateUpdate") == [
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    ]
    items = watched.ask("DescribeAlarmHistory")["AlarmHistoryItems"]
    # An alarm holds on to its last data point for the two periods that are looked at beyond one.
    assert items[0]["Timestamp"] == START_S + (30 + 1 + 3) * 60
    data = json.loads(items[0]["HistoryData"])
    assert data["oldState"]["stateValue"] == ALARM
    assert data["newState"]["stateValue"] == OK


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("GreaterThanThreshold", [OK, OK, ALARM]),
        ("GreaterThanOrEqualToThreshold", [OK, ALARM, ALARM]),
        ("LessThanThreshold", [ALARM, OK, OK]),
        ("LessThanOrEqualToThreshold", [ALARM, ALARM, OK]),
    ],
)
def test_comparisons(watched: Watched, operator: str, values: list[str]):
    _put(watched, ComparisonOperator=operator)
    found = []
    for minute, value in enumerate((9.0, 10.0, 11.0)):
        watched.publish(value, minute=minute)
        watched.clock.advance(60)
        found.append(_alarm(watched)["StateValue"])
    assert found == values


def test_m_out_of_n_with_a_longer_period(watched: Watched):
    """Two of the last three periods of five minutes."""
    _put(watched, Period=300, EvaluationPeriods=3, DatapointsToAlarm=2)
    for minute in (1, 6, 11):
        watched.publish(50 if minute != 6 else 1, minute=minute)
    watched.clock.advance(900)
    assert _alarm(watched)["StateValue"] == ALARM


def test_an_alarm_on_an_expression(watched: Watched):
    """Half of the requests fail: watched is what returns data, not the metrics it is made of."""

    def metric(name: str) -> dict[str, Any]:
        described = {"Namespace": NAMESPACE, "MetricName": name}
        stat = {"Metric": described, "Period": 60, "Stat": "Sum"}
        return {"Id": name, "MetricStat": stat, "ReturnData": False}

    metrics = [metric("errors"), metric("calls"), {"Id": "e", "Expression": "errors / calls * 100"}]
    none = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    _put(watched, **none, Metrics=metrics, Threshold=49.0)
    watched.publish(100, name="calls")
    watched.publish(50, name="errors")
    watched.clock.advance(60)
    alarm = _alarm(watched)
    assert alarm["StateValue"] == ALARM
    assert len(alarm["Metrics"]) == 3
    assert "MetricName" not in alarm


def test_a_percentile_with_few_samples_may_wait(watched: Watched):
    """p90 needs 100 samples to mean something; `ignore` waits for them."""
    options = {"Statistic": None, "ExtendedStatistic": "p90"}
    _put(watched, **options, EvaluateLowSampleCountPercentile="ignore")
    _put(watched, **options, AlarmName="eager")
    watched.publish(*[50.0] * 50)
    watched.clock.advance(60)
    assert _alarm(watched)["StateValue"] == INSUFFICIENT
    assert _alarm(watched, "eager")["StateValue"] == ALARM
    watched.publish(50.0, Counts=[100.0], minute=1)
    watched.clock.advance(60)
    assert _alarm(watched)["StateValue"] == ALARM


def test_a_state_that_is_set_lasts_until_the_next_evaluation(watched: Watched):
    _put(watched)
    watched.publish(5)
    watched.clock.advance(61)
    watched.ask(
        "SetAlarmState",
        AlarmName="busy",
        StateValue=ALARM,
        StateReason="a test",
        StateReasonData='{"who": "me"}',
    )
    alarm = _alarm(watched)
    assert (alarm["StateValue"], alarm["StateReason"]) == (ALARM, "a test")
    assert alarm["StateReasonData"] == '{"who": "me"}'
    watched.clock.advance(60)
    assert _alarm(watched)["StateValue"] == OK  # its data point is still looked at
    assert (
        watched.refused(
            "SetAlarmState", AlarmName="busy", StateValue=OK, StateReason="", StateReasonData="{"
        )
        == "InvalidFormat: StateReasonData is not valid JSON"
    )
    assert (
        watched.refused("SetAlarmState", AlarmName="nobody", StateValue=OK, StateReason="")
        == "ResourceNotFound: Alarm nobody does not exist."
    )


def test_changing_an_alarm_keeps_its_state_and_tags(watched: Watched):
    """The configuration is overwritten as a whole; tags of a second call are ignored."""
    _put(watched, AlarmDescription="first", Tags=[{"Key": "team", "Value": "a"}])
    watched.publish(50)
    watched.clock.advance(60)
    assert _alarm(watched)["StateValue"] == ALARM
    _put(watched, Threshold=20.0, Tags=[{"Key": "team", "Value": "b"}])
    alarm = _alarm(watched)
    assert "AlarmDescription" not in alarm
    assert (alarm["StateValue"], alarm["Threshold"]) == (ALARM, 20.0)
    arn = alarm["AlarmArn"]
    assert watched.ask("ListTagsForResource", ResourceARN=arn)["Tags"] == [
        {"Key": "team", "Value": "a"}
    ]
    watched.ask("TagResource", ResourceARN=arn, Tags=[{"Key": "more", "Value": "1"}])
    watched.ask("UntagResource", ResourceARN=arn, TagKeys=["team"])
    assert watched.ask("ListTagsForResource", ResourceARN=arn)["Tags"] == [
        {"Key": "more", "Value": "1"}
    ]
    assert watched.refused("ListTagsForResource", ResourceARN="arn:x").startswith(
        "ResourceNotFoundException: "
    )


def test_alarms_are_found_by_what_is_known_of_them(watched: Watched):
    for name, action in (("a1", "arn:one"), ("a2", "arn:two"), ("b1", "arn:one")):
        _put(watched, AlarmName=name, AlarmActions=[action])
    _put(watched, AlarmName="b2", MetricName="other")
    watched.publish(50)
    watched.clock.advance(60)

    def names(**request: Any) -> list[str]:
        answer = watched.ask("DescribeAlarms", **request)
        return [each["AlarmName"] for each in answer["MetricAlarms"]]

    assert names() == ["a1", "a2", "b1", "b2"]
    assert names(AlarmNamePrefix="a") == ["a1", "a2"]
    assert names(AlarmNames=["b1", "nobody"]) == ["b1"]
    assert names(StateValue=INSUFFICIENT) == ["b2"]
    assert names(ActionPrefix="arn:o") == ["a1", "b1"]
    assert names(AlarmTypes=["CompositeAlarm"]) == []
    assert names(ParentsOfAlarmName="a1") == []
    first = watched.ask("DescribeAlarms", MaxRecords=3)
    assert [each["AlarmName"] for each in first["MetricAlarms"]] == ["a1", "a2", "b1"]
    assert names(MaxRecords=3, NextToken=first["NextToken"]) == ["b2"]
    found = watched.ask("DescribeAlarmsForMetric", Namespace=NAMESPACE, MetricName=NAME)
    assert [each["AlarmName"] for each in found["MetricAlarms"]] == ["a1", "a2", "b1"]
    found = watched.ask(
        "DescribeAlarmsForMetric", Namespace=NAMESPACE, MetricName=NAME, Statistic="Maximum"
    )
    assert found["MetricAlarms"] == []


def test_actions_are_switched_and_alarms_deleted(watched: Watched):
    """Names of alarms that are not there are passed over; the history outlives the alarm."""
    _put(watched)
    watched.ask("DisableAlarmActions", AlarmNames=["busy", "nobody"])
    assert _alarm(watched)["ActionsEnabled"] is False
    watched.ask("EnableAlarmActions", AlarmNames=["busy"])
    assert _alarm(watched)["ActionsEnabled"] is True
    watched.ask("DeleteAlarms", AlarmNames=["nobody", "busy"])
    assert watched.ask("DescribeAlarms")["MetricAlarms"] == []
    assert _history(watched, AlarmName="busy") == [
        'Alarm "busy" created',
        'Alarm "busy" updated',
        'Alarm "busy" updated',
        'Alarm "busy" deleted',
    ]


def test_the_history_comes_in_pages_and_between_times(watched: Watched):
    for number in range(5):
        _put(watched, AlarmName=f"a{number}")
        watched.clock.advance(10)
    first = watched.ask("DescribeAlarmHistory", MaxRecords=2)
    names = [each["AlarmName"] for each in first["AlarmHistoryItems"]]
    assert names == ["a4", "a3"]
    more = watched.ask("DescribeAlarmHistory", MaxRecords=2, NextToken=first["NextToken"])
    assert [each["AlarmName"] for each in more["AlarmHistoryItems"]] == ["a2", "a1"]
    between = _history(watched, StartDate=START_S + 10, EndDate=START_S + 30)
    assert between == ['Alarm "a1" created', 'Alarm "a2" created']
    assert _history(watched, AlarmTypes=["CompositeAlarm"]) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"Period": 61}, "Period must be 10, 20, 30 or a multiple of 60; it is 61"),
        (
            {"Period": 60, "EvaluationPeriods": 1441},
            (
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period "
                "must be <= "
                "86400)"
            ),
        ),
        (
            {"Period": 3600, "EvaluationPeriods": 169},
            "Metrics cannot be checked across more than 7 days",
        ),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm must be less than or equal to"),
        ({"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic must be specified"),
        ({"ExtendedStatistic": "p9"}, "Exactly one of Statistic and ExtendedStatistic"),
        (
            {"Statistic": None, "ExtendedStatistic": "x9"},
            "The value for parameter ExtendedStatistic is not a valid statistic.",
        ),
        ({"Namespace": None}, "The parameter Namespace is required for an alarm on a metric."),
        ({"Threshold": None}, "The parameter Threshold is required."),
        ({"MetricName": None}, "Exactly one of MetricName and Metrics must be specified."),
        ({"TreatMissingData": "maybe"}, "Option maybe is not supported for TreatMissingData"),
        (
            {"EvaluateLowSampleCountPercentile": "maybe"},
            "Option maybe is not supported for EvaluateLowSampleCountPercentile",
        ),
        (
            {"ComparisonOperator": "GreaterThanUpperThreshold"},
            "GreaterThanUpperThreshold needs an anomaly detection band",
        ),
        (
            {"ComparisonOperator": "Above"},
            (
                "1 validation error detected: Value 'Above' at 'comparisonOperator' failed to "
                "satisfy "
                "constraint: Member must satisfy enum value set: [GreaterThanOrEqualToThreshold,"
            ),
        ),
        (
            {"WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 5}},
            "WarmUpConfiguration is not",
        ),
        ({"EvaluationWindow": {"WallClockWindow": {}}}, "WallClockWindow is not supported"),
        ({"AlarmName": "a\nb"}, "AlarmName must not have control characters"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "no more than 50 tags"),
        (
            {"MetricName": None, "Namespace": None, "Period": None, "Metrics": []},
            "Statistic should not be set if list of Metrics is set.",
        ),
    ],
)
def test_alarms_that_can_not_be(watched: Watched, change: dict[str, Any], text: str):
    assert text in _refusal(watched, change)
    assert watched.ask("DescribeAlarms")["MetricAlarms"] == []


def _refusal(watched: Watched, change: dict[str, Any]) -> str:
    request = {
        "AlarmName": "busy",
        "Namespace": NAMESPACE,
        "MetricName": NAME,
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 10.0,
        "ComparisonOperator": "GreaterThanThreshold",
        **change,
    }
    kept = {name: value for name, value in request.items() if value is not None}
    return watched.refused("PutMetricAlarm", **kept)


def test_metrics_of_an_alarm_that_can_not_be(watched: Watched):
    none = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    described = {"Namespace": NAMESPACE, "MetricName": NAME}
    stat = {"Metric": described, "Period": 60, "Stat": "Sum"}
    eleven = [{"Id": f"m{n}", "MetricStat": stat, "ReturnData": False} for n in range(11)]
    assert "no more than 10 metrics" in _refusal(watched, {**none, "Metrics": eleven})
    assert "Exactly one element of the Metrics list must return data" in _refusal(
        watched, {**none, "Metrics": eleven[:2]}
    )
    wrong = [{"Id": "e", "Expression": "m1 +"}]
    assert "Syntax error" in _refusal(watched, {**none, "Metrics": wrong})


def test_an_expression_that_fails_is_said_in_the_reason(watched: Watched):
    """It parses, but there is no such metric: known only when it is evaluated."""
    none = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
    _put(watched, **none, Metrics=[{"Id": "e", "Expression": "nothing * 2", "Period": 60}])
    watched.ask("SetAlarmState", AlarmName="busy", StateValue=OK, StateReason="")
    watched.clock.advance(60)
    alarm = _alarm(watched)
    assert alarm["StateValue"] == INSUFFICIENT
    assert "there is no metric or expression with the id 'nothing'" in alarm["StateReason"]


def test_alarms_survive_a_restart(tmp_path: Path):
    """With state, tags and history; what happened meanwhile is made up for."""
    clock = ManualClock(START_S)
    for restart in range(2):
        database = Database.open(tmp_path / "database", clock=clock)
        ask = database.cloudwatch.execute
        if not restart:
            ask(
                "PutMetricAlarm",
                {
                    "AlarmName": "busy",
                    "Namespace": NAMESPACE,
                    "MetricName": NAME,
                    "Statistic": "Sum",
                    "Period": 60,
                    "EvaluationPeriods": 1,
                    "Threshold": 10.0,
                    "ComparisonOperator": "GreaterThanThreshold",
                    "Tags": [{"Key": "a", "Value": "b"}],
                },
            )
            datum = {"MetricName": NAME, "Value": 50.0, "Timestamp": START_S}
            ask("PutMetricData", {"Namespace": NAMESPACE, "MetricData": [datum]})
            clock.advance(60)
        (alarm,) = ask("DescribeAlarms", {})["MetricAlarms"]
        assert alarm["StateValue"] == ALARM
        tags = ask("ListTagsForResource", {"ResourceARN": alarm["AlarmArn"]})
        assert tags["Tags"] == [{"Key": "a", "Value": "b"}]
        database.close()
    clock.advance(600)
    database = Database.open(tmp_path / "database", clock=clock)
    database.cloudwatch.tick()  # what its thread does every minute
    history = database.cloudwatch.execute("DescribeAlarmHistory", {})["AlarmHistoryItems"]
    assert [each["HistorySummary"] for each in history] == [
        "Alarm updated from ALARM to INSUFFICIENT_DATA",
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        'Alarm "busy" created',
    ]
    database.close()


def test_a_clock_that_goes_back_does_not_stop_an_alarm(watched: Watched):
    _put(watched)
    watched.clock.advance(7200)
    assert _alarm(watched)["StateValue"] == INSUFFICIENT
    watched.clock._now_s = START_S + 30
    assert _alarm(watched)["StateValue"] == INSUFFICIENT
    watched.publish(50)
    watched.clock.advance(60)
    assert _alarm(watched)["StateValue"] == ALARM
