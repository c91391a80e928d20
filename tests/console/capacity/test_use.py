from collections.abc import Sequence

from pannier.console.pages.capacity.use import Gauge, UseOfTables
from pannier.monitoring.inventory import MetricId
from pannier.monitoring.source import MetricQuery
from pannier.monitoring.span import Span


def test_a_rate_is_what_was_added_between_two_looks() -> None:
    gauge = Gauge()
    assert gauge.rate({60: 100.0}, 100.0) == 0.0
    assert gauge.rate({60: 150.0}, 102.0) == 25.0


def test_a_minute_that_begins_is_counted_with_the_one_that_ends() -> None:
    gauge = Gauge()
    gauge.rate({0: 10.0, 60: 100.0}, 119.0)
    assert gauge.rate({60: 130.0, 120: 20.0}, 121.0) == 25.0


def test_where_time_stands_still_the_rate_stays() -> None:
    gauge = Gauge()
    gauge.rate({60: 100.0}, 100.0)
    gauge.rate({60: 150.0}, 102.0)
    assert gauge.rate({60: 170.0}, 102.0) == 25.0


class Source:
    """Units that grow with each look."""

    name = "made up"
    is_near = True

    def __init__(self) -> None:
        self.at_s = 119.0
        self.sum = 100.0
        self.asked: list[MetricQuery] = []

    def now_s(self) -> float:
        return self.at_s

    def metrics(self) -> list[MetricId]:
        return []

    def has_table(self, name: str) -> bool | None:
        return None

    def values(self, queries: Sequence[MetricQuery], span: Span) -> list[dict[int, float]]:
        self.asked = list(queries)
        assert list(span.times_s) == [0, 60]
        return [{60: self.sum} if "Write" in each.metric.name else {} for each in queries]


def test_what_tables_and_indexes_use_is_asked_in_one_call() -> None:
    source = Source()
    use = UseOfTables(source)
    names = [("orders", ""), ("orders", "GSI1")]
    assert not use.now(names)["orders", ""].is_busy
    source.at_s, source.sum = 119.5, 120.0
    found = use.now(names)
    assert found["orders", "GSI1"].consumed_words == "0 read, 40 write"
    assert found["orders", ""].throttled_words == "40"
    assert len(source.asked) == 8
    assert dict(source.asked[4].metric.dimensions)["GlobalSecondaryIndexName"] == "GSI1"
