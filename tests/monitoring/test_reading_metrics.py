"""From points to charts: which there are, their times, and what a missing point stands for."""

from pannier.monitoring.charts import Chart, Resource
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.reading import Reader, Reading
from tests.monitoring.scripted_source import NOW_S, ScriptedSource, of_table

MINUTE = 1_700_000_400  # the one at hand, of which 30 seconds have passed
PUT = {"Operation": "PutItem"}
LATENCY = of_table("SuccessfulRequestLatency", **PUT)
CONSUMED = of_table("ConsumedWriteCapacityUnits")


def chart(reading: Reading, name: str, resource: Resource | None = None) -> Chart:
    (found,) = [each for each in reading.of(resource or Resource("shop")) if each.kind.name == name]
    return found


def test_consumed_units_are_a_second_s_and_add_up() -> None:
    points = {(CONSUMED, "Sum"): {MINUTE - 120: 600.0, MINUTE: 90.0}}
    reading = Reader(ScriptedSource(points)).read_last("3m")
    assert reading.span.times_s == range(MINUTE - 180, MINUTE + 60, 60)
    consumed = chart(reading, "write_units").series[0]
    # Of the minute at hand half has passed; where there is no point, nothing was consumed.
    assert consumed.values == (0.0, 10.0, 0.0, 3.0)
    assert consumed.total == 690
    assert consumed.latest == 3.0
    assert consumed.highest == 10.0


def test_provisioned_units_hold_until_the_next_point() -> None:
    provisioned = of_table("ProvisionedWriteCapacityUnits")
    points = {(provisioned, "Average"): {MINUTE - 1200: 5.0, MINUTE - 60: 8.0}}
    reading = Reader(ScriptedSource(points)).read_last("22m")
    values = chart(reading, "write_units").series[1].values
    assert values[:2] == (None, None)
    assert values[2:12] == (5.0,) * 10  # for ten minutes, and no longer
    assert values[12:] == (None,) * 9 + (8.0, 8.0)
    assert chart(reading, "write_units").series[1].total is None


def test_latencies_have_gaps() -> None:
    points = {(LATENCY, "p99"): {MINUTE - 60: 7.5}, (LATENCY, "SampleCount"): {MINUTE - 60: 3.0}}
    reading = Reader(ScriptedSource(points)).read_last("2m")
    (p99,) = chart(reading, "latency_p99").series
    assert (p99.label, p99.values) == ("PutItem", (None, 7.5, None))
    (requests,) = chart(reading, "requests").series
    assert requests.values == (0.0, 3.0, 0.0)


def test_the_future_is_none() -> None:
    points = {(CONSUMED, "Sum"): {MINUTE: 30.0}}
    reading = Reader(ScriptedSource(points)).read(NOW_S - 60, NOW_S + 120)
    assert chart(reading, "write_units").series[0].values == (0.0, 1.0, None, None)


def test_success_is_of_what_succeeded_was_throttled_and_broke() -> None:
    get = {"Operation": "GetItem"}
    points = {
        (LATENCY, "SampleCount"): {MINUTE - 120: 6.0, MINUTE - 60: 10.0},
        (of_table("SuccessfulRequestLatency", **get), "SampleCount"): {MINUTE - 120: 2.0},
        (of_table("ThrottledRequests", **PUT), "Sum"): {MINUTE - 120: 1.0},
        (of_table("SystemErrors", **get), "Sum"): {MINUTE - 120: 1.0},
    }
    reading = Reader(ScriptedSource(points)).read_last("2m")
    (rate,) = chart(reading, "success_rate").series
    assert rate.values == (80.0, 100.0, None)


def test_there_is_a_chart_for_each_index_and_the_account() -> None:
    of_index = of_table("ReadThrottleEvents", GlobalSecondaryIndexName="by-price")
    reason = of_table(
        "ReadProvisionedThroughputThrottleEvents", GlobalSecondaryIndexName="by-price"
    )
    points = {
        (of_index, "Sum"): {MINUTE: 4.0},
        (reason, "Sum"): {MINUTE: 4.0},
        (CONSUMED, "Sum"): {},
        (of_table("ConsumedWriteCapacityUnits", "other"), "Sum"): {},
        (MetricId("UserErrors"), "Sum"): {MINUTE: 2.0},
    }
    source = ScriptedSource(points)
    reading = Reader(source).read_last("1m", ["shop"])
    assert {each.resource.name for each in reading.charts} == {"shop", "shop/by-price", "account"}
    throttles = chart(reading, "read_throttles", Resource("shop", "by-price"))
    assert [(each.label, each.total) for each in throttles.series] == [
        ("all", 4.0),
        ("provisioned throughput", 4.0),
    ]
    assert throttles.title == "Read throttle events of shop/by-price"
    assert not throttles.is_quiet
    assert [each.label for each in chart(reading, "read_throttles").series] == ["all"]
    assert chart(reading, "read_throttles").is_quiet
    assert chart(reading, "user_errors", Resource()).series[0].total == 2.0
    everything = Reader(source).read_last("1m")
    assert everything.tables == ("other", "shop")
    assert everything.silent == ()


def test_a_table_without_metrics_is_told() -> None:
    reading = Reader(ScriptedSource()).read_last("1m", ["shop"])
    assert reading.silent == ("shop",)
    assert all(each.is_quiet for each in reading.charts)
    assert Reader(ScriptedSource()).read_last("1m").tables == ()


def test_what_there_is_is_not_asked_each_time_where_that_costs() -> None:
    source = ScriptedSource({(CONSUMED, "Sum"): {}})
    reader = Reader(source)
    for _ in range(3):
        reader.read_last("1m")
    assert source.listed == 1
    source.time_s += 301
    reader.read_last("1m")
    assert source.listed == 2
    source.is_near = True
    reader.read_last("1m")
    assert source.listed == 3


def test_a_reading_as_plain_values() -> None:
    points = {(CONSUMED, "Sum"): {MINUTE: 30.0}}
    answer = Reader(ScriptedSource(points)).read_last("1m").to_json()
    assert answer["times_s"] == [MINUTE - 60, MINUTE]
    (units,) = [each for each in answer["charts"] if each["chart"] == "write_units"]
    assert units["series"] == [
        {
            "label": "consumed",
            "metric": "ConsumedWriteCapacityUnits",
            "statistic": "Sum",
            "total": 30.0,
            "values": [0.0, 1.0],
        }
    ]
